"""Adds up what ctest said in build directories (tests.xml, by --output-junit) and prints it: a row per label, what failed, and one last line.

A test program counts as many tests as it says it ran (GoogleTest, pytest, unittest, the wire runner); one that says nothing
counts as one.
"""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict


def counts(case):
    """(passed, failed, skipped) of one of ctest's test cases."""
    status = case.get("status")
    output = case.findtext("system-out") or ""
    skip = case.find("skipped")
    if skip is not None and "SKIP" in skip.get("message", ""):
        return 0, 0, 1
    if status == "disabled":
        return 0, 0, 1
    if status not in ("run", "fail"):
        return 0, 1, 0  # no such program, or what it builds on failed

    def last(pattern):
        found = re.findall(pattern, output)
        return int(found[-1]) if found else 0

    passed = last(r"\[  PASSED  \] (\d+) test") or last(r"(\d+) passed") or last(r"Ran (\d+) test")
    failed = last(r"\[  FAILED  \] (\d+) test") or last(r"(\d+) failed")
    skipped = last(r"\[  SKIPPED \] (\d+) test") or last(r"(\d+) skipped")
    if status == "fail":
        failed = max(failed, 1)  # it may have died before it could say so
    else:
        failed = 0  # the program's exit is what counts; "failed" was a word of its output
        passed = passed or int(not skipped)
    return passed, failed, skipped


def labels_of(directory):
    """The first label of each test that is registered there."""
    listing = subprocess.run(["ctest", "--test-dir", directory, "--show-only=json-v1"],
                             capture_output=True, check=True, text=True).stdout
    labels = {}
    for test in json.loads(listing)["tests"]:
        values = [item["value"] for item in test.get("properties", []) if item["name"] == "LABELS"]
        labels[test["name"]] = values[0][0] if values else "other"
    return labels


def main(directories):
    rows = defaultdict(lambda: [0, 0, 0, 0.0])
    failures = []
    for directory in directories:
        preset = directory.rstrip("/").split("/")[-1]
        labels = labels_of(directory)
        for case in ElementTree.parse(directory + "/tests.xml").getroot().iter("testcase"):
            label = labels.get(case.get("name"), "other")
            outcome = counts(case)
            row = rows[(preset, label)]
            for i in range(3):
                row[i] += outcome[i]
            row[3] += float(case.get("time") or 0)
            if outcome[1]:
                failures.append(f"{preset}: {case.get('name')}")

    print(f"\n{'build':10}{'tests':14}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for (preset, label), (passed, failed, skipped, seconds) in sorted(rows.items(), reverse=True):
        print(f"{preset:10}{label:14}{passed:8}{failed:8}{skipped:9}{seconds:9.1f}")
    if failures:
        print("\nFailed (again, alone: ./dev test NAME):")
        print("\n".join("  " + failure for failure in failures))
    passed, failed, skipped = (sum(row[i] for row in rows.values()) for i in range(3))
    if not passed and not failed:
        print("\nNo test ran.")
        return 1
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
