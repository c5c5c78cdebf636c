"""A training service whose browsers load datasets straight from MinIO, through links for its public address."""

import io
from datetime import timedelta

import pytest
from minio import Minio
from minio.error import S3Error

CREDENTIALS = ("minioadmin", "minioadmin")
BUCKET = "mlops-files"
REGION = "us-east-1"
PRESIGN_EXPIRY = 3600


class Storage:
    """The team's file storage: an address for the service, and another one that browsers know."""

    def __init__(self, endpoint):
        port = endpoint.host.split(":")[1]
        self.endpoint = endpoint
        self.client = endpoint.minio(region=REGION)
        # With the region given, a link is computed without asking the server. It is reached under this name as well.
        self.public_host = f"127.0.0.1:{port}"
        self.public = Minio(self.public_host, access_key=endpoint.access_key, secret_key=endpoint.secret_key,
                            secure=endpoint.secure, region=REGION)
        if not self.client.bucket_exists(BUCKET):
            self.client.make_bucket(BUCKET, location=REGION)

    def upload(self, name, data, content_type="text/csv"):
        self.client.put_object(BUCKET, name, io.BytesIO(data), len(data), content_type=content_type)

    def read(self, name):
        response = self.client.get_object(BUCKET, name)
        try:
            return response.read()
        finally:
            response.close()
            response.release_conn()

    def exists(self, name):
        try:
            self.client.stat_object(BUCKET, name)
        except S3Error as error:
            if error.code == "NoSuchKey":
                return False
            raise
        return True


@pytest.fixture
def storage(endpoint):
    return Storage(endpoint)


def test_a_dataset_lives_its_life(storage):
    storage.upload("datasets/7/iris.csv", b"a,b\n1,2\n")
    assert storage.exists("datasets/7/iris.csv")
    assert storage.read("datasets/7/iris.csv") == b"a,b\n1,2\n"
    storage.upload("datasets/7/iris.csv", b"a,b\n3,4\n")
    assert storage.read("datasets/7/iris.csv") == b"a,b\n3,4\n"
    storage.client.remove_object(BUCKET, "datasets/7/iris.csv")
    assert not storage.exists("datasets/7/iris.csv")
    storage.client.remove_object(BUCKET, "datasets/7/iris.csv")
    with pytest.raises(S3Error) as error:
        storage.read("datasets/7/iris.csv")
    assert error.value.code == "NoSuchKey"


@pytest.mark.parametrize("expiry_s", [1, PRESIGN_EXPIRY, 86400])
def test_a_browser_loads_a_dataset_through_a_public_link(endpoint, storage, expiry_s):
    name = f"datasets/8/\u0434\u0430\u043d\u043d\u044b\u0435 {expiry_s}.csv"
    storage.upload(name, b"x\n1\n")
    link = storage.public.presigned_get_object(BUCKET, name, expires=timedelta(seconds=expiry_s))
    assert link.startswith(f"http{'s' if endpoint.secure else ''}://{storage.public_host}/{BUCKET}/datasets/8/")
    if expiry_s > 1:  # that one may have ended by now
        answer = endpoint.get(link)
        assert answer.status == 200 and answer.data == b"x\n1\n" and answer.headers["Content-Type"] == "text/csv"
        # The signature holds for the address that the link names.
        assert endpoint.get(link.replace(storage.public_host, endpoint.host)).status == 403


def test_a_link_with_a_name_for_the_download(endpoint, storage):
    storage.upload("models/3/model.onnx", b"onnx", "application/octet-stream")
    link = storage.client.presigned_get_object(
        BUCKET, "models/3/model.onnx", expires=timedelta(seconds=PRESIGN_EXPIRY),
        response_headers={"response-content-disposition": 'attachment; filename="model v3.onnx"'})
    answer = endpoint.get(link)
    assert answer.data == b"onnx"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="model v3.onnx"'


def test_a_browser_uploads_through_a_link(endpoint, storage):
    link = storage.public.presigned_put_object(BUCKET, "uploads/new.csv", expires=timedelta(seconds=PRESIGN_EXPIRY))
    assert endpoint.get(link, "PUT", body=b"fresh\n", headers={"Content-Type": "text/csv"}).status == 200
    assert storage.read("uploads/new.csv") == b"fresh\n"
    assert storage.client.stat_object(BUCKET, "uploads/new.csv").content_type == "text/csv"
    assert endpoint.get(link.replace("new.csv", "other.csv"), "PUT", body=b"x").status == 403
    assert not storage.exists("uploads/other.csv")


def test_a_link_for_a_file_that_is_gone(endpoint, storage):
    link = storage.client.presigned_get_object(BUCKET, "datasets/none.csv", expires=timedelta(seconds=PRESIGN_EXPIRY))
    answer = endpoint.get(link)
    assert answer.status == 404 and b"<Code>NoSuchKey</Code>" in answer.data


def test_every_dataset_in_the_list_has_a_link(endpoint, storage):
    for n in range(20):
        storage.upload(f"datasets/list/{n}.csv", str(n).encode())
    links = {item.object_name: storage.public.presigned_get_object(BUCKET, item.object_name)
             for item in storage.client.list_objects(BUCKET, prefix="datasets/list/", recursive=True)}
    assert len(links) == 20
    for name, link in links.items():
        assert endpoint.get(link).data == name.split("/")[-1].removesuffix(".csv").encode()


def test_what_the_container_asks_for_health(endpoint):
    assert endpoint.get("/minio/health/live").status == 200
