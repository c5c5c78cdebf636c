"""DeepSight: a notebook service that moves its files from a local folder to MinIO."""

import hashlib
import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config
from minio.error import S3Error

CREDENTIALS = ("minioadmin", "minioadmin")
BUCKET = "deepsight-users"


class Backend:
    """The team's storage backend: the calls that it makes of minio-py, and no more."""

    def __init__(self, client):
        self.client = client
        if not client.bucket_exists(BUCKET):
            client.make_bucket(BUCKET)

    def save_with_generated_key(self, content, filename, prefix, metadata):
        digest = hashlib.sha256(content).hexdigest()[:16]
        now = datetime.now(timezone.utc).strftime("%Y%m%d_%H%M%S")
        extension = "." + filename.rsplit(".", 1)[1].lower() if "." in filename else ""
        key = f"{prefix}/{now}_{digest}_{str(uuid.uuid4())[:8]}{extension}"
        described = {"original_filename": filename, "content_hash": digest, "upload_timestamp": now,
                     "content_length": str(len(content))}
        self.save(key, content, described | metadata)
        return key

    def save(self, key, content, metadata=None):
        self.client.put_object(BUCKET, key, io.BytesIO(content), length=len(content), metadata=metadata or {})

    def url(self, key, expires=3600):
        return self.client.presigned_get_object(BUCKET, key, expires=timedelta(seconds=expires))

    def content(self, key):
        return self.client.get_object(BUCKET, key).read()

    def exists(self, key):
        try:
            self.client.stat_object(BUCKET, key)
            return True
        except S3Error as error:
            assert error.code == "NoSuchKey"
            return False

    def delete(self, key):
        self.client.remove_object(BUCKET, key)

    def keys(self, prefix):
        return [item.object_name for item in self.client.list_objects(BUCKET, prefix=prefix)]


@pytest.fixture
def backend(endpoint):
    return Backend(endpoint.minio())


def test_a_paper_goes_up_and_is_read_through_a_link(endpoint, backend):
    paper = b"%PDF-1.7\n" + bytes(2621440 - 9)
    key = backend.save_with_generated_key(paper, "research_paper.pdf", "kb", {
        "user_id": "123", "kb_item_id": "456", "file_type": "original_file", "upload_source": "api"})
    assert key.startswith("kb/") and key.endswith(".pdf")

    stat = backend.client.stat_object(BUCKET, key)
    assert stat.size == 2621440
    assert stat.content_type == "application/octet-stream"
    kept = {name.lower(): value for name, value in stat.metadata.items()}
    assert kept["x-amz-meta-original_filename"] == "research_paper.pdf"
    assert kept["x-amz-meta-content_hash"] == hashlib.sha256(paper).hexdigest()[:16]
    assert kept["x-amz-meta-content_length"] == "2621440"
    assert kept["x-amz-meta-user_id"] == "123" and kept["x-amz-meta-kb_item_id"] == "456"

    answer = endpoint.get(backend.url(key))
    assert answer.status == 200 and answer.data == paper
    assert backend.content(key) == paper


def test_processed_content_and_its_images(backend):
    text = "# Test Document\n\nThis is a test document. \u2603".encode()
    # "content_type" with an underscore is the team's own field, not the header.
    content_key = backend.save_with_generated_key(text, "content.md", "kb", {
        "content_type": "text/markdown", "kb_item_id": "7", "user_id": "1", "file_type": "processed_content"})
    assert backend.client.stat_object(BUCKET, content_key).metadata["x-amz-meta-content_type"] == "text/markdown"
    image_keys = [backend.save_with_generated_key(f"image {n}".encode(), f"image{n}.PNG", "kb-images", {
        "content_type": "image", "kb_item_id": "7", "original_name": f"image{n}.PNG",
        "file_type": "extracted_image"}) for n in range(3)]
    assert all(key.endswith(".png") for key in image_keys)

    assert backend.content(content_key) == text
    assert set(image_keys) <= set(backend.keys("kb-images/"))
    assert content_key in backend.keys("kb/") and not set(image_keys) & set(backend.keys("kb/"))

    # The item goes, and everything that its record names.
    for key in [content_key, *image_keys]:
        backend.delete(key)
        assert not backend.exists(key)
    backend.delete(content_key)  # once more is no error


@pytest.mark.parametrize("prefix, filename", [("reports", "report.pdf"), ("podcasts", "episode.mp3"),
                                              ("temp", "upload.tmp"), ("kb", "no_extension")])
def test_every_kind_of_file(backend, prefix, filename):
    key = backend.save_with_generated_key(b"", filename, prefix, {"user_id": "1"})
    assert backend.keys(prefix + "/").count(key) == 1
    assert backend.content(key) == b""


