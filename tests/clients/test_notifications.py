"""Notifications with boto3, minio-py and `mc`: rules are set and shown, a webhook gets what they ask for, clients listen."""

import json
import os
import subprocess
import threading
import urllib.parse

import minio
import minio.notificationconfig as minio_rules
import pytest
from botocore.exceptions import ClientError
from conftest import PROGRAM, Endpoint
from drivers import run
from receiver import Receiver
from server import Server
from test_mc import MC, is_minios

ARN = "arn:minio:sqs::one:webhook"

needs_mc = pytest.mark.skipif(not is_minios(MC), reason="MinIO's mc is not there; MC_PROGRAM names one")


@pytest.fixture(scope="module")
def webhook():
    receiver = Receiver().start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def endpoint(webhook):
    """A server that knows the webhook as `one`."""
    server = Server(PROGRAM, environment=webhook.environment())
    with server.running():
        yield Endpoint(server.url, f"localhost:{server.port}", False, None)


@pytest.fixture
def mc(endpoint, tmp_path):
    def call(*arguments):
        told = run(MC, "--config-dir", tmp_path / "mc", "--json", *arguments, environment={
            "MC_HOST_coffer": f"http://{endpoint.access_key}:{endpoint.secret_key}@{endpoint.host}"})
        return [json.loads(line) for line in told.splitlines()]

    return call


@pytest.fixture
def minio_client(endpoint):
    return minio.Minio(endpoint.host, endpoint.access_key, endpoint.secret_key, secure=False)


def told(webhook, bucket, count):
    """The events of a bucket, once there are so many: (name, key)."""
    def of_bucket():
        return [envelope["Records"][0] for envelope in webhook.taken
                if envelope["Key"].startswith(bucket + "/")]

    assert webhook.wait(lambda: len(of_bucket()) >= count), of_bucket()
    return [(record["eventName"], urllib.parse.unquote_plus(record["s3"]["object"]["key"]))
            for record in of_bucket()]


def queue(*events, **more):
    return {"QueueArn": ARN, "Events": list(events)} | more


def filtered(**rules):
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules.items()]}}}


def configure(s3, bucket, *queues, **more):
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": list(queues)} | more)


def test_boto3_sets_and_shows_rules(s3, bucket):
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    configure(s3, bucket, queue("s3:ObjectCreated:*", Id="photos", **filtered(prefix="photos/", suffix=".jpg")))
    shown = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert shown == [queue("s3:ObjectCreated:*", Id="photos", **filtered(prefix="photos/", suffix=".jpg"))]
    configure(s3, bucket)
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


@pytest.mark.parametrize("configuration, code", [
    ({"QueueConfigurations": [queue("s3:ObjectCreated:*") | {"QueueArn": "arn:minio:sqs::two:webhook"}]},
     "InvalidArgument"),
    ({"QueueConfigurations": [queue("s3:ObjectCreated:*") | {"QueueArn": "arn:aws:sqs:us-east-1:1:q"}]},
     "InvalidArgument"),
    ({"QueueConfigurations": [queue("s3:ObjectCreated:Put", Id="a"), queue("s3:ObjectCreated:*", Id="b")]},
     "InvalidArgument"),
    ({"QueueConfigurations": [queue("s3:Nothing")]}, "InvalidArgument"),
    ({"TopicConfigurations": [{"TopicArn": "arn:aws:sns:us-east-1:1:t", "Events": ["s3:ObjectCreated:*"]}]},
     "UnsupportedNotification"),
    ({"EventBridgeConfiguration": {}}, "NotImplemented"),
])
def test_boto3_is_refused_what_is_not_there(s3, bucket, configuration, code):
    with pytest.raises(ClientError) as error:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    assert error.value.response["Error"]["Code"] == code
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_boto3s_operations_are_told(s3, bucket, webhook):
    configure(s3, bucket, queue("s3:ObjectCreated:*", "s3:ObjectRemoved:*"))
    s3.put_object(Bucket=bucket, Key="a b+ä", Body=b"1")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b+ä"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"2")
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    s3.put_object_tagging(Bucket=bucket, Key="copy", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "parts"}, {"Key": "never"}]})
    s3.delete_object(Bucket=bucket, Key="copy")
    events = told(webhook, bucket, 6)
    assert sorted(events) == sorted([
        ("s3:ObjectCreated:Put", "a b+ä"), ("s3:ObjectCreated:Copy", "copy"),
        ("s3:ObjectCreated:CompleteMultipartUpload", "parts"), ("s3:ObjectCreated:PutTagging", "copy"),
        ("s3:ObjectRemoved:Delete", "parts"), ("s3:ObjectRemoved:Delete", "copy")])
    assert [name for name, key in events if key == "copy"] == [
        "s3:ObjectCreated:Copy", "s3:ObjectCreated:PutTagging", "s3:ObjectRemoved:Delete"]


