"""A Coffer server of its own for a script: started in a temporary directory, stopped and its exit checked."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCESS_KEY = "wire-access-key"
SECRET_KEY = "wire/secret+key/0123456789"


class ServerFailed(Exception):
    pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program, arguments, environment):
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = tempfile.TemporaryDirectory(prefix="coffer-wire-")
        self.data = Path(self.directory.name, "data")
        self.data.mkdir()
        self.log = Path(self.directory.name, "log")
        self.process = None
        self.port = None

    def start(self):
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MINIO_", "COFFER_", "AWS_"))}
        environment |= {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY} | self.environment
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "server", str(self.data), "--address", f"127.0.0.1:{self.port}",
                 "--console-address", f"127.0.0.1:{free_port()}", *self.arguments],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode} at its start")
            if time.monotonic() > deadline:
                raise ServerFailed("the server does not answer")
            time.sleep(0.01)

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                probe.sendall(b"GET /minio/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in probe.recv(1024)
        except OSError:
            return False

    def stop(self, kill=False):
        """SIGTERM, or SIGKILL. An exit that is not clean after SIGTERM (a sanitizer's report, too) is a failure."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if kill:
            process.kill()
            process.wait()
            return
        process.terminate()
        try:
            status = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerFailed("the server does not stop on SIGTERM") from None
        if status != 0:
            raise ServerFailed(f"the server ended with {status}")

    def show_log(self):
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        for line in lines[-60:]:
            print("    log: " + line, file=sys.stderr)

    def files(self):
        """The files that hold objects' bytes: all but the catalogue, which may change when nothing does."""
        return sorted(str(path.relative_to(self.data)) for path in self.data.rglob("*")
                      if path.is_file() and ".db" not in path.name and "catalog" not in path.name
                      and path.name != "lock")
