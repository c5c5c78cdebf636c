"""The data directory: one owner, not MinIO's, directories that become buckets, buckets from the environment."""

import os

from program import PROGRAM, Case, main, run


class DataDirectory(Case):
    def test_case_60_a_second_process_is_refused(self):
        self.start()
        ended = run("server", "--address", "127.0.0.1:0", "--console-address", "127.0.0.1:0", self.data)
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn(f"{self.data} is in use by another process", ended.stderr)

    def test_it_is_free_again_after_a_kill(self):
        self.start().stop(kill=True)
        self.start()

    def test_one_of_minio_is_refused_untouched(self):
        (self.data / ".minio.sys").mkdir()
        ended = run("server", "--address", "127.0.0.1:0", self.data)
        self.assertEqual(ended.returncode, 3, ended.stderr)
        self.assertIn("data directory of MinIO", ended.stderr)
        self.assertEqual(os.listdir(self.data), [".minio.sys"])

    def test_commands_tell_that_it_can_not_be_used(self):
        self.start().stop()
        (self.data / ".minio.sys").mkdir()
        declared = self.directory / "bootstrap.yaml"
        declared.write_text("buckets: {photos: {}}")
        for command in (("account", "list", self.data), ("bootstrap", self.data, declared), ("events", self.data),
                        ("scrub", self.data)):
            with self.subTest(command[0]):
                ended = run(*command)
                self.assertEqual(ended.returncode, 3, ended.stderr)
                self.assertIn("data directory of MinIO", ended.stderr)

    def test_it_is_made_where_it_is_missing(self):
        self.data = self.data / "deeper" / "still"
        ended = run("config", "show", self.data)
        self.assertEqual(ended.returncode, 0)
        self.assertFalse(self.data.exists(), "looking at the configuration makes nothing")
        self.data.parent.mkdir()
        self.start()
        self.assertEqual((self.data / ".coffer").stat().st_mode & 0o777, 0o700)

    def test_a_file_is_refused(self):
        file = self.directory / "file"
        file.write_text("")
        ended = run("server", file)
        self.assertEqual(ended.returncode, 3)
        self.assertIn("is not a directory", ended.stderr)


class Buckets(Case):
    def list(self, server):
        return self.ask(server, "GET", "/").text

    def test_an_empty_directory_becomes_a_bucket(self):
        (self.data / "photos").mkdir()
        (self.data / "Not_A_Bucket").mkdir()
        (self.data / "full").mkdir()
        (self.data / "full" / "file").write_text("x")
        server = self.start()
        self.assertIn("<Name>photos</Name>", self.list(server))
        self.assertNotIn("full", self.list(server))
        self.assertEqual(self.ask(server, "PUT", "/photos/a", b"1").status, 200)
        log = server.log.read_text()
        self.assertIn("Not_A_Bucket", log)
        self.assertIn("full", log)

    def test_it_goes_with_its_bucket(self):
        (self.data / "photos").mkdir()
        server = self.start()
        self.assertEqual(self.ask(server, "DELETE", "/photos").status, 204)
        self.assertFalse((self.data / "photos").exists())
        server.stop()
        self.assertNotIn("photos", self.list(self.start()))

    def test_buckets_from_the_environment(self):
        environment = {"MINIO_DEFAULT_BUCKETS": "one:none,two:public;three"}
        for _ in range(2):
            server = self.start(environment=environment)
            for name in ("one", "two", "three"):
                self.assertIn(f"<Name>{name}</Name>", self.list(server))
            statuses = [self.plain(server.port, "GET", f"/{name}").status for name in ("one", "two", "three")]
            self.assertEqual(statuses, [403, 200, 403])
            server.stop()

    def test_the_bucket_minio_is_refused(self):
        response = self.ask(self.start(), "PUT", "/minio")
        self.assertEqual(response.status, 400)
        self.assertIn("InvalidBucketName", response.text)


if __name__ == "__main__":
    main()
