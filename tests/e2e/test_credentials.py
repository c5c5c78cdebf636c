"""Credentials: the well-known ones and their warning, files, and what is refused."""

import base64

from program import Case, main, run, support


class Credentials(Case):
    def test_case_60_the_well_known_ones_work_and_are_warned_of_at_every_start(self):
        for _ in range(2):
            server = self.start(environment={"MINIO_ROOT_USER": "", "MINIO_ROOT_PASSWORD": ""})
            response = self.ask(server, "GET", "/", access_key="minioadmin", secret_key="minioadmin")
            self.assertEqual(response.status, 200, response.text)
            server.stop()
        log = server.log.read_text()
        self.assertIn("well-known minioadmin", log)

    def test_no_warning_with_ones_own(self):
        server = self.start()
        self.assertEqual(self.ask(server, "GET", "/").status, 200)
        server.stop()
        log = server.log.read_text()
        self.assertNotIn("well-known", log)
        self.assertNotIn(support.SECRET_KEY, log)

    def test_from_a_file(self):
        secret = self.directory / "secret"
        secret.write_text("from-a-file-9\n")
        server = self.start(environment={"MINIO_ROOT_USER": "admin", "MINIO_ROOT_PASSWORD": "",
                                         "MINIO_ROOT_PASSWORD_FILE": str(secret)})
        self.assertEqual(self.ask(server, "GET", "/", access_key="admin", secret_key="from-a-file-9").status, 200)
        self.assertEqual(self.ask(server, "GET", "/", access_key="admin", secret_key="wrong-secret").status, 403)

    def test_refusals(self):
        for environment, arguments, expected in (
                ({"MINIO_ROOT_USER": "admin"}, (), '"MINIO_ROOT_PASSWORD"'),
                ({"MINIO_ROOT_PASSWORD": "verysecret"}, (), '"MINIO_ROOT_USER"'),
                ({"MINIO_ROOT_USER": "ab", "MINIO_ROOT_PASSWORD": "verysecret"}, (), "at least 3"),
                ({"MINIO_ROOT_USER": "admin", "MINIO_ROOT_PASSWORD": "canary7"}, (), "at least 8 characters"),
                ({}, ("--require-credentials",), "require_credentials"),
                ({"MINIO_ROOT_USER": "admin", "MINIO_ROOT_PASSWORD_FILE": "/no/such/file"}, (), "/no/such/file")):
            with self.subTest(expected):
                ended = run("server", *arguments, self.data, environment=environment)
                self.assertEqual(ended.returncode, 2, ended.stderr)
                self.assertIn(expected, ended.stderr)
                self.assertNotIn("canary7", ended.stderr)

    def test_a_wrong_master_key_ends_the_start_and_says_what_is_wanted(self):
        right = base64.b64encode(bytes(32)).decode()
        wrong = base64.b64encode(bytes(31) + b"x").decode()
        self.start(environment={"COFFER_MASTER_KEY": right}).stop()
        for environment, expected in (({"COFFER_MASTER_KEY": wrong}, "wrong master key"),
                                      ({}, "the master key is missing"),
                                      ({"COFFER_MASTER_KEY": "short"}, "32 bytes in Base64")):
            with self.subTest(expected):
                ended = run("server", self.data, "--address", "127.0.0.1:0", environment=environment)
                self.assertNotEqual(ended.returncode, 0)
                self.assertIn(expected, ended.stdout + ended.stderr)
                self.assertNotIn(wrong, ended.stdout + ended.stderr)
        self.start(environment={"COFFER_MASTER_KEY": right}).stop()


if __name__ == "__main__":
    main()
