#!/usr/bin/env python3
"""What encryption costs: PUT and GET of 10 MiB objects into a bucket that encrypts by SSE-S3, against one that does not.

Usage: encryption.py [--program build/release/coffer] [--rounds N] [--count N] [--connections N]

One server, both buckets in turn in every round, in an order that is drawn anew. Prints rate and processor time of every
round, and the medians of the ratios. Ends with 1 where a rate is below 0.8 of the plain one. Figures mean something on a
quiet machine only.
"""

import argparse
import http.client
import json
import random
import statistics
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "wire")]

import signing  # noqa: E402
from support.server import ACCESS_KEY, SECRET_KEY, Server  # noqa: E402

SIZE = 10 << 20
LEAST = 0.8
CONFIGURATION = ("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256"
                 "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>")


def call(server, method, target, body=""):
    """One request, signed by its link."""
    host = f"localhost:{server.port}"
    signer = signing.Signer(ACCESS_KEY, SECRET_KEY, datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ"))
    link = signing.presign_v4(signer, method, target, [("host", host)], ["host"], 60)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, link, body, {"Host": host})
    reply = connection.getresponse()
    if reply.status != 200:
        sys.exit(f"{method} {target} answered {reply.status}: {reply.read().decode()}")
    connection.close()


def load(options, server, operation, bucket, first):
    """(MiB/s, ms of the server's processor time per object)."""
    told = subprocess.run(
        [options.loader, operation, "--port", str(server.port), "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY,
         "--bucket", bucket, "--size", str(SIZE), "--first", str(first), "--count", str(options.count), "--connections",
         str(options.connections), "--unsigned-payload", "--server-pid", str(server.process.pid)]
        + (["--once", "--any-content"] if operation == "get" else []),
        check=True, capture_output=True, timeout=600)
    report = json.loads(told.stdout)
    if report["errors"]:
        sys.exit(report["first_error"])
    return options.count * SIZE / 2**20 / report["seconds"], report["server_cpu_s"] * 1000 / options.count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/coffer"))
    parser.add_argument("--loader", default=str(ROOT / "build/release/bench/loader/coffer_load"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--connections", type=int, default=4)
    options = parser.parse_args()
    server = Server(options.program)
    server.start()
    ratios = {"put": [], "get": []}
    try:
        for bucket in ("plain", "sealed"):
            call(server, "PUT", f"/{bucket}")
        call(server, "PUT", "/sealed?encryption", CONFIGURATION)
        for number in range(options.rounds + 1):
            for operation in ("put", "get"):
                found = {}
                for bucket in random.sample(("plain", "sealed"), 2):
                    found[bucket] = load(options, server, operation, bucket, number * options.count)
                if number == 0:
                    continue  # warms up
                ratios[operation].append(found["sealed"][0] / found["plain"][0])
                print(f"{operation}: plain {found['plain'][0]:6.0f} MiB/s {found['plain'][1]:6.1f} ms, sealed "
                      f"{found['sealed'][0]:6.0f} MiB/s {found['sealed'][1]:6.1f} ms, ratio {ratios[operation][-1]:.2f}")
        server.stop()
    finally:
        server.stop(kill=True)
    medians = {operation: statistics.median(values) for operation, values in ratios.items()}
    print("medians: " + ", ".join(f"{operation} {median:.2f}" for operation, median in medians.items()))
    return 0 if min(medians.values()) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
