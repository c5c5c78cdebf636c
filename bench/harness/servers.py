"""The servers that are compared: read from bench/peers.toml, started on an empty directory, stopped."""

import contextlib
import http.client
import os
import random
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from datetime import datetime, timezone
from pathlib import Path

from harness import machine

BENCH = Path(__file__).resolve().parent.parent
sys.path.append(str(BENCH.parent / "tests" / "wire"))

import signing  # noqa: E402

USER, PASSWORD, BUCKET = "bench-access-key", "bench-secret-key", "bench"


class ServerFailed(Exception):
    """It does not start, does not take a bucket, or does not end."""


def peer_table():
    return tomllib.loads((BENCH / "peers.toml").read_text())


def _free_ports(count):
    """Ports that nothing listens on, with 10,000 above them free too, which some servers take unasked."""
    ports = []
    while len(ports) < count:
        port = random.randrange(26000, 27000)
        try:
            with socket.socket() as one, socket.socket() as other:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10000))
        except OSError:
            continue
        if port not in ports:
            ports.append(port)
    return ports


class Server:
    """One entry of the table with the program that was named for it. `label`: what reports call it."""

    def __init__(self, kind, program, label=None):
        self.kind, self.label = kind, label or kind
        self.entry = peer_table()[kind]
        self.program = str(program)
        self.process = None
        self.port = None
        self.start_seconds = None

    @property
    def durability(self):
        return self.entry["durability"]

    def pids(self):
        return machine.family(self.process.pid) if self.process else []

    def start(self, data, log, core=None):
        """Returns when it answers. `core`: the only processor that it may use."""
        data.mkdir(parents=True, exist_ok=True)
        self.port, *more = _free_ports(5)
        words = {"program": self.program, "data": str(data), "port": str(self.port), "user": USER,
                 "password": PASSWORD, "config": str(data.parent / f"{self.label}.conf")}
        words |= {f"port{number}": str(port) for number, port in enumerate(more, 2)}
        if "config" in self.entry:
            text = (BENCH / self.entry["config"]).read_text()
            for word, value in (words | self.entry.get("values", {})).items():
                text = text.replace(f"[[{word}]]", value)
            Path(words["config"]).write_text(text)
        command = [part.format(**words) for part in shlex.split(self.entry["command"])]
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MINIO_", "COFFER_", "AWS_"))}
        environment |= {name: value.format(**words) for name, value in self.entry.get("environment", {}).items()}
        pin = None if core is None else (lambda: os.sched_setaffinity(0, {core}))
        begin = time.monotonic()
        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, preexec_fn=pin)
        while not self._answers():
            if self.process.poll() is not None:
                raise ServerFailed(f"{self.label} ended with {self.process.returncode} at its start (see {log})")
            if time.monotonic() - begin > 60:
                raise ServerFailed(f"{self.label} does not answer (see {log})")
            time.sleep(0.0005)
        self.start_seconds = time.monotonic() - begin

    def _answers(self):
        """A whole response of any status but 503, with which some say that they are not ready."""
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as probe:
                probe.request("GET", "/minio/health/live")
                return probe.getresponse().status != 503
        except (OSError, http.client.HTTPException):
            return False

    def make_bucket(self, data):
        if self.entry["bucket"] == "directory":
            (data / BUCKET).mkdir(exist_ok=True)
        elif self.entry["bucket"] == "PUT":
            deadline = time.monotonic() + 30
            while (status := self._put_bucket()) not in (200, 409):
                if time.monotonic() > deadline:
                    raise ServerFailed(f"{self.label} takes no bucket: {status}")
                time.sleep(0.1)

    def _put_bucket(self):
        now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = [("host", f"127.0.0.1:{self.port}"), ("x-amz-date", now),
                   ("x-amz-content-sha256", signing.EMPTY_SHA256)]
        names = [name for name, _ in headers]
        authorization, _ = signing.authorization_v4(signing.Signer(USER, PASSWORD, now), "PUT", f"/{BUCKET}", headers,
                                                    names, signing.EMPTY_SHA256)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("PUT", f"/{BUCKET}", headers=dict(headers) | {"authorization": authorization})
            return connection.getresponse().status

    def stop(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        members = machine.family(process.pid)
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            for pid in members:  # ours alone: what this object started, and its children
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            process.wait()


def find_server(kind, path=None):
    """The server of that kind; `path` of its program, or else looked for in PATH where its entry says so."""
    table = peer_table()
    if kind not in table:
        raise ServerFailed(f"no peer '{kind}' in bench/peers.toml. There are: {', '.join(table)}")
    program = path or shutil.which(table[kind].get("find", ""))
    if not program or not Path(program).exists():
        raise ServerFailed(f"where is {kind}? Say --peer {kind}=PATH")
    return Server(kind, Path(program).resolve())
