"""Reads a wire script (README.md describes it) into cases and steps. No I/O but the file."""

import re
import shlex
from dataclasses import dataclass, field

PATTERN_BYTES = bytes(range(32, 127))  # what `body-size` repeats


class ScriptError(Exception):
    """The script is wrong, not the server."""


@dataclass
class Line:
    number: int
    word: str
    rest: str
    text: str | None = None  # of <<END


@dataclass
class Expectation:
    line: Line
    status: int | None  # None: the connection is closed without (another) response
    code: str | None
    checks: list = field(default_factory=list)  # Line


@dataclass
class Request:
    line: Line
    raw: bool
    before: list = field(default_factory=list)  # Line: what makes the request, in order
    after: list = field(default_factory=list)  # Line: `then`
    expectations: list = field(default_factory=list)
    unchanged: bool | None = None  # None: as the first expected status says

    def must_not_change(self):
        if self.unchanged is not None:
            return self.unchanged
        return any(e.status is None or e.status >= 400 for e in self.expectations)


@dataclass
class Case:
    title: str
    line: Line
    names: list = field(default_factory=list)  # of `for`
    rows: list = field(default_factory=lambda: [[]])
    steps: list = field(default_factory=list)  # Request, or Line: set, restart, kill


@dataclass
class Script:
    server_arguments: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    variables: list = field(default_factory=list)  # (name, value)
    fixture: Case | None = None
    cases: list = field(default_factory=list)


REQUEST_WORDS = {"header", "no-header", "signed-headers", "body", "body-size", "sign", "trailer", "on",
                 "wait-continue"}
CHECK_WORDS = {"expect-header", "expect-no-header", "expect-body", "expect-body-is", "expect-body-size",
               "expect-continue", "save"}


def _lines(path):
    with open(path, encoding="utf-8") as file:
        source = file.read().split("\n")
    i = 0
    while i < len(source):
        number, stripped = i + 1, source[i].strip()
        i += 1
        if not stripped or stripped.startswith("#"):
            continue
        word, _, rest = stripped.partition(" ")
        line = Line(number, word, rest.strip())
        here = re.search(r"(?:^|\s)<<(\w+)$", line.rest)
        if here:
            line.rest = line.rest[:here.start()].strip()
            block = []
            while i < len(source) and source[i].strip() != here[1]:
                block.append(source[i])
                i += 1
            if i == len(source):
                raise ScriptError(f"line {number}: <<{here[1]} has no end")
            i += 1
            indent = min((len(b) - len(b.lstrip(" ")) for b in block if b.strip()), default=0)
            line.text = "\n".join(b[indent:] for b in block)
        yield line


def parse(path):
    script = Script()
    case = request = expectation = None
    for line in _lines(path):
        def wrong(why):
            return ScriptError(f"{path}:{line.number}: {line.word}: {why}")

        if line.word in ("case", "fixture"):
            case = Case(line.rest or "fixture", line)
            request = expectation = None
            if line.word == "case":
                script.cases.append(case)
            else:
                script.fixture = case
        elif case is None:
            if line.word == "server":
                script.server_arguments += shlex.split(line.rest)
            elif line.word == "env":
                name, _, value = line.rest.partition("=")
                script.environment[name] = value
            elif line.word == "set":
                name, _, value = line.rest.partition(" ")
                script.variables.append((name, value.strip()))
            else:
                raise wrong("stands before the first `fixture` or `case`")
        elif line.word == "for":
            names, _, values = line.rest.partition(" in ")
            case.names = names.strip().split(",")
            case.rows = [[v] if len(case.names) == 1 else v.split(",") for v in shlex.split(values)]
            if any(len(row) != len(case.names) for row in case.rows):
                raise wrong(f"each value needs {len(case.names)} parts, separated by commas")
        elif line.word in ("set", "restart", "kill"):
            case.steps.append(line)
            request = None
        elif line.word == "raw" or (line.word.isupper() and line.rest):
            request = Request(line, raw=line.word == "raw")
            expectation = None
            case.steps.append(request)
        elif request is None:
            raise wrong("no request before it")
        elif line.word in REQUEST_WORDS:
            if expectation:
                raise wrong("stands after `expect`")
            if request.raw and line.word not in ("on",):
                raise wrong("a raw request is sent as it is")
            request.before.append(line)
        elif line.word == "then":
            request.after.append(line)
        elif line.word == "expect":
            status, _, code = line.rest.partition(" ")
            expectation = Expectation(line, None if status == "closed" else int(status), code.strip() or None)
            request.expectations.append(expectation)
        elif line.word in CHECK_WORDS:
            if expectation is None:
                raise wrong("no `expect` before it")
            expectation.checks.append(line)
        elif line.word in ("unchanged", "changes"):
            request.unchanged = line.word == "unchanged"
        else:
            raise wrong("unknown word")
    if not script.cases:
        raise ScriptError(f"{path}: no case")
    for each in [script.fixture, *script.cases]:
        for step in each.steps if each else []:
            if isinstance(step, Request) and not step.expectations and step.unchanged is None:
                raise ScriptError(f"{path}:{step.line.number}: a request without `expect` or `unchanged`")
    return script


def substitute(text, variables):
    """${name} -> its value; ${repeat:N:TEXT} -> TEXT N times, with {n} counting from 1."""
    def repeat(match):
        return "".join(match[2].replace("{n}", str(n)) for n in range(1, int(match[1]) + 1))

    def value(match):
        if match[1] not in variables:
            raise ScriptError(f"no variable ${{{match[1]}}}")
        return str(variables[match[1]])

    text = re.sub(r"\$\{(\w+)\}", value, text)
    return re.sub(r"\$\{repeat:(\d+):((?:[^{}]|\{n\})*)\}", repeat, text)


def unescape(text):
    r"""\n \r \t \0 \\ \xNN and a backslash at a line's end (which joins lines) -> bytes."""
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0", "\\": b"\\", "\n": b""}
    out, i = bytearray(), 0
    while i < len(text):
        if text[i] != "\\" or i + 1 == len(text):
            end = text.find("\\", i + 1)
            end = len(text) if end < 0 else end
            out += text[i:end].encode("utf-8", "surrogateescape")
            i = end
        elif text[i + 1] == "x":
            out.append(int(text[i + 2:i + 4], 16))
            i += 4
        elif text[i + 1] in simple:
            out += simple[text[i + 1]]
            i += 2
        else:
            raise ScriptError(f"unknown escape \\{text[i + 1]}")
    return bytes(out)