def test_minio_py_sets_and_shows_rules(minio_client, bucket, webhook):
    minio_client.set_bucket_notification(bucket, minio_rules.NotificationConfig(queue_config_list=[
        minio_rules.QueueConfig(queue=ARN, events=["s3:ObjectCreated:Put"], config_id="one",
                                prefix_filter_rule=minio_rules.PrefixFilterRule("in/"))]))
    shown = minio_client.get_bucket_notification(bucket).queue_config_list
    assert [(rule.queue, rule.events, rule.config_id, rule.prefix_filter_rule.value) for rule in shown] == [
        (ARN, ["s3:ObjectCreated:Put"], "one", "in/")]
    minio_client.put_object(bucket, "in/key", open(os.devnull, "rb"), 0)
    assert told(webhook, bucket, 1) == [("s3:ObjectCreated:Put", "in/key")]
    minio_client.delete_bucket_notification(bucket)
    assert not minio_client.get_bucket_notification(bucket).queue_config_list


@needs_mc
def test_mc_adds_lists_and_removes_rules(mc, bucket, webhook, tmp_path):
    assert mc("event", "add", f"coffer/{bucket}", ARN, "--event", "put,delete", "--prefix", "in/")[0]["status"] == "success"
    shown = mc("event", "list", f"coffer/{bucket}")
    assert [(rule["arn"], sorted(rule["event"]), rule["prefix"]) for rule in shown] == [
        (ARN, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"], "in/")]
    (tmp_path / "file").write_text("body")
    mc("cp", tmp_path / "file", f"coffer/{bucket}/in/file")
    mc("cp", tmp_path / "file", f"coffer/{bucket}/out/file")
    mc("rm", f"coffer/{bucket}/in/file")
    assert told(webhook, bucket, 2) == [("s3:ObjectCreated:Put", "in/file"), ("s3:ObjectRemoved:Delete", "in/file")]

    with pytest.raises(RuntimeError, match="overlapping prefixes"):
        mc("event", "add", f"coffer/{bucket}", ARN, "--event", "put")
    mc("event", "add", f"coffer/{bucket}", ARN, "-p", "--event", "put")  # what is there already is no mistake
    with pytest.raises(RuntimeError, match="does not exist or is not well-formed"):
        mc("event", "add", f"coffer/{bucket}", "arn:minio:sqs::two:webhook", "--event", "put")
    mc("event", "remove", f"coffer/{bucket}", ARN, "--event", "put,delete", "--prefix", "in/")
    assert mc("event", "list", f"coffer/{bucket}") == []
    mc("event", "add", f"coffer/{bucket}", ARN)  # put, delete and get
    mc("event", "remove", "--force", f"coffer/{bucket}")
    assert mc("event", "list", f"coffer/{bucket}") == []




def test_minio_py_listens(minio_client, s3, bucket):
    with minio_client.listen_bucket_notification(bucket, prefix="in/", events=["s3:ObjectCreated:*",
                                                                               "s3:ObjectRemoved:*"]) as events:
        heard = []
        listening = threading.Thread(target=lambda: heard.append(next(events)), daemon=True)
        listening.start()
        # It hears what happens once it is there; until then this is nothing to it.
        while listening.is_alive():
            s3.put_object(Bucket=bucket, Key="out", Body=b"1")
            s3.put_object(Bucket=bucket, Key="in/a b", Body=b"1234")
            listening.join(0.05)
    record = heard[0]["Records"][0]
    assert record["eventName"] == "s3:ObjectCreated:Put"
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["object"]["key"] == "in/a b"
    assert record["s3"]["object"]["size"] == 4


@needs_mc
@pytest.mark.parametrize("where", ["bucket", "everywhere"])
def test_mc_watches(endpoint, s3, bucket, tmp_path, where):
    target = f"coffer/{bucket}" if where == "bucket" else "coffer"
    watching = subprocess.Popen(
        [MC, "--config-dir", tmp_path / "mc", "--json", "watch", "--recursive", target], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"MC_HOST_coffer": f"http://{endpoint.access_key}:{endpoint.secret_key}@{endpoint.host}"})
    try:
        lines = []
        reader = threading.Thread(target=lambda: lines.append(watching.stdout.readline()), daemon=True)
        reader.start()
        while reader.is_alive():
            s3.put_object(Bucket=bucket, Key="key", Body=b"1234")
            reader.join(0.05)
        told = json.loads(lines[0])
        assert told["events"]["type"] == "s3:ObjectCreated:Put"
        assert told["events"]["path"].endswith(f"/{bucket}/key")
        assert told["events"]["size"] == 4
    finally:
        watching.kill()
        watching.wait()


def test_who_may_not_listen_hears_nothing(endpoint, bucket):
    stranger = minio.Minio(endpoint.host, secure=False)
    with pytest.raises(minio.error.S3Error) as error:
        with stranger.listen_bucket_notification(bucket) as events:
            next(events)
    assert error.value.code == "AccessDenied"
