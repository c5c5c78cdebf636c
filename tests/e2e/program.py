"""What the end-to-end tests share: the program under test, a test case with a directory, and signed requests.

    test_x.py PROGRAM [unittest's arguments]
"""

import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "wire")]

import server as support  # noqa: E402
import signing  # noqa: E402

PROGRAM = ""


def main():
    global PROGRAM
    sys.modules["program"] = sys.modules[__name__] if __name__ == "program" else sys.modules["program"]
    PROGRAM = str(Path(sys.argv.pop(1)).resolve())
    sys.modules["program"].PROGRAM = PROGRAM
    unittest.main(module="__main__")


def clean_environment(more=None):
    """This environment without the variables that the program reads."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("MINIO_", "COFFER_", "AWS_"))}
    return kept | (more or {})


def run(*arguments, environment=None, timeout=60):
    """Runs the program to its end; stdout and stderr are text."""
    return subprocess.run([PROGRAM, *map(str, arguments)], env=clean_environment(environment), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)


class Case(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="coffer-e2e-")
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.data = self.directory / "data"
        self.data.mkdir()

    def start(self, **options):
        """A server on self.data, stopped at the end of the test."""
        options.setdefault("directory", self.data)
        server = support.Server(PROGRAM, **options)
        self.addCleanup(server.temporary.cleanup)
        self.addCleanup(server.stop)
        try:
            server.start()
        except support.ServerFailed:
            server.show_log()
            raise
        return server

    def start_wrapped(self, script):
        """A server whose program is started by `script`, a line of shell in which "$@" is the command."""
        global PROGRAM
        wrapper = self.directory / "wrapper"
        wrapper.write_text(f"#!/bin/sh\nset -- {PROGRAM} \"$@\"\n{script}\n")
        wrapper.chmod(0o755)
        original, PROGRAM = PROGRAM, str(wrapper)
        try:
            return self.start()
        finally:
            PROGRAM = original

    def connect(self, server):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.addCleanup(connection.close)
        return connection

    def ask(self, server, method, target, body=b"", headers=None, access_key=support.ACCESS_KEY,
            secret_key=support.SECRET_KEY):
        """A signed request; the response, with its body read into `.text`."""
        connection = self.connect(server)
        connection.request(method, target, body, signed(server, method, target, body, headers, access_key, secret_key))
        response = connection.getresponse()
        response.text = response.read().decode(errors="replace")
        return response

    def plain(self, port, method, target, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, target, headers=headers or {})
        response = connection.getresponse()
        response.text = response.read().decode(errors="replace")
        return response

    def eventually(self, condition, what):
        """Waits for something that another process does. Fails after a minute."""
        deadline = time.monotonic() + 60
        while not condition():
            if time.monotonic() > deadline:
                self.fail("never happened: " + what)
            time.sleep(0.01)


def signed(server, method, target, body=b"", headers=None, access_key=support.ACCESS_KEY,
           secret_key=support.SECRET_KEY):
    """The headers of a request that is signed with Signature Version 4; `body` may be its SHA-256 in hex."""
    digest = body if isinstance(body, str) else hashlib.sha256(body).hexdigest()
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    signer = signing.Signer(access_key, secret_key, now)
    all_headers = {"host": f"127.0.0.1:{server.port}", "x-amz-date": now, "x-amz-content-sha256": digest,
                   **{name.lower(): value for name, value in (headers or {}).items()}}
    names = list(all_headers)
    all_headers["authorization"], _ = signing.authorization_v4(signer, method, target, list(all_headers.items()), names,
                                                               digest)
    return all_headers
