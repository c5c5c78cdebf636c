"""Bytes to and from the server: a socket, and just enough HTTP to read what comes back."""

import socket
from dataclasses import dataclass, field


class Closed(Exception):
    """The server closed (or reset) the connection where a response was awaited."""


@dataclass
class Response:
    status: int
    reason: str
    headers: list = field(default_factory=list)  # (name, value)
    body: bytes = b""
    interim: list = field(default_factory=list)  # statuses of 1xx responses before it

    def header(self, name):
        """All values of a header, joined; None where it is missing."""
        values = [value for have, value in self.headers if have.lower() == name.lower()]
        return ", ".join(values) if values else None


class Connection:
    def __init__(self, host, port, timeout):
        self.socket = socket.create_connection((host, port), timeout)
        self.received = b""
        self.send_failed = False

    def send(self, data):
        """A server may answer and close before it has read everything; what it said is still to be read."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.send_failed = True

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def _more(self):
        try:
            data = self.socket.recv(256 * 1024)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed
        self.received += data

    def _line(self):
        while b"\r\n" not in self.received:
            self._more()
        line, _, self.received = self.received.partition(b"\r\n")
        return line.decode("latin-1")

    def _exactly(self, count):
        while len(self.received) < count:
            self._more()
        data, self.received = self.received[:count], self.received[count:]
        return data

    def is_closed(self):
        """Whether the server closes the connection without sending anything more. Waits for either."""
        try:
            if not self.received:
                self._more()
            return False
        except Closed:
            return True

    def read_response(self, method, stop_at_continue=False):
        """The next final response; 1xx before it are noted. Raises Closed, and TimeoutError."""
        interim = []
        while True:
            response = self._read_head()
            if response.status >= 200 or response.status == 101:
                break
            interim.append(response.status)
            if stop_at_continue:
                response.interim = interim
                return response
        response.interim = interim
        response.body = self._read_body(method, response)
        return response

    def _read_head(self):
        version, status, reason = (self._line() + "  ").split(" ", 2)
        if not version.startswith("HTTP/1."):
            raise ValueError(f"not an HTTP response: {version!r}")
        response = Response(int(status), reason.strip())
        while line := self._line():
            name, _, value = line.partition(":")
            response.headers.append((name, value.strip()))
        return response

    def _read_body(self, method, response):
        if method == "HEAD" or response.status in (204, 304):
            return b""
        if (response.header("transfer-encoding") or "").lower() == "chunked":
            body = b""
            while size := int(self._line().split(";")[0], 16):
                body += self._exactly(size)
                self._line()
            while self._line():
                pass
            return body
        length = response.header("content-length")
        if length is not None:
            return self._exactly(int(length))
        try:
            while True:
                self._more()
        except Closed:
            body, self.received = self.received, b""
            return body
