"""Makes the bytes of a request from its lines in a script: build, sign, then tamper."""

import calendar
import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote

import signing
from script import PATTERN_BYTES, ScriptError, substitute, unescape

SIGNED_EXTRA = {"host", "content-type", "content-md5"}


@dataclass
class Context:
    """What a request is made with."""

    host: str  # host:port, as in the Host header
    access_key: str
    secret_key: str
    variables: dict
    region: str = "us-east-1"  # that requests are signed for unless they say otherwise


@dataclass
class Built:
    head: bytes
    body: bytes
    method: str
    wait_continue: bool = False
    connection: str = ""  # of `on`
    half_close_after: int | None = None  # bytes of the body
    hang_up_after: int | None = None
    stall_after: int | None = None


@dataclass
class Draft:
    method: str
    target: str
    headers: list = field(default_factory=list)  # (name, value), as sent
    body: bytes = b""
    coded: signing.ChunkedBody | None = None

    def value(self, name):
        return next((value for have, value in self.headers if have.lower() == name.lower()), None)

    def drop(self, name):
        self.headers = [(have, value) for have, value in self.headers if have.lower() != name.lower()]

    def put(self, name, value):
        self.drop(name)
        self.headers.append((name, value))


def moment(text, now):
    """'' | -901s | +7d | 20130524T000000Z -> seconds since 1970."""
    if not text:
        return now
    relative = re.fullmatch(r"([+-]\d+)([smhd]?)", text)
    if relative:
        return now + int(relative[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[relative[2]]
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))


def amz_date(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def http_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))


def text_of(data):
    return data.decode("utf-8", "surrogateescape")


