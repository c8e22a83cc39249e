"""Receivers on this machine: a web server and a mail server, that do as a test tells them, and keep what they got."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, TypeVar

Server = TypeVar("Server", bound=socketserver.BaseServer)


class Web(HTTPServer):
    """Answers with the next of `answers`, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.answers = [200]
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.raw: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?token=s3cret"


class _Post(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == 200:
            self.server.got.append((dict(self.headers), json.loads(body)))
            self.server.raw.append(body)
        self.send_response(answer)
        if answer == 302:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Post(socketserver.ThreadingTCPServer):
    """A mail server (SMTP) that takes mail, but not to whom it `refuses`; over STARTTLS when it has a context."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.context = context
        self.refuses: dict[str, int] = {}
        self.got: list[tuple[str, str]] = []
        self.plain: list[str] = []
        """Verbs that came before TLS."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Smtp(socketserver.BaseRequestHandler):
    server: Post

    def handle(self) -> None:
        self.secure, self.to = False, ""
        self.file = self.request.makefile("rwb", buffering=0)
        self.say("220 here")
        while line := self.file.readline().decode():
            verb, rest = line[:4].upper(), line.strip()
            if not self.secure:
                self.server.plain.append(verb)
            if verb == "QUIT":
                return self.say("221 bye")
            self.answer(verb, rest)
        return None

    def answer(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO" if self.server.context and not self.secure:
                self.say("250-here\r\n250 STARTTLS")
            case "STAR" if self.server.context:
                self.say("220 go")
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
                self.file, self.secure = self.request.makefile("rwb", buffering=0), True
            case "STAR":
                self.say("502 no")
            case "RCPT":
                self.to = rest.partition("<")[2].partition(">")[0]
                code = self.server.refuses.get(self.to, 250)
                self.say(f"{code} said")
            case "DATA":
                self.say("354 go on")
                lines: list[str] = []
                while (line := self.file.readline().decode()) != ".\r\n":
                    lines.append(line)
                self.server.got.append((self.to, "".join(lines)))
                self.say("250 kept")
            case _:
                self.say("250 ok")

    def say(self, text: str) -> None:
        self.file.write(f"{text}\r\n".encode())


@contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
