from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.serving.server import HOST, ServerError, SiteServer, open_server
from tools.serving.site import POLICY, Content


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SiteServer]:
    (tmp_path / "page.html").write_bytes(b"<p>hello")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    files: dict[str, Content] = {
        "index.html": b"front",
        "mimic/index.html": b"mimic",
        "poser/index.html": tmp_path / "page.html",
        "engines/web/engine.js": b"export {}",
        "engines/web/engine.wasm": b"\0asm",
        "built_in/a b.tha4": b"PK",
        "gone.js": tmp_path / "gone.js",
    }
    with open_server(files, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: SiteServer, address: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=10)
    try:
        connection.request(method, address, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("address", "kind", "data"),
    [
        ("/", "text/html; charset=utf-8", b"front"),
        ("/?x=1", "text/html; charset=utf-8", b"front"),
        ("/poser/", "text/html; charset=utf-8", b"<p>hello"),
        ("/engines/web/engine.js", "text/javascript; charset=utf-8", b"export {}"),
        ("/engines/web/engine.wasm", "application/wasm", b"\0asm"),
        ("/built_in/a%20b.tha4", "application/octet-stream", b"PK"),
    ],
)
def test_what_belongs_to_the_site_has_its_type_and_leaves_no_host(
    server: SiteServer, address: str, kind: str, data: bytes
) -> None:
    status, headers, body = ask(server, address)
    assert (status, headers["Content-Type"], body) == (200, kind, data)
    assert headers["Content-Security-Policy"].startswith(POLICY)
    assert "connect-src 'self';" in POLICY
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(server, address, "HEAD")[2] == b""


@pytest.mark.parametrize(
    "address",
    ["/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "//secret.txt", "/poser/../../secret.txt", "/poser/index",
     "/gone.js", "/engines/", "/%ff", "/index.html/"],
)  # fmt: skip
def test_nothing_else_is_there(server: SiteServer, address: str) -> None:
    status, headers, body = ask(server, address)
    assert status == 404
    assert headers["Content-Type"].startswith("text/plain")
    assert b"secret" not in body


def test_a_folder_without_its_slash_is_led_to_it(server: SiteServer) -> None:
    status, headers, _ = ask(server, "/poser?character=kohaku")
    assert (status, headers["Location"]) == (308, "poser/?character=kohaku")


def test_what_has_not_changed_is_not_sent_again(server: SiteServer) -> None:
    tag = ask(server, "/")[1]["ETag"]
    status, _, body = ask(server, "/", **{"If-None-Match": tag})
    assert (status, body) == (304, b"")
    assert ask(server, "/", **{"If-None-Match": '"other"'})[0] == 200


def test_a_page_with_a_policy_of_its_own_is_sent_it_each_time(server: SiteServer) -> None:
    _, headers, _ = ask(server, "/mimic/")
    assert "'unsafe-eval'" in headers["Content-Security-Policy"]
    again = ask(server, "/mimic/", **{"If-None-Match": headers["ETag"]})
    assert (again[0], again[1]["Content-Security-Policy"]) == (304, headers["Content-Security-Policy"])


def test_a_name_of_others_that_leads_here_is_refused(server: SiteServer) -> None:
    assert ask(server, "/", Host=f"localhost:{server.server_port}")[0] == 200
    assert ask(server, "/", Host=f"evil.example:{server.server_port}")[0] == 421
    assert ask(server, "/", "POST")[0] == 501


def test_a_browser_that_leaves_before_the_end_is_no_error(
    server: SiteServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.files = {"large.js": bytes(64 << 20)}
    with socket.create_connection((HOST, server.server_port)) as client:
        client.sendall(f"GET /large.js HTTP/1.1\r\nHost: localhost:{server.server_port}\r\n\r\n".encode())
        assert client.recv(100)
    assert ask(server, "/")[0] == 404
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join()
    assert capfd.readouterr().err == ""


def test_a_taken_port_is_followed_by_the_next() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with open_server({}, port) as server:
            assert port < server.server_port <= port + 20


def test_a_server_that_was_ended_is_started_again_on_its_port() -> None:
    with open_server({"index.html": b"front"}, 0) as first:
        thread = threading.Thread(target=first.serve_forever, args=(0.01,))
        thread.start()
        browser = http.client.HTTPConnection(HOST, first.server_port, timeout=10)
        browser.request("GET", "/")
        assert browser.getresponse().read() == b"front"
        first.shutdown()
        thread.join()
    try:
        # The browser has not let go of its connection.
        with open_server({}, first.server_port) as second:
            assert second.server_port == first.server_port
    finally:
        browser.close()


def test_without_a_free_port_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as taken:
        monkeypatch.setattr("tools.serving.server._MORE_PORTS", 0)
        with pytest.raises(ServerError, match=r"are taken; name a free one with --port, or 0 for any\.$"):
            open_server({}, taken.getsockname()[1])
