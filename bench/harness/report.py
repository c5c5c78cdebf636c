"""Tables of what was measured: for the terminal, and for docs/performance.md."""

import json
from pathlib import Path

from harness import stats

# metric: (heading, how it is written)
COLUMNS = {
    "rate": ("per s", "{:,.0f}"),
    "mib_per_s": ("MiB/s", "{:,.0f}"),
    "cpu_us": ("CPU us", "{:,.1f}"),
    "cpu_ms_per_mib": ("CPU ms/MiB", "{:.2f}"),
    "p50_us": ("p50 ms", "ms"),
    "p99_us": ("p99 ms", "ms"),
    "quiet_p50_us": ("quiet p50 ms", "ms"),
    "quiet_p99_us": ("quiet p99 ms", "ms"),
    "beside_p50_us": ("beside p50 ms", "ms"),
    "beside_p99_us": ("beside p99 ms", "ms"),
    "complete_ms": ("complete ms", "{:.1f}"),
    "keys": ("keys", "{:,.0f}"),
    "catalogue_bytes": ("catalogue B per object", "{:,.0f}"),
    "keys_per_s": ("keys/s", "{:,.0f}"),
    "page_ms": ("page ms", "{:.2f}"),
    "page_cpu_us": ("page CPU us", "{:,.0f}"),
    "prefixes_ms": ("prefixes ms", "{:.2f}"),
    "prefixes_cpu_us": ("prefixes CPU us", "{:,.0f}"),
    "start_ms": ("start ms", "{:.0f}"),
    "rss_mib": ("RSS MiB", "{:,.0f}"),
    "loader_us": ("loader us", "{:.1f}"),
    "loader_busy": ("loader busy", "{:.0%}"),
    "syncs_alone": ("syncs per PUT, alone", "{:.2f}"),
    "syncs_of_32": ("syncs per PUT, of 32", "{:.2f}"),
    "sync_opens": ("opened for synced writes", "{:.2f}"),
    "rate_per_s": ("per s", "{:,.0f}"),
}
LOADER_BOUND = 0.6  # of one processor: beyond it the loader is what is measured


def heading(metric):
    """What a column is called; a metric of one scale ("put_cpu_us@1000") by its name and the scale."""
    if metric in COLUMNS:
        return COLUMNS[metric][0]
    name, _, scale = metric.partition("@")
    for unit, word in ((1_000_000, "M"), (1_000, "k")):
        if scale.isdigit() and int(scale) % unit == 0:
            scale = f"{int(scale) // unit}{word}"
            break
    return name.replace("cpu_us", "CPU us").replace("_", " ") + (f" at {scale}" if scale else "")


def medians(rounds, label):
    """Each metric's median over the rounds."""
    trials = [found["trials"][label] for found in rounds if label in found["trials"]]
    names = {name for trial in trials for name, value in trial.items() if isinstance(value, (int, float))}
    return {name: stats.estimate([trial[name] for trial in trials if trial.get(name) is not None]).median
            for name in names if any(trial.get(name) is not None for trial in trials)}


def _text(name, value):
    form = COLUMNS.get(name, ("", "{:,.1f}"))[1]
    if value is None:
        return ""
    return f"{value / 1000:.2f}" if form == "ms" else form.format(value)


def _references(goal, rounds, label):
    """What the goal's metric is compared with, round by round."""
    for found in rounds:
        own = found["trials"].get(label, {})
        if goal.peer:
            yield found["trials"].get(goal.peer, {}).get(goal.metric)
        elif goal.probes:
            values = [found["probes"].get(probe.partition(".")[0], {}).get(probe.partition(".")[2])
                      for probe in goal.probes]
            yield None if None in values else sum(values)
        else:
            yield own.get(goal.own) if goal.own else 1.0


def _goal_text(goal):
    reference = goal.unit
    if goal.peer:
        reference = f"x {goal.peer}"
    elif goal.probes:
        parts = (probe.partition(".") for probe in goal.probes)
        reference = "x " + " + ".join(f"{name.replace('/', ' x')} {heading(value)}" for name, _, value in parts)
    elif goal.own:
        reference = f"x its {heading(goal.own)}"
    return f"{heading(goal.metric)} {goal.relation} {goal.limit:g} {reference}".strip()


def judge(goals, rounds, label="coffer"):
    """A row for each goal: what is asked, the estimate of the ratio, the verdict."""
    rows = []
    for goal in goals:
        own = [found["trials"].get(label, {}).get(goal.metric) for found in rounds]
        found = stats.estimate(stats.ratios(own, _references(goal, rounds, label)))
        rows.append({
            "goal": _goal_text(goal),
            "measured": None if found is None else [found.median, found.low, found.high],
            "verdict": stats.verdict(found, goal.relation, goal.limit)})
    return rows


def compared(rounds, metric, label):
    """Coffer's figure divided by another server's. Against "coffer-again", itself, it is what means nothing."""
    pairs = [(found["trials"].get("coffer", {}).get(metric), found["trials"].get(label, {}).get(metric))
             for found in rounds]
    return stats.estimate(stats.ratios([one for one, _ in pairs], [other for _, other in pairs]))


def _measured(row):
    if row["measured"] is None:
        return ""
    median, low, high = row["measured"]
    return f"{median:.3g} ({low:.3g} to {high:.3g})"


