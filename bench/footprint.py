#!/usr/bin/env python3
"""What a Coffer server costs while it does nothing and while it moves one large object: start-up time and memory.

Usage: footprint.py [--program build/release/coffer] [--json FILE] [--object-mib N] [--starts N]

    start        from exec to the first 200, on an empty directory: the median of --starts starts; and how much
                 processor time it took until then, which says more where other work is done beside it
    idle         resident memory once the first answer is out and it has settled
    connections  what 1,000 connections add that have each made one request and stay open
    upload       by how much the peak of resident memory (VmHWM) exceeds an idle server's while one object of 2 GiB
    download     comes in, or goes out; each on a server that has just been started

Prints a table against the limits, and writes all of it as JSON. Ends with 1 if one is over its limit. It needs Linux's
/proc, 4 GiB of disk under build/, and a machine that is otherwise quiet for the start-up time to mean something.
"""

import argparse
import contextlib
import http.client
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "wire")]

import signing  # noqa: E402
from support.server import ACCESS_KEY, SECRET_KEY, Server, free_ports  # noqa: E402

HEALTH = b"GET /minio/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
CONNECTIONS = 1000
PIECE = 1 << 20

# name: (what it is, unit, limit)
LIMITS = {
    "start": ("exec to first 200, empty directory", "ms", 30),
    "idle": ("idle", "MiB", 24),
    "connections": (f"{CONNECTIONS} idle connections add", "MiB", 12),
    "upload": ("one large upload adds", "MiB", 24),
    "download": ("one large download adds", "MiB", 24),
}


def memory(pid, field):
    """A field of /proc/PID/status (VmRSS, VmHWM) in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def settled_memory(pid):
    """Resident memory once it has stopped changing for half a second."""
    previous, since = memory(pid, "VmRSS"), time.monotonic()
    while time.monotonic() - since < 0.5:
        time.sleep(0.05)
        now = memory(pid, "VmRSS")
        if now != previous:
            previous, since = now, time.monotonic()
    return previous


def reset_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as probe:
            probe.sendall(HEALTH)
            return probe.recv(1024).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def processor_time_ms(pid):
    """What all threads of a process have run so far."""
    return sum(int(Path(task, "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e6


def start_time_ms(program, directory):
    """Wall-clock and processor time of one start."""
    data = Path(tempfile.mkdtemp(dir=directory))
    port, console_port = free_ports(2)
    environment = {"PATH": os.environ["PATH"], "MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY}
    begin = time.monotonic()
    process = subprocess.Popen(
        [program, "server", str(data), "--address", f"127.0.0.1:{port}", "--console-address",
         f"127.0.0.1:{console_port}"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(port):
            if process.poll() is not None or time.monotonic() - begin > 30:
                sys.exit("footprint: the server does not start")
            time.sleep(0.0002)
        return (time.monotonic() - begin) * 1000, processor_time_ms(process.pid)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(data)


def open_connections(port, count):
    connections = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), 30)
        connection.sendall(HEALTH)
        if not connection.recv(1024).startswith(b"HTTP/1.1 200"):
            sys.exit("footprint: a connection was refused")
        connections.append(connection)
    return connections


class Client:
    """Presigned requests over one connection."""

    def __init__(self, port):
        self.host = f"localhost:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300, blocksize=PIECE)

    def request(self, method, path, body=None, length=None):
        signer = signing.Signer(ACCESS_KEY, SECRET_KEY, datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ"))
        target = signing.presign_v4(signer, method, path, [("host", self.host)], ["host"], 3600)
        headers = {"Host": self.host} | ({"Content-Length": str(length)} if length is not None else {})
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        if response.status != 200:
            sys.exit(f"footprint: {method} {path}: {response.status} {response.read()[:300]}")
        return response


def pieces(count):
    """`count` MiB, no piece like another."""
    piece = bytearray(os.urandom(PIECE))
    for number in range(count):
        piece[:8] = number.to_bytes(8, "big")
        yield piece


@contextlib.contextmanager
def running(program, data):
    server = Server(program, directory=data)
    try:
        server.start()
        yield server
        server.stop()
    except BaseException:
        server.show_log()
        if server.process is not None:
            server.stop(kill=True)
        raise


def added_peak(program, data, action):
    """What `action`, given a client, adds to an idle server's memory at most; and how long it takes."""
    with running(program, data) as server:
        pid = server.process.pid
        client = Client(server.port)
        before = settled_memory(pid)
        reset_peak(pid)
        begin = time.monotonic()
        action(client)
        return memory(pid, "VmHWM") - before, time.monotonic() - begin


def measure(program, directory, object_mib, starts):
    results = {}
    walls, processor = zip(*(start_time_ms(program, directory) for _ in range(starts)))
    results["start"], results["start_processor"] = statistics.median(walls), statistics.median(processor)
    results["start_fastest"] = min(walls)

    data = Path(directory, "data")
    with running(program, data) as server:
        pid = server.process.pid
        results["idle"] = settled_memory(pid)
        connections = open_connections(server.port, CONNECTIONS)
        results["connections"] = settled_memory(pid) - results["idle"]
        for connection in connections:
            connection.close()
        results["idle_after_connections"] = settled_memory(pid)
        Client(server.port).request("PUT", "/footprint", length=0).read()

    def upload(client):
        client.request("PUT", "/footprint/large", pieces(object_mib), object_mib * PIECE).read()

    def download(client):
        response = client.request("GET", "/footprint/large")
        buffer, received = bytearray(PIECE), 0
        while size := response.readinto(buffer):
            received += size
        if received != object_mib * PIECE:
            sys.exit(f"footprint: the download has {received} bytes")

    for name, action in (("upload", upload), ("download", download)):
        results[name], seconds = added_peak(program, data, action)
        results[name + "_mib_per_s"] = object_mib / seconds
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/coffer"))
    parser.add_argument("--json", default=str(ROOT / "build/footprint.json"))
    parser.add_argument("--object-mib", type=int, default=2048)
    parser.add_argument("--starts", type=int, default=21)
    options = parser.parse_args()

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Under build/ rather than /tmp, which may be memory.
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="footprint-") as directory:
        results = measure(options.program, directory, options.object_mib, options.starts)

    over = False
    print(f"{'':42}{'measured':>12}{'limit':>12}")
    for name, (what, unit, limit) in LIMITS.items():
        over |= results[name] > limit
        print(f"{what:42}{results[name]:>8.1f} {unit:3}{limit:>8} {unit:3} {'OVER' if results[name] > limit else 'ok'}")
    print(f"{'processor time of a start':42}{results['start_processor']:>8.1f} ms")
    print(f"{'the fastest start':42}{results['start_fastest']:>8.1f} ms")
    print(f"{'idle, after the connections':42}{results['idle_after_connections']:>8.1f} MiB")
    for name in ("upload", "download"):
        print(f"{name + ' rate':42}{results[name + '_mib_per_s']:>8.0f} MiB/s")
    Path(options.json).write_text(json.dumps(
        {"limits": {name: limit for name, (_, _, limit) in LIMITS.items()}, "results": results}, indent=2) + "\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
