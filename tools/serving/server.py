"""Serves a site on this machine alone."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tha4_core.errors import UserError
from tools.serving.site import POLICY, TYPES, Content, content_bytes, policy_of

HOST: Final = "127.0.0.1"
#: So many ports after the wanted one are tried.
_MORE_PORTS: Final = 20
#: What a page cannot say itself.
_UNFRAMED: Final = "; frame-ancestors 'none'"
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": f"{POLICY}{_UNFRAMED}",
    # Isolated, a page may share memory between its workers; it is not needed for anything.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Asked for each time, and not sent again where nothing has changed.
    "Cache-Control": "no-cache",
}


class ServerError(UserError):
    """Nothing could be served."""


class SiteServer(ThreadingHTTPServer):
    """Serves ``files`` (by their addresses) on :data:`HOST`; ``url`` says where. Files are read when asked for."""

    daemon_threads = True
    #: So that a server that was just ended can be started again. On Windows it means that two share a port, of which
    #: nobody finds the second.
    allow_reuse_address = os.name == "posix"

    def __init__(self, files: Mapping[str, Content], port: int) -> None:
        self.files = files
        super().__init__((HOST, port), _Handler)
        self.url = f"http://{HOST}:{self.server_port}/"
        #: What a browser calls this server. Others' names that lead here, as in DNS rebinding, are refused.
        self.names = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong with a request, unless the browser has only left before the end."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def open_server(files: Mapping[str, Content], port: int) -> SiteServer:
    """A server on ``port``, or on the first free one of those after it; 0 is any free one. Raises ServerError."""
    for candidate in range(port, min(port + _MORE_PORTS, 65535) + 1) if port else (0,):
        try:
            return SiteServer(files, candidate)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ServerError(f"no port of {HOST} could be opened: {error.strerror or error}.") from None
    raise ServerError(
        f"the ports {port} to {port + _MORE_PORTS} of {HOST} are taken; name a free one with --port, or 0 for any."
    )


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"
    server_version = "anime-character"
    sys_version = ""
    #: Seconds that a client may stay silent.
    timeout = 60

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the browser shows what is missing."""

    def _answer(self, *, body: bool) -> None:
        if self.headers.get("Host") not in self.server.names:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"this server is asked by its own name alone\n", body=body)
            return
        split = urlsplit(self.path)
        address = unquote(split.path, errors="replace").removeprefix("/")
        if address == "" or address.endswith("/"):
            address += "index.html"
        content = self.server.files.get(address)
        if content is None and f"{address}/index.html" in self.server.files:
            query = f"?{split.query}" if split.query else ""
            # From its last part on, so that it leads nowhere else.
            self._send(
                HTTPStatus.PERMANENT_REDIRECT,
                b"",
                body=body,
                more={"Location": f"{PurePosixPath(address).name}/{query}"},
            )
            return
        try:
            data = None if content is None else content_bytes(content)
        except OSError:
            data = None  # gone since the server began
        if data is None:
            self._send(HTTPStatus.NOT_FOUND, b"there is nothing at this address\n", body=body)
            return
        tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        more = {"ETag": tag, "Content-Security-Policy": f"{policy_of(address)}{_UNFRAMED}"}
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", body=body, more=more)
            return
        kind = TYPES[PurePosixPath(address).suffix]
        self._send(HTTPStatus.OK, data, body=body, more={**more, "Content-Type": kind})

    def _send(self, status: HTTPStatus, data: bytes, *, body: bool, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": TYPES[".txt"], **(more or {})}.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body and status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(data)
