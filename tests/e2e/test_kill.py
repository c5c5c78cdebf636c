"""kill -9 in the middle of a mixed load, again and again: what was acknowledged is there, whole, and nothing else is.

The ledger is this process, which lives on: for each key what was acknowledged last, and what was on its way when the
server died. After the next start a key shows one of these. COFFER_TEST_SEED repeats the load (not the moment of death);
COFFER_KILL_CYCLES says how often it is killed.
"""

import base64
import hashlib
import http.client
import os
import random
import threading
import time

from program import Case, main, signed

CYCLES = int(os.environ.get("COFFER_KILL_CYCLES", "200"))
CLIENTS = 4
KEYS_PER_CLIENT = 6
SIZES = (0, 1, 700, 4096, 65_536, 200_000, 300_000, 700_000)
ABSENT = None


def content(seed, size):
    return hashlib.shake_128(seed.encode()).digest(size)


def digest(body):
    return hashlib.sha256(body).hexdigest()


class Client(threading.Thread):
    """One writer of its own keys, until its server dies."""

    def __init__(self, server, number, seed, ledger):
        super().__init__()
        self.server = server
        self.random = random.Random(f"{seed} {number}")
        self.keys = [f"client-{number}/key-{index}" for index in range(KEYS_PER_CLIENT)]
        self.ledger = ledger  # key -> set of what it may show: SHA-256 of a content, or ABSENT
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.done = 0
        self.errors = []

    def run(self):
        try:
            while True:
                self.step(self.random.choice(self.keys))
                self.done += 1
        except (OSError, http.client.HTTPException):
            pass  # it died
        except AssertionError as error:
            self.errors.append(error)
        finally:
            self.connection.close()

    def step(self, key):
        choice = self.random.randrange(14)
        if choice < 6:
            body = content(f"{self.random.random()}", self.random.choice(SIZES))
            self.write(key, digest(body), lambda: self.ask("PUT", f"/bucket/{key}", body))
        elif choice < 8:
            self.write(key, ABSENT, lambda: self.ask("DELETE", f"/bucket/{key}"))
        elif choice < 9:
            self.multipart(key)
        elif choice < 10:
            self.delete_many()
        elif choice < 11:
            self.copy(self.random.choice(self.keys), key)
        elif choice < 12:
            self.list()
        else:
            status, body = self.ask("GET", f"/bucket/{key}")
            shown = digest(body) if status == 200 else ABSENT
            assert status in (200, 404), status
            assert shown in self.ledger[key], f"{key} shows what was never acknowledged"

    def copy(self, source, key):
        """Onto itself, too. Only this client writes its keys, so that it knows what there is to copy."""
        (content_now,) = self.ledger[source]
        headers = {"x-amz-copy-source": f"/bucket/{source}", "x-amz-metadata-directive": "REPLACE"}
        if content_now is ABSENT:
            status, text = self.ask("PUT", f"/bucket/{key}", headers=headers)
            assert status == 404, (status, text)
            return
        self.write(key, content_now, lambda: self.ask("PUT", f"/bucket/{key}", headers=headers))

    def delete_many(self):
        before = {key: self.ledger[key] for key in self.keys}
        for key in self.keys:
            self.ledger[key] = before[key] | {ABSENT}
        listed = "".join(f"<Object><Key>{key}</Key></Object>" for key in self.keys)
        body = f"<Delete><Quiet>true</Quiet>{listed}</Delete>".encode()
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        status, text = self.ask("POST", "/bucket?delete=", body, {"content-md5": md5})
        assert status == 200 and b"<Error>" not in text, (status, text)
        for key in self.keys:
            self.ledger[key] = {ABSENT}

    def list(self):
        prefix = self.keys[0].split("/")[0]
        status, text = self.ask("GET", f"/bucket?list-type=2&prefix={prefix}%2F")
        assert status == 200, text
        for key in self.keys:
            there = f"<Key>{key}</Key>".encode() in text
            assert there == (self.ledger[key] != {ABSENT}), f"{key}: the listing tells something else"

    def write(self, key, after, action):
        self.ledger[key] = self.ledger[key] | {after}
        status, body = action()
        assert status in (200, 204), (status, body)
        self.ledger[key] = {after}

    def multipart(self, key):
        parts = [content(f"{self.random.random()}", 5 << 20), content(f"{self.random.random()}", 1000)]
        status, text = self.ask("POST", f"/bucket/{key}?uploads=")
        assert status == 200, text
        upload = text.decode().split("<UploadId>")[1].split("</UploadId>")[0]
        listed = ""
        for number, part in enumerate(parts, 1):
            status, text = self.ask("PUT", f"/bucket/{key}?partNumber={number}&uploadId={upload}", part)
            assert status == 200, text
            listed += f"<Part><PartNumber>{number}</PartNumber><ETag>{hashlib.md5(part).hexdigest()}</ETag></Part>"
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        self.write(key, digest(b"".join(parts)), lambda: self.ask("POST", f"/bucket/{key}?uploadId={upload}", body))

    def ask(self, method, target, body=b"", headers=None):
        self.connection.request(method, target, body, signed(self.server, method, target, body, headers))
        response = self.connection.getresponse()
        return response.status, response.read()


