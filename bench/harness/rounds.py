"""Runs a scenario: rounds in which every server is measured once, in an order that is drawn anew each time."""

import random
import sys

from harness import machine
from harness.bench import TrialFailed

MOST_REJECTED = 20
SLOW_SYNC_US = 3000
FOREIGN_SHARE = 0.10


class Rounds:
    """`rounds` accepted rounds. `accept_noise`: a round is taken whatever else the machine was doing."""

    def __init__(self, bench, scenario, servers, rounds, probe_seconds, accept_noise, log=sys.stderr):
        self.bench, self.scenario, self.servers = bench, scenario, servers
        self.rounds, self.probe_seconds = rounds, probe_seconds
        self.accept_noise = accept_noise
        self.log = log
        self.rejected = 0
        self.prepared = set()
        self.failed = {}  # label: why it is measured no more

    def run(self):
        """The accepted rounds, each {"probes": …, "trials": {label: metrics}, "order": …, "foreign": share}."""
        accepted = []
        try:
            while len(accepted) < self.rounds:
                found = self._round()
                reason = self._objection(found)
                if reason and not self.accept_noise and self.rejected < MOST_REJECTED:
                    self.rejected += 1
                    print(f"    round rejected ({self.rejected}): {reason}", file=self.log, flush=True)
                    if self.rejected == MOST_REJECTED:
                        print("    the machine is noisy: rounds are taken as they are from here", file=self.log)
                    continue
                found["noise"] = reason
                accepted.append(found)
                print(f"    round {len(accepted)} of {self.rounds}" + (f", noisy: {reason}" if reason else ""),
                      file=self.log, flush=True)
        finally:
            for server in self.servers:
                server.stop()
                self.bench.remove_data(server)
        return accepted

    def _round(self):
        foreign = machine.ForeignLoad()
        found = {"probes": {}, "trials": {}, "order": []}
        for name, clients in (("fdatasync", 1), *self.scenario.probes):
            result = self.bench.probe(name, clients, self.probe_seconds)
            result["mib_per_s"] = result["bytes_per_s"] / 2**20
            found["probes"][f"{name}/{clients}"] = result
        for server in random.sample(self.servers, len(self.servers)):
            if server.label in self.failed:
                continue
            try:
                found["trials"][server.label] = self._trial(server)
                found["order"].append(server.label)
            except TrialFailed as failure:
                # A peer that fails is left out from here on; what Coffer fails at is a bug.
                if server.kind == "coffer":
                    raise
                self.failed[server.label] = str(failure)
                print(f"    left out: {failure}", file=self.log, flush=True)
        found["foreign"] = foreign.share()
        return found

    def _objection(self, found):
        sync_us = found["probes"]["fdatasync/1"]["p90_us"]
        if sync_us > SLOW_SYNC_US:
            return f"the 90th percentile of fdatasync is {sync_us / 1000:.1f} ms"
        if found["foreign"] > FOREIGN_SHARE:
            return f"others use {found['foreign']:.0%} of the processors"
        return ""

    def _trial(self, server):
        scenario, bench = self.scenario, self.bench
        if scenario.runs_server:
            data = bench.start(server)
            try:
                if server.label not in self.prepared:
                    server.make_bucket(data)
                    if scenario.prepare:
                        scenario.prepare(bench, server)
                        # Every round meets a server that has just been started.
                        server.stop()
                        bench.start(server)
                found = scenario.run(bench, server)
            finally:
                server.stop()
        else:
            if server.label not in self.prepared:
                scenario.prepare(bench, server)
            found = scenario.run(bench, server)
        if scenario.keeps_data:
            self.prepared.add(server.label)
        else:
            bench.remove_data(server)
        return found
