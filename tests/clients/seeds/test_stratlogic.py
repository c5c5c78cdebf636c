"""StratLogic: a scraper that keeps artifacts, a metadata document beside each, and backups of both."""

import gzip
import hashlib
import io
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from minio.commonconfig import REPLACE, CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

CREDENTIALS = ("minioadmin", "minioadmin")
BUCKETS = ("artifacts", "metadata", "temp", "backup")
CHUNK = 8 * 1024 * 1024


@pytest.fixture
def client(endpoint):
    client = endpoint.minio()
    for bucket in BUCKETS:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
    return client


def read(client, bucket, name):
    response = client.get_object(bucket, name)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def store_artifact(client, user, content, extension, content_type, tags=(), public=False):
    """Content, and its document; returns the artifact's id and the name of its content."""
    artifact = str(uuid.uuid4())
    name = f"public/{artifact}{extension}" if public else f"users/{user}/{artifact}{extension}"
    digest = hashlib.sha256(content).hexdigest()
    client.put_object("artifacts", name, io.BytesIO(content), len(content), content_type=content_type,
                      metadata={"artifact-id": artifact, "user-id": user, "content-hash": digest})
    write_document(client, artifact, {"id": artifact, "name": name, "owner": user, "hash": digest,
                                      "tags": sorted(tags), "version": 1})
    return artifact, name


def document_name(artifact):
    return f"artifacts/{artifact}/metadata.json"


def write_document(client, artifact, document):
    data = json.dumps(document).encode()
    client.put_object("metadata", document_name(artifact), io.BytesIO(data), len(data),
                      content_type="application/json")


def read_document(client, artifact):
    return json.loads(read(client, "metadata", document_name(artifact)))


def test_an_artifact_with_its_document(client):
    page = b"<html>scraped</html>"
    artifact, name = store_artifact(client, "user-1", page, ".html", "text/html", tags=["news", "finance"])
    stat = client.stat_object("artifacts", name)
    assert stat.content_type == "text/html" and stat.metadata["x-amz-meta-artifact-id"] == artifact
    document = read_document(client, artifact)
    assert hashlib.sha256(read(client, "artifacts", document["name"])).hexdigest() == document["hash"]

    # Tags are added and taken away; each change is a version of the document.
    document["tags"] = sorted({*document["tags"], "archive"} - {"news"})
    document["version"] += 1
    write_document(client, artifact, document)
    assert read_document(client, artifact) == document

    client.remove_object("artifacts", name)
    client.remove_object("metadata", document_name(artifact))
    with pytest.raises(S3Error) as error:
        read_document(client, artifact)
    assert error.value.code == "NoSuchKey"


def test_a_search_by_tag_reads_the_documents(client):
    tag = uuid.uuid4().hex
    wanted = {store_artifact(client, "user-2", f"{n}".encode(), ".txt", "text/plain", tags=[tag] if n % 2 else [])[0]
              for n in range(10) if n % 2} | set()
    for n in range(5):
        store_artifact(client, "user-2", f"other {n}".encode(), ".txt", "text/plain", tags=["other"])
    found = set()
    for item in client.list_objects("metadata", prefix="artifacts/", recursive=True):
        document = json.loads(read(client, "metadata", item.object_name))
        if tag in document["tags"]:
            found.add(document["id"])
    assert found == wanted


def test_a_large_artifact_goes_up_in_chunks(client):
    content = bytes(range(256)) * (20 * 1024 * 1024 // 256)
    digest = hashlib.sha256(content).hexdigest()
    # Its length is not known beforehand.
    client.put_object("temp", "upload-1.bin", io.BytesIO(content), length=-1, part_size=CHUNK,
                      metadata={"content-hash": digest})
    stat = client.stat_object("temp", "upload-1.bin")
    assert stat.size == len(content) and stat.etag.endswith("-3")
    # From the temporary place to its own, on the server.
    client.copy_object("artifacts", "users/user-3/large.bin", CopySource("temp", "upload-1.bin"))
    client.remove_object("temp", "upload-1.bin")
    assert client.stat_object("artifacts", "users/user-3/large.bin").metadata["x-amz-meta-content-hash"] == digest
    assert hashlib.sha256(read(client, "artifacts", "users/user-3/large.bin")).hexdigest() == digest


def test_text_is_stored_compressed(endpoint, client):
    text = "scraped text. ".encode() * 1000
    packed = gzip.compress(text)
    client.put_object("artifacts", "users/user-4/page.txt", io.BytesIO(packed), len(packed),
                      content_type="text/plain", metadata={"Content-Encoding": "gzip"})
    link = client.presigned_get_object("artifacts", "users/user-4/page.txt", expires=timedelta(hours=1))
    answer = endpoint.get(link, decode_content=True)
    assert answer.headers["Content-Encoding"] == "gzip" and answer.data == text


def test_users_and_the_public_have_places_of_their_own(endpoint, client):
    _, private = store_artifact(client, "user-5", b"private", ".txt", "text/plain")
    _, public = store_artifact(client, "user-5", b"public", ".txt", "text/plain", public=True)
    mine = [item.object_name for item in client.list_objects("artifacts", prefix="users/user-5/", recursive=True)]
    assert mine == [private]
    assert public in [item.object_name for item in client.list_objects("artifacts", prefix="public/", recursive=True)]
    # While no policy says otherwise, nobody reads either one without a signature.
    for name in (private, public):
        assert endpoint.get(f"/artifacts/{name}").status == 403
    link = client.presigned_get_object("artifacts", private, expires=timedelta(minutes=5))
    assert endpoint.get(link).data == b"private"


def test_many_users_store_at_once(client):
    def work(n):
        content = f"content of user {n}".encode()
        _, name = store_artifact(client, f"many-{n}", content, ".json", "application/json")
        return content, name

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(work, range(40)))
    for content, name in stored:
        assert read(client, "artifacts", name) == content


def test_backup_and_restore(client):
    names = [store_artifact(client, "user-6", f"version one of {n}".encode(), ".txt", "text/plain")[1]
             for n in range(8)]
    for item in client.list_objects("artifacts", prefix="users/user-6/", recursive=True):
        client.copy_object("backup", f"2025-01-20/{item.object_name}", CopySource("artifacts", item.object_name))

    # Something is lost, something is overwritten; then the backup comes back.
    client.remove_object("artifacts", names[0])
    client.put_object("artifacts", names[1], io.BytesIO(b"damaged"), 7)
    for item in client.list_objects("backup", prefix="2025-01-20/", recursive=True):
        client.copy_object("artifacts", item.object_name.removeprefix("2025-01-20/"),
                           CopySource("backup", item.object_name),
                           metadata={"restored-from": "2025-01-20"}, metadata_directive=REPLACE)
    for n, name in enumerate(names):
        assert read(client, "artifacts", name) == f"version one of {n}".encode()
        assert client.stat_object("artifacts", name).metadata["x-amz-meta-restored-from"] == "2025-01-20"

    gone = [DeleteObject(item.object_name) for item in client.list_objects("backup", recursive=True)]
    assert list(client.remove_objects("backup", gone)) == []
    client.remove_bucket("backup")
    assert not client.bucket_exists("backup")
