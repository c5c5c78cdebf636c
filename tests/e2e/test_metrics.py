"""Metrics over HTTP: who may read them, and that they are of this server."""

import base64
import hashlib
import hmac
import json
import time

from program import Case, main, support


def token(claims, secret=support.SECRET_KEY, algorithm="HS512", digest=hashlib.sha512):
    """A JWT as `mc admin prometheus generate` makes it."""
    def encode(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    signed = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
    signature = hmac.new(secret.encode(), signed.encode(), digest).digest() if digest else b""
    return f"{signed}.{encode(signature)}"


def claims(**changes):
    return {"iss": "prometheus", "sub": support.ACCESS_KEY, "exp": int(time.time()) + 3600} | changes


class Metrics(Case):
    def status(self, server, bearer=None, target="/minio/v2/metrics/cluster", port=None):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self.plain(port or server.port, "GET", target, headers).status

    def test_a_token_of_the_root_opens_them(self):
        server = self.start()
        self.assertEqual(self.status(server, token(claims())), 200)
        self.assertEqual(self.status(server, token(claims()), "/metrics", server.console_port), 200)
        self.assertEqual(self.status(server), 403)
        self.assertEqual(self.status(server, port=server.console_port, target="/metrics"), 403)

    def test_other_tokens_do_not(self):
        server = self.start()
        for what, bearer in (("another secret", token(claims(), secret="another-secret")),
                             ("no signature", token(claims(), algorithm="none", digest=None)),
                             ("an algorithm that it was not signed by", token(claims(), algorithm="HS256")),
                             ("an unknown algorithm", token(claims(), algorithm="RS256")),
                             ("expired", token(claims(exp=int(time.time()) - 60))),
                             ("another user", token(claims(sub="somebody"))),
                             ("another issuer", token(claims(iss="console"))),
                             ("without an end", token({"iss": "prometheus", "sub": support.ACCESS_KEY})),
                             ("not a token", "x.y.z"), ("nothing", "")):
            with self.subTest(what):
                self.assertEqual(self.status(server, bearer), 403)

    def test_public_ones_need_none(self):
        server = self.start(environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        self.assertEqual(self.status(server), 200)

    def test_they_count_what_happens(self):
        server = self.start(environment={"MINIO_PROMETHEUS_AUTH_TYPE": "public"})
        self.assertEqual(self.ask(server, "PUT", "/bucket").status, 200)
        self.assertEqual(self.ask(server, "PUT", "/bucket/key", b"x" * 5000).status, 200)
        self.assertEqual(self.ask(server, "GET", "/bucket/none").status, 404)
        label = f'server="127.0.0.1:{server.port}"'
        cluster = self.plain(server.port, "GET", "/minio/v2/metrics/cluster").text.splitlines()
        for line in (f"minio_cluster_bucket_total{{{label}}} 1", f"minio_cluster_usage_object_total{{{label}}} 1",
                     f"minio_cluster_usage_total_bytes{{{label}}} 5000",
                     f'minio_s3_requests_total{{api="putobject",{label}}} 1',
                     f'minio_s3_requests_4xx_errors_total{{api="getobject",{label}}} 1',
                     f"minio_s3_traffic_received_bytes{{{label}}} 5000"):
            self.assertIn(line, cluster)
        buckets = self.plain(server.port, "GET", "/minio/v2/metrics/bucket").text.splitlines()
        self.assertIn(f'minio_bucket_requests_total{{api="putobject",bucket="bucket",{label}}} 1', buckets)
        self.assertIn(f'minio_bucket_usage_total_bytes{{bucket="bucket",{label}}} 5000', buckets)

    def test_the_second_port_is_no_s3(self):
        server = self.start()
        response = self.plain(server.console_port, "GET", "/bucket")
        self.assertEqual(response.status, 404)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        self.assertIn("no console yet", json.loads(response.text)["detail"])
        for target in ("/", "/login"):
            self.assertEqual(self.plain(server.port, "GET", target, {"User-Agent": "Mozilla/5.0"}).status // 100, 4)


if __name__ == "__main__":
    main()
