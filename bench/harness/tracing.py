"""How often a server asks the disk to make something durable, by strace: in a run of its own, since it is slow."""

import contextlib
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from harness.bench import TrialFailed

# A call that another thread's line interrupts is written twice; the second time as "<... fsync resumed>".
SYNC = re.compile(r"^\d+ +(fsync|fdatasync|syncfs|sync_file_range|msync)\(|^\d+ +pwritev2\(.*RWF_D?SYNC")
SYNC_OPEN = re.compile(r"^\d+ +open(at2?)?\(.*O_D?SYNC")
CALLS = "fsync,fdatasync,syncfs,sync_file_range,msync,openat,openat2,open,pwritev2"


def count(lines):
    """Syncs, and files opened so that each write to them syncs, in strace's output."""
    lines = list(lines)
    return {"syncs": sum(bool(SYNC.match(line)) for line in lines),
            "sync_opens": sum(bool(SYNC_OPEN.match(line)) for line in lines)}


@contextlib.contextmanager
def syncs_of(pids, output):
    """Counts the calls of the processes while the context is open; the dictionary is filled when it ends."""
    if not shutil.which("strace"):
        raise TrialFailed("strace is not installed")
    command = ["strace", "-f", "-q", "-s", "0", "-e", f"trace={CALLS}", "-o", str(output)]
    for pid in pids:
        command += ["-p", str(pid)]
    tracer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = {}
    try:
        while not all(_is_traced(pid) for pid in pids):
            if tracer.poll() is not None:
                raise TrialFailed("strace can't attach to the server")
            time.sleep(0.01)
        yield found
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
    with open(output, encoding="utf-8", errors="replace") as lines:
        found |= count(lines)
    Path(output).unlink()


def _is_traced(pid):
    """Whether all of its threads are: a server's threads are attached to one after another."""
    statuses = [(task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    return not any(re.search(r"^TracerPid:\t0$", status, re.MULTILINE) for status in statuses)
