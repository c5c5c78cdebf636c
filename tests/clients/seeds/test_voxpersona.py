"""VoxPersona: a bot that keeps audio files in MinIO, looks for them by their metadata, and cleans up by age."""

import io
from datetime import datetime, timedelta, timezone

import pytest
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

CREDENTIALS = ("voxpersona_admin_2025", "SecureVoxPersona2025!@#")
STORAGE = "voxpersona-storage"
AUDIO = "voxpersona-audio"
CLEANUP_DAYS = 30
MIB = 1024 * 1024


@pytest.fixture
def client(endpoint):
    client = endpoint.minio()
    for bucket in (STORAGE, AUDIO):
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
    return client


class Progress:
    """What minio-py tells about an upload."""

    def __init__(self):
        self.total, self.sent = None, 0

    def set_meta(self, object_name, total_length):
        self.total = total_length

    def update(self, length):
        self.sent += length


def upload(client, path, name, user_id, session_type):
    return client.fput_object(AUDIO, name, str(path), content_type="audio/wav", metadata={
        "user_id": str(user_id), "session_type": session_type, "upload_date": "2025-01-20"})


def metadata_of(client, name):
    prefix = "x-amz-meta-"
    return {key.lower().removeprefix(prefix): value for key, value in client.stat_object(AUDIO, name).metadata.items()
            if key.lower().startswith(prefix)}


def test_an_interview_goes_up_down_and_away(client, tmp_path):
    source, target = tmp_path / "audio.wav", tmp_path / "downloaded_audio.wav"
    source.write_bytes(b"RIFF" + bytes(300_000))
    name = "user_123/interview_20250120.wav"
    upload(client, source, name, 123, "interview")
    assert metadata_of(client, name) == {"user_id": "123", "session_type": "interview", "upload_date": "2025-01-20"}

    client.fget_object(AUDIO, name, str(target))
    assert target.read_bytes() == source.read_bytes()

    stream = client.get_object(AUDIO, name)
    assert b"".join(stream.stream(64 * 1024)) == source.read_bytes()
    stream.close()
    stream.release_conn()

    client.remove_object(AUDIO, name)
    with pytest.raises(S3Error) as error:
        client.get_object(AUDIO, name)
    assert error.value.code == "NoSuchKey"


def test_a_large_interview_with_progress(client, tmp_path):
    source = tmp_path / "large_audio.wav"
    source.write_bytes(bytes(range(256)) * (33 * MIB // 256))
    progress = Progress()
    client.fput_object(AUDIO, "user_123/large_interview.wav", str(source), content_type="audio/wav",
                       part_size=5 * MIB, progress=progress)
    assert progress.total == progress.sent == 33 * MIB
    stat = client.stat_object(AUDIO, "user_123/large_interview.wav")
    assert stat.size == 33 * MIB and stat.etag.endswith("-7") and stat.content_type == "audio/wav"
    client.fget_object(AUDIO, "user_123/large_interview.wav", str(tmp_path / "back.wav"))
    assert (tmp_path / "back.wav").read_bytes() == source.read_bytes()
    client.remove_object(AUDIO, "user_123/large_interview.wav")


def test_files_are_found_by_user_and_by_metadata(client, tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(b"RIFF")
    for user in (123, 1234, 77):
        for n, kind in enumerate(("interview", "design", "interview")):
            upload(client, source, f"user_{user}/search_{n}.wav", user, kind)

    mine = [item.object_name for item in client.list_objects(AUDIO, prefix="user_123/", recursive=True)]
    assert mine == [f"user_123/search_{n}.wav" for n in range(3)]

    wanted = {"session_type": "interview", "user_id": "123"}
    found = [item.object_name for item in client.list_objects(AUDIO, recursive=True)
             if wanted.items() <= metadata_of(client, item.object_name).items()]
    assert found == ["user_123/search_0.wav", "user_123/search_2.wav"]


def test_clean_up_by_age_and_the_space_that_is_used(client):
    for n in range(12):
        client.put_object(STORAGE, f"old/recording_{n:02}.wav", io.BytesIO(bytes(1000)), 1000)
    items = list(client.list_objects(STORAGE, prefix="old/", recursive=True))
    assert sum(item.size for item in items) == 12_000 and len(items) == 12

    # Nothing is that old; and everything is older than a day from now.
    now = datetime.now(timezone.utc)
    assert not [item for item in items if item.last_modified < now - timedelta(days=CLEANUP_DAYS)]
    old = [item for item in items if item.last_modified < now + timedelta(days=1)]
    errors = list(client.remove_objects(STORAGE, (DeleteObject(item.object_name) for item in old)))
    assert len(old) == 12 and errors == []
    assert list(client.list_objects(STORAGE, prefix="old/", recursive=True)) == []


def test_what_the_health_monitor_asks_for(endpoint, client):
    assert client.bucket_exists(AUDIO)
    assert {STORAGE, AUDIO} <= {bucket.name for bucket in client.list_buckets()}
    # `mc ready local`, and the curl commands of the trouble-shooting page.
    for path in ("/minio/health/ready", "/minio/health/cluster", "/minio/health/live"):
        assert endpoint.get(path).status == 200, path
    assert endpoint.get(f"/{AUDIO}", "HEAD").status == 403


def test_errors_say_what_is_wrong(endpoint, client, tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(b"RIFF")
    with pytest.raises(S3Error) as error:
        client.fput_object("voxpersona-missing", "a.wav", str(source))
    assert error.value.code == "NoSuchBucket"

    stranger = type(endpoint)(endpoint.host, endpoint.secure, endpoint.ca_file, "voxpersona_admin_2024", "wrong-secret")
    with pytest.raises(S3Error) as error:
        stranger.minio().list_buckets()
    assert error.value.code == "InvalidAccessKeyId"
    forger = type(endpoint)(endpoint.host, endpoint.secure, endpoint.ca_file, endpoint.access_key, "wrong-secret")
    with pytest.raises(S3Error) as error:
        forger.minio().list_buckets()
    assert error.value.code == "SignatureDoesNotMatch"
