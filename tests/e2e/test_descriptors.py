"""Too many open files: refused with a clear error, and nothing else is lost."""

import hashlib
import http.client
import socket
import threading
import time

from program import Case, main, signed

LIMIT = 80


def content(name):
    return hashlib.shake_128(name.encode()).digest(300_000)


class Descriptors(Case):
    def start_limited(self):
        return self.start_wrapped(f'ulimit -n {LIMIT}\nexec "$@"')

    def cpu_seconds(self, server):
        with open(f"/proc/{server.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def test_more_clients_than_descriptors(self):
        server = self.start_limited()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        for name in ("a", "b", "c"):
            self.assertEqual(self.ask(server, "PUT", f"/bucket/{name}", content(name)).status, 200)

        answers, acknowledged = [], []
        lock = threading.Lock()

        def client(number):
            for turn in range(6):
                name = f"{number}-{turn}"
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                    target = f"/bucket/{name}"
                    connection.request("PUT", target, content(name), signed(server, "PUT", target, content(name)))
                    status = connection.getresponse().status
                    connection.close()
                except (OSError, http.client.HTTPException):
                    status = None  # turned away before it could ask
                with lock:
                    answers.append(status)
                    if status == 200:
                        acknowledged.append(name)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(answers), {200, 503, None})
        self.assertIn(200, answers)
        self.assertIsNone(server.process.poll(), "the process lives")
        for name in ["a", "b", "c", *acknowledged]:
            connection = self.connect(server)
            connection.request("GET", f"/bucket/{name}", headers=signed(server, "GET", f"/bucket/{name}"))
            response = connection.getresponse()
            self.assertEqual((response.status, response.read()), (200, content(name)), name)
            connection.close()

    def test_idle_connections_take_all_of_them(self):
        server = self.start_limited()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        self.assertEqual(self.ask(server, "PUT", "/bucket/a", content("a")).status, 200)
        kept = self.connect(server)
        kept.request("GET", "/bucket/a", headers=signed(server, "GET", "/bucket/a"))
        self.assertEqual(kept.getresponse().read(), content("a"))

        idle = []
        for _ in range(2 * LIMIT):
            client = socket.socket()
            client.settimeout(1)
            client.connect(("127.0.0.1", server.port))
            idle.append(client)
        # Who is connected already gets an answer: the object, or "slow down", never "no such key" or "denied".
        statuses = set()
        for method, target, body in (("GET", "/bucket/a", b""), ("PUT", "/bucket/b", content("b")),
                                     ("GET", "/bucket/a", b""), ("DELETE", "/bucket/a", b"")):
            kept.request(method, target, body, signed(server, method, target, body))
            response = kept.getresponse()
            response.read()
            statuses.add(response.status)
        self.assertLessEqual(statuses, {200, 204, 503})
        before, began = self.cpu_seconds(server), time.monotonic()
        time.sleep(2)  # a stretch over which the use of the processor is measured
        used = (self.cpu_seconds(server) - before) / (time.monotonic() - began)
        self.assertLess(used, 0.5, "it does not spin on accept")
        for client in idle:
            client.close()
        self.eventually(lambda: self.asks_again(server), "an answer once the descriptors are back")

    def asks_again(self, server):
        try:
            return self.ask(server, "PUT", "/bucket/c", content("c")).status == 200
        except OSError:
            return False


if __name__ == "__main__":
    main()
