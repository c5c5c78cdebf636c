"""Signature Version 4 and 2 of S3 and the aws-chunked coding, written from AWS's documents.

It shares nothing with the server's code, so that agreement between the two means something. All input is as it goes
over the wire: a target is "path?query", percent-encoded.

Sources: "Authenticating Requests (AWS Signature Version 4)", "Signature Calculations … Transferring Payload in
Multiple Chunks", "Signing and Authenticating REST Requests (AWS signature version 2)" in the Amazon S3 manuals.
"""

import base64
import hashlib
import hmac
import zlib
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes, unquote_to_bytes

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_TRAILER = STREAMING + "-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

# What SigV2 signs of a query.
V2_SUBRESOURCES = {
    "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy",
    "requestPayment", "response-cache-control", "response-content-disposition", "response-content-encoding",
    "response-content-language", "response-content-type", "response-expires", "tagging", "torrent", "uploadId",
    "uploads", "versionId", "versioning", "versions", "website"}


@dataclass
class Signer:
    """Who signs, and with which scope."""

    access_key: str
    secret_key: str
    time: str  # 20130524T000000Z
    region: str = "us-east-1"
    service: str = "s3"
    terminator: str = "aws4_request"
    scope_date: str = ""  # as in `time` unless given
    algorithm: str = "AWS4-HMAC-SHA256"

    @property
    def scope(self):
        return "/".join((self.scope_date or self.time[:8], self.region, self.service, self.terminator))

    def key(self):
        key = b"AWS4" + self.secret_key.encode()
        for part in self.scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def sign(self, text):
        return hmac.new(self.key(), text.encode(), hashlib.sha256).hexdigest()


def encode(raw, safe=""):
    """Percent-encoding as SigV4 has it: all but A-Z a-z 0-9 - . _ ~ and `safe`."""
    return quote_from_bytes(raw, safe="-._~" + safe)


def split_target(target):
    path, _, query = target.partition("?")
    pairs = []
    for item in query.split("&") if query else []:
        name, _, value = item.partition("=")
        pairs.append((name, value))
    return path, pairs


def canonical_request(method, target, headers, signed_headers, payload, skip_query=()):
    """`headers`: list of (name, value) as sent. `signed_headers`: names in lower case."""
    path, pairs = split_target(target)
    # "+" stands for itself.
    query = sorted((encode(unquote_to_bytes(name)), encode(unquote_to_bytes(value)))
                   for name, value in pairs if name not in skip_query)
    lines = [method, encode(unquote_to_bytes(path), "/"), "&".join(f"{name}={value}" for name, value in query)]
    for name in sorted(signed_headers):
        values = [" ".join(value.split()) for have, value in headers if have.lower() == name]
        lines.append(name + ":" + ",".join(values))
    return "\n".join(lines + ["", ";".join(sorted(signed_headers)), payload])


def string_to_sign(signer, canonical):
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return "\n".join((signer.algorithm, signer.time, signer.scope, digest))


def authorization_v4(signer, method, target, headers, signed_headers, payload):
    """The value of the Authorization header, and the signature in it."""
    signature = signer.sign(
        string_to_sign(signer, canonical_request(method, target, headers, signed_headers, payload)))
    return (f"{signer.algorithm} Credential={signer.access_key}/{signer.scope}, "
            f"SignedHeaders={';'.join(sorted(signed_headers))}, Signature={signature}"), signature


def presign_v4(signer, method, target, headers, signed_headers, expires, payload="UNSIGNED-PAYLOAD", token=""):
    """The target with the signature in its query."""
    extra = [("X-Amz-Algorithm", signer.algorithm),
             ("X-Amz-Credential", f"{signer.access_key}/{signer.scope}"),
             ("X-Amz-Date", signer.time),
             ("X-Amz-Expires", str(expires)),
             ("X-Amz-SignedHeaders", ";".join(sorted(signed_headers)))]
    if token:
        extra.append(("X-Amz-Security-Token", token))
    target += ("&" if "?" in target else "?") + "&".join(f"{name}={encode(value.encode())}" for name, value in extra)
    canonical = canonical_request(method, target, headers, signed_headers, payload)
    return target + "&X-Amz-Signature=" + signer.sign(string_to_sign(signer, canonical))


