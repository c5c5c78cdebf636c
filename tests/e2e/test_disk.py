"""A disk that is full, unreadable or damaged: clear errors, a process that lives, reads and deletes that go on."""

import hashlib
import http.client
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from program import Case, main

import program

UNSHARE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


def can_mount():
    return subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


def content(name, size):
    return hashlib.shake_128(name.encode()).digest(size)


class Disk(Case):
    def put(self, server, name, size):
        return self.ask(server, "PUT", f"/bucket/{name}", content(name, size)).status

    def read(self, server, name):
        connection = self.connect(server)
        connection.request("GET", f"/bucket/{name}", headers=program.signed(server, "GET", f"/bucket/{name}"))
        response = connection.getresponse()
        return response.status, response.read()

    def expect_readable(self, server, objects):
        for name, size in objects.items():
            self.assertEqual(self.read(server, name), (200, content(name, size)), name)


@unittest.skipUnless(can_mount(), "this needs the right to mount a tmpfs in a namespace of its own")
class FullDisk(Disk):
    SIZE = 32 << 20

    def setUp(self):
        super().setUp()
        self.server = self.start_wrapped(
            f'exec {" ".join(UNSHARE)} sh -c \'mount -t tmpfs -o size={self.SIZE} tmpfs "$0" && exec "$@"\' '
            f'{self.data} "$@"')
        self.assertEqual(self.ask(self.server, "PUT", "/bucket").status, 200)
        self.objects = {}

    def fill(self, size):
        """Puts objects until one is refused, which must be with the right error. How many fitted."""
        for count in range(10_000):
            name = f"{size}-{count}-{len(self.objects)}"
            response = self.ask(self.server, "PUT", f"/bucket/{name}", content(name, size))
            if response.status != 200:
                self.assertEqual(response.status, 507, response.text)
                self.assertIn("<Code>XMinioStorageFull</Code>", response.text)
                self.assertEqual(self.read(self.server, name)[0], 404)
                return count
            self.objects[name] = size
        self.fail("the disk does not get full")

    def fill_to_the_last_byte(self):
        """What other programs on the same disk may do."""
        inside = Path(f"/proc/{self.server.process.pid}/root{self.data}/filler")
        with open(inside, "wb", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass
        return inside

    def delete(self, name):
        response = self.ask(self.server, "DELETE", f"/bucket/{name}")
        self.assertEqual(response.status, 204, response.text)
        del self.objects[name]

    def test_writes_are_refused_and_the_rest_goes_on(self):
        self.assertGreater(self.fill(1 << 20), 10)
        self.fill(100_000)
        self.expect_readable(self.server, self.objects)
        self.assertIn("<KeyCount>", self.ask(self.server, "GET", "/bucket?list-type=2").text)
        large = [name for name, size in self.objects.items() if size == 1 << 20]
        for name in large[:5]:
            self.delete(name)
        # The space comes back once the bytes of deleted objects are removed.
        self.eventually(lambda: self.put(self.server, "again", 1 << 20) == 200, "room after deletes")
        self.objects["again"] = 1 << 20
        self.expect_readable(self.server, self.objects)

    def test_deletes_work_when_not_a_byte_is_left(self):
        self.fill(1 << 20)
        filler = self.fill_to_the_last_byte()
        self.expect_readable(self.server, self.objects)
        for name in list(self.objects)[:10]:
            self.delete(name)
        self.expect_readable(self.server, self.objects)
        filler.unlink()
        self.eventually(lambda: self.put(self.server, "again", 1 << 20) == 200, "room after deletes")

    def test_a_multipart_upload_that_finds_no_room_leaves_none_taken(self):
        created = self.ask(self.server, "POST", "/bucket/large?uploads").text
        upload = created.split("<UploadId>")[1].split("</UploadId>")[0]
        parts = 0
        while self.ask(self.server, "PUT", f"/bucket/large?partNumber={parts + 1}&uploadId={upload}",
                       content(f"part {parts}", 5 << 20)).status == 200:
            parts += 1
            self.assertLess(parts, 100)
        self.assertGreater(parts, 2)
        self.assertEqual(self.ask(self.server, "DELETE", f"/bucket/large?uploadId={upload}").status, 204)
        self.eventually(lambda: self.put(self.server, "again", 20 << 20) == 200, "room after the upload's end")


class UnreadableDirectory(Disk):
    """The program must not run as root, whom no permission stops."""

    def setUp(self):
        super().setUp()
        self.directory.chmod(0o755)
        self.drop = ""
        if os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                self.skipTest("as root this needs setpriv")
            os.chown(self.data, 65534, 65534)
            self.drop = "setpriv --reuid=65534 --regid=65534 --clear-groups"

    def start_unprivileged(self):
        return self.start_wrapped(f'exec {self.drop} "$@"')

    def test_it_does_not_start(self):
        self.data.chmod(0)
        self.addCleanup(self.data.chmod, 0o700)
        command = [*self.drop.split(), program.PROGRAM, "server", "--address", "127.0.0.1:0", str(self.data)]
        ended = subprocess.run(command, env=program.clean_environment(), capture_output=True, text=True, timeout=60)
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn(str(self.data), ended.stderr)
        self.assertIn("Permission denied", ended.stderr)

    def test_it_lives_on_while_its_directory_is_unreadable(self):
        server = self.start_unprivileged()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        objects = {"small": 100_000, "large": 600_000}  # files; a pack is open already
        for name, size in objects.items():
            self.assertEqual(self.put(server, name, size), 200)
        blobs = self.data / ".coffer" / "blobs"
        blobs.chmod(0)
        self.addCleanup(blobs.chmod, 0o700)
        # Neither "no such key" nor "access denied": nothing is wrong with the object or the client.
        for name in objects:
            self.assertEqual(self.read(server, name)[0], 500)
        for size in (100_000, 600_000):
            response = self.ask(server, "PUT", "/bucket/new", content("new", size))
            self.assertEqual(response.status, 500)
            self.assertIn("<Code>InternalError</Code>", response.text)
        self.assertIn("<Key>small</Key>", self.ask(server, "GET", "/bucket").text)
        self.assertEqual(self.ask(server, "DELETE", "/bucket/small").status, 204)
        blobs.chmod(0o700)
        self.assertEqual(self.put(server, "new", 100), 200)
        del objects["small"]
        self.expect_readable(server, objects | {"new": 100})


class DamagedBlob(Disk):
    def blob(self, name, size):
        digest = hashlib.sha256(content(name, size)).hexdigest()
        return self.data / ".coffer" / "blobs" / digest[:2] / digest

    def change(self, path, offset):
        with open(path, "r+b") as file:
            file.seek(offset, os.SEEK_SET if offset >= 0 else os.SEEK_END)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 0x10]))

    def test_it_is_never_served_as_if_it_were_whole(self):
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        good = {"good": 600_000}
        self.assertEqual(self.put(server, "good", 600_000), 200)
        for size in (100_000, 600_000):
            for offset in {0, size // 2, size - 1, size, -64, -1}:
                name = f"{size}-{offset}"
                self.assertEqual(self.put(server, name, size), 200)
                self.change(self.blob(name, size), offset)
                with self.subTest(size=size, offset=offset):
                    self.expect_no_wrong_byte(server, name, size)
            name = f"{size}-cut"
            self.assertEqual(self.put(server, name, size), 200)
            os.truncate(self.blob(name, size), size)
            self.assertEqual(self.read(server, name)[0], 500)
            name = f"{size}-gone"
            self.assertEqual(self.put(server, name, size), 200)
            self.blob(name, size).unlink()
            self.assertEqual(self.read(server, name)[0], 500)
        self.expect_readable(server, good)

    def test_nor_is_a_damaged_record_in_a_pack(self):
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for size in (100, 5_000):
            # From the content's beginning: the header, the table, the content.
            for offset in (-68, -60, -20, -4, 0, size // 2, size - 1):
                name = f"{size}{offset}"
                self.assertEqual(self.put(server, name, size), 200)
                pack, position = self.find_in_packs(content(name, size))
                self.change(pack, position + offset)
                with self.subTest(size=size, offset=offset):
                    self.expect_no_wrong_byte(server, name, size)
        self.assertEqual(self.put(server, "good", 5_000), 200)
        self.expect_readable(server, {"good": 5_000})

    def find_in_packs(self, body):
        for pack in (self.data / ".coffer" / "packs").glob("*.pack"):
            position = pack.read_bytes().find(body)
            if position >= 0:
                return pack, position
        self.fail("no pack has it")

    def expect_no_wrong_byte(self, server, name, size):
        """An error, or a connection that ends before the promised length: the head may be on its way already."""
        try:
            status, body = self.read(server, name)
        except (http.client.IncompleteRead, ConnectionResetError):
            self.assertGreater(size, 256 << 10)  # a smaller one is checked before the head is sent
            return
        self.assertEqual(status, 500)
        self.assertIn(b"<Code>InternalError</Code>", body)


if __name__ == "__main__":
    main()
