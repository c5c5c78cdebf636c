#!/usr/bin/env python3
"""Writes signed_requests.txt: random requests as botocore signs them, for sigv4_test.cc and sigv2_test.cc to verify.

botocore is the independent oracle: it makes the requests and signs them; nothing here knows how a signature comes
about. What is needed, once:

    python3 -m venv VENV && VENV/bin/pip install botocore==1.40.60
    VENV/bin/python make_signed_requests.py --seed 1 --count 480 > signed_requests.txt

A larger run: write another file, and give it to the test in COFFER_SIGNED_REQUESTS.

Half of the requests come from operations of botocore's S3 client, the others are raw ones with unusual paths, queries
and headers. Some raw ones are then written in another form that means the same (escapes in lower case, needless escapes,
'+' for a space in a query), as proxies and other clients do.
"""
import argparse
import datetime
import io
import random
import re
import sys
from unittest import mock
from urllib.parse import quote, urlsplit

import botocore
import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

VERSION = "1.40.60"
ACCESS_KEY = "COFFEREXAMPLEKEY"
SECRET_KEY = "an/example+of=a secret.0123456789"
BUCKET = "example-bucket"
NOW = datetime.datetime(2026, 3, 1, 12, 34, 56)
UNUSUAL = "abcXYZ019 -._~!*'();:@&=+$,/?#[]%\"<>\\^`{}|\t\x01\x7f" + "éßñ日本語🙂\u00a0\u2028"


def text(rng, longest, alphabet=UNUSUAL):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, longest)))


def key(rng):
    # A relative reference ("./a") would be resolved by the client before it signs.
    return re.sub(r"(^|/)\.\.?(?=/|$)", r"\1dot", text(rng, 30)).lstrip("/") or "k"


def emit(out, scheme, method, target, headers, virtual_bucket=""):
    out.write(f"scheme {scheme}\nmethod {method}\ntarget {target}\n")
    if virtual_bucket:
        out.write(f"virtual-bucket {virtual_bucket}\n")
    for name, value in headers:
        if isinstance(value, bytes):
            value = value.decode("utf-8")
        if name.lower() == "user-agent" or name.lower().startswith("amz-sdk-"):
            continue  # never signed, and different each time
        out.write(f"header {name}:{value}\n")
    out.write("\n")


def target_of(url):
    parts = urlsplit(url)
    return (parts.path or "/") + ("?" + parts.query if parts.query else ""), parts.netloc


class Taken(Exception):
    """Ends a call before anything is sent."""


class Clients:
    """botocore's clients, whose requests are taken just before they would be sent."""

    def __init__(self):
        self.sent = None
        self.clients = {}

    def get(self, signature, style, scheme):
        name = (signature, style, scheme)
        if name not in self.clients:
            session = botocore.session.get_session()
            client = session.create_client(
                "s3", region_name="eu-central-1", endpoint_url=f"{scheme}://s3.example.com:9000",
                aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
                config=Config(signature_version=signature, s3={"addressing_style": style},
                              retries={"max_attempts": 0}))
            client.meta.events.register("before-send.s3", self.take)
            self.clients[name] = client
        return self.clients[name]

    def take(self, request, **_):
        self.sent = request
        raise Taken


def operation(rng):
    """A random operation with its parameters."""
    k = {"Bucket": BUCKET, "Key": key(rng)}
    meta = {text(rng, 8, "abcXYZ-09"): text(rng, 20, "abc  XYZ-_.,;=09") for _ in range(rng.randint(0, 3))}
    body = io.BytesIO(rng.randbytes(rng.randint(0, 300)))
    choices = [
        ("put_object", {**k, "Body": body, "Metadata": meta, "ContentType": text(rng, 9, "abc/  x;=")}),
        ("put_object", {**k, "Body": body, "IfNoneMatch": "*", "CacheControl": "no-cache,  no-store"}),
        ("get_object", {**k, "Range": "bytes=0-9"}),
        ("get_object", {**k, "VersionId": "null", "ResponseContentDisposition": text(rng, 20),
                        "ResponseContentType": "text/plain; charset=utf-8"}),
        ("head_object", {**k, "PartNumber": rng.randint(1, 10000)}),
        ("delete_object", {**k, "VersionId": text(rng, 20)}),
        ("copy_object", {**k, "CopySource": {"Bucket": BUCKET, "Key": key(rng)}, "Metadata": meta,
                         "MetadataDirective": "REPLACE"}),
        ("list_objects_v2", {"Bucket": BUCKET, "Prefix": text(rng, 20), "Delimiter": text(rng, 2),
                             "MaxKeys": rng.randint(0, 1000), "StartAfter": text(rng, 20)}),
        ("list_objects", {"Bucket": BUCKET, "Prefix": text(rng, 20), "Marker": text(rng, 20)}),
        ("list_object_versions", {"Bucket": BUCKET, "KeyMarker": text(rng, 20)}),
        ("list_multipart_uploads", {"Bucket": BUCKET, "Prefix": text(rng, 20)}),
        ("create_multipart_upload", {**k, "Metadata": meta, "ChecksumAlgorithm": "CRC64NVME"}),
        ("upload_part", {**k, "UploadId": text(rng, 20), "PartNumber": 7, "Body": body}),
        ("upload_part_copy", {**k, "UploadId": "u", "PartNumber": 7, "CopySourceRange": "bytes=0-9",
                              "CopySource": {"Bucket": BUCKET, "Key": key(rng)}}),
        ("complete_multipart_upload", {**k, "UploadId": "u+/=", "MultipartUpload": {
            "Parts": [{"ETag": "x", "PartNumber": 1}]}}),
        ("delete_objects", {"Bucket": BUCKET, "Delete": {"Objects": [{"Key": key(rng)}]}}),
        ("list_buckets", {}),
        ("create_bucket", {"Bucket": BUCKET}),
        ("get_bucket_location", {"Bucket": BUCKET}),
        ("get_bucket_versioning", {"Bucket": BUCKET}),
        ("get_object_tagging", k),
    ]
    return rng.choice(choices)


