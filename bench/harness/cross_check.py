"""Other people's loaders, where they are installed: what the own loader finds must not be of its own making.

wrk (GET by presigned links) costs about as little as the own loader. warp is MinIO's benchmark: a client in Go that
signs and hashes while the clock runs, and often is what it measures.
"""

import json
import re
import resource
import subprocess
import time

from harness import machine
from harness.bench import MOST_SECONDS, TrialFailed
from harness.servers import BUCKET, PASSWORD, USER


def _run(server, command):
    """The program's output; and the processor seconds of server and loader, and the time, while it ran."""
    pids = server.pids()
    before, own_before = machine.processor_seconds(pids), _children_seconds()
    begin = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    elapsed = time.monotonic() - begin
    if done.returncode:
        raise TrialFailed(f"{server.label}: {command[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout, {"server_s": machine.processor_seconds(pids) - before,
                         "loader_s": _children_seconds() - own_before, "elapsed": elapsed}


def _children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _metrics(server, count, seconds, used):
    return {"rate": count / seconds, "cpu_us": used["server_s"] * 1e6 / count,
            "loader_us": used["loader_s"] * 1e6 / count, "loader_busy": used["loader_s"] / used["elapsed"],
            "rss_mib": machine.resident_mib(server.pids())}


def wrk_get(bench, server, count, connections):
    """GET of objects that are there, by wrk."""
    links = bench.directory / "links"
    links.write_text(bench.links(server, count))
    output, used = _run(server, [
        "wrk", "--threads", 1, "--connections", connections, "--duration", f"{max(1, round(bench.seconds))}s",
        "--script", bench.scripts / "wrk.lua", f"http://127.0.0.1:{server.port}", "--", links])
    found = json.loads(output.strip().splitlines()[-1])
    if found["errors"]:
        raise TrialFailed(f"{server.label}: wrk: {found['errors']} errors")
    return _metrics(server, found["count"], found["seconds"], used) | {
        "p50_us": found["p50_us"], "p99_us": found["p99_us"]}


def warp_put(bench, server, size, connections, hashed):
    """PUT by warp, for a fixed time; `hashed`: with the signatures over the content that it makes over plain HTTP."""
    seconds = max(10, round(bench.seconds))  # it wants some samples to say anything
    command = ["warp", "put", "--host", f"127.0.0.1:{server.port}", "--access-key", USER, "--secret-key", PASSWORD,
               "--bucket", f"{BUCKET}-warp", "--obj.size", size, "--concurrent", connections, "--duration",
               f"{seconds}s", "--noclear", "--no-color", "--benchdata", bench.directory / "warp"]
    output, used = _run(server, command + ([] if hashed else ["--disable-sha256-payload"]))
    rate = re.search(r"Average: .*?([\d.]+) obj/s", output)
    if not rate:
        raise TrialFailed(f"{server.label}: warp says no rate: {output.strip()[-500:]}")
    return _metrics(server, float(rate[1]) * seconds, seconds, used)
