"""The program as it ships, with a library between it and the calls that it makes of its files (tests/fault/
syscall_faults.cc): killed before any of them; interrupted in each of them; reading and writing half of what it asks for.

COFFER_KILL_STRIDE: one in how many calls it is killed at (1: all of them); COFFER_TEST_SEED says which.
"""

import http.client
import os
import random
import struct
import subprocess
import unittest

import program
from program import Case, main, signed, support
from test_kill import ABSENT, content, digest

SHIM = os.environ.get("COFFER_SYSCALL_FAULTS", "")
STRIDE = int(os.environ.get("COFFER_KILL_STRIDE", "12"))


@unittest.skipUnless(SHIM, "COFFER_SYSCALL_FAULTS does not say where the library is")
class Syscalls(Case):
    def setUp(self):
        super().setUp()
        self.count = self.directory / "count"
        self.count.write_bytes(bytes(8))
        self.ledger = {}  # key -> set of what it may show

    def begin(self, fault=None):
        """A server with the library in it."""
        environment = {"LD_PRELOAD": SHIM, "SYSCALL_COUNT": str(self.count), "SYSCALL_FAULT": fault} if fault else {}
        server = support.Server(program.PROGRAM, directory=self.data, environment=environment)
        self.addCleanup(server.temporary.cleanup)
        self.addCleanup(self.end, server)
        self.last = server
        server.start()
        return server

    @staticmethod
    def end(server):
        if server.process and server.process.poll() is None:
            server.process.kill()
            server.process.wait()

    def write(self, server, method, key, body=b"", after=ABSENT, headers=None):
        self.ledger[key] = self.ledger.get(key, {ABSENT}) | {after}
        response = self.ask(server, method, f"/bucket/{key}", body, headers)
        self.assertIn(response.status, (200, 204), response.text)
        self.ledger[key] = {after}

    def load(self, server):
        """Something of everything that writes. Raises OSError once the server is dead."""
        response = self.ask(server, "PUT", "/bucket")
        self.assertIn(response.status, (200, 409), response.text)
        small, large, other = content("small", 700), content("large", 300_000), content("other", 70_000)
        self.write(server, "PUT", "small", small, digest(small))
        self.write(server, "PUT", "large", large, digest(large))
        self.write(server, "PUT", "again", large, digest(large))
        self.write(server, "PUT", "small", other, digest(other))
        self.write(server, "PUT", "copy", after=digest(large), headers={"x-amz-copy-source": "/bucket/large"})
        self.write(server, "DELETE", "again")
        self.write(server, "DELETE", "large")

    def check(self, server):
        for key, may_show in self.ledger.items():
            connection = self.connect(server)
            connection.request("GET", f"/bucket/{key}", headers=signed(server, "GET", f"/bucket/{key}"))
            response = connection.getresponse()
            body = response.read()
            shown = digest(body) if response.status == 200 else ABSENT
            self.assertIn(response.status, (200, 404), body)
            self.assertIn(shown, may_show, f"{key}: lost, or from nowhere")

    def run_whole(self, fault):
        server = self.begin(fault)
        self.load(server)
        self.check(server)
        server.stop()
        return struct.unpack("<Q", self.count.read_bytes())[0]

    def test_an_interrupted_call_is_made_again(self):
        self.assertGreater(self.run_whole("eintr"), 50)

    def test_half_a_read_or_write_is_gone_on_with(self):
        self.assertGreater(self.run_whole("short"), 50)

    def test_a_kill_at_any_call_loses_nothing(self):
        seed = os.environ.get("COFFER_TEST_SEED") or str(random.SystemRandom().randrange(1 << 64))
        print(f"COFFER_TEST_SEED={seed}")
        calls = self.run_whole("kill:0")
        kills = range(1 + random.Random(seed).randrange(STRIDE), calls, STRIDE)
        for call in kills:
            with self.subTest(call=call):
                subprocess.run(["rm", "-rf", str(self.data / ".coffer")], check=True)
                self.ledger = {}
                self.count.write_bytes(bytes(8))
                try:
                    server = self.begin(f"kill:{call}")
                    self.load(server)
                    self.end(server)
                except (OSError, http.client.HTTPException, support.ServerFailed):
                    pass  # it died, or is about to: its lock goes with it
                self.end(self.last)
                server = self.begin()
                self.check(server)
                server.stop()
        print(f"killed at {len(kills)} of {calls} calls")


if __name__ == "__main__":
    main()