def from_client(rng, out, clients):
    signature = rng.choice(["s3v4", "s3v4", "s3"])
    client = clients.get(signature, rng.choice(["path", "virtual"]), rng.choice(["http", "https"]))
    name, parameters = operation(rng)
    clients.sent = None
    try:
        getattr(client, name)(**parameters)
    except Taken:
        pass
    request = clients.sent
    target, host = target_of(request.url)
    headers = list(request.headers.items()) + [("Host", host)]
    scheme = "sigv4-header" if signature == "s3v4" else "sigv2-header"
    emit(out, scheme, request.method, target, headers, BUCKET if host.startswith(BUCKET) else "")


def presigned_by_client(rng, out, clients):
    signature = rng.choice(["s3v4", "s3v4", "s3"])
    client = clients.get(signature, rng.choice(["path", "virtual"]), "http")
    name, parameters = operation(rng)
    while name in ("delete_objects", "complete_multipart_upload"):  # an XML body can't be presigned
        name, parameters = operation(rng)
    parameters.pop("Body", None)
    made = []

    def remember(request, **_):
        made[:] = [request]

    # The headers that a holder of the link must send are those that the request had when it was signed.
    client.meta.events.register_first("before-sign.s3", remember)
    url = client.generate_presigned_url(name, parameters, ExpiresIn=rng.randint(1, 604800))
    client.meta.events.unregister("before-sign.s3", remember)
    target, host = target_of(url)
    headers = [("Host", host)]
    if signature == "s3v4":
        signed = re.search(r"X-Amz-SignedHeaders=([^&]*)", target)[1].replace("%3B", ";").split(";")
        headers += [(n, v) for n, v in made[0].headers.items() if n.lower() in signed]
    scheme = "sigv4-query" if signature == "s3v4" else "sigv2-query"
    emit(out, scheme, made[0].method, target, headers, BUCKET if host.startswith(BUCKET) else "")


def another_form(rng, target):
    """The same target, written differently."""
    path, _, query = target.partition("?")

    def path_escape(match):
        return match[0].lower() if rng.random() < 0.5 else match[0]

    def needless(match):
        return f"%{ord(match[0]):02X}" if rng.random() < 0.2 else match[0]

    path = re.sub(r"%[0-9A-F]{2}", path_escape, re.sub(r"(?<![%])(?<!%[0-9A-F])[a-zA-Z0-9]", needless, path))
    for plain in "!*'();:@&=+$,":
        if rng.random() < 0.3:
            path = path.replace(quote(plain, safe=""), plain)
    query = re.sub(r"%[0-9A-F]{2}", path_escape, query)
    if rng.random() < 0.5:
        query = query.replace("%20", "+")
    return path + ("?" + query if query else "")


def raw(rng, out):
    credentials = Credentials(ACCESS_KEY, SECRET_KEY)
    path = "/" + BUCKET + "/" + quote(key(rng).encode(), safe="/~")
    pairs = [(quote(text(rng, 6), safe="~"), quote(text(rng, 12), safe="~")) for _ in range(rng.randint(0, 5))]
    pairs += rng.sample(pairs, min(len(pairs), rng.randint(0, 1)))
    query = "&".join(n if rng.random() < 0.2 else f"{n}={v}" for n, v in pairs)
    url = "http://127.0.0.1:9000" + path + ("?" + query if query else "")
    method = rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"])
    by_query = rng.random() < 0.3
    request = AWSRequest(method, url, data=b"" if by_query else rng.randbytes(rng.randint(0, 50)))
    request.headers["Host"] = "127.0.0.1:9000"
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(["X-Amz-Meta-", "x-amz-meta-", "X-Custom-"]) + text(rng, 6, "abcXYZ019-")
        request.headers.add_header(name, text(rng, 30, "abc  \tXYZ=,;\"'é").strip() or "x")
    with mock.patch("botocore.auth.S3SigV4Auth._should_sha256_sign_payload", return_value=rng.random() < 0.5):
        if by_query:
            botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-east-1", rng.randint(1, 604800)).add_auth(request)
        else:
            botocore.auth.S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    target, _ = target_of(request.url)
    emit(out, "sigv4-query" if by_query else "sigv4-header", method, another_form(rng, target),
         request.headers.items())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    arguments = parser.parse_args()
    assert botocore.__version__ == VERSION, f"botocore {VERSION} is needed"
    rng = random.Random(arguments.seed)
    clients = Clients()
    out = io.StringIO()
    out.write(f"# Made by make_signed_requests.py --seed {arguments.seed} --count {arguments.count}\n")
    out.write(f"# with botocore {VERSION}. One request a block; headers are \"name:value\".\n")
    out.write(f"access-key {ACCESS_KEY}\nsecret-key {SECRET_KEY}\n\n")
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW), \
            mock.patch("time.time", return_value=NOW.replace(tzinfo=datetime.timezone.utc).timestamp()):
        for _ in range(arguments.count):
            kind = rng.random()
            if kind < 0.35:
                from_client(rng, out, clients)
            elif kind < 0.65:
                presigned_by_client(rng, out, clients)
            else:
                raw(rng, out)
    sys.stdout.buffer.write(out.getvalue().encode("utf-8"))


if __name__ == "__main__":
    main()
