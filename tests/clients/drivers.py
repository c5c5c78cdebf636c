"""One face for every client, for what all of them can do: make a bucket, put, get, list, remove.

What is special to a client is in its own test file. Each driver runs the client as its user would: the libraries by
their plain calls, the programs by their command line.
"""

import json
import os
import subprocess
from pathlib import Path

import boto3
import minio
import s3fs
import urllib3
from botocore.config import Config

MIB = 1024 * 1024


def boto3_client(endpoint, **config):
    return boto3.client(
        "s3", endpoint_url=endpoint.url, aws_access_key_id=endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key, region_name=endpoint.region, verify=endpoint.ca_file,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, **config))


def clean_environment(**more):
    """Ours without what configures S3 clients."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RCLONE_", "RESTIC_"))}
    return kept | more


def run(*command, environment=None, stdin=subprocess.DEVNULL):
    """Runs a program and returns what it printed; its errors are in the exception."""
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, stdin=stdin,
                          timeout=300, env=clean_environment(**(environment or {})))
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{' '.join(map(str, command))}\n"
                           f"{done.stdout.decode(errors='replace')[-2000:]}\n"
                           f"{done.stderr.decode(errors='replace')[-4000:]}")
    return done.stdout.decode("utf-8", "surrogateescape")


class Driver:
    """`directory` is the client's own, for its configuration. `refuses` tells why a client cannot name a key."""

    slow = False  # a call costs most of a second

    def __init__(self, endpoint, directory):
        self.endpoint = endpoint
        self.directory = Path(directory)
        self.prepare()

    def prepare(self):
        pass

    @staticmethod
    def refuses(key):
        return None


class Boto3(Driver):
    def prepare(self):
        self.client = boto3_client(self.endpoint)

    def make_bucket(self, bucket):
        self.client.create_bucket(Bucket=bucket)

    def put(self, bucket, key, path):
        self.client.upload_file(str(path), bucket, key)

    def get(self, bucket, key, path):
        self.client.download_file(bucket, key, str(path))

    def list(self, bucket):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def remove(self, bucket, key):
        self.client.delete_object(Bucket=bucket, Key=key)


class Boto3SigV2(Boto3):
    """The signature of 2006, which boto3 still offers, and uses by itself for presigned links."""

    def prepare(self):
        self.client = boto3_client(self.endpoint, signature_version="s3")


class MinioPy(Driver):
    def prepare(self):
        pool = urllib3.PoolManager(ca_certs=self.endpoint.ca_file) if self.endpoint.tls else None
        self.client = minio.Minio(self.endpoint.host, access_key=self.endpoint.access_key,
                                  secret_key=self.endpoint.secret_key, secure=self.endpoint.tls, http_client=pool)

    @staticmethod
    def refuses(key):
        if {".", ".."} & set(key.split("/")):
            return "minio-py does not accept . and .. as parts of a key"
        return None

    def make_bucket(self, bucket):
        self.client.make_bucket(bucket)

    def put(self, bucket, key, path):
        self.client.fput_object(bucket, key, str(path))

    def get(self, bucket, key, path):
        # fget_object names its temporary file by the key, which a file system may not take.
        response = self.client.get_object(bucket, key)
        with open(path, "wb") as file:
            for piece in response.stream(1024 * 1024):
                file.write(piece)
        response.close()
        response.release_conn()

    def list(self, bucket):
        return [item.object_name for item in self.client.list_objects(bucket, recursive=True)]

    def remove(self, bucket, key):
        self.client.remove_object(bucket, key)


class AwsCli(Driver):
    slow = True

    def prepare(self):
        self.environment = {
            "AWS_ACCESS_KEY_ID": self.endpoint.access_key, "AWS_SECRET_ACCESS_KEY": self.endpoint.secret_key,
            "AWS_DEFAULT_REGION": self.endpoint.region, "AWS_ENDPOINT_URL": self.endpoint.url,
            "AWS_CONFIG_FILE": str(self.directory / "none"), "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "",
            "LC_ALL": "C.UTF-8"}
        if self.endpoint.tls:
            self.environment["AWS_CA_BUNDLE"] = self.endpoint.ca_file

    def aws(self, *arguments):
        return run("aws", *arguments, environment=self.environment)

    def make_bucket(self, bucket):
        self.aws("s3", "mb", f"s3://{bucket}")

    def put(self, bucket, key, path):
        self.aws("s3", "cp", "--only-show-errors", path, f"s3://{bucket}/{key}")

    def get(self, bucket, key, path):
        self.aws("s3", "cp", "--only-show-errors", f"s3://{bucket}/{key}", path)

    def list(self, bucket):
        listing = json.loads(self.aws("s3api", "list-objects-v2", "--bucket", bucket, "--output", "json") or "{}")
        return [item["Key"] for item in listing.get("Contents", [])]

    def remove(self, bucket, key):
        self.aws("s3", "rm", "--only-show-errors", f"s3://{bucket}/{key}")

    @staticmethod
    def refuses(key):
        if key.endswith("/"):
            return "`aws s3 cp` takes a trailing / for a folder"
        return None


