"""The machine that is measured on: what it is, and what else it is doing."""

import os
import platform
import resource
import subprocess
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def describe(directory):
    """What a reader needs to know to compare: processor, memory, system, file system under `directory`."""
    facts = {"cores": os.cpu_count(), "kernel": platform.release()}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            facts["processor"] = line.split(":", 1)[1].strip()
            break
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            facts["memory_gib"] = round(int(line.split()[1]) / 2**20)
    release = Path("/etc/os-release")
    if release.exists():
        names = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
        facts["system"] = names.get("PRETTY_NAME", "").strip('"')
    facts["file_system"], facts["device"] = _mount_of(directory)
    return facts


def _mount_of(directory):
    best = ("", "", "")
    path = str(Path(directory).resolve())
    for line in Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, kind, device)
    return best[1], best[2]


def commit_of(directory):
    """The commit that is checked out there, with "+" where something was changed; empty where that can't be known."""
    def git(*arguments):
        return subprocess.run(["git", "-C", str(directory), *arguments], capture_output=True, text=True, check=False)

    head = git("rev-parse", "--short", "HEAD")
    if head.returncode:
        return ""
    return head.stdout.strip() + ("+" if git("status", "--porcelain", "--untracked-files=no").stdout else "")


def processor_seconds(pids):
    """User and system time of processes so far; 0 for those that are gone."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mib(pids):
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
        except OSError:
            continue
    return total / 2**20


def family(pid):
    """The process and all that descend from it."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _kernel_threads():
    # All of them descend from kthreadd.
    return family(2)


class ForeignLoad:
    """What share of the machine's processors others have used since it was made.

    Others are all processes but this one, its finished children and those that are named at the end. Threads of the
    kernel are not counted: what they do here is mostly write back what the servers wrote.
    """

    def __init__(self):
        self.before = self._now()

    @staticmethod
    def _now():
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        user, nice, system, _, _, irq, softirq, steal = fields[:8]
        busy = (user + nice + system + irq + softirq + steal) / TICKS
        own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return uptime, busy, own, processor_seconds(_kernel_threads())

    def share(self, running_pids=()):
        now = self._now()
        elapsed, busy, own, kernel = (after - before for after, before in zip(now, self.before))
        others = busy - own - kernel - processor_seconds(running_pids)
        return max(0.0, others / (elapsed * os.cpu_count()))
