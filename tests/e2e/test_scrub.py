"""`coffer scrub` and what becomes of damaged bytes: found, named, set aside, healed by uploading them again."""

import hashlib
import http.client
import json
import os
import sqlite3
import stat
import subprocess

from program import Case, clean_environment, main, run

import program


def content(name, size):
    return hashlib.shake_128(name.encode()).digest(size)


class Scrub(Case):
    # In a pack, and in a file of its own.
    SIZES = {"small": 4096, "large": 700_000}

    def put(self, server, name, data):
        self.assertEqual(self.ask(server, "PUT", f"/bucket/{name}", data).status, 200)

    def read(self, server, name):
        """The object's bytes; None where it is not given whole."""
        connection = self.connect(server)
        connection.request("GET", f"/bucket/{name}", headers=program.signed(server, "GET", f"/bucket/{name}"))
        try:
            response = connection.getresponse()
            data = response.read()
        except (http.client.IncompleteRead, ConnectionError):
            return None
        return data if response.status == 200 else None

    def serve_objects(self, **options):
        server = self.start(**options)
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for name, size in self.SIZES.items():
            self.put(server, name, content(name, size))
            self.put(server, name + "-again", content(name, size))
        return server

    def files_with(self, data):
        """Files under .coffer/ that hold these bytes, and where."""
        for folder, _, names in os.walk(self.data / ".coffer"):
            for name in names:
                if name.startswith("catalogue") or name == "control":
                    continue
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    at = file.read().find(data)
                if at >= 0:
                    yield path, at

    def damage(self, data):
        """Flips a bit in the middle of the stored bytes."""
        found = list(self.files_with(data))
        self.assertEqual(len(found), 1, found)
        path, at = found[0]
        with open(path, "r+b") as file:
            file.seek(at + len(data) // 2)
            byte = file.read(1)[0]
            file.seek(at + len(data) // 2)
            file.write(bytes([byte ^ 4]))

    def scrub(self, *arguments, code=0):
        """The report of a scrub that ends with this exit code."""
        ended = run("scrub", self.data, "--json", *arguments)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        return json.loads(ended.stdout)

    def quarantine(self):
        folder = self.data / ".coffer" / "quarantine"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def notes(self):
        folder = self.data / ".coffer" / "quarantine"
        return "".join((folder / name).read_text() for name in self.quarantine() if name.endswith(".txt"))

    def metric(self, server, name):
        page = self.plain(server.console_port, "GET", "/metrics").text
        return [float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + "{")]


class BesideAServer(Scrub):
    def test_damage_is_found_and_healed_by_uploading_again(self):
        server = self.serve_objects(arguments=("--metrics-auth", "public", "--scrub-interval", "0s"))
        report = self.scrub()
        self.assertTrue(report["clean"])
        self.assertEqual((report["copies"], report["bytes"]), (2, sum(self.SIZES.values())))
        for count, (name, size) in enumerate(self.SIZES.items(), 1):
            with self.subTest(name):
                self.damage(content(name, size))
                report = self.scrub(code=1)
                self.assertEqual((report["damaged"], report["quarantined"]), (1, 1))
                self.assertEqual(report["findings"][0]["objects"], [f"bucket/{name}", f"bucket/{name}-again"])
                self.assertEqual(len(self.quarantine()), 2 * count)
                self.assertIsNone(self.read(server, name))
                self.assertEqual(self.metric(server, "coffer_copies_damaged"), [1])
                self.assertEqual(self.metric(server, "coffer_scrub_last_damaged"), [1])

                self.put(server, "healing", content(name, size))
                self.assertTrue(self.scrub()["clean"])
                self.assertEqual(self.metric(server, "coffer_copies_damaged"), [0])
                for key in (name, name + "-again", "healing"):
                    self.assertEqual(self.read(server, key), content(name, size), key)

    def test_a_read_of_damaged_bytes_fails_and_says_where(self):
        server = self.serve_objects(arguments=("--metrics-auth", "public"))
        for name, size in self.SIZES.items():
            with self.subTest(name):
                self.damage(content(name, size))
                self.assertIsNone(self.read(server, name))
                digest = hashlib.sha256(content(name, size)).hexdigest()
                line = f"the bytes of a blob are damaged bucket=bucket key={name} blob={digest} "
                self.eventually(lambda: line in server.log.read_text(), "the log's line")
                self.assertGreater(self.metric(server, "coffer_copies_found_damaged_total")[0], 0)
                # The server looks after it by itself, as a scrub does.
                self.eventually(lambda: digest in self.notes(), "the quarantine")
                self.put(server, name, content(name, size))
                self.assertEqual(self.read(server, name + "-again"), content(name, size))

    def test_it_scrubs_by_itself(self):
        server = self.serve_objects(arguments=("--metrics-auth", "public"))
        self.eventually(lambda: self.metric(server, "coffer_scrub_last_end_seconds"), "a pass of its own")
        self.assertIn("last (done)", run("scrub", self.data, "--status").stdout)

    def test_the_control_socket_is_this_users_and_goes_with_the_server(self):
        server = self.start()
        socket = self.data / ".coffer" / "control"
        self.assertTrue(stat.S_ISSOCK(socket.stat().st_mode))
        self.assertEqual(stat.S_IMODE(socket.stat().st_mode), 0o600)
        server.stop()
        self.assertFalse(socket.exists())

    def test_a_pause_and_a_kill_lose_nothing(self):
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for number in range(50):
            self.put(server, f"{number}", content(f"{number}", 100_000))
        self.damage(content("7", 100_000))
        command = subprocess.Popen([program.PROGRAM, "scrub", str(self.data), "--rate", "100KiB"], text=True,
                                   env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(command.communicate)

        def status():
            return json.loads(run("scrub", self.data, "--status", "--json").stdout)

        self.eventually(lambda: (status()["now"] or {}).get("copies", 0) > 0, "progress")
        run("scrub", self.data, "--pause")
        self.assertTrue(status()["paused"])
        server.stop(kill=True)
        self.assertEqual(command.wait(60), 1)
        self.start(arguments=("--quiet",))
        ended = run("scrub", self.data, "--json", "--restart")
        self.assertEqual(ended.returncode, 1, ended.stderr)
        report = json.loads(ended.stdout)
        self.assertEqual(report["copies"], 50)
        self.assertEqual(report["damaged"] + report["missing"], 1)


class OfAStoppedDirectory(Scrub):
    def test_damage_is_found_there_too(self):
        self.serve_objects().stop()
        for name, size in self.SIZES.items():
            self.damage(content(name, size))
        report = self.scrub("--read-only", code=1)
        self.assertEqual((report["damaged"], report["quarantined"], report["repair"]), (2, 0, False))
        self.assertEqual(self.quarantine(), [])
        report = self.scrub(code=1)
        self.assertEqual((report["damaged"], report["quarantined"]), (2, 2))
        ended = run("scrub", self.data)
        self.assertEqual(ended.returncode, 1)
        for name in self.SIZES:
            self.assertIn(f"bucket/{name}, bucket/{name}-again", ended.stdout)

        server = self.start()
        for name, size in self.SIZES.items():
            self.assertIsNone(self.read(server, name))
            self.put(server, name, content(name, size))
        server.stop()
        self.assertTrue(self.scrub()["clean"])
        self.assertIn("copies read back", run("scrub", self.data, "--status").stdout)

    def test_a_killed_scrub_goes_on(self):
        server = self.start(arguments=("--scrub-interval", "0s"))
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for number in range(60):
            self.put(server, f"{number}", content(f"{number}", 5000 + 3000 * number))
        server.stop()
        self.damage(content("5", 5000 + 3000 * 5))
        self.damage(content("55", 5000 + 3000 * 55))

        def kept():
            catalogue = sqlite3.connect(f"file:{self.data}/.coffer/catalogue.db?mode=ro", uri=True)
            try:
                rows = catalogue.execute("SELECT value FROM settings WHERE name = 'scrub'").fetchall()
            finally:
                catalogue.close()
            return json.loads(rows[0][0]) if rows else None

        command = subprocess.Popen([program.PROGRAM, "scrub", str(self.data), "--rate", "1MiB"],
                                   env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(command.wait)
        self.eventually(lambda: (kept() or {}).get("copies", 0) > 0, "progress in the catalogue")
        command.kill()
        command.wait()
        before = kept()
        self.assertLess(before["copies"], 60)
        self.damage(content("59", 5000 + 3000 * 59))
        looked = self.scrub("--read-only", code=1)
        self.assertEqual(looked["copies"], 60)
        report = self.scrub(code=1)
        self.assertEqual(report["started_us"], before["started_us"])
        self.assertEqual((report["damaged"] + report["missing"], report["copies"]), (3, 60))

    def test_mistakes(self):
        self.assertEqual(run("scrub").returncode, 2)
        self.assertEqual(run("scrub", self.directory / "nothing").returncode, 3)
        self.assertEqual(run("scrub", self.data).returncode, 3)
        self.assertFalse((self.data / ".coffer").exists())
        self.start().stop()
        self.assertEqual(run("scrub", self.data, "--rate", "fast").returncode, 2)
        self.assertEqual(run("scrub", self.data, "--pause").returncode, 1)
        self.assertEqual(run("scrub", self.data).returncode, 0)


if __name__ == "__main__":
    main()