class Kill(Case):
    def test_what_was_acknowledged_outlives_it(self):
        seed = os.environ.get("COFFER_TEST_SEED") or str(random.SystemRandom().randrange(1 << 64))
        print(f"COFFER_TEST_SEED={seed}")
        ledger = {f"client-{number}/key-{index}": {ABSENT}
                  for number in range(CLIENTS) for index in range(KEYS_PER_CLIENT)}
        moments = random.Random(seed)
        done = 0
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for cycle in range(CYCLES):
            clients = [Client(server, number, f"{seed} {cycle}", ledger) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(moments.uniform(0.02, 0.3))  # the moment of death, not a wait for anything
            server.stop(kill=True)
            for client in clients:
                client.join()
                self.assertEqual(client.errors, [])
                done += client.done
            server = self.start()
            self.check(server, ledger)
        print(f"{CYCLES} kills, {done} answers before them")
        self.assertGreater(done, 2 * CYCLES, "there was a load")
        self.expect_no_orphans(server, ledger)

    def check(self, server, ledger):
        """Each key shows one of what it may; from then on it is that."""
        listed = self.ask(server, "GET", "/bucket?list-type=2").text
        for key, may_show in ledger.items():
            connection = self.connect(server)
            connection.request("GET", f"/bucket/{key}", headers=signed(server, "GET", f"/bucket/{key}"))
            response = connection.getresponse()
            body = response.read()
            connection.close()
            self.assertIn(response.status, (200, 404), body)
            shown = digest(body) if response.status == 200 else ABSENT
            self.assertIn(shown, may_show, f"{key}: lost, or from nowhere")
            self.assertEqual(f"<Key>{key}</Key>" in listed, shown is not ABSENT)
            ledger[key] = {shown}

    def expect_no_orphans(self, server, ledger):
        """In the end the disk holds the blobs of what is there, and no others."""
        # Page by page: many clients died before they completed theirs.
        while uploads := self.ask(server, "GET", "/bucket?uploads=").text.split("<Upload>")[1:]:
            for upload in uploads:
                key = upload.split("<Key>")[1].split("</Key>")[0]
                upload_id = upload.split("<UploadId>")[1].split("</UploadId>")[0]
                response = self.ask(server, "DELETE", f"/bucket/{key}?uploadId={upload_id}")
                self.assertEqual(response.status, 204, response.text)
        for key in ledger:
            self.assertEqual(self.ask(server, "DELETE", f"/bucket/{key}").status, 204)
        blobs = self.data / ".coffer" / "blobs"
        self.eventually(lambda: not [path for path in blobs.rglob("*") if path.is_file()],
                        "the bytes of what was deleted are gone")
        self.eventually(lambda: not self.has_live_records(), "so are the records in the packs")

    def has_live_records(self):
        """docs/formats/pack.md: a record begins at a multiple of 64 bytes, and says that it lives."""
        for pack in (self.data / ".coffer" / "packs").glob("*.pack"):
            data = pack.read_bytes()
            if any(data.startswith(b"CReclive", at) for at in range(64, len(data), 64)):
                return True
        return False


if __name__ == "__main__":
    main()
