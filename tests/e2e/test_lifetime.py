"""The life of the process: start, drain on SIGTERM, a second signal, what clients see meanwhile."""

import hashlib
import json
import signal
import socket
import subprocess

from program import Case, main, signed, support
import program


class Lifetime(Case):
    def begin_upload(self, server, body):
        """A PUT whose head and first half are sent. Returns the connection; the bucket is there."""
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        headers = signed(server, "PUT", "/bucket/key", hashlib.sha256(body).hexdigest(),
                         {"content-length": str(len(body))})
        connection = socket.create_connection(("127.0.0.1", server.port), 60)
        self.addCleanup(connection.close)
        head = "PUT /bucket/key HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
        connection.sendall(head.encode() + body[:len(body) // 2])
        self.eventually(lambda: 'minio_s3_requests_inflight_total{api="putobject"' in self.in_flight(server),
                        "the upload is in flight")
        return connection

    def in_flight(self, server):
        text = self.plain(server.console_port, "GET", "/metrics").text
        return "\n".join(line for line in text.splitlines() if line.endswith(" 1"))

    def test_sigterm_finishes_an_upload_and_refuses_what_comes_after(self):
        body = b"x" * 1_000_000
        server = self.start(environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        connection = self.begin_upload(server, body)
        server.process.send_signal(signal.SIGTERM)
        self.eventually(lambda: self.refused(server.port), "the port is closed")
        connection.sendall(body[len(body) // 2:])
        answer = connection.makefile("rb").readline()
        self.assertIn(b"200", answer)
        self.assertEqual(server.process.wait(60), 0)
        server.process = None
        server = self.start()
        self.assertEqual(len(self.ask(server, "GET", "/bucket/key").text), len(body))

    def refused(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return False
        except ConnectionRefusedError:
            return True

    def test_a_client_that_stops_reading_is_let_go(self):
        server = self.start(arguments=["--transfer-timeout", "300ms"],
                            environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        body = b"x" * 32_000_000
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        self.assertEqual(self.ask(server, "PUT", "/bucket/key", body).status, 200)
        connection = socket.socket()
        self.addCleanup(connection.close)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        headers = signed(server, "GET", "/bucket/key", hashlib.sha256(b"").hexdigest(), {})
        connection.sendall(("GET /bucket/key HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items())
                            + "\r\n").encode())
        self.assertIn(b"200", connection.makefile("rb", 0).readline())
        self.eventually(lambda: 'minio_s3_requests_inflight_total{api="getobject"' not in self.in_flight(server),
                        "the download is given up")
        received = 0
        try:
            while data := connection.recv(1 << 20):
                received += len(data)
        except ConnectionResetError:
            pass
        self.assertLess(received, len(body))

    def test_the_timeout_ends_what_does_not_finish(self):
        server = self.start(arguments=["--shutdown-timeout", "200ms"],
                            environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        connection = self.begin_upload(server, b"x" * 1_000_000)
        server.stop()
        try:
            self.assertEqual(connection.recv(1), b"")
        except ConnectionResetError:
            pass
        server = self.start()
        self.assertEqual(self.ask(server, "GET", "/bucket/key").status, 404)

    def test_a_second_signal_ends_it_at_once(self):
        server = self.start(arguments=["--shutdown-timeout", "1h"],
                            environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        self.begin_upload(server, b"x" * 1_000_000)
        process, server.process = server.process, None
        process.send_signal(signal.SIGTERM)
        self.eventually(lambda: "stopping" in server.log.read_text(), "it is stopping")
        self.eventually(lambda: self.refused(server.port), "the port is closed")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 128 + signal.SIGINT)
        self.start()  # the directory is free, and whole

    def test_json_logs_are_json_and_quiet_is_quiet(self):
        server = self.start(arguments=["--json"], environment={"MINIO_NOTIFY_X": "1"})
        server.stop()
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
        self.assertIn("serving", [line["message"] for line in lines])
        self.assertTrue(any("MINIO_NOTIFY_X" in line["message"] for line in lines))
        server = self.start(arguments=["--quiet"])
        server.stop()
        self.assertEqual(server.log.read_text(), "")

    def test_the_banner_says_where_s3_is(self):
        server = self.start()
        server.stop()
        self.assertIn(f"API: http://127.0.0.1:{server.port}", server.log.read_text())

    def test_the_second_port_gives_way(self):
        with socket.create_server(("127.0.0.1", 9001)) if self.refused(9001) else open("/dev/null"):
            process = subprocess.Popen(
                [program.PROGRAM, "server", str(self.data), "--address", "127.0.0.1:0"],
                env=program.clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
            self.addCleanup(process.stdout.close)
            said = ""
            while "Data:" not in said:
                line = process.stdout.readline()
                self.assertTrue(line, said)
                said += line
            process.terminate()
            self.assertEqual(process.wait(60), 0)
        self.assertIn("no port of their own", said)


if __name__ == "__main__":
    main()
