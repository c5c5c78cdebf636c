"""--certs-dir: TLS with the certificate that lies there, on both ports, read again when it changes."""

import shutil
import ssl
import socket
import urllib.request

from program import Case, main, run, support


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.certs = support.make_certificates(self.directory / "tls")
        self.trust = ssl.create_default_context(cafile=self.directory / "tls" / "ca.crt")

    def get(self, port, path):
        with urllib.request.urlopen(f"https://localhost:{port}{path}", context=self.trust, timeout=30) as response:
            return response.status

    def test_both_ports_speak_tls(self):
        server = self.start(certs_dir=self.certs)
        self.assertEqual(self.get(server.port, "/minio/health/live"), 200)
        self.assertEqual(self.get(server.console_port, "/minio/health/live"), 200)
        self.assertEqual(self.ask_health(server, "--insecure"), 0)
        self.assertEqual(self.ask_health(server), 1, "nobody vouches for this certificate")
        environment = {"COFFER_ADDRESS": f"127.0.0.1:{server.port}"}
        self.assertEqual(run("health", environment=environment).returncode, 0, "this machine's own server")

    def ask_health(self, server, *flags):
        return run("health", f"https://localhost:{server.port}/minio/health/ready", *flags).returncode

    def test_a_directory_without_certificates_means_plain_http_and_a_warning(self):
        empty = self.directory / "empty"
        empty.mkdir()
        server = self.start(arguments=["--certs-dir", str(empty)])
        self.assertEqual(self.plain(server.port, "GET", "/minio/health/live").status, 200)
        warning = "has no public.crt and private.key: serving without TLS"
        self.eventually(lambda: warning in server.log.read_text(), "the warning")
        self.assertEqual(server.log.read_text().count(f"certs_dir {empty} {warning}"), 1)

    def test_without_certs_dir_nothing_is_said_of_it(self):
        server = self.start()
        server.stop()
        self.assertNotIn("without TLS", server.log.read_text())

    def test_the_home_directory_of_minio_is_looked_at(self):
        home = self.directory / "home"
        shutil.copytree(self.certs, home / ".minio" / "certs")
        server = support.Server(self.program(), directory=self.data, environment={"HOME": str(home)})
        server.tls = True
        self.addCleanup(server.stop)
        server.start()
        self.assertEqual(self.get(server.port, "/minio/health/live"), 200)

    def test_a_certificate_without_its_key_is_refused(self):
        other = support.make_certificates(self.directory / "other")
        shutil.copy(other / "private.key", self.certs / "private.key")
        ended = run("server", "--address", "127.0.0.1:0", "--console-address", "127.0.0.1:0", "--certs-dir",
                    self.certs, self.data)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertIn("private.key", ended.stderr)

    def program(self):
        import program
        return program.PROGRAM


if __name__ == "__main__":
    main()
