"""The runner and its signatures, tested: it must fail where a server is wrong."""

import io
import socket
import tempfile
import threading
import unittest
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path

import run
import script
import signing

LIST = b"<ListAllMyBucketsResult><Buckets>%s</Buckets></ListAllMyBucketsResult>"


class Stub:
    """Answers GET / with `buckets` and all else with `answer`; a PUT that it refuses can leave a bucket behind."""

    def __init__(self, answer, leaves_bucket=False):
        self.answer, self.leaves_bucket, self.buckets = answer, leaves_bucket, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                request = peer.recv(65536)
                if request.startswith(b"GET / "):
                    body = LIST % self.buckets
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                elif request.startswith(b"GET /left?"):
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<L/>")
                else:
                    if self.leaves_bucket:
                        self.buckets = b"<Bucket><Name>left</Name></Bucket>"
                    peer.sendall(self.answer)


def outcome(text, stub):
    with tempfile.NamedTemporaryFile("w", suffix=".wire") as file:
        file.write(text)
        file.flush()
        options = Namespace(url=stub.url, server=None, access_key="k", secret_key="s", case=None)
        with redirect_stdout(io.StringIO()) as printed:
            counts = run.run_script(file.name, options)
    stub.listener.close()
    return counts, printed.getvalue()


REFUSAL = (b"HTTP/1.1 403 Forbidden\r\nX-Kind: error\r\nContent-Length: 40\r\n\r\n"
           b"<Error><Code>AccessDenied</Code></Error>")


class RunnerTest(unittest.TestCase):
    def test_passes_what_is_as_expected(self):
        counts, printed = outcome("""
            case refused
                PUT /a
                    expect 403 AccessDenied
                        expect-header X-Kind: err.*
                        expect-no-header ETag
            """, Stub(REFUSAL))
        self.assertEqual(counts, (1, 0), printed)

    def test_fails_on_another_status_code_header_or_body(self):
        for expectation in ("expect 404 AccessDenied", "expect 403 NoSuchKey", "expect 403\nexpect-header X-Kind: x",
                            "expect 403\nexpect-no-header X-Kind", "expect 403\nexpect-body Success",
                            "expect closed", "expect 403\nexpect 403"):
            counts, printed = outcome(f"case c\nPUT /a\n{expectation}\n", Stub(REFUSAL))
            self.assertEqual(counts, (0, 1), expectation + printed)

    def test_fails_where_a_refused_request_changed_something(self):
        counts, printed = outcome("case c\nPUT /a\nexpect 403 AccessDenied\n", Stub(REFUSAL, leaves_bucket=True))
        self.assertEqual(counts, (0, 1))
        self.assertIn("new: ('bucket', 'left', '')", printed)

    def test_fails_where_the_connection_is_closed_early(self):
        counts, _ = outcome("case c\nPUT /a\nexpect 403\n", Stub(b""))
        self.assertEqual(counts, (0, 1))

    def test_runs_a_case_for_each_value(self):
        counts, printed = outcome("case c\nfor a,b in 403,x 404,y\nPUT /${b}\nexpect 403\nexpect-body ${a}\n",
                                  Stub(REFUSAL))
        self.assertEqual(counts, (0, 1))
        self.assertIn("[a=403] [b=x]", printed)

    def test_refuses_a_script_with_an_unknown_word(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("case c\nPUT /a\nexpct 403\n")
            file.flush()
            with self.assertRaisesRegex(script.ScriptError, "expct"):
                script.parse(file.name)

    def test_every_script_parses(self):
        for path in Path(__file__).parent.glob("scripts/*.wire"):
            script.parse(path)


class ScriptTextTest(unittest.TestCase):
    def test_substitutes_and_unescapes(self):
        self.assertEqual(script.substitute("${a}-${repeat:3:k{n},}", {"a": 1}), "1-k1,k2,k3,")
        self.assertEqual(script.unescape(r"a\r\n\x00\\é"), b"a\r\n\0\\\xc3\xa9")
        with self.assertRaises(script.ScriptError):
            script.substitute("${missing}", {})


# The examples of "Signature Calculations for the Authorization Header" and of the pages beside it in the S3 manual.
EXAMPLE = signing.Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524T000000Z")
HOST = ("Host", "examplebucket.s3.amazonaws.com")


class SigningTest(unittest.TestCase):
    def signature(self, method, target, headers, payload, host=HOST):
        headers = [host, ("x-amz-date", EXAMPLE.time), ("x-amz-content-sha256", payload), *headers]
        names = [name.lower() for name, _ in headers]
        return signing.authorization_v4(EXAMPLE, method, target, headers, names, payload)[1]

    def test_get_object(self):
        self.assertEqual(
            self.signature("GET", "/test.txt", [("Range", "bytes=0-9")], signing.EMPTY_SHA256),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")

    def test_put_object(self):
        headers = [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]
        payload = signing.hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
        self.assertEqual(self.signature("PUT", "/test%24file.text", headers, payload),
                         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")

    def test_subresource_and_list(self):
        self.assertEqual(self.signature("GET", "/?lifecycle", [], signing.EMPTY_SHA256),
                         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        self.assertEqual(self.signature("GET", "/?max-keys=2&prefix=J", [], signing.EMPTY_SHA256),
                         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")

    def test_presigned(self):
        target = signing.presign_v4(EXAMPLE, "GET", "/test.txt", [HOST], ["host"], 86400)
        self.assertTrue(target.endswith(
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"), target)

    def test_chunked(self):
        headers = [("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"),
                   ("x-amz-decoded-content-length", "66560"), ("Content-Length", "66824")]
        seed = self.signature("PUT", "/examplebucket/chunkObject.txt", headers, signing.STREAMING,
                              host=("Host", "s3.amazonaws.com"))
        self.assertEqual(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        coded = signing.chunk_body(b"a" * 66560, 65536, [], EXAMPLE, seed)
        self.assertEqual([chunk.signature for chunk in coded.chunks],
                         ["ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                          "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                          "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"])
        self.assertEqual(len(coded.encoded()), 66824)

    def test_v2(self):
        signer = signing.Signer("AKIAIOSFODNN7EXAMPLE", EXAMPLE.secret_key, "")
        date = "Tue, 27 Mar 2007 19:36:42 +0000"
        # The manual signs the bucket of the host name as part of the path.
        self.assertEqual(
            signing.signature_v2(signer, "GET", "/awsexamplebucket1/photos/puppy.jpg", [("Date", date)], date),
            "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=")

    def test_checksums_of_the_check_string(self):
        self.assertEqual(signing.CHECKSUMS["crc32"](b"123456789").hex(), "cbf43926")
        self.assertEqual(signing.CHECKSUMS["crc32c"](b"123456789").hex(), "e3069283")
        self.assertEqual(signing.CHECKSUMS["crc64nvme"](b"123456789").hex(), "ae8b14860a799888")


if __name__ == "__main__":
    unittest.main()
