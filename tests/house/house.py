#!/usr/bin/python3
"""The house rules that a machine can check. `house.py RULE` prints what breaks the rule, and fails if anything does.

    house.py layers      a folder includes only folders above it in the list of src/coffer/CMakeLists.txt
    house.py homes       a third-party library's headers are included only where the library is at home
    house.py headers     a header says what it is before anything else, and has its #pragma once
    house.py registered  every source is compiled and every header is listed, so that no test is forgotten
    house.py format      clang-format has nothing to change
    house.py paths       no file names a place on somebody's machine
    house.py attacks     each case of the attack catalogue that S3 and identity have is named by a test
    house.py constant_time  secrets and signatures are compared in constant time (case 58 of the catalogue)
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("src", "tests", "bench", "fuzz")
NOT_OURS = {".git", "build", "data", "node_modules", "__pycache__", ".cache"}

# Where the headers of a library may be included: prefixes of paths below src/coffer. What is in none of these rows (the
# standard library, the system, fmt, which base/log.h shows to all) is free. Only one row, the first that fits, counts.
HOMES = [
    # (the header's name begins with, the folders, why)
    ("boost/outcome", ("base/",), "Result is base's"),
    ("boost/beast", ("http/*.cc",), "costly to compile, and http's own types hide it"),
    ("boost/asio/ssl", ("http/*.cc",), "TLS is http's"),
    ("boost/asio.hpp", (), "it includes all of Asio: include what is needed"),
    ("boost/asio", ("runtime/", "http/", "app/", "*.cc"), "in headers, Asio is what runtime shows"),
    ("boost/json", ("codec/",), "JSON is codec's"),
    ("boost/url", ("codec/",), "URIs are codec's"),
    ("spdlog/", ("base/",), "the log is base's"),
    ("openssl/ssl", ("http/*.cc",), "TLS is http's"),
    ("openssl/", ("codec/", "http/*.cc"), "digests are codec's, TLS is http's"),
    ("argon2", ("codec/",), "Argon2 is codec's"),
    ("pugi", ("codec/",), "XML is codec's"),
    ("zlib", ("codec/*.cc",), "deflated data is codec's"),
    ("prometheus/", ("runtime/",), "metrics are runtime's"),
    ("sqlite3", ("db/",), "the database is db's"),
    ("toml++/", ("app/",), "configuration is app's"),
    ("CLI/", ("app/",), "the command line is app's"),
    ("gtest/", ("*_test.cc", "*_fixture.h"), "tests only"),
    ("gmock/", ("*_test.cc", "*_fixture.h"), "tests only"),
    ("benchmark/", (), "benchmarks stand under bench/"),
]


def files(root, folders, *suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and not NOT_OURS & set(path.relative_to(root).parts):
                yield path


def includes(path):
    """(line number, "<" or '"', name) of each include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found[1], found[2]


def layer_list(root):
    text = (root / "src/coffer/CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"foreach\(layer ([^)]*)\)", text)[1].split()


def layers(root, options):
    order = layer_list(root)
    for path in files(root, ["src"], ".h", ".cc"):
        parts = path.relative_to(root / "src/coffer").parts
        where = path.relative_to(root)
        if parts[0] not in order:
            yield f"{where}: the folder {parts[0]} is not in the list of layers"
            continue
        for number, kind, name in includes(path):
            if kind == '"' and name.startswith("tests/") and not path.stem.endswith(("_test", "_fixture")):
                yield f"{where}:{number}: only tests and their fixtures include {name}"
            elif kind == '"' and not name.startswith(("coffer/", "tests/")):
                yield f"{where}:{number}: {name} is not written as \"coffer/…\""
            if not name.startswith("coffer/"):
                continue
            target = name.split("/")[1:]
            if target[0] not in order or order.index(target[0]) > order.index(parts[0]):
                yield f"{where}:{number}: {parts[0]} may not include {name}: that layer is below it in the list"
            siblings = parts[0] == "api" and len(parts) > 2 and target[0] == "api" and len(target) > 2
            if siblings and target[1] != parts[1]:
                yield f"{where}:{number}: api/{parts[1]} may not include {name}: they never include each other"


def _is_at_home(path, folders):
    for folder in folders:
        if folder.startswith("*"):
            if path.endswith(folder[1:]):
                return True
        elif "*" in folder:
            head, _, tail = folder.partition("*")
            if path.startswith(head) and path.endswith(tail):
                return True
        elif path.startswith(folder):
            return True
    return False


