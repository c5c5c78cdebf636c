"""A Coffer server for a test: started in a temporary directory on a free port, stopped, and its exit checked."""

import contextlib
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCESS_KEY = "test-access-key"
SECRET_KEY = "test/secret+key/0123456789"


class ServerFailed(Exception):
    """It does not start, does not stop, or ended with an error (a sanitizer's report is one)."""


def free_ports(count):
    """As many different ports that nobody listens on, below those that the system gives to outgoing connections: between
    this look at a port and the server's, another test's client could be given it otherwise."""
    with contextlib.ExitStack() as probes:
        drawn = []
        while len(drawn) < count:
            port = random.randrange(10_000, 32_000)
            try:
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            drawn.append(port)
        return drawn


def make_certificates(directory):
    """A CA (ca.crt) and certs/{public.crt,private.key} for localhost and 127.0.0.1, signed by it. Returns certs/."""
    directory = Path(directory)
    certs = directory / "certs"
    certs.mkdir(parents=True)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Coffer test CA",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *key, "-keyout", "certs/private.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (directory / "server.ext").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
        "authorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "server.ext", "-out", "certs/public.crt")
    return certs


class Server:
    """`directory` is kept if it is given; otherwise it is a temporary one that goes with the object."""

    def __init__(self, program, arguments=(), environment=None, certs_dir=None, directory=None):
        self.program = str(program)
        self.arguments = list(arguments) + (["--certs-dir", str(certs_dir)] if certs_dir else [])
        self.environment = environment or {}
        self.tls = certs_dir is not None
        self.temporary = tempfile.TemporaryDirectory(prefix="coffer-test-")
        self.data = Path(directory or Path(self.temporary.name, "data"))
        self.data.mkdir(exist_ok=True)
        self.log = Path(self.temporary.name, "log")
        self.process = None
        self.port = None
        self.console_port = None

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def start(self):
        self.port, self.console_port = free_ports(2)
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MINIO_", "COFFER_", "AWS_"))}
        environment |= {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY} | self.environment
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "server", str(self.data), "--address", f"127.0.0.1:{self.port}",
                 "--console-address", f"127.0.0.1:{self.console_port}", *self.arguments],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode} at its start")
            if time.monotonic() > deadline:
                raise ServerFailed("the server does not answer")
            time.sleep(0.01)

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                if self.tls:
                    context = ssl.create_default_context()
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                    probe = context.wrap_socket(probe)
                probe.sendall(b"GET /minio/health/cluster HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in probe.recv(1024)
        except OSError:
            return False

    def stop(self, kill=False):
        """SIGTERM, or SIGKILL. An exit that is not clean after SIGTERM (a sanitizer's report, too) is a failure."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if kill:
            process.kill()
            process.wait()
            return
        process.terminate()
        try:
            status = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerFailed("the server does not stop on SIGTERM") from None
        if status != 0:
            raise ServerFailed(f"the server ended with {status}")

    @contextlib.contextmanager
    def running(self):
        """Started for the block, and stopped behind it. Shows its log where starting, the block or stopping fails."""
        try:
            self.start()
            yield self
            self.stop()
        except Exception:
            self.show_log()
            raise
        finally:
            self.stop(kill=True)

    def account(self, *words):
        """What `coffer account WORDS` prints as JSON; the first word is the action, behind it stands the directory."""
        done = subprocess.run([self.program, "account", words[0], str(self.data), *words[1:], "--json"],
                              env={name: value for name, value in os.environ.items()
                                   if not name.startswith(("MINIO_", "COFFER_"))} | self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise ServerFailed(f"coffer account {words[0]} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def show_log(self):
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        for line in lines[-60:]:
            print("    log: " + line, file=sys.stderr)

    def files(self):
        """The files that hold objects' bytes: all but the catalogue, which may change when nothing does."""
        return sorted(str(path.relative_to(self.data)) for path in self.data.rglob("*")
                      if path.is_file() and ".db" not in path.name and "catalog" not in path.name
                      and path.name != "lock")
