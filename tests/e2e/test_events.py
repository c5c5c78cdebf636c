"""Events that webhooks are told: in order, none lost, whoever dies; and what `coffer events` does with those given up."""

import json
import os
import random
import re
import threading
import urllib.parse
from collections import defaultdict

from program import Case, main, run, signed
from receiver import Receiver

CYCLES = int(os.environ.get("COFFER_KILL_CYCLES", "200")) // 20
KEYS = [f"key-{index}" for index in range(5)]
RULES = """<NotificationConfiguration><QueueConfiguration><Queue>arn:minio:sqs::one:webhook</Queue>
<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event></QueueConfiguration></NotificationConfiguration>"""
VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def key_of(record):
    return urllib.parse.unquote_plus(record["s3"]["object"]["key"])


class Events(Case):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver().start()
        self.addCleanup(self.receiver.stop)

    def serve(self, **more):
        server = self.start(environment=self.receiver.environment() | more)
        return server

    def make_bucket(self, server, versioned=False):
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        if versioned:
            self.assertEqual(self.ask(server, "PUT", "/bucket?versioning=", VERSIONED).status, 200)
        self.assertEqual(self.ask(server, "PUT", "/bucket?notification=", RULES.encode()).status, 200)

    def put(self, server, key, body=b"body"):
        self.assertEqual(self.ask(server, "PUT", f"/bucket/{key}", body).status, 200)

    def events(self, *arguments, code=0):
        """What `coffer events` printed."""
        ended = run("events", self.data, *arguments)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        return ended.stdout if code == 0 else ended.stderr

    def status(self):
        return json.loads(self.events("--json"))

    def test_a_webhook_is_told_what_happens(self):
        server = self.serve(MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_one="token")
        self.make_bucket(server)
        self.put(server, "a%20b")
        self.assertEqual(self.ask(server, "DELETE", "/bucket/a%20b").status, 204)
        self.assertTrue(self.receiver.wait_for_taken(2))
        created, removed = self.receiver.taken
        self.assertEqual((created["EventName"], created["Key"]), ("s3:ObjectCreated:Put", "bucket/a b"))
        self.assertEqual(created["Records"][0]["s3"]["object"]["key"], "a+b")
        self.assertEqual(created["Records"][0]["s3"]["object"]["size"], 4)
        self.assertEqual(created["Records"][0]["requestParameters"]["sourceIPAddress"], "127.0.0.1")
        self.assertEqual(removed["EventName"], "s3:ObjectRemoved:Delete")
        method, path, headers = self.receiver.requests[0]
        self.assertEqual((method, path, headers["Authorization"]), ("POST", "/events", "Bearer token"))
        self.eventually(lambda: self.status()["targets"][0]["waiting"] == 0, "no event waits")

    def test_a_target_that_is_down_stalls_no_request_and_loses_no_event(self):
        server = self.serve()
        self.make_bucket(server)
        self.receiver.stop()
        for count in range(60):
            self.put(server, KEYS[count % len(KEYS)], str(count).encode())
        server.stop()  # and a restart loses none either
        server = self.serve()
        self.put(server, "last")
        self.receiver.start()
        self.assertTrue(self.receiver.wait_for_taken(61))
        self.check_order(self.receiver.records())

    def test_a_target_that_hangs_stalls_no_request(self):
        server = self.serve(COFFER_NOTIFY_TIMEOUT="1h")
        self.make_bucket(server)
        self.receiver.hold.clear()
        for count in range(30):
            self.put(server, f"key-{count}")
        self.assertTrue(self.receiver.wait_for_requests(8))  # as many as are in flight; none is answered
        self.put(server, "while-it-hangs")
        self.receiver.hold.set()
        self.assertTrue(self.receiver.wait_for_taken(31))

    def test_a_server_stops_though_its_target_hangs_and_tells_again(self):
        server = self.serve(COFFER_NOTIFY_TIMEOUT="1h")
        self.make_bucket(server)
        self.receiver.hold.clear()
        self.put(server, "key")
        self.assertTrue(self.receiver.wait_for_requests(1))
        server.stop()
        self.serve()
        self.assertTrue(self.receiver.wait_for_requests(2))
        self.receiver.hold.set()
        self.assertTrue(self.receiver.wait_for_taken(2))

    def test_a_target_that_fails_or_redirects_is_asked_again(self):
        server = self.serve()
        self.make_bucket(server)
        for status in (500, 404, 302):
            self.receiver.status = status
            self.receiver.headers = {"Location": "/elsewhere"}
            before = len(self.receiver.requests)
            self.put(server, f"key-{status}")
            self.assertTrue(self.receiver.wait_for_requests(before + 2))
        self.receiver.status = 200
        self.assertTrue(self.receiver.wait_for_taken(3))
        self.assertEqual({path for _, path, _ in self.receiver.requests}, {"/events"})
        self.assertIn("a target does not take an event", server.log.read_text())

    def test_what_is_given_up_is_listed_sent_again_and_dropped(self):
        server = self.serve(COFFER_NOTIFY_DEAD_AFTER="1ms")
        self.make_bucket(server)
        self.receiver.refused = {"bucket/one", "bucket/two", "bucket/three"}
        for count, key in enumerate(("one", "two", "three"), 1):
            self.put(server, key)
            self.eventually(lambda: self.status()["dead"] == count, f"{key} is given up")
            self.put(server, f"taken-{count}")  # so that the webhook is in good standing
            self.assertTrue(self.receiver.wait_for_taken(count))
        listed = [json.loads(line) for line in self.events("list", "--json").splitlines()]
        self.assertEqual(sorted(event["key"] for event in listed), ["one", "three", "two"])
        self.assertEqual({event["error"] for event in listed}, {"it answered 500 Internal Server Error"})
        self.assertTrue(all(event["attempts"] >= 5 for event in listed))
        self.assertIn("bucket/one  given up", self.events("list"))
        ids = {event["key"]: str(event["id"]) for event in listed}

        self.assertIn("say which to drop", self.events("drop", code=2))
        self.assertEqual(self.events("drop", "--id", ids["one"]), "dropped: 1\n")
        self.receiver.refused = set()
        self.assertEqual(self.events("replay", "--id", ids["two"]), "sent again: 1\n")
        self.assertTrue(self.receiver.wait_for_taken(4))
        self.assertEqual(key_of(self.receiver.records()[3]), "two")

        server.stop()  # this command opens the directory itself then
        self.assertEqual(self.status()["dead"], 1)
        self.assertEqual(self.events("replay", "--target", "one"), "sent again: 1\n")
        self.serve()
        self.assertTrue(self.receiver.wait_for_taken(5))
        self.assertEqual(key_of(self.receiver.records()[4]), "three")

    def test_a_target_that_is_no_more_keeps_its_events_until_they_are_dropped(self):
        server = self.serve()
        self.make_bucket(server)
        self.receiver.status = 500
        self.put(server, "key")
        server.stop()
        server = self.start()
        self.assertIn("events wait for a target that is not configured", server.log.read_text())
        self.assertEqual(self.status()["targets"], [{"target": "one", "waiting": 1}])
        self.assertEqual(self.events("drop", "--waiting", "--target", "one"), "dropped: 1\n")
        self.assertEqual(self.status()["targets"], [])

    def test_wrong_settings_stop_the_start(self):
        ended = run("server", self.data, environment={"COFFER_NOTIFY_WEBHOOK_ENDPOINT_one": "example.com"})
        self.assertEqual(ended.returncode, 2)
        self.assertIn("COFFER_NOTIFY_WEBHOOK_ENDPOINT_one", ended.stderr)

    def test_metrics_tell_what_was_told(self):
        server = self.serve(MINIO_PROMETHEUS_AUTH_TYPE="public")
        self.make_bucket(server)
        self.put(server, "key")
        self.assertTrue(self.receiver.wait_for_taken(1))

        def figure(name):
            text = self.plain(server.port, "GET", "/minio/v2/metrics/cluster").text
            found = re.search(rf'^{name}{{[^}}]*target_id="one"[^}}]*}} (\S+)$', text, re.M)
            return float(found[1]) if found else None

        self.eventually(lambda: figure("minio_notify_target_total_events") == 1, "it is counted")
        self.assertEqual(figure("minio_notify_target_failed_events"), 0)
        self.eventually(lambda: figure("minio_notify_target_current_send_in_progress") == 0, "it has ended")

    def listen(self, server, target):
        connection = self.connect(server)
        connection.request("GET", target, headers=signed(server, "GET", target))
        return connection.getresponse()

    def test_listeners_hear_what_happens_until_the_server_stops(self):
        server = self.serve()
        self.make_bucket(server)
        answer = self.listen(server, "/bucket?events=s3%3AObjectCreated%3A%2A&ping=1&prefix=in%2F&suffix=")
        self.assertEqual(answer.status, 200)
        self.assertEqual(json.loads(answer.readline()), {"Records": None})  # nothing yet
        self.put(server, "out")
        self.put(server, "in/key")
        line = next(line for line in iter(answer.readline, b"") if json.loads(line)["Records"])
        self.assertEqual(json.loads(line)["Records"][0]["s3"]["object"]["key"], "in/key")
        server.stop()
        self.assertNotIn(b"in/key", answer.read())  # it ends

    def test_listening_is_refused_to_strangers_and_for_what_is_no_event(self):
        server = self.serve()
        self.make_bucket(server)
        self.assertEqual(self.plain(server.port, "GET", "/bucket?events=s3:ObjectCreated:*").status, 403)
        self.assertEqual(self.ask(server, "GET", "/bucket?events=s3%3ANothing").status, 400)
        self.assertEqual(self.ask(server, "GET", "/bucket?events=s3%3AObjectCreated%3A%2A&ping=0").status, 400)
        self.assertEqual(self.ask(server, "GET", "/nothing?events=s3%3AObjectCreated%3A%2A").status, 404)

    def check_order(self, records):
        """The events of a key come in the order of their sequencers; one may come again before the next comes."""
        last = defaultdict(str)
        for record in records:
            sequencer = record["s3"]["object"]["sequencer"]
            self.assertGreaterEqual(sequencer, last[key_of(record)])
            last[key_of(record)] = sequencer

    def write_until_death(self, server, seed, written):
        """Puts and deletes objects until the server is killed, after `written` operations at the earliest."""
        draw = random.Random(seed)
        try:
            while True:
                key = draw.choice(KEYS)
                if draw.randrange(4) == 0:
                    self.ask(server, "DELETE", f"/bucket/{key}")
                else:
                    self.ask(server, "PUT", f"/bucket/{key}", str(draw.random()).encode())
                written.release()
        except OSError:
            pass  # it died
        except Exception as error:  # http.client's, of an answer that was cut off
            if "http.client" not in type(error).__module__:
                raise

    def test_kill_9_loses_no_event_and_makes_none_up(self):
        seed = os.environ.get("COFFER_TEST_SEED") or str(random.randrange(2**32))
        print(f"COFFER_TEST_SEED={seed}", flush=True)
        draw = random.Random(seed)
        server = self.serve()
        self.make_bucket(server, versioned=True)
        for cycle in range(CYCLES):
            self.receiver.status = draw.choice([200, 200, 500])
            written = threading.Semaphore(0)
            writers = [threading.Thread(target=self.write_until_death, args=(server, f"{seed} {cycle} {n}", written))
                       for n in range(3)]
            for writer in writers:
                writer.start()
            for _ in range(draw.randrange(5, 60)):
                written.acquire()
            server.stop(kill=True)
            for writer in writers:
                writer.join()
            server = self.serve()
        self.receiver.status = 200
        self.eventually(lambda: all(target["waiting"] == 0 for target in self.status()["targets"]), "all are told")
        self.assertEqual(self.status()["dead"], 0)

        # Each version and delete marker has its event, and each event its version or delete marker.
        there = set()
        page = ""
        while page is not None:
            text = self.ask(server, "GET", f"/bucket?versions={page}").text
            there |= {(key, version, kind == "DeleteMarker") for kind, key, version in re.findall(
                r"<(Version|DeleteMarker)>.*?<Key>(.*?)</Key><VersionId>(.*?)</VersionId>", text, re.S)}
            marker = re.search(r"<NextKeyMarker>(.*?)</NextKeyMarker>", text)
            version = re.search(r"<NextVersionIdMarker>(.*?)</NextVersionIdMarker>", text)
            page = f"&key-marker={marker[1]}&version-id-marker={version[1]}" if marker else None
        records = self.receiver.records()
        told = {(key_of(record), record["s3"]["object"]["versionId"], "DeleteMarker" in record["eventName"])
                for record in records}
        self.assertEqual(told, there)
        self.check_order(records)
        print(f"{CYCLES} kills, {len(there)} versions and markers, {len(records)} deliveries", flush=True)


if __name__ == "__main__":
    main()
