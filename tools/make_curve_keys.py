"""Makes keys for a bridge on a network: ``python3 tools/make_curve_keys.py DIR``, then ``--client NAME`` for each.

The first call makes the bridge's own pair; start the bridge with ``--curve-keys DIR``. ``--client NAME`` lets a client
in: copy the folder ``DIR/clients/NAME`` to its machine by a way that nobody else reads, and give it to
``BridgeClient(address, curve_keys=...)``. To lock a client out again, remove ``DIR/allowed/NAME.key``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment()

import zmq.auth

from bridge.curve import (
    ALLOWED_FOLDER,
    CLIENT_NAME,
    CLIENTS_FOLDER,
    PUBLIC_SUFFIX,
    SECRET_SUFFIX,
    SERVER_NAME,
    KeyFileError,
    require_curve,
)
from tha4_core.console import make_output_safe
from tha4_core.errors import UserError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def make_server_keys(folder: Path, *, overwrite: bool = False) -> Path:
    """Make a bridge's pair of keys in ``folder``; the secret one's path. Raises KeyFileError, OSError."""
    require_curve()
    secret = folder / (SERVER_NAME + SECRET_SUFFIX)
    if secret.exists() and not overwrite:
        raise KeyFileError(
            f"{secret} exists already; add clients with --client NAME, or give --overwrite to lock out all that know"
            " the old one."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ALLOWED_FOLDER).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".keys.", dir=folder) as temporary:
        _make_pair(Path(temporary), SERVER_NAME)
        # A bridge reads the secret file alone, which holds both keys: it comes last.
        for suffix in (PUBLIC_SUFFIX, SECRET_SUFFIX):
            (Path(temporary) / (SERVER_NAME + suffix)).replace(folder / (SERVER_NAME + suffix))
    return secret


def make_client_keys(folder: Path, name: str, *, overwrite: bool = False) -> Path:
    """Make a client's pair of keys and let it in; the folder that goes to its machine. Raises KeyFileError, OSError."""
    require_curve()
    if _NAME.fullmatch(name) is None:
        raise KeyFileError(f"--client {name!r:.80} is no name for a file; use letters, digits, '.', '_' and '-'.")
    server = folder / (SERVER_NAME + PUBLIC_SUFFIX)
    if not server.is_file():
        raise KeyFileError(f"there is no {server}; make the bridge's keys first: make_curve_keys.py {folder}.")
    target, allowed = folder / CLIENTS_FOLDER / name, folder / ALLOWED_FOLDER / (name + PUBLIC_SUFFIX)
    for path in (allowed, target):
        if path.exists() and not overwrite:
            raise KeyFileError(f"{path} exists already; choose another name, or give --overwrite.")
    target.parent.mkdir(mode=0o700, exist_ok=True)
    allowed.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".keys.", dir=folder) as temporary:
        made = Path(temporary) / name
        made.mkdir(mode=0o700)
        _make_pair(made, CLIENT_NAME)
        shutil.copyfile(server, made / server.name)
        public = Path(temporary) / allowed.name
        shutil.copyfile(made / (CLIENT_NAME + PUBLIC_SUFFIX), public)
        if target.exists():
            target.replace(Path(temporary) / "old")
        made.replace(target)
        public.replace(allowed)
    return target


def _make_pair(folder: Path, name: str) -> None:
    """A new pair of keys in a private folder, each file written whole."""
    for file in zmq.auth.create_certificates(folder, name):
        Path(file).chmod(0o600 if file.endswith(SECRET_SUFFIX) else 0o644)
        with Path(file).open("rb") as written:
            os.fsync(written.fileno())


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status."""
    make_output_safe()
    parser = argparse.ArgumentParser(prog="make_curve_keys.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the keys are; made if it is not there")
    parser.add_argument(
        "--client", metavar="NAME", help="let a client in, and make the folder that goes to its machine"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace keys that exist; the old ones are gone then")
    options = parser.parse_args(arguments)
    try:
        if options.client is None:
            secret = make_server_keys(options.folder, overwrite=options.overwrite)
            print(f"{secret} written; start the bridge with: --curve-keys {options.folder}")
        else:
            folder = make_client_keys(options.folder, options.client, overwrite=options.overwrite)
            print(f'{folder} written; copy it to the client\'s machine: BridgeClient(address, curve_keys="{folder}")')
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: no keys could be written in {options.folder}: {error}; give another folder.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