class Rclone(Driver):
    def prepare(self):
        self.environment = {
            "RCLONE_CONFIG": str(self.directory / "none"), "RCLONE_CONFIG_COFFER_TYPE": "s3",
            "RCLONE_CONFIG_COFFER_PROVIDER": "Minio", "RCLONE_CONFIG_COFFER_ENDPOINT": self.endpoint.url,
            "RCLONE_CONFIG_COFFER_ACCESS_KEY_ID": self.endpoint.access_key,
            "RCLONE_CONFIG_COFFER_SECRET_ACCESS_KEY": self.endpoint.secret_key, "RCLONE_RETRIES": "1",
            "RCLONE_LOW_LEVEL_RETRIES": "1"}
        if self.endpoint.tls:
            self.environment["RCLONE_CA_CERT"] = self.endpoint.ca_file

    @staticmethod
    def refuses(key):
        if any(part in ("", ".", "..") for part in key.split("/")):
            return "rclone has paths of a file system: no empty part, no . and .."
        return None

    def rclone(self, *arguments, **options):
        return run("rclone", *arguments, environment=self.environment, **options)

    def make_bucket(self, bucket):
        self.rclone("mkdir", f"coffer:{bucket}")

    def put(self, bucket, key, path):
        self.rclone("copyto", path, f"coffer:{bucket}/{key}")

    def get(self, bucket, key, path):
        self.rclone("copyto", f"coffer:{bucket}/{key}", path)

    def list(self, bucket):
        found = json.loads(self.rclone("lsjson", "-R", "--files-only", f"coffer:{bucket}"))
        return sorted((item["Path"] for item in found), key=os.fsencode)

    def remove(self, bucket, key):
        self.rclone("deletefile", f"coffer:{bucket}/{key}")


class S3cmd(Driver):
    slow = True

    def prepare(self):
        self.config = self.directory / "s3cfg"
        self.config.write_text(
            f"[default]\naccess_key = {self.endpoint.access_key}\nsecret_key = {self.endpoint.secret_key}\n"
            f"host_base = {self.endpoint.host}\nhost_bucket = {self.endpoint.host}\n"
            f"use_https = {self.endpoint.tls}\nca_certs_file = {self.endpoint.ca_file or ''}\n"
            "encoding = UTF-8\nmax_retries = 1\nstats = False\nprogress_meter = False\n")

    @staticmethod
    def refuses(key):
        if key.endswith("/"):
            return "s3cmd takes a trailing / for a folder"
        return None

    def s3cmd(self, *arguments):
        return run("/usr/bin/s3cmd", "-c", self.config, *arguments, environment={"LC_ALL": "C.UTF-8"})

    def make_bucket(self, bucket):
        self.s3cmd("mb", f"s3://{bucket}")

    def put(self, bucket, key, path):
        self.s3cmd("put", path, f"s3://{bucket}/{key}")

    def get(self, bucket, key, path):
        self.s3cmd("get", "--force", f"s3://{bucket}/{key}", path)

    def list(self, bucket):
        lines = self.s3cmd("ls", "--recursive", f"s3://{bucket}").split("\n")
        return [line.split(f"s3://{bucket}/", 1)[1] for line in lines if line]

    def remove(self, bucket, key):
        self.s3cmd("rm", f"s3://{bucket}/{key}")


class S3fs(Driver):
    def prepare(self):
        client = {"verify": self.endpoint.ca_file} if self.endpoint.tls else {}
        self.fs = s3fs.S3FileSystem(
            key=self.endpoint.access_key, secret=self.endpoint.secret_key, endpoint_url=self.endpoint.url,
            client_kwargs={"region_name": self.endpoint.region, **client},
            config_kwargs={"retries": {"max_attempts": 1}}, skip_instance_cache=True, use_listings_cache=False)

    @staticmethod
    def refuses(key):
        if key.endswith("/"):
            return "s3fs drops a trailing /"
        if "?" in key:
            return "s3fs takes what follows ? for a version"
        return None

    def make_bucket(self, bucket):
        self.fs.mkdir(bucket)

    def put(self, bucket, key, path):
        with open(path, "rb") as source, self.fs.open(f"{bucket}/{key}", "wb") as target:
            while piece := source.read(8 * 1024 * 1024):
                target.write(piece)

    def get(self, bucket, key, path):
        with self.fs.open(f"{bucket}/{key}", "rb") as source, open(path, "wb") as target:
            while piece := source.read(8 * 1024 * 1024):
                target.write(piece)

    def list(self, bucket):
        return sorted((path.split("/", 1)[1] for path in self.fs.find(bucket)), key=os.fsencode)

    def remove(self, bucket, key):
        self.fs.rm_file(f"{bucket}/{key}")


DRIVERS = {driver.__name__: driver for driver in (Boto3, Boto3SigV2, MinioPy, AwsCli, Rclone, S3cmd, S3fs)}