def signature_v2(signer, method, target, headers, date):
    """`date`: the Date header, empty where x-amz-date is sent, or the time of expiry of a presigned link."""
    def header(name):
        return ",".join(value.strip() for have, value in headers if have.lower() == name)

    lines = [method, header("content-md5"), header("content-type"), date]
    for name in sorted({name.lower() for name, _ in headers if name.lower().startswith("x-amz-")}):
        lines.append(name + ":" + " ".join(header(name).split()))
    path, pairs = split_target(target)
    signed = [(name, unquote_to_bytes(value).decode("utf-8", "surrogateescape"))
              for name, value in sorted(pairs) if name in V2_SUBRESOURCES]
    # S3 signs a bucket with a slash behind it, also where a path-style request has none.
    resource = path + "/" if path.count("/") == 1 and path != "/" else path
    if signed:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in signed)
    text = "\n".join(lines + [resource])
    digest = hmac.new(signer.secret_key.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


# The aws-chunked coding. ------------------------------------------------------------------------------------------


@dataclass
class Chunk:
    data: bytes
    signature: str = ""
    line: bytes = b""  # in place of the line that size and signature make

    def encoded(self):
        line = self.line
        if not line:
            line = b"%x" % len(self.data)
            if self.signature:
                line += b";chunk-signature=" + self.signature.encode()
            line += b"\r\n"
        return line + self.data + (b"\r\n" if self.data else b"")


@dataclass
class ChunkedBody:
    """A coded body that can still be tampered with; the last chunk is the empty one."""

    chunks: list = field(default_factory=list)
    trailers: list = field(default_factory=list)  # (name, value)
    trailer_signature: str = ""

    def encoded(self):
        lines = [f"{name}:{value}\r\n" for name, value in self.trailers]
        if self.trailer_signature:
            lines.append(f"x-amz-trailer-signature:{self.trailer_signature}\r\n")
        tail = "".join(lines).encode("utf-8", "surrogateescape") + b"\r\n"
        return b"".join(chunk.encoded() for chunk in self.chunks) + tail


def chunk_body(body, chunk_size, trailers, signer=None, seed_signature=""):
    """Codes `body`; signs the chunks if there is a signer."""
    pieces = [body[i:i + chunk_size] for i in range(0, len(body), chunk_size)] + [b""]
    coded = ChunkedBody([Chunk(piece) for piece in pieces], list(trailers))
    if signer is None:
        return coded
    previous = seed_signature
    for chunk in coded.chunks:
        previous = chunk.signature = signer.sign("\n".join((
            "AWS4-HMAC-SHA256-PAYLOAD", signer.time, signer.scope, previous, EMPTY_SHA256,
            hashlib.sha256(chunk.data).hexdigest())))
    if trailers:
        canonical = "".join(f"{name.lower()}:{value.strip()}\n" for name, value in trailers)
        coded.trailer_signature = signer.sign("\n".join((
            "AWS4-HMAC-SHA256-TRAILER", signer.time, signer.scope, previous,
            hashlib.sha256(canonical.encode()).hexdigest())))
    return coded


# Checksums. -------------------------------------------------------------------------------------------------------


def _reflected_crc(data, polynomial, bits):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    mask = (1 << bits) - 1
    crc = mask
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return (crc ^ mask).to_bytes(bits // 8, "big")


CHECKSUMS = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: _reflected_crc(data, 0x82F63B78, 32),
    "crc64nvme": lambda data: _reflected_crc(data, 0x9A6C9329AC4BC9B5, 64),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def checksum_header(name, body):
    """The right value of Content-MD5 or x-amz-checksum-*."""
    name = name.lower()
    if name == "content-md5":
        return base64.b64encode(hashlib.md5(body).digest()).decode()
    return base64.b64encode(CHECKSUMS[name.removeprefix("x-amz-checksum-")](body)).decode()
