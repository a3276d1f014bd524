"""The server of the page: on the loopback address, for whoever has the token. Each tab has a session of its own."""

import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .code import as_python
from .frame import frame, state
from .session import Session

PAGE = Path(__file__).with_name("page.html")
LARGEST_BODY = 4_000_000  # bytes: that of a CSV file, in base64
MOST_TABS = 5  # a browser opens six connections to a server, and one has to be left for commands
MOST_WAITING = 64
PATIENCE = 10.0  # seconds: for a request to arrive, and for a lost tab to come back
HEARTBEAT = 2.0  # seconds: how soon a tab that was closed while paused is noticed
FRAMES = 20  # a second, at most
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Tab:
    """A session and the stream of frames that drives it: where nobody looks, nothing is trained."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lock = threading.Lock()
        self.news = threading.Event()
        self.streams = 0  # so far; only the newest goes on
        self.watched = False
        self.seen = time.monotonic()


class PlaygroundServer(ThreadingHTTPServer):
    """Serve the page and its sessions.

    Parameters
    ----------
    new_session : callable
        Makes the session of a new tab.
    port : int, default=0
        0 is any that is free.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, new_session: Callable[[], Session], port: int = 0) -> None:
        self.tabs: dict[str, Tab] = {}
        super().__init__(("127.0.0.1", port), Handler)
        self.new_session = new_session
        self.token = secrets.token_urlsafe(24)
        self.hosts = {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}
        self.waiting: dict[socket.socket, None] = {}  # connections that have asked for nothing yet, the oldest first
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}/?token={self.token}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection; of too many that ask for nothing, close the oldest."""
        with self.lock:
            self.waiting[request] = None
            oldest = next(iter(self.waiting)) if len(self.waiting) > MOST_WAITING else None
        if oldest is not None:
            self.has_asked(oldest)
            with suppress(OSError):
                oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def has_asked(self, request: Any) -> None:
        with self.lock:
            self.waiting.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        self.has_asked(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the tabs too, so that nothing goes on training."""
        super().server_close()
        for name in list(self.tabs):
            self.close_tab(name)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a connection that breaks."""

    def service_actions(self) -> None:
        """Free the sessions of tabs that were lost and did not come back."""
        with self.lock:
            for name, tab in list(self.tabs.items()):
                if not tab.watched and time.monotonic() - tab.seen > PATIENCE:
                    del self.tabs[name]

    def tab(self, name: str) -> Tab | None:
        """Return the tab of this name, a new one if there is room for it."""
        with self.lock:
            if name not in self.tabs and len(self.tabs) < MOST_TABS:
                self.tabs[name] = Tab(self.new_session())
            return self.tabs.get(name)

    def close_tab(self, name: str) -> None:
        with self.lock:
            tab = self.tabs.pop(name, None)
        if tab is not None:
            tab.streams += 1
            tab.news.set()


class Handler(BaseHTTPRequestHandler):
    """Answer one request."""

    server: PlaygroundServer
    timeout = PATIENCE
    server_version = "playground"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal, and the token, quiet."""

    def do_GET(self) -> None:
        """Send the page, the frames of a tab, or its session as Python."""
        path, query = self._asked()
        if self._refused(query):
            return
        if path == "/":
            self._send(200, PAGE.read_bytes(), "text/html; charset=utf-8")
        elif path not in ("/frames", "/code"):
            self._send(404, b"There is no such page.")
        elif (tab := self.server.tab(query.get("tab", ""))) is None:
            self._send(503, f"{MOST_TABS} tabs are open: close one.".encode())
        elif path == "/frames":
            self._stream(tab)
        else:
            with tab.lock:
                self._send(200, as_python(tab.session).encode())

    def do_POST(self) -> None:
        """Obey a command."""
        path, query = self._asked()
        if self._refused(query):
            return
        length = self.headers.get("Content-Length", "")
        if path != "/do":
            self._send(404, b"There is no such page.")
        elif not length.isdecimal():
            self._send(411, b"A command needs a Content-Length.")
        elif int(length) > LARGEST_BODY:
            self._send(413, f"A CSV file has {LARGEST_BODY * 3 // 4:,} bytes at most.".encode())
        else:
            try:
                self._obey(json.loads(self.rfile.read(int(length))), query.get("tab", ""))
            except (ValueError, RecursionError) as error:  # of json too
                self._send(400, str(error).encode(errors="replace"))

    def _obey(self, command: Any, name: str) -> None:
        what = command.get("do") if isinstance(command, dict) else None
        if what == "quit":
            threading.Thread(target=self.server.shutdown).start()
        elif what == "close":
            self.server.close_tab(name)
        elif (tab := self.server.tab(name)) is None:
            raise ValueError(f"{MOST_TABS} tabs are open: close one.")
        else:
            with tab.lock:
                tab.session.do(command)
            tab.seen = time.monotonic()
            tab.news.set()
        self._send(200, b"{}", "application/json")

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}

    def _refused(self, query: dict[str, str]) -> bool:
        """Refuse who has no token, and what another site's page asks for."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        own = host in self.server.hosts and origin in (None, f"http://{host}")
        if not own or not hmac.compare_digest(query.get("token", "").encode(), self.server.token.encode()):
            self._send(403, b"Open the address, with its token, that the terminal or the notebook shows.")
            return True
        self.server.has_asked(self.connection)
        return False

    def _send(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, tab: Tab) -> None:
        """Train and send frames as long as somebody looks. Each is made when the last one was taken: none wait."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        self.send_response(200)
        for name, value in {**HEADERS, "Content-Type": "text/event-stream"}.items():
            self.send_header(name, value)
        self.end_headers()
        tab.streams += 1
        mine, version, tab.watched = tab.streams, 0, True
        try:
            while tab.streams == mine:
                start, session = time.monotonic(), tab.session
                tab.news.clear()
                with tab.lock:
                    pace = min(FRAMES, session.settings["speed"])
                    for _ in range(max(1, session.settings["speed"] // FRAMES)):
                        session.tick()
                        if time.monotonic() - start > 2 / FRAMES:
                            break
                    events = {} if session.version == version else {"state": state(session)}
                    events["frame"] = frame(session)
                    version, playing = session.version, session.playing
                for name, event in events.items():
                    self.wfile.write(f"event: {name}\ndata: {json.dumps(event)}\n\n".encode())
                if playing:
                    time.sleep(max(0.0, 1 / pace - (time.monotonic() - start)))
                else:
                    while not tab.news.wait(HEARTBEAT):
                        self.wfile.write(b":\n\n")
        finally:
            if tab.streams == mine:
                tab.watched, tab.seen = False, time.monotonic()
