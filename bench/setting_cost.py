#!/usr/bin/env python3
"""What a setting of a bucket costs a request, against a bucket that does not have it.

Usage: setting_cost.py encryption|policy [--program build/release/coffer] [--rounds N] [--connections N]

encryption: PUT and GET of 10 MiB into a bucket that encrypts by SSE-S3. Goal: at least 0.8 of the rate.
policy:     GET of 4 KiB by a user, out of a bucket with a policy of 50 statements. Goal: at most 10 us of processor time.

One server, both buckets in turn in every round, in an order that is drawn anew. Prints every round, and the medians; ends
with 1 where the goal is not reached. Figures mean something on a quiet machine only.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.server import Server  # noqa: E402

USER, SECRET = "alice", "the secret of alice"


def statement(number):
    """A team's: that anybody may do as they like under its prefix, from its network."""
    return {"Sid": f"team-{number}", "Effect": "Allow", "Principal": {"AWS": ["*"]},
            "Action": ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"],
            "Resource": f"arn:aws:s3:::with/team-{number}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": f"10.{number}.0.0/16"}}}


@dataclass
class Case:
    setting: dict
    operations: tuple
    size: int
    count: int
    connections: int


class Encryption(Case):
    """Judged by the rate."""

    def __init__(self):
        super().__init__({"encryption": "AES256"}, ("put", "get"), 10 << 20, 40, 4)

    def compare(self, without, with_it):
        return with_it["rate"] / without["rate"], f"rate {with_it['rate'] / without['rate']:.2f}x"

    def reached(self, median):
        return median >= 0.8


class Policy(Case):
    """Judged by the processor time that it adds."""

    def __init__(self):
        document = {"Version": "2012-10-17", "Statement": [statement(number) for number in range(50)]}
        super().__init__({"policy": document}, ("get",), 4096, 60_000, 16)

    def compare(self, without, with_it):
        return with_it["cpu_us"] - without["cpu_us"], f"{with_it['cpu_us'] - without['cpu_us']:+.1f} us"

    def reached(self, median):
        return median <= 10


def load(options, case, server, operation, bucket, first, count):
    """{"rate": a second, "cpu_us": of the server's processors for each}."""
    told = subprocess.run(
        [options.loader, operation, "--port", str(server.port), "--access-key", USER, "--secret-key", SECRET, "--bucket",
         bucket, "--size", str(case.size), "--first", str(first), "--count", str(count), "--connections",
         str(options.connections or case.connections), "--unsigned-payload", "--server-pid", str(server.process.pid)]
        + (["--once", "--any-content"] if operation == "get" else []),
        check=True, capture_output=True, timeout=600)
    report = json.loads(told.stdout)
    if report["errors"]:
        sys.exit(report["first_error"])
    return {"rate": count / report["seconds"], "cpu_us": report["server_cpu_s"] * 1e6 / count}


def measure(options, case, server):
    """Median of the comparisons, for each operation."""
    found = {operation: [] for operation in case.operations}
    for bucket in ("without", "with"):
        if "put" not in case.operations:
            load(options, case, server, "put", bucket, 0, case.count)
    for number in range(options.rounds + 1):
        first = number * case.count if "put" in case.operations else 0
        for operation in case.operations:
            took = {bucket: load(options, case, server, operation, bucket, first, case.count)
                    for bucket in random.sample(("without", "with"), 2)}
            if number == 0:
                continue  # warms up
            value, told = case.compare(took["without"], took["with"])
            found[operation].append(value)
            print(f"{operation}: without {took['without']['rate']:8.1f} a second, {took['without']['cpu_us']:8.1f} us; with "
                  f"{took['with']['rate']:8.1f} a second, {took['with']['cpu_us']:8.1f} us; {told}", flush=True)
    return {operation: statistics.median(values) for operation, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=("encryption", "policy"))
    parser.add_argument("--program", default=str(ROOT / "build/release/coffer"))
    parser.add_argument("--loader", default=str(ROOT / "build/release/bench/loader/coffer_load"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--connections", type=int)
    options = parser.parse_args()
    case = Encryption() if options.case == "encryption" else Policy()
    with tempfile.TemporaryDirectory() as directory:
        declared = Path(directory) / "bootstrap.yaml"  # JSON is YAML
        declared.write_text(json.dumps({"users": {USER: {"secret_key": SECRET, "policies": ["readwrite"]}},
                                        "buckets": {"without": {}, "with": case.setting}}))
        server = Server(options.program, environment={"COFFER_BOOTSTRAP": str(declared)})
        server.start()
        try:
            medians = measure(options, case, server)
            server.stop()
        finally:
            server.stop(kill=True)
    print("medians: " + ", ".join(f"{operation} {median:.2f}" for operation, median in medians.items()))
    return 0 if all(case.reached(median) for median in medians.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