def homes(root, options):
    for path in files(root, ["src"], ".h", ".cc"):
        where = path.relative_to(root / "src/coffer").as_posix()
        for number, _, name in includes(path):
            row = next((row for row in HOMES if name.startswith(row[0])), None)
            if row and not _is_at_home(where, row[1]):
                yield f"src/coffer/{where}:{number}: <{name}> is not at home here: {row[2]}"


def headers(root, options):
    for path in files(root, SOURCE_FOLDERS, ".h"):
        lines = path.read_text(encoding="utf-8").splitlines()
        where = path.relative_to(root)
        if not lines or not lines[0].startswith("// "):
            yield f"{where}: does not begin by saying what it is"
        code = next((line for line in lines if line.strip() and not line.startswith("//")), "")
        if code != "#pragma once":
            yield f"{where}: its first line of code is not #pragma once"


def registered(root, options):
    commands = json.loads((options.build / "compile_commands.json").read_text(encoding="utf-8"))
    compiled = {Path(command["directory"], command["file"]).resolve() for command in commands}
    for path in files(root, ["src", "tests", "bench"], ".cc"):
        if path.resolve() not in compiled:
            yield f"{path.relative_to(root)}: no CMakeLists.txt names it, so it is not compiled"
    for path in files(root, ["src"], ".h"):
        listing = next((parent / "CMakeLists.txt" for parent in path.parents
                        if (parent / "CMakeLists.txt").exists()), None)
        name = path.relative_to(listing.parent).as_posix()
        if name not in re.split(r"[\s()]+", listing.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: {listing.relative_to(root)} does not list it"


def format(root, options):
    names = [str(path) for path in files(root, SOURCE_FOLDERS, ".h", ".cc")]
    done = subprocess.run([options.clang_format, "--dry-run", "--Werror", *names], cwd=root, capture_output=True,
                          text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "-Wclang-format-violations" in line})
    for name in wrong:
        yield f"{Path(name).relative_to(root)}: not formatted (./dev format)"
    if done.returncode and not wrong:
        yield f"{options.clang_format}: {done.stderr.strip()}"


def paths(root, options):
    place = re.compile(r"(?<![\w.$}~*])/(?:home|root|Users|work|workspace)/[\w.]+")
    for path in sorted(root.rglob("*")):
        if not path.is_file() or NOT_OURS & set(path.relative_to(root).parts):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # inputs of the fuzzers
        for number, line in enumerate(text.splitlines(), 1):
            if found := place.search(line):
                yield f"{path.relative_to(root)}:{number}: {found[0]} is a place on one machine"


# Signatures, keys, streams, framing, S3, XML and depth (1-46), identity (51-60). A test names its case in its title or name:
# "case 32: …" in a wire script, Case32… or a comment in C++, test_case_32_… in Python.
CASES = {*range(1, 47), *range(51, 61)}


def attacks(root, options):
    named = {58}  # the rule below
    for path in files(root, ("src", "tests"), ".cc", ".py", ".wire"):
        if path.name.startswith("house") or path.suffix == ".cc" and not path.name.endswith("_test.cc"):
            continue
        for found in re.finditer(r"[Cc]ases?[ _]?(\d+(?:(?:To|And|, | to | and |_and_)\d+)*)", path.read_text(encoding="utf-8")):
            numbers = [int(number) for number in re.findall(r"\d+", found[1])]
            named |= set(range(numbers[0], numbers[-1] + 1)) if re.search("[Tt]o", found[1]) else set(numbers)
    for case in sorted(CASES - named):
        yield f"case {case} of the attack catalogue is named by no test"


def constant_time(root, options):
    secret = r"(?:Reveal\(\)|\bsignature\b|\bsecret(?:_key)?\b)"
    compared = re.compile(rf"{secret}\s*[!=]=|[!=]=\s*[\w.>()-]*{secret}")
    for path in files(root, ("src",), ".cc", ".h"):
        if path.name.endswith("_test.cc"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if compared.search(line):
                yield f"{path.relative_to(root)}:{number}: compare it with codec::EqualInConstantTime"


RULES = {rule.__name__: rule for rule in (layers, homes, headers, registered, format, paths, attacks, constant_time)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="+", choices=RULES)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="for `registered`")
    parser.add_argument("--clang-format", default="clang-format-19")
    options = parser.parse_args()
    findings = [finding for rule in options.rules for finding in RULES[rule](ROOT, options)]
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
