#!/usr/bin/env python3
"""Compares Coffer with other servers, and with what the machine can do.

    ./dev bench                                    every scenario, Coffer alone, short rounds
    ./dev bench put-4k get --peer minio=PATH       scenarios whose name contains a word, beside MinIO
    ./dev bench --full --peer minio=PATH --peer nginx --document
    ./dev bench list                               the scenarios and their goals
    ./dev bench document                           put the latest results into docs/performance.md, as --document does

Each scenario is run in rounds. In a round every server is started on an empty directory under build/bench, warmed up,
measured and stopped, in an order that is drawn anew; probes of the machine are run beside them. Ratios are taken within
a round. A round in which the disk or other processes were in the way is repeated. Prints tables, and writes
build/bench/SCENARIO.json with every round. Figures mean something on a quiet machine only.
"""

import argparse
import json
import shutil
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import machine, report, scenarios, stats  # noqa: E402
from harness.bench import SMOKE, Bench, Sizes  # noqa: E402
from harness.rounds import Rounds  # noqa: E402
from harness.servers import Server, ServerFailed, find_server  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     prog="./dev bench")
    parser.add_argument("filters", nargs="*", help="parts of scenarios' names, or `list`, or `document`")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME[=PATH]",
                        help="a server of bench/peers.toml to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm-up", type=float, default=1)
    parser.add_argument("--probe-seconds", type=float, default=0.5)
    parser.add_argument("--full", action="store_true", help="9 rounds of 3 s + 10 s, probes of 2 s, --again")
    parser.add_argument("--again", action="store_true", help="measure Coffer twice in each round")
    parser.add_argument("--most-objects", type=int, default=1_000_000,
                        help="the largest catalogue of `scale`; 10 million with --full")
    parser.add_argument("--peer-keys", type=int, default=Sizes().listed_keys_of_peers,
                        help="keys that `list-1m` gives peers, which take them one PUT at a time")
    parser.add_argument("--pinned", action="store_true", help="server on the first processor, loader on the second")
    parser.add_argument("--accept-noise", action="store_true", help="take every round, whatever else is running")
    parser.add_argument("--smoke", action="store_true", help="only whether everything runs: little of everything")
    parser.add_argument("--document", action="store_true", help="put the results into docs/performance.md")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="the build to measure")
    parser.add_argument("--results", type=Path, default=ROOT / "build/bench", help="where data and results go")
    options = parser.parse_args()
    # Servers are told of paths, and look for them from where they are.
    options.build, options.results = options.build.resolve(), options.results.resolve()
    if options.full:
        options.rounds, options.warm_up, options.seconds, options.probe_seconds = 9, 3, 10, 2
        options.again, options.most_objects = True, 10_000_000
    if options.smoke:
        options.rounds, options.warm_up, options.seconds, options.probe_seconds = 1, 0.05, 0.3, 0.05
        options.accept_noise = True
    return options


def chosen(filters):
    known = scenarios.table()
    # A whole name is that scenario alone; anything else is a part of names.
    names = {scenario.name for scenario in known}
    found = [scenario for scenario in known
             if not filters or any(word == scenario.name if word in names else word in scenario.name
                                   for word in filters)]
    if not found:
        sys.exit(f"bench: no scenario like {' '.join(filters)}. `./dev bench list` lists them.")
    return found


def servers_of(options):
    program = options.build / "coffer"
    servers = [Server("coffer", program)]
    if options.again:
        servers.append(Server("coffer", program, label="coffer-again"))
    for peer in options.peer:
        name, _, path = peer.partition("=")
        servers.append(find_server(name, path))
    # The least that a server can do is always at hand.
    return servers + [Server("raw", options.build / "bench/probes/coffer_probe")]


def measure(options, bench, scenario, servers):
    taking_part = [server for server in servers if server.kind == "coffer" or server.kind in scenario.peers]
    options.results.mkdir(parents=True, exist_ok=True)
    rounds = Rounds(bench, scenario, taking_part, scenario.rounds or options.rounds, options.probe_seconds,
                    options.accept_noise)
    found = rounds.run()
    labels = [server.label for server in taking_part if server.label not in rounds.failed]
    probes = {name for each in found for name in each["probes"]}
    again = report.compared(found, scenario.columns[0], "coffer-again")
    return {
        "scenario": scenario.name, "title": scenario.title, "columns": scenario.columns,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "commit": machine.commit_of(ROOT),
        "machine": machine.describe(options.results), "warm_up": options.warm_up, "seconds": options.seconds,
        "pinned": options.pinned, "rejected": rounds.rejected, "left_out": rounds.failed,
        "durability": {server.label: server.durability for server in taking_part},
        "medians": {label: report.medians(found, label) for label in labels},
        "probe_medians": {name: {key: stats.estimate([each["probes"][name][key] for each in found]).median
                                 for key in ("rate_per_s", "mib_per_s", "p50_us", "p90_us", "cpu_us_per_op")}
                          for name in sorted(probes)},
        "goals": report.judge(scenario.goals, found),
        "again": None if again is None else [again.median, again.low, again.high],
        "rounds": found,
    }


def write_document(options):
    report.write_document(ROOT / "docs/performance.md", options.results,
                          [scenario.name for scenario in scenarios.table()])


def main():
    options = parse()
    if options.filters == ["list"]:
        for scenario in scenarios.table():
            print(f"{scenario.name:20} {scenario.title}")
            for row in report.judge(scenario.goals, []):
                print(f"{'':20}     {row['goal']}")
        return
    if options.filters == ["document"]:
        write_document(options)
        return
    # Whoever ends the harness ends what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        servers = servers_of(options)
        sizes = Sizes(scales=tuple(scale for scale in Sizes().scales if scale <= options.most_objects),
                      listed_keys_of_peers=options.peer_keys)
        bench = Bench(options.build, options.results / "work", options.warm_up, options.seconds, options.pinned,
                      SMOKE if options.smoke else sizes)
        for scenario in chosen(options.filters):
            if scenario.needs and not shutil.which(scenario.needs):
                print(f"==> {scenario.name}: passed over, {scenario.needs} is not installed", file=sys.stderr)
                continue
            print(f"==> {scenario.name}", file=sys.stderr, flush=True)
            result = measure(options, bench, scenario, servers)
            Path(options.results, f"{scenario.name}.json").write_text(json.dumps(result, indent=1) + "\n")
            print("\n".join(report.terminal(result)), flush=True)
    except ServerFailed as failure:
        sys.exit(f"bench: {failure}")
    if options.document:
        write_document(options)


if __name__ == "__main__":
    main()