class Builder:
    def __init__(self, request, context):
        self.request = request
        self.context = context
        self.absent = set()  # headers that are not to be sent, in lower case
        self.signed_names = None
        self.kind = "v4"
        self.options = {}
        self.trailers = []
        self.built = Built(b"", b"", "")

    def expand(self, text):
        return substitute(text, self.context.variables)

    def wire(self, text):
        """Text of a script as it goes over the wire; bytes that are not UTF-8 as surrogates."""
        return text_of(unescape(self.expand(text)))

    def build(self):
        if self.request.raw:
            for line in self.request.before:
                self.built.connection = self.expand(line.rest)
            # `raw` has LF in the script and CRLF on the wire; \n in it is a bare LF.
            text = self.request.line.text if self.request.line.text is not None else self.request.line.rest
            text = self.expand(text).replace("\\\n", "\\\\\n")  # a joined line stays joined
            text = "\r\n".join(text.split("\n")).replace("\\\\\r\n", "")
            self.built.head = unescape(text)
            self.built.method = self.built.head.split(b" ")[0].decode("latin-1")
            self.tamper(None)
            return self.built

        draft = Draft(self.request.line.word, self.wire(self.request.line.rest))
        for line in self.request.before:
            self.take(line, draft)
        self.sign(draft)
        self.tamper(draft)
        if draft.coded:
            draft.body = draft.coded.encoded()
        self.add_length(draft)
        head = [f"{draft.method} {draft.target} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in draft.headers if value is not None]
        self.built.head = ("\r\n".join(head) + "\r\n\r\n").encode("utf-8", "surrogateescape")
        self.built.body = draft.body
        self.built.method = draft.method
        return self.built

    def take(self, line, draft):
        if line.word == "header":
            draft.headers.append(self.named(line.rest))
        elif line.word == "no-header":
            self.absent.add(line.rest.lower())
        elif line.word == "signed-headers":
            self.signed_names = set(line.rest.lower().split(";"))
        elif line.word == "body":
            draft.body += unescape(self.expand(line.text if line.text is not None else line.rest))
        elif line.word == "body-size":
            size = int(self.expand(line.rest))
            draft.body += (PATTERN_BYTES * (size // len(PATTERN_BYTES) + 1))[:size]
        elif line.word == "sign":
            words = self.expand(line.rest).split()
            self.kind = words[0]
            self.options = dict(word.split("=", 1) for word in words[1:])
        elif line.word == "trailer":
            self.trailers.append(self.named(line.rest))
        elif line.word == "on":
            self.built.connection = self.expand(line.rest)
        elif line.word == "wait-continue":
            self.built.wait_continue = True

    # Signing. -----------------------------------------------------------------------------------------------------

    def add(self, draft, name, value):
        """A header that signing needs, unless the script gives it or leaves it out."""
        if draft.value(name) is None and name.lower() not in self.absent:
            draft.headers.append((name, value))

    def add_length(self, draft):
        if draft.value("transfer-encoding") is None and (draft.body or draft.method in ("PUT", "POST")):
            self.add(draft, "Content-Length", str(len(draft.body)))

    def signer(self, now):
        option = self.options.get
        scope_date = option("scope-date", "")
        if scope_date and not scope_date.isdigit():
            scope_date = amz_date(moment(scope_date, now))[:8]
        return signing.Signer(
            option("key", self.context.access_key), option("secret", self.context.secret_key),
            amz_date(moment(option("date", ""), now)), option("region", self.context.region), option("service", "s3"),
            option("terminator", "aws4_request"), scope_date, option("algorithm", "AWS4-HMAC-SHA256"))

    def sign(self, draft):
        self.add(draft, "Host", self.context.host)
        draft.headers = [(name, signing.checksum_header(name, draft.body) if value == "auto" else value)
                         for name, value in draft.headers]
        self.trailers = [(name, signing.checksum_header(name, draft.body) if value == "auto" else value)
                         for name, value in self.trailers]
        now = time.time()
        sign = {"none": self.sign_none, "v4": self.sign_v4, "v4-query": self.sign_v4_query,
                "streaming": self.sign_v4, "streaming-trailer": self.sign_v4, "unsigned-trailer": self.sign_v4,
                "v2": self.sign_v2, "v2-query": self.sign_v2_query}.get(self.kind)
        if sign is None:
            raise ScriptError(f"line {self.request.line.number}: no kind of signature {self.kind!r}")
        sign(draft, self.signer(now), now)

    def sign_none(self, draft, signer, now):
        pass

    def payload(self, draft):
        """The value of x-amz-content-sha256."""
        given = self.options.get("payload", "auto")
        streaming = {"streaming": signing.STREAMING, "streaming-trailer": signing.STREAMING_TRAILER,
                     "unsigned-trailer": signing.UNSIGNED_TRAILER}.get(self.kind)
        if given == "auto":
            return streaming or signing.hashlib.sha256(draft.body).hexdigest()
        return {"unsigned": "UNSIGNED-PAYLOAD", "empty": signing.EMPTY_SHA256}.get(given, given)

    def sign_v4(self, draft, signer, now):
        payload = self.payload(draft)
        self.add(draft, "x-amz-date", signer.time)
        self.add(draft, "x-amz-content-sha256", payload)
        if "token" in self.options:
            self.add(draft, "x-amz-security-token", self.options["token"])
        if self.kind not in ("v4",):
            self.add(draft, "Content-Encoding", "aws-chunked")
            self.add(draft, "x-amz-decoded-content-length", str(len(draft.body)))
            if self.trailers:
                self.add(draft, "x-amz-trailer", ",".join(name.lower() for name, _ in self.trailers))
        value, signature = signing.authorization_v4(
            signer, draft.method, draft.target, draft.headers, self.names_to_sign(draft), payload)
        draft.headers.append(("Authorization", value))
        if self.kind != "v4":
            signed = signer if self.kind != "unsigned-trailer" else None
            draft.coded = signing.chunk_body(
                draft.body, int(self.options.get("chunk", 65536)), self.trailers, signed, signature)

    def names_to_sign(self, draft):
        if self.signed_names is not None:
            return self.signed_names
        return {name.lower() for name, _ in draft.headers
                if name.lower() in SIGNED_EXTRA or name.lower().startswith("x-amz-")}

    def sign_v4_query(self, draft, signer, now):
        payload = self.options.get("payload", "UNSIGNED-PAYLOAD")
        draft.target = signing.presign_v4(
            signer, draft.method, draft.target, draft.headers, self.names_to_sign(draft),
            self.options.get("expires", "600"), payload, self.options.get("token", ""))

    def sign_v2(self, draft, signer, now):
        date = http_date(moment(self.options.get("date", ""), now))
        self.add(draft, "Date", date)
        signed_date = "" if draft.value("x-amz-date") else draft.value("Date") or ""
        signature = signing.signature_v2(signer, draft.method, draft.target, draft.headers, signed_date)
        draft.headers.append(("Authorization", f"AWS {signer.access_key}:{signature}"))

    def sign_v2_query(self, draft, signer, now):
        expires = self.options.get("expires", "600")
        if re.fullmatch(r"[+-]?\d{1,9}", expires):
            expires = str(int(moment(self.options.get("date", ""), now)) + int(expires))
        signature = signing.signature_v2(signer, draft.method, draft.target, draft.headers, expires)
        draft.target += ("&" if "?" in draft.target else "?") + \
            f"AWSAccessKeyId={signer.access_key}&Expires={expires}&Signature={quote(signature, safe='')}"

    # Tampering. ---------------------------------------------------------------------------------------------------

    def tamper(self, draft):
        for line in self.request.after:
            what, _, rest = line.rest.partition(" ")
            method = getattr(self, "then_" + what.replace("-", "_"), None)
            if method is None or (draft is None and what not in ("half_close", "hang_up", "stall")):
                raise ScriptError(f"line {line.number}: cannot `then {what}`")
            self.line = line
            method(draft, rest.strip())

    def named(self, rest):
        name, _, value = rest.partition(":")
        return self.wire(name.strip()), self.wire(value.strip())

    def then_header(self, draft, rest):
        draft.headers.append(self.named(rest))

    def then_set_header(self, draft, rest):
        name, value = self.named(rest)
        draft.headers = [(have, value if have.lower() == name.lower() else old) for have, old in draft.headers]

    def then_drop_header(self, draft, rest):
        draft.drop(self.expand(rest))

    def then_query(self, draft, rest):
        draft.target += ("&" if "?" in draft.target else "?") + self.wire(rest)

    def then_set_query(self, draft, rest):
        name, _, value = self.wire(rest).partition("=")
        pattern = re.compile(r"(?<=[?&])" + re.escape(name) + r"=[^&]*")
        if not pattern.search(draft.target):
            raise ScriptError(f"line {self.line.number}: no {name} in {draft.target}")
        draft.target = pattern.sub(lambda _: f"{name}={value}", draft.target)

    def then_drop_query(self, draft, rest):
        draft.target = re.sub(r"([?&])" + re.escape(self.expand(rest)) + r"(=[^&]*)?(&|$)", r"\1", draft.target).rstrip("?&")

    def then_method(self, draft, rest):
        draft.method = self.expand(rest)

    def then_target(self, draft, rest):
        """Another path; the query stays."""
        _, mark, query = draft.target.partition("?")
        draft.target = self.wire(rest) + mark + query

    def then_body(self, draft, rest):
        draft.body = unescape(self.expand(self.line.text if self.line.text is not None else rest))

    def then_flip(self, draft, rest):
        """One bit of the signature, so that it stays a digit of its coding."""
        def flipped(match):
            return match[1] + _flip_digit(match[2])

        pattern = re.compile(r"(Signature=|AWS [^:]*:)([0-9A-Za-z+/%=]{8,})")
        if draft.value("Authorization"):
            draft.put("Authorization", pattern.sub(flipped, draft.value("Authorization")))
        else:
            draft.target = pattern.sub(flipped, draft.target)

    def then_chunk(self, draft, rest):
        """chunk N flip-signature | flip-data | drop | swap M | line TEXT | data TEXT; N may be `last`."""
        number, _, action = rest.partition(" ")
        number = self.expand(number)
        action, _, argument = action.partition(" ")
        chunks = draft.coded.chunks
        index = len(chunks) - 1 if number == "last" else int(number) - 1
        chunk = chunks[index]
        if action == "flip-signature":
            chunk.signature = _flip_digit(chunk.signature)
        elif action == "flip-data":
            chunk.data = bytes([chunk.data[0] ^ 1]) + chunk.data[1:]
        elif action == "drop":
            del chunks[index]
        elif action == "swap":
            other = int(argument) - 1
            chunks[index], chunks[other] = chunks[other], chunk
        elif action == "line":
            chunk.line = unescape(self.expand(argument))
        elif action == "data":
            chunk.data = unescape(self.expand(argument))
        else:
            raise ScriptError(f"line {self.line.number}: cannot `chunk {action}`")

    def then_trailer(self, draft, rest):
        draft.coded.trailers.append(self.named(rest))

    def then_set_trailer(self, draft, rest):
        name, value = self.named(rest)
        draft.coded.trailers = [(have, value if have == name else old) for have, old in draft.coded.trailers]

    def then_drop_trailer(self, draft, rest):
        draft.coded.trailers = [(have, value) for have, value in draft.coded.trailers if have != rest]

    def then_trailer_signature(self, draft, rest):
        draft.coded.trailer_signature = _flip_digit(draft.coded.trailer_signature) if rest == "flip" else ""

    def then_half_close(self, draft, rest):
        self.built.half_close_after = int(rest)

    def then_hang_up(self, draft, rest):
        self.built.hang_up_after = int(rest)

    def then_stall(self, draft, rest):
        self.built.stall_after = int(rest)


def _flip_digit(signature):
    """Another hexadecimal (or base64) digit in the third place, or in the first behind it that is no escape."""
    place = re.match(r"(?:%..|.){2}(?:%..)*", signature).end()
    digits = "0123456789abcdef"
    digit = signature[place]
    other = digits[digits.index(digit) ^ 1] if digit in digits else "B" if digit == "A" else "A"
    return signature[:place] + other + signature[place + 1:]
