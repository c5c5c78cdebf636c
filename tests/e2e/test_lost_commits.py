"""A catalogue that lost acknowledged transactions: the server does not start as if nothing had happened."""

import shutil

from program import Case, main, run


class LostCommits(Case):
    def test_an_older_catalogue_is_refused_until_its_loss_is_accepted(self):
        catalogue = self.data / ".coffer" / "catalogue.db"
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        self.assertEqual(self.ask(server, "PUT", "/bucket/before", b"1").status, 200)
        server.stop()
        shutil.copy(catalogue, self.directory / "older")
        self.assertIn("Nothing is lost", run("accept-lost-commits", self.data).stdout)

        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket/after", b"2").status, 200)
        server.stop()
        shutil.copy(self.directory / "older", catalogue)

        refused = run("server", self.data)
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"has lost the last \d+ of \d+ transactions")
        self.assertIn(f"coffer accept-lost-commits {self.data}", refused.stderr)

        accepted = run("accept-lost-commits", self.data)
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        self.assertRegex(accepted.stdout, r"^Accepted: .* has lost the last \d+")
        server = self.start()
        self.assertEqual(self.ask(server, "GET", "/bucket/before").text, "1")
        self.assertEqual(self.ask(server, "GET", "/bucket/after").status, 404)

    def test_a_catalogue_that_is_gone_is_not_begun_anew(self):
        server = self.start()
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        server.stop()
        for file in (self.data / ".coffer").glob("catalogue.db*"):
            if not file.name.endswith("-commits"):
                file.unlink()
        self.assertIn("is gone", run("server", self.data).stderr)

    def test_accepting_makes_nothing(self):
        self.assertEqual(run("accept-lost-commits", self.data).returncode, 3)
        self.assertEqual(list(self.data.iterdir()), [])


if __name__ == "__main__":
    main()
