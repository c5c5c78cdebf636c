"""What client tests share: a server over HTTP and one over TLS, fresh buckets, and bytes to store."""

import os
import random
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from server import ACCESS_KEY, SECRET_KEY, Server, make_certificates  # noqa: E402

PROGRAM = os.environ.get("COFFER_PROGRAM", str(ROOT / "build/release/coffer"))


@dataclass(frozen=True)
class Endpoint:
    """Where a server is, and what a client needs to talk to it."""

    url: str  # http://localhost:1234
    host: str  # localhost:1234
    tls: bool
    ca_file: str | None  # whom a client is to trust; None over HTTP
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    region: str = "us-east-1"


@pytest.fixture(scope="session", params=["http", "tls"])
def endpoint(request, tmp_path_factory):
    """A started server. A test that takes it runs twice, over HTTP and over TLS."""
    directory = tmp_path_factory.mktemp("server")
    certs = make_certificates(directory) if request.param == "tls" else None
    server = Server(PROGRAM, certs_dir=certs)
    with server.running():
        yield Endpoint(server.url, f"localhost:{server.port}", server.tls,
                       str(directory / "ca.crt") if certs else None)


@pytest.fixture
def bucket_name():
    """A name that no other test uses; the bucket is not made."""
    return "test-" + uuid.uuid4().hex[:20]


@pytest.fixture
def s3(endpoint):
    """A boto3 client with its defaults but for the address: SigV4, checksums in trailers, presigning by SigV2."""
    from drivers import boto3_client

    return boto3_client(endpoint)


@pytest.fixture
def bucket(s3, bucket_name):
    """A new, empty bucket."""
    s3.create_bucket(Bucket=bucket_name)
    return bucket_name


@pytest.fixture
def some_bytes():
    """some_bytes(size): the same bytes for the same size, which do not compress."""
    return lambda size: random.Random(size).randbytes(size)


@pytest.fixture(autouse=True, scope="session")
def no_configuration_of_ones_own():
    """Settings of the machine (a region, a CA, a proxy) are not part of a test."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            del os.environ[name]
