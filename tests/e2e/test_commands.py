"""The command line: help, mistakes and their exit codes, `config show`, `version`, `health`."""

import json
import subprocess

from program import Case, clean_environment, main, run


class Help(Case):
    def test_help_teaches(self):
        for arguments, expected in (((), "coffer server /data"), (("server",), "--console-address"),
                                    (("config", "show"), "--json"), (("health",), "--insecure")):
            with self.subTest(arguments):
                ended = run(*arguments, "--help")
                self.assertEqual(ended.returncode, 0)
                self.assertIn(expected, ended.stdout)

    def test_no_command_shows_help_and_fails(self):
        ended = run()
        self.assertEqual(ended.returncode, 2)
        self.assertIn("coffer server /data", ended.stderr)

    def test_version(self):
        self.assertRegex(run("version").stdout, r"^coffer \d+\.\d+\.\d+\n$")
        self.assertEqual(json.loads(run("version", "--json").stdout)["name"], "coffer")


class Mistakes(Case):
    def fails(self, *arguments, environment=None, code=2):
        ended = run(*arguments, environment=environment)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stderr

    def test_flags(self):
        self.assertIn("did you mean --address?", self.fails("server", "--adress", ":1", self.data))
        self.assertIn("does not offer", self.fails("server", "--ftp=address=:21", self.data))
        self.assertIn("is no address", self.fails("server", "--address", "nine", self.data))
        self.assertIn("neither on nor off", self.fails("server", "--sigv2=perhaps", self.data))

    def test_directories(self):
        self.assertIn("coffer server /data", self.fails("server"))
        self.assertIn("one directory", self.fails("server", "/a", "/b"))
        self.assertIn("one directory", self.fails("server", "/data{1...4}"))
        self.assertIn("one directory", self.fails("server", environment={"MINIO_VOLUMES": "/a /b"}))

    def test_a_configuration_file_names_its_line(self):
        file = self.directory / "coffer.toml"
        file.write_text("# settings\nadress = ':1'\n")
        message = self.fails("server", "--config", file, self.data)
        self.assertIn(f"{file}:2", message)
        self.assertIn("address", message)

    def test_an_address_in_use(self):
        server = self.start()
        other = self.directory / "other"
        message = self.fails("server", "--address", f"127.0.0.1:{server.port}", other, code=1)
        self.assertIn(str(server.port), message)


class Output(Case):
    def run_full(self, *arguments):
        """Where nothing can be written to."""
        import program
        with open("/dev/full", "w") as full:
            ended = subprocess.run([program.PROGRAM, *map(str, arguments)], env=clean_environment(), text=True,
                                   stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60)
        return ended.returncode, ended.stderr

    def test_that_can_not_be_written_is_a_failure(self):
        self.start().stop()
        for command in (("--help",), ("version",), ("config", "show", "--json"),
                        ("account", "create", self.data, "somebody"), ("account", "list", self.data)):
            with self.subTest(command):
                self.assertEqual(self.run_full(*command), (1, "coffer: could not write the output\n"))

    def test_a_mistake_stays_one(self):
        code, message = self.run_full("account", "list", self.directory / "none")
        self.assertEqual(code, 3)
        self.assertNotIn("could not write", message)


class ConfigShow(Case):
    def test_values_and_where_they_come_from(self):
        file = self.directory / "coffer.toml"
        file.write_text('region = "file-1"\nconsole_address = ":2"\n')
        environment = {"MINIO_ROOT_USER": "admin", "MINIO_ROOT_PASSWORD": "canary-secret", "MINIO_ADDRESS": ":1",
                       "COFFER_CONSOLE_ADDRESS": ":3"}
        ended = run("config", "show", "--json", "--config", file, "--address", ":4", environment=environment)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        shown = {entry["name"]: entry for entry in json.loads(ended.stdout)}
        self.assertEqual((shown["address"]["value"], shown["address"]["from"]), (":4", "--address"))
        self.assertEqual(shown["console_address"]["from"], "COFFER_CONSOLE_ADDRESS")
        self.assertEqual(shown["region"]["from"], f"{file}:1")
        self.assertEqual(shown["shutdown_timeout"]["source"], "default")
        self.assertIsNone(shown["root_password"]["value"])
        table = run("config", "show", environment=environment)
        self.assertIn("MINIO_ROOT_PASSWORD", table.stdout)
        for text in (ended.stdout, ended.stderr, table.stdout, table.stderr):
            self.assertNotIn("canary-secret", text)

    def test_an_env_file_and_flags_in_a_variable(self):
        env = self.directory / "env"
        env.write_text('# comment\nexport MINIO_ROOT_USER="admin"\nMINIO_ROOT_PASSWORD=verysecret\n'
                       'MINIO_OPTS="--console-address :7"\nMINIO_VOLUMES=/srv\n')
        ended = run("config", "show", "--json", environment={"MINIO_CONFIG_ENV_FILE": str(env)})
        shown = {entry["name"]: entry for entry in json.loads(ended.stdout)}
        self.assertEqual(shown["root_user"]["value"], "admin")
        self.assertEqual(shown["directory"]["value"], "/srv")
        self.assertEqual(shown["console_address"]["value"], ":7")
        self.assertIn("MINIO_OPTS", shown["console_address"]["from"])

    def test_unknown_variables_are_named(self):
        ended = run("config", "show", environment={"MINIO_ROOT_PASWORD": "x", "MINIO_NOTIFY_KAFKA_ENABLE_A": "on"})
        self.assertIn("MINIO_ROOT_PASWORD has no effect", ended.stderr)
        self.assertIn("MINIO_NOTIFY_KAFKA_ENABLE_A has no effect: not offered yet", ended.stderr)


class Health(Case):
    def test_of_a_server_that_runs_and_of_none(self):
        server = self.start()
        self.assertEqual(run("health", f"http://127.0.0.1:{server.port}/minio/health/ready").returncode, 0)
        environment = {"COFFER_ADDRESS": f"127.0.0.1:{server.port}"}
        self.assertEqual(run("health", environment=environment).returncode, 0)
        self.assertEqual(run("health", f"http://127.0.0.1:{server.port}/minio/health/nonsense").returncode, 1)
        server.stop()
        ended = run("health", environment=environment)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(str(server.port), ended.stderr)

    def test_needs_no_more_of_the_configuration_than_the_address(self):
        file = self.directory / "coffer.toml"
        server = self.start()
        file.write_text(f'address = "127.0.0.1:{server.port}"\nkms_key_file = "/gone/keys"\n')
        gone = {"COFFER_BOOTSTRAP": "/gone/bootstrap.yaml", "COFFER_KMS_KEY_FILE": "/gone/keys",
                "MINIO_ROOT_PASSWORD_FILE": "/gone/password"}
        for where in ({"COFFER_ADDRESS": f"127.0.0.1:{server.port}", "COFFER_CONFIG_FILE": "/gone/coffer.toml"},
                      {"COFFER_CONFIG_FILE": str(file)}):
            ended = run("health", environment=gone | where)
            self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_of_an_address_that_is_none(self):
        ended = run("health", environment={"COFFER_ADDRESS": "nine"})
        self.assertEqual(ended.returncode, 2)
        self.assertIn('coffer health: address (COFFER_ADDRESS): "nine" is no address', ended.stderr)

    def test_of_what_is_no_url(self):
        self.assertEqual(run("health", "ftp://127.0.0.1/").returncode, 2)


if __name__ == "__main__":
    main()
