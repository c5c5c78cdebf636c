"""What the tests of the teams share: a server that is started with a team's own environment, over HTTP and over TLS."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import minio
import pytest
import urllib3

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))

from server import Server, make_certificates  # noqa: E402

PROGRAM = os.environ.get("COFFER_PROGRAM", str(ROOT / "build/release/coffer"))


@dataclass(frozen=True)
class Endpoint:
    """Where a team's server is, and whom its clients trust (None over HTTP)."""

    host: str
    secure: bool
    ca_file: str | None
    access_key: str
    secret_key: str

    @property
    def url(self):
        return f"{'https' if self.secure else 'http'}://{self.host}"

    def minio(self, **options):
        """A minio-py client as the teams make it."""
        pool = urllib3.PoolManager(ca_certs=self.ca_file) if self.secure else None
        return minio.Minio(self.host, access_key=self.access_key, secret_key=self.secret_key, secure=self.secure,
                           http_client=pool, **options)

    def get(self, target, method="GET", **options):
        """A plain HTTP request, as curl and browsers make it: `target` is a path here, or a whole (presigned) URL."""
        pool = urllib3.PoolManager(ca_certs=self.ca_file) if self.secure else urllib3.PoolManager()
        return pool.request(method, target if "://" in target else self.url + target, retries=False, **options)


@pytest.fixture(scope="module", params=["http", "tls"])
def endpoint(request, tmp_path_factory):
    """A server with the CREDENTIALS of the test's module: the teams develop over HTTP, and go into production with TLS."""
    access_key, secret_key = request.module.CREDENTIALS
    directory = tmp_path_factory.mktemp("server")
    certs = make_certificates(directory) if request.param == "tls" else None
    server = Server(PROGRAM, certs_dir=certs,
                    environment={"MINIO_ROOT_USER": access_key, "MINIO_ROOT_PASSWORD": secret_key})
    with server.running():
        yield Endpoint(f"localhost:{server.port}", server.tls, str(directory / "ca.crt") if certs else None,
                       access_key, secret_key)
