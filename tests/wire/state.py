"""What a server holds, as far as S3 shows it: to prove that a refused request changed nothing."""

import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

from connection import Connection
from request import Builder
from script import Line, Request


def _get(context, target):
    built = Builder(Request(Line(0, "GET", target), raw=False), context).build()
    host, _, port = context.host.rpartition(":")
    connection = Connection(host, int(port), 30)
    try:
        connection.send(built.head)
        response = connection.read_response("GET")
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"listing the state: {target}: {response.status} {response.body[:300]!r}")
    root = ElementTree.fromstring(response.body)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _rows(elements, fields):
    return [tuple(element.findtext(field, "") for field in fields) for element in elements]


def snapshot(context):
    """Buckets, versions (key, id, latest, time, ETag, size), uploads in progress and their parts."""
    state = []
    for bucket in _rows(_get(context, "/").iter("Bucket"), ("Name", "CreationDate")):
        state.append(("bucket", *bucket))
        name, target = bucket[0], f"/{bucket[0]}?encoding-type=url&versions"
        while target:
            page = _get(context, target)
            for kind in ("Version", "DeleteMarker"):
                state += [(kind, name, *row) for row in _rows(
                    page.iter(kind), ("Key", "VersionId", "IsLatest", "LastModified", "ETag", "Size"))]
            target = None
            if page.findtext("IsTruncated") == "true":
                target = (f"/{name}?encoding-type=url&versions&key-marker={page.findtext('NextKeyMarker')}"
                          f"&version-id-marker={page.findtext('NextVersionIdMarker')}")
        for key, upload in _rows(_get(context, f"/{name}?encoding-type=url&uploads").iter("Upload"),
                                 ("Key", "UploadId")):
            parts = _get(context, f"/{name}/{key.replace('+', '%20')}?uploadId={quote(upload, safe='')}")
            state.append(("upload", name, key, upload, *_rows(
                parts.iter("Part"), ("PartNumber", "ETag", "Size", "LastModified"))))
    return state


def difference(before, after):
    lines = [f"gone: {row}" for row in before if row not in after]
    return lines + [f"new: {row}" for row in after if row not in before]