def _grid(headings, rows):
    widths = [max(len(str(line[i])) for line in [headings, *rows]) for i in range(len(headings))]
    for line in [headings, *rows]:
        yield "  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip()


def _server_rows(result):
    columns = [name for name in result["columns"]
               if any(name in found for found in result["medians"].values())]
    # What a row is judged by first, and what depends least on the rest of the machine.
    paired = columns[:1] + [name for name in columns[1:] if "cpu" in name][:1] if len(result["medians"]) > 1 else []
    rows = []
    for label, found in result["medians"].items():
        ratios = ["" if label == "coffer" or (ratio := compared(result["rounds"], name, label)) is None
                  else f"{ratio.median:.3g}" for name in paired]
        mark = " (loader-bound)" if found.get("loader_busy", 0) > LOADER_BOUND else ""
        rows.append([label + mark] + [_text(name, found.get(name)) for name in columns] + ratios)
    return [""] + [heading(name) for name in columns] + [f"Coffer's {heading(name)} / its" for name in paired], rows


def _probe_rows(result):
    for name, found in result["probe_medians"].items():
        moved = f", {found['mib_per_s']:,.0f} MiB/s" if found.get("mib_per_s") else ""
        yield (f"{name.replace('/', ' x')}: {found['rate_per_s']:,.0f}/s{moved}, p50 {found['p50_us'] / 1000:.2f} ms, "
               f"CPU {found['cpu_us_per_op']:.1f} us")


def _noise_text(result):
    noisy = sum(bool(found["noise"]) for found in result["rounds"])
    count = len(result["rounds"])
    text = f"{count} round{'s' if count > 1 else ''}"
    if result["rejected"]:
        text += f", {result['rejected']} rejected before"
    if noisy:
        foreign = stats.estimate([found["foreign"] for found in result["rounds"]]).median
        text += f", {noisy} of them on a busy machine (others used {foreign:.0%} of the processors in the median round)"
    return text


def terminal(result):
    """The lines of one scenario."""
    yield f"{result['scenario']}: {result['title']} ({_noise_text(result)})"
    headings, rows = _server_rows(result)
    yield from ("    " + line for line in _grid(headings, rows))
    yield from ("    probe " + line for line in _probe_rows(result))
    if result["goals"]:
        yield from ("    " + line for line in _grid(
            ["goal", "measured (95 %)", ""], [[row["goal"], _measured(row), row["verdict"]] for row in result["goals"]]))
    if result["again"]:
        median, low, high = result["again"]
        yield f"    coffer against itself: {median:.3g} ({low:.3g} to {high:.3g})"
    for label, why in result["left_out"].items():
        yield f"    left out: {label}: {why}"


# docs/performance.md. ---------------------------------------------------------------------------------------------

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def _markdown_table(headings, rows, left=1):
    """The first `left` columns are aligned to the left, the others, figures, to the right."""
    yield "| " + " | ".join(map(str, headings)) + " |"
    yield "|" + " --- |" * left + " ---: |" * (len(headings) - left)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"


def markdown(results):
    """The measured part of docs/performance.md, of all scenarios' results."""
    machine_facts = results[-1]["machine"]
    yield (f"Machine: {machine_facts.get('processor')}, {machine_facts['cores']} cores, {machine_facts['memory_gib']} GiB, "
           f"{machine_facts['file_system']}, {machine_facts.get('system')}, Linux {machine_facts['kernel']}. The loader "
           "runs on the same cores.")
    yield ""
    rounds = [found for result in results for found in result["rounds"]]
    noisy = sum(bool(found["noise"]) for found in rounds)
    if noisy * 2 > len(rounds):
        yield (f"**The machine was busy**: {noisy} of {len(rounds)} rounds were made while others used its processors or its "
               "disk. Rates and latencies are those of what was left; processor time, and ratios to servers that met the "
               "same, say more; a quiet machine may decide otherwise.")
        yield ""
    goals = [[result["title"], row["goal"], _measured(row), row["verdict"]]
             for result in results for row in result["goals"]]
    yield from _markdown_table(["scenario", "goal", "measured (95 %)", ""], goals, left=4)
    for result in results:
        yield ""
        yield f"### {result['title']}"
        yield ""
        yield (f"`{result['scenario']}`, {result['date']}, commit {result['commit']}, {result['seconds']:g} s after "
               f"{result['warm_up']:g} s of warm-up, {_noise_text(result)}.")
        yield ""
        yield from _markdown_table(*_server_rows(result))
        probes = list(_probe_rows(result))
        if probes:
            yield ""
            yield "Probes: " + "; ".join(probes) + "."
        if result["again"]:
            median, low, high = result["again"]
            yield ""
            yield (f"Coffer against itself: {median:.3g} ({low:.3g} to {high:.3g}); smaller differences than that mean "
                   "nothing.")
        for label, why in result["left_out"].items():
            yield ""
            yield f"Left out: {label}: {why}"


def write_document(path, directory, order):
    """Puts the results that lie in `directory` between the marks of the document, in that order of scenarios."""
    results = [json.loads(file.read_text()) for name in order if (file := Path(directory, f"{name}.json")).exists()]
    if not results:
        raise SystemExit(f"bench: no results in {directory}")
    text = Path(path).read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not rest or not tail:
        raise SystemExit(f"bench: {path} has no marks for the results")
    Path(path).write_text(head + BEGIN + "\n\n" + "\n".join(markdown(results)) + "\n\n" + END + tail)
