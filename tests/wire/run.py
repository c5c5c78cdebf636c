#!/usr/bin/python3
"""Runs wire scripts against a server of their own. README.md describes the scripts.

    run.py --server build/release/coffer scripts/sigv4_header.wire [--case PATTERN]
    run.py --url http://127.0.0.1:9000 --access-key K --secret-key S SCRIPT    (a server that runs already)
"""

import argparse
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from connection import Closed, Connection
from request import Builder, Context, amz_date, http_date
from script import Request, ScriptError, parse, substitute, unescape
from server import ACCESS_KEY, SECRET_KEY, Server, ServerFailed
from state import difference, snapshot

RESPONSE_TIMEOUT_SECONDS = 30
SETTLE_SECONDS = 5  # what a broken request left on disk goes within this time


class Failed(Exception):
    """An expectation was not met."""


class Runner:
    def __init__(self, script, server, context):
        self.script = script
        self.server = server  # None: one that runs already
        self.context = context
        self.connections = {}

    # Requests. ----------------------------------------------------------------------------------------------------

    def connect(self, name):
        if name and name in self.connections:
            return self.connections[name]
        host, _, port = self.context.host.rpartition(":")
        connection = Connection(host.strip("[]"), int(port), RESPONSE_TIMEOUT_SECONDS)
        if name:
            self.connections[name] = connection
        return connection

    def perform(self, request):
        self.context.variables |= {"amz_date": amz_date(time.time()), "http_date": http_date(time.time())}
        built = Builder(request, self.context).build()
        check = request.must_not_change()
        before = snapshot(self.context) if check else None
        files = self.server.files() if check and self.server else None
        connection = self.connect(built.connection)
        try:
            early = self.send(connection, built)
            for i, expectation in enumerate(request.expectations):
                self.meet(expectation, connection, built, early if i == 0 else None)
        finally:
            if not built.connection:
                connection.close()
        if check:
            self.check_unchanged(before, files)

    def send(self, connection, built):
        """Returns the response if one came in place of 100 Continue."""
        if built.hang_up_after is not None or built.half_close_after is not None:
            count = built.hang_up_after if built.hang_up_after is not None else built.half_close_after
            connection.send(built.head + built.body[:count])
            if built.hang_up_after is not None:
                connection.close()
            else:
                connection.half_close()
            return None
        if not built.wait_continue:
            connection.send(built.head + built.body[:built.stall_after])
            return None
        connection.send(built.head)
        response = connection.read_response(built.method, stop_at_continue=True)
        if response.status != 100:
            return response
        connection.send(built.body)
        final = connection.read_response(built.method)
        final.interim.insert(0, 100)
        return final

    # Expectations. ------------------------------------------------------------------------------------------------

    def meet(self, expectation, connection, built, response):
        if expectation.status is None:
            if not connection.is_closed():
                raise Failed(f"line {expectation.line.number}: expected no (further) response and a closed "
                             f"connection, got {connection.received[:200]!r}")
            return
        try:
            response = response or connection.read_response(built.method)
        except Closed:
            raise Failed(f"line {expectation.line.number}: expected {expectation.line.rest}, "
                         "the connection was closed without a response") from None
        except TimeoutError:
            raise Failed(f"line {expectation.line.number}: expected {expectation.line.rest}, no response in "
                         f"{RESPONSE_TIMEOUT_SECONDS} s") from None
        code = re.search(rb"<Code>(.*?)</Code>", response.body)
        code = code[1].decode() if code else None
        wanted = substitute(expectation.code, self.context.variables) if expectation.code else None
        if response.status != expectation.status or (wanted and code != wanted):
            got = f"{response.status} {code or response.reason}"
            raise Failed(f"line {expectation.line.number}: expected {expectation.status} {wanted or ''}, got {got}: "
                         f"{response.body[:600].decode('utf-8', 'replace')}")
        for line in expectation.checks:
            self.check(line, response)

    def check(self, line, response):
        def fail(why):
            raise Failed(f"line {line.number}: {line.word} {line.rest}: {why}")

        rest = substitute(line.rest, self.context.variables)
        if line.word == "expect-header":
            name, _, pattern = rest.partition(":")
            value = response.header(name.strip())
            if value is None or not re.fullmatch(pattern.strip(), value):
                fail(f"got {value!r}")
        elif line.word == "expect-no-header":
            if response.header(rest) is not None:
                fail(f"got {response.header(rest)!r}")
        elif line.word == "expect-body":
            if not re.search(rest, response.body.decode("utf-8", "surrogateescape"), re.DOTALL):
                fail(f"got {response.body[:600]!r}")
        elif line.word == "expect-body-is":
            wanted = unescape(substitute(line.text if line.text is not None else line.rest, self.context.variables))
            if response.body != wanted:
                fail(f"got {response.body[:600]!r}")
        elif line.word == "expect-body-size":
            if len(response.body) != int(rest):
                fail(f"got {len(response.body)} bytes")
        elif line.word == "expect-continue":
            if (100 in response.interim) != (rest == "yes"):
                fail(f"got interim responses {response.interim}")
        elif line.word == "save":
            name, source, pattern = rest.split(" ", 2)
            if source == "header":
                value = response.header(pattern)
            else:
                found = re.search(pattern, response.body.decode("utf-8", "surrogateescape"), re.DOTALL)
                value = found[1] if found else None
            if value is None:
                fail("nothing found")
            self.context.variables[name] = value

    def check_unchanged(self, before, files):
        after = snapshot(self.context)
        if after != before:
            raise Failed("it changed what the server holds:\n      " + "\n      ".join(difference(before, after)))
        if files is None:
            return
        deadline = time.monotonic() + SETTLE_SECONDS
        # Files may go meanwhile: those of objects that earlier requests deleted.
        while left := sorted(set(self.server.files()) - set(files)):
            if time.monotonic() > deadline:
                raise Failed("it left files behind:\n      " + "\n      ".join(left))
            time.sleep(0.02)

    # Cases. -------------------------------------------------------------------------------------------------------

    def run_step(self, step):
        if isinstance(step, Request):
            self.perform(step)
        elif step.word == "set":
            name, _, value = step.rest.partition(" ")
            self.context.variables[name] = substitute(value.strip(), self.context.variables)
        elif self.server is None:
            raise ScriptError(f"`{step.word}` needs a server of one's own")
        else:
            self.server.stop(kill=step.word == "kill")
            self.connections.clear()
            changes = dict(word.split("=", 1) for word in step.rest.split())
            self.server.environment |= changes
            self.context.access_key = changes.get("MINIO_ROOT_USER", self.context.access_key)
            self.context.secret_key = changes.get("MINIO_ROOT_PASSWORD", self.context.secret_key)
            self.server.start()
            self.context.host = f"127.0.0.1:{self.server.port}"

    def run_case(self, case):
        """None, or what failed."""
        for row in case.rows:
            row = [substitute(value, self.context.variables) for value in row]
            self.context.variables |= dict(zip(case.names, row))
            where = "".join(f" [{name}={value}]" for name, value in zip(case.names, row))
            self.context.variables |= {"host": self.context.host}
            try:
                for step in case.steps:
                    self.run_step(step)
            except Exception as error:  # whatever it is, the case did not pass, and the next one is still to run
                return f"{type(error).__name__}{where}: {error}"
            finally:
                for connection in self.connections.values():
                    connection.close()
                self.connections.clear()
        return None


