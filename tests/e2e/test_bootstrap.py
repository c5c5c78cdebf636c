"""What a file declares is there from the first start on, comes back when it is gone, and can be looked at before."""

import json
import os

from program import Case, main, run
from receiver import Receiver

SECRET = "a secret of the app"
FILE = """
webhooks:
  orders: {endpoint: "%(endpoint)s"}
policies:
  photos-read:
    Version: 2012-10-17
    Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::photos/*"}]
groups:
  readers: {policies: [photos-read]}
users:
  app: {secret_key_file: "%(secret)s", policies: [readwrite]}
  reader: {secret_key: a secret of the reader, groups: [readers]}
buckets:
  photos:
    versioning: enabled
    quota: 1MiB
    cors: [{AllowedOrigins: ["https://app.example"], AllowedMethods: [GET]}]
    lifecycle: [{ID: tmp, Status: Enabled, Filter: {Prefix: tmp/}, Expiration: {Days: 7}}]
    notifications: [{webhook: orders, events: ["s3:ObjectCreated:*"]}]
  open: {anonymous: download}
"""
TOML = """
[bootstrap.buckets.photos]
versioning = "enabled"
[[bootstrap.buckets.photos.lifecycle]]
ID = "tmp"
Status = "Enabled"
Filter = { Prefix = "tmp/" }
Expiration = { Date = 2030-01-01T00:00:00Z }
"""


class Bootstrap(Case):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver().start()
        self.addCleanup(self.receiver.stop)
        (self.directory / "secret").write_text(SECRET + "\n")
        self.file = self.directory / "bootstrap.yaml"
        self.declare(FILE)

    def declare(self, text):
        self.file.write_text(text % {"endpoint": self.receiver.url, "secret": self.directory / "secret"})

    def serve(self):
        return self.start(environment={"COFFER_BOOTSTRAP": str(self.file)})

    def bootstrap(self, *arguments, code=0, **options):
        ended = run("bootstrap", self.data, *arguments, **options)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        return ended.stderr if code else ended.stdout

    def test_the_first_start_makes_all_of_it(self):
        server = self.serve()
        self.assertIn("Enabled", self.ask(server, "GET", "/photos?versioning=").text)
        self.assertIn("tmp/", self.ask(server, "GET", "/photos?lifecycle=").text)
        self.assertIn("https://app.example", self.ask(server, "GET", "/photos?cors=").text)
        self.assertEqual(self.ask(server, "PUT", "/photos/a", b"body", access_key="app", secret_key=SECRET).status, 200)
        self.assertTrue(self.receiver.wait_for_taken(1))
        reader = {"access_key": "reader", "secret_key": "a secret of the reader"}
        self.assertEqual(self.ask(server, "GET", "/photos/a", **reader).text, "body")
        self.assertEqual(self.ask(server, "PUT", "/photos/a", b"body", **reader).status, 403)
        self.assertEqual(self.ask(server, "PUT", "/photos/big", bytes(2 << 20)).status, 400)

    def test_another_start_changes_only_what_is_gone(self):
        server = self.serve()
        self.assertEqual(self.ask(server, "DELETE", "/photos?cors=").status, 204)
        before = self.ask(server, "GET", "/photos?lifecycle=").text
        server.stop()
        server = self.serve()
        self.assertIn("https://app.example", self.ask(server, "GET", "/photos?cors=").text)
        self.assertEqual(self.ask(server, "GET", "/photos?lifecycle=").text, before)
        self.assertEqual(server.log.read_text().count("changed as the bootstrap declares"), 1)

    def test_a_dry_run_shows_what_would_change(self):
        server = self.serve()
        self.assertEqual(self.bootstrap(self.file, "--dry-run"), "Everything is as declared.\n")
        self.declare(FILE.replace("1MiB", "2MiB").replace("tmp/", "old/") + "  new: {}\n")
        shown = self.bootstrap(self.file, "--dry-run")
        self.assertIn("~ bucket photos: quota: 1048576 bytes -> 2097152 bytes\n", shown)
        self.assertRegex(shown, "(?s)~ bucket photos: lifecycle\n    - <.*tmp/.*\n    [+] <.*old/.*\n")
        self.assertIn("+ bucket new\n3 changes, none of them made: this was a dry run.\n", shown)
        self.assertEqual(self.ask(server, "HEAD", "/new").status, 404)
        self.assertIn("3 changes made.", self.bootstrap(self.file))
        self.assertEqual(self.ask(server, "HEAD", "/new").status, 200)
        self.assertEqual(json.loads(self.bootstrap(self.file, "--json")), {"changes": []})

    def test_without_a_server_the_command_opens_the_directory(self):
        self.start().stop()
        shown = self.bootstrap(self.file, "--dry-run")
        self.assertIn("+ user app\n", shown)
        self.assertNotIn(SECRET, shown)
        self.assertEqual(self.bootstrap(self.file).splitlines()[:-1], shown.splitlines()[:-1])
        self.assertEqual(self.bootstrap(self.file), "Everything is as declared.\n")
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/photos/a", b"body", access_key="app", secret_key=SECRET).status, 200)

    def test_the_configuration_file_can_hold_it(self):
        config = self.directory / "coffer.toml"
        config.write_text(TOML)
        server = self.start(environment={"COFFER_CONFIG_FILE": str(config)})
        self.assertIn("2030-01-01", self.ask(server, "GET", "/photos?lifecycle=").text)
        self.assertEqual(self.bootstrap("--config", config), "Everything is as declared.\n")

    def test_mistakes_are_told_before_anything_is_touched(self):
        self.declare(FILE.replace("versioning: enabled", "versioning: perhaps"))
        ended = run("server", "--bootstrap", self.file, self.data)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("bootstrap.yaml: buckets.photos.versioning: it must be enabled or suspended", ended.stderr)
        self.assertEqual(os.listdir(self.data), [])

        self.start().stop()
        self.assertIn("line 3", self.bootstrap(self.write("a: 1\nb: 2\na: 3\n"), code=2))
        self.assertIn("did you mean \"buckets\"", self.bootstrap(self.write("bucket: {}"), code=2))
        self.assertIn("nothing is declared", self.bootstrap(code=2))
        self.assertIn("no policy \"nothing\"",
                      self.bootstrap(self.write("users: {app: {policies: [nothing]}}"), code=1))
        self.assertIn("no data directory", run("bootstrap", self.directory / "none", self.write("{}")).stderr)
        server = self.start()
        self.assertNotIn("<Bucket>", self.ask(server, "GET", "/").text)

    def test_what_can_not_be_done_ends_the_start_and_says_why(self):
        self.declare("buckets: {photos: {object_lock: true}}")
        self.serve().stop()
        self.declare("buckets: {photos: {versioning: suspended}}")
        ended = run("server", "--bootstrap", self.file, "--address", ":0", self.data)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("the bootstrap could not be applied: bucket photos: versioning", ended.stderr)
        self.assertNotIn("did not end in good order", self.start().log.read_text())

    def write(self, text):
        path = self.directory / "other.yaml"
        path.write_text(text)
        return path


main()
