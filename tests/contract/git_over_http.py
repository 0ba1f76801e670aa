"""A git host on loopback: `git http-backend` behind a small web server."""

import base64
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar


@dataclass
class GitHost:
    """Where the host listens, and what was asked of it; `mute`, it does all and answers nothing."""

    port: int
    mute: bool = False
    asked: list[str] = field(default_factory=list)

    def url(self, name: str, login: str = "") -> str:
        """The URL of one of its repositories."""
        return f"http://{login}127.0.0.1:{self.port}/{name}"


@contextmanager
def git_host(root: Path, *, login: str | None = None, port: int = 0) -> Iterator[GitHost]:
    """A running host of the repositories in a folder; with a login, nobody else comes in."""
    host = GitHost(port)

    class Handler(_Backend):
        folder = root
        expected = login
        state = host

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        host.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


class _Backend(BaseHTTPRequestHandler):
    folder: ClassVar[Path]
    expected: ClassVar[str | None]
    state: ClassVar[GitHost]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Tests have nothing to read on their terminal."""

    def _answer(self) -> None:
        self.state.asked.append(self.requestline)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._welcome():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        told = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env=self._variables(),
            capture_output=True,
            check=True,
        )
        if self.state.mute and self.command == "POST":
            self.close_connection = True
            return
        head, _, content = told.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _welcome(self) -> bool:
        if self.expected is None:
            return True
        wanted = base64.b64encode(self.expected.encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _variables(self) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return {
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