def run_script(path, options):
    """(passed, failed)"""
    script = parse(path)
    server = None
    context = Context("", options.access_key, options.secret_key, {},
                      script.environment.get("MINIO_REGION", Context.region))
    passed = failed = 0
    try:
        if options.url:
            context.host = options.url.removeprefix("http://").rstrip("/")
        else:
            server = Server(options.server, script.server_arguments, script.environment)
            server.start()
            context.host = f"127.0.0.1:{server.port}"
        context.variables |= {"access_key": context.access_key, "secret_key": context.secret_key,
                              "host": context.host}
        for name, value in script.variables:
            context.variables[name] = substitute(value, context.variables)
        runner = Runner(script, server, context)
        if script.fixture and (why := runner.run_case(script.fixture)):
            raise ServerFailed(f"the fixture: {why}")
        for case in script.cases:
            if options.case and not re.search(options.case, case.title):
                continue
            why = runner.run_case(case)
            print(f"  {'FAILED' if why else 'ok':8}{case.title}")
            if why:
                print(f"    {path}:{case.line.number}: {why}")
                failed += 1
            else:
                passed += 1
        if server:
            server.stop()
    except (ServerFailed, ScriptError, OSError) as error:
        print(f"  FAILED  {path}: {error}")
        failed += 1
    finally:
        if server:
            if failed:
                server.show_log()
            server.stop(kill=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", nargs="+")
    parser.add_argument("--server", help="the program to start")
    parser.add_argument("--url", help="a server that runs already, in place of --server")
    parser.add_argument("--access-key", default=ACCESS_KEY)
    parser.add_argument("--secret-key", default=SECRET_KEY)
    parser.add_argument("--case", help="only cases whose title matches this regular expression")
    options = parser.parse_args()
    if bool(options.server) == bool(options.url):
        parser.error("either --server or --url")
    passed = failed = 0
    for path in options.scripts:
        print(Path(path).name)
        outcome = run_script(path, options)
        passed += outcome[0]
        failed += outcome[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