def test_what_the_storage_health_endpoint_tries(backend):
    backend.save("health/test.txt", b"health check")
    assert backend.exists("health/test.txt")
    assert backend.content("health/test.txt") == b"health check"
    backend.delete("health/test.txt")
    assert not backend.exists("health/test.txt")


def test_ten_threads_store_at_once(endpoint, backend):
    def store(number):
        text = f"Thread {number} content".encode()
        return text, backend.save_with_generated_key(text, f"thread_{number}.txt", "kb", {"user_id": "1"})

    with ThreadPoolExecutor(10) as pool:
        stored = list(pool.map(store, range(10)))
    assert len({key for _, key in stored}) == 10
    for text, key in stored:
        assert backend.content(key) == text


def test_files_move_to_new_names_and_back(backend):
    """The migration from paths of a user's folder to generated keys, and the rollback."""
    old = [f"users/u_9/knowledge-base/2025-0{n}/f_{n}/original/\u7814\u7a76 {n} (final).pdf" for n in range(1, 4)]
    for key in old:
        backend.save(key, key.encode(), {"kb_item_id": "9", "field_name": "original_file"})
    # A listing shows folders one level at a time.
    assert backend.keys("users/u_9/knowledge-base/") == [f"users/u_9/knowledge-base/2025-0{n}/" for n in range(1, 4)]

    moved = {}
    for key in old:
        moved[key] = backend.save_with_generated_key(backend.content(key), "paper.pdf", "kb", {
            "user_id": "9", "migration_source": "file_field_migration",
            "migration_timestamp": datetime.now(timezone.utc).isoformat()})
        backend.delete(key)
    assert backend.keys("users/u_9/") == []

    for key, new in moved.items():
        assert backend.content(new) == key.encode()
        backend.save(key, backend.content(new))
        assert backend.content(key) == key.encode()


def test_a_link_is_for_one_object_and_one_method(endpoint, backend):
    backend.save("kb/one.txt", b"one")
    backend.save("kb/two.txt", b"two")
    link = backend.url("kb/one.txt")
    assert endpoint.get(link).data == b"one"
    assert endpoint.get(link.replace("one.txt", "two.txt")).status == 403
    assert endpoint.get(link, "DELETE").status == 403
    assert endpoint.get(f"/{BUCKET}/kb/one.txt").status == 403
    assert backend.exists("kb/one.txt")


@pytest.fixture(scope="module")
def django_storage(endpoint):
    """The project's settings for django-storages, with its S3 backend."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_TZ=True)
    from storages.backends.s3 import S3Storage

    return S3Storage(access_key=endpoint.access_key, secret_key=endpoint.secret_key, bucket_name=BUCKET,
                     endpoint_url=endpoint.url, region_name="us-east-1", default_acl=None, file_overwrite=False,
                     verify=endpoint.ca_file)


def test_django_storages_saves_opens_and_links(endpoint, backend, django_storage):
    from django.core.files.base import ContentFile

    name = django_storage.save("knowledge_base/original/paper.pdf", ContentFile(b"first"))
    # It does not overwrite, but finds another name.
    other = django_storage.save("knowledge_base/original/paper.pdf", ContentFile(b"second"))
    assert other != name
    assert django_storage.open(name).read() == b"first" and django_storage.open(other).read() == b"second"
    assert django_storage.exists(name) and not django_storage.exists("knowledge_base/original/none.pdf")
    assert django_storage.size(other) == 6
    assert (datetime.now(timezone.utc) - django_storage.get_modified_time(name)).total_seconds() < 3600
    directories, files = django_storage.listdir("knowledge_base")
    assert directories == ["original"] and files == []
    assert endpoint.get(django_storage.url(name)).data == b"first"
    # What the one client stores, the other reads.
    assert backend.content(name) == b"first"
    for key in (name, other):
        django_storage.delete(key)
        assert not django_storage.exists(key)


def test_boto3_with_the_same_settings(endpoint, backend):
    client = boto3.client("s3", endpoint_url=endpoint.url, aws_access_key_id=endpoint.access_key,
                          aws_secret_access_key=endpoint.secret_key, region_name="us-east-1",
                          config=Config(signature_version="s3v4"), verify=endpoint.ca_file)
    backend.save("podcasts/conversation.wav", b"RIFF", {"duration": "61"})
    head = client.head_object(Bucket=BUCKET, Key="podcasts/conversation.wav")
    assert head["ContentLength"] == 4 and head["Metadata"] == {"duration": "61"}
    assert head["ETag"] == f'"{hashlib.md5(b"RIFF").hexdigest()}"'
