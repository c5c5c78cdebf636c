"""What a scenario measures with: the loader, the probes, one server at a time."""

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import machine
from harness.servers import BUCKET, PASSWORD, USER


MOST_SECONDS = 1800  # of one run of a loader: filling a slow server takes long


class TrialFailed(Exception):
    """The loader or a probe failed; it says why."""


@dataclass(frozen=True)
class Sizes:
    """What is written and read. The smoke run of the harness takes a small world, in which nothing means anything."""

    small: int = 4096
    large: int = 10 << 20
    large_objects: int = 20
    cold_objects: int = 100
    part: int = 16 << 20
    parts: int = 64
    read_objects: int = 1000
    listed_keys: int = 1_000_000
    listed_keys_of_peers: int = 100_000
    prefixes: int = 200
    scales: tuple = (10_000, 1_000_000, 10_000_000)
    scale_puts: int = 20_000
    traced_puts: int = 100


SMOKE = Sizes(large=1 << 20, large_objects=4, cold_objects=4, part=5 << 20, parts=4, read_objects=50, listed_keys=2500,
              listed_keys_of_peers=2500, prefixes=20, scales=(500, 1000), scale_puts=100, traced_puts=10)


class Bench:
    """`programs`: the directory of a release build. `directory`: where servers keep their data, on the file system
    that is measured. `pinned`: server on the first processor, loader on the second."""

    def __init__(self, programs, directory, warm_up, seconds, pinned=False, sizes=Sizes()):
        self.sizes = sizes
        self.loader = Path(programs, "bench/loader/coffer_load")
        self.prober = Path(programs, "bench/probes/coffer_probe")
        self.catalogue_loader = Path(programs, "bench/catalog_load")
        self.directory = Path(directory)
        self.scripts = Path(__file__).resolve().parent
        self.warm_up, self.seconds = warm_up, seconds
        self.pinned = pinned
        self.directory.mkdir(parents=True, exist_ok=True)
        # Two runs would remove each other's data.
        self.lock = open(self.directory / "lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"bench: another run measures in {self.directory}") from None

    def data_of(self, server, place="data"):
        return self.directory / server.label / place

    def start(self, server, place="data"):
        """Starts it on what it left there before, or on an empty directory."""
        data = self.data_of(server, place)
        data.mkdir(parents=True, exist_ok=True)
        server.start(data, self.directory / f"{server.label}.log", core=0 if self.pinned else None)
        return data

    def remove_data(self, server):
        """So that no server's files are in the way of the next one's, nor their removal."""
        shutil.rmtree(self.directory / server.label, ignore_errors=True)
        os.sync()

    def forget_cached(self, server):
        """Takes the server's files out of the system's cache, so that the next reads come from the disk."""
        os.sync()
        for path in (self.directory / server.label).rglob("*"):
            if path.is_file():
                file = os.open(path, os.O_RDONLY)
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(file)

    # The loader. -----------------------------------------------------------------------------------------------

    def _command(self, server, operation, options):
        command = [str(self.loader), operation, "--port", str(server.port), "--bucket", BUCKET, "--access-key", USER,
                   "--secret-key", PASSWORD]
        for name, value in options.items():
            command.append("--" + name.replace("_", "-"))
            if value is not True:
                command.append(str(value))
        for pid in server.pids():
            command += ["--server-pid", str(pid)]
        return command

    def _pin(self):
        return (lambda: os.sched_setaffinity(0, {1})) if self.pinned else None

    def load(self, server, operation, **options):
        """Runs the loader to its end; what it printed."""
        done = subprocess.run(self._command(server, operation, options), capture_output=True, text=True,
                              check=False, preexec_fn=self._pin(), timeout=MOST_SECONDS)
        try:
            result = json.loads(done.stdout)
        except ValueError:
            raise TrialFailed(f"{server.label}: {operation}: {done.stderr.strip() or done.returncode}") from None
        if done.returncode:
            raise TrialFailed(f"{server.label}: {operation}: {result['errors']} wrong answers, the first: "
                              f"{result['first_error']}")
        return result

    def links(self, server, count):
        """Targets of presigned GETs of the first `count` objects, a line each."""
        return subprocess.run(self._command(server, "links", {"count": count}), capture_output=True, text=True,
                              check=True).stdout

    def load_beside(self, server, operation, **options):
        """Starts the loader and returns; the caller ends the process that it gets."""
        return subprocess.Popen(self._command(server, operation, options), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def timed(self, server, operation, **options):
        """The loader for the configured time; its figures as metrics."""
        result = self.load(server, operation, warm_up=self.warm_up, seconds=self.seconds, **options)
        return metrics(result, operation, server)

    def fill(self, server, keys, place="data"):
        """Gives a server, which runs, that many objects under Sizes.prefixes prefixes, and leaves it running: Coffer
        rows of a catalogue alone, which is a thousand times quicker than objects; others objects of 16 bytes."""
        if server.kind != "coffer":
            self.load(server, "put", count=keys, size=16, connections=16, prefixes=self.sizes.prefixes)
            return
        server.stop()
        done = subprocess.run([str(self.catalogue_loader), str(self.data_of(server, place)), "--bucket", BUCKET,
                               "--objects", str(keys), "--prefixes", str(self.sizes.prefixes)], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            raise TrialFailed(f"catalog_load: {done.stderr.strip()}")
        self.start(server, place)

    # Probes. ---------------------------------------------------------------------------------------------------

    def probe(self, name, clients, seconds):
        directory = self.directory / "probe"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        done = subprocess.run([str(self.prober), "run", name, "--directory", str(directory), "--seconds", str(seconds),
                               "--clients", str(clients)], capture_output=True, text=True, check=False)
        shutil.rmtree(directory)
        if done.returncode:
            raise TrialFailed(f"probe {name}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def metrics(result, kind, server):
    """Of one kind of requests in what the loader printed; the processor time is that of all kinds."""
    found = result["kinds"][kind]
    operations = sum(each["count"] for each in result["kinds"].values())
    if not found["count"]:
        raise TrialFailed(f"{server.label}: no {kind} ended in the measured time")
    moved_mib = sum(each["sent_bytes"] + each["received_bytes"] for each in result["kinds"].values()) / 2**20
    return {
        "rate": found["count"] / result["seconds"],
        "mib_per_s": moved_mib / result["seconds"],
        "cpu_us": result["server_cpu_s"] * 1e6 / operations,
        "cpu_ms_per_mib": result["server_cpu_s"] * 1e3 / moved_mib if moved_mib else None,
        "mean_us": found["mean_us"],
        "p50_us": found["p50_us"],
        "p99_us": found["p99_us"],
        "loader_us": result["loader_cpu_us_per_op"],
        "loader_busy": result["loader_busy"],
        "rss_mib": machine.resident_mib(server.pids()),
        "ended_early": result["ended_early"],
    }
