"""Breaks everything that comes from outside: ``python3 tools/fuzz.py --minutes 60``.

Files, folders, messages and words in processes of their own, characters in the web engine's readers and in the engine
inside Godot (once more with the compiler's checkers of memory), then a real bridge under attack on this machine, with a
good client beside it. Says how many tries there were, the slowest one, the memory, and each fault with the number of
the try that showed it: ``--again KIND:SEED:NUMBER`` repeats one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from tools.environment.bootstrap import enter_environment

    enter_environment("torch", "tools", "distill", "dev")

from tha4_core.console import make_output_safe
from tha4_core.errors import UserError
from tools.environment.godot import require_godot
from tools.environment.interruption import INTERRUPTED
from tools.fuzzing.bridge_trial import BridgeTally, attacked
from tools.fuzzing.game_trial import PLAIN, SANITIZED, GameTrial, tried
from tools.fuzzing.kinds import KINDS
from tools.fuzzing.trial import Tally, random_of, watched
from tools.fuzzing.web_trial import WEB, WebTrial, require_node, web_tried

BRIDGE: Final = "bridge"
GAMES: Final = (PLAIN, SANITIZED)
_MIB: Final = 1 << 20


def main(arguments: list[str] | None = None) -> int:
    """The command line; its exit status: 1 when there were faults, 130 when it was stopped before its time."""
    make_output_safe()
    options = _parser().parse_args(arguments)
    if options.again:
        return _again(options.again, options.keep)
    kinds = options.kinds or [*KINDS, WEB, *GAMES, BRIDGE]
    # The bridge's attacks take turns, and take longer: it gets three shares.
    share = options.minutes * 60.0 / sum(3 if kind == BRIDGE else 1 for kind in kinds)
    tallies: list[Tally] = []
    bridge: BridgeTally | None = None
    stopped = False
    failed: UserError | None = None
    try:
        _require(kinds)
        for kind in kinds:
            if kind == BRIDGE:
                bridge = BridgeTally()
                for bridge in attacked(options.seed, 3 * share):
                    _show(f"bridge: {sum(bridge.attacks.values())} attacks, {len(bridge.faults)} kinds of faults")
                continue
            tallies.append(Tally(kind))
            for tallies[-1] in _trials(kind, options.seed, share):
                _show(f"{kind}: {tallies[-1].tries} tries, {len(tallies[-1].faults)} kinds of faults")
    except KeyboardInterrupt:
        stopped = True
    except UserError as error:
        failed = error
    _show("")
    if tallies or bridge is not None:
        print(report(tallies, bridge, options.seed))
    if failed is not None:
        print(f"error: {failed}", file=sys.stderr)
        return 2
    if any(tally.faults for tally in tallies) or (bridge is not None and bridge.faults):
        return 1
    return INTERRUPTED if stopped else 0


def _require(kinds: Sequence[str]) -> None:
    """Look for what the kinds need before the first of them begins. Raises UserError."""
    if WEB in kinds:
        require_node()
    if not set(kinds).isdisjoint(GAMES):
        require_godot()


def _trials(kind: str, seed: int, seconds: float) -> Iterator[Tally]:
    if kind == WEB:
        return web_tried(seed, seconds)
    return (tried if kind in GAMES else watched)(kind, seed, seconds)


def report(tallies: list[Tally], bridge: BridgeTally | None, seed: int) -> str:
    """The tables, and a line for each fault."""
    lines: list[str] = []
    if tallies:
        lines += [
            "| what | tries | taken | refused | faults | mean | slowest | largest memory | most for one |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
    for tally in tallies:
        mean = 1000.0 * tally.seconds / max(1, tally.tries)
        lines.append(
            f"| {tally.kind} | {tally.tries:,} | {tally.taken:,} | {tally.refused:,} | {len(tally.faults)} |"
            f" {mean:.2f} ms | {1000.0 * tally.slowest_s:.0f} ms (try {tally.slowest}) |"
            f" {tally.peak // _MIB} MiB | {tally.grown // _MIB} MiB (try {tally.grown_at}) |"
        )
    if bridge is not None:
        lines += ["", *_bridge_lines(bridge)]
    for tally in tallies:
        lines += [f"fault {tally.kind}:{seed}:{number}: {what}" for what, number in tally.faults.items()]
    if bridge is not None:
        lines += [f"fault bridge:{seed}:{number}: {what}" for what, number in bridge.faults.items()]
    return "\n".join(lines)


def _bridge_lines(tally: BridgeTally) -> list[str]:
    attacks = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in tally.attacks.items()) or "none"
    return [
        f"Bridge: {sum(tally.attacks.values())} attacks ({attacks}).",
        f"A good client beside them: {tally.frames:,} pictures; it usually waited {1000.0 * tally.usual_s:.1f} ms, at"
        f" most {1000.0 * tally.worst_s:.0f} ms ({tally.worst_during.replace('_', ' ') or 'nothing'}).",
        f"The bridge's memory: {tally.memory // _MIB} MiB before, {tally.peak // _MIB} MiB at most.",
    ]


def _again(one_try: tuple[str, int, int], keep: Path | None) -> int:
    """Make and read one input again, with all that Python says of it."""
    kind, seed, number = one_try
    if kind in GAMES:
        with tempfile.TemporaryDirectory() as folder:
            tally = GameTrial(kind, Path(folder)).tries(seed, number, 1)
        print("\n".join(tally.faults) or ("taken" if tally.taken else "refused"))
        return 1 if tally.faults else 0
    if kind == WEB:
        tally = Tally(WEB)
        with WebTrial() as web:
            answer = web.attempt(seed, number, tally)
        print("taken" if answer["taken"] else f"refused: {answer['refused']}" if answer["refused"] else answer["fault"])
        return 1 if tally.faults else 0
    if kind not in KINDS:
        print(f"error: {kind!r} is not one of {', '.join(KINDS)}; a bridge's attacks cannot be repeated one by one.")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        place = keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        once = KINDS[kind](place)
        read = once(random_of(kind, seed, number))
        started = time.perf_counter()
        try:
            print(f"taken: {read()!r:.400}")
        except UserError as error:
            print(f"refused: {error}")
        except Exception:
            traceback.print_exc()
            return 1
        finally:
            print(f"{1000.0 * (time.perf_counter() - started):.1f} ms")
    return 0


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fuzz.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=_minutes, default=10.0, help="for all kinds together; default %(default)g")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other inputs; default %(default)s")
    parser.add_argument(
        "--kinds", nargs="+", choices=(*KINDS, WEB, *GAMES, BRIDGE), metavar="KIND", help="some of: %(choices)s"
    )
    parser.add_argument("--again", type=_one_try, metavar="KIND:SEED:NUMBER", help="repeat one try")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="with --again: leave the input there")
    return parser


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.0 < minutes <= 24 * 60:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes above 0 and at most a day")
    return minutes


def _one_try(text: str) -> tuple[str, int, int]:
    kind, _, numbers = text.partition(":")
    seed, _, number = numbers.partition(":")
    if not (seed.isdecimal() and number.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:SEED:NUMBER, as a fault is printed")
    return kind, int(seed), int(number)


if __name__ == "__main__":
    sys.exit(main())
