"""A webhook for tests: takes what is posted to it, or answers as it is told to."""

import http.server
import json
import threading


class Receiver:
    """Listens on 127.0.0.1 from `start` to `stop`; `port` stays, so that it can be down in between."""

    def __init__(self, port=0):
        self.port = port
        self.status = 200
        self.headers = {}         # of the answer
        self.refused = set()      # "bucket/key" of events that get a 500
        self.requests = []        # of all requests: method, path, headers
        self.taken = []           # envelopes that were answered with a 2xx
        self.hold = threading.Event()  # set: answers are given
        self.hold.set()
        self.changed = threading.Condition()
        self.server = None

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver.changed:
                    receiver.requests.append((self.command, self.path, dict(self.headers)))
                    receiver.changed.notify_all()
                receiver.hold.wait(120)
                envelope = json.loads(body)
                with receiver.changed:
                    status = 500 if envelope["Key"] in receiver.refused else receiver.status
                    if 200 <= status < 300:
                        receiver.taken.append(envelope)
                        receiver.changed.notify_all()
                try:
                    self.send_response(status)
                    for name, value in receiver.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # who asked is gone

            do_GET = do_POST

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/events"

    def environment(self, target="one"):
        """The variables of a server that is to know it under this id."""
        return {f"MINIO_NOTIFY_WEBHOOK_ENABLE_{target}": "on",
                f"MINIO_NOTIFY_WEBHOOK_ENDPOINT_{target}": self.url}

    def wait(self, condition, timeout=60):
        """Until `condition` holds of what was taken and asked; false where it does not come to that."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)

    def wait_for_taken(self, count, timeout=60):
        return self.wait(lambda: len(self.taken) >= count, timeout)

    def wait_for_requests(self, count, timeout=60):
        return self.wait(lambda: len(self.requests) >= count, timeout)

    def records(self):
        with self.changed:
            return [envelope["Records"][0] for envelope in self.taken]
