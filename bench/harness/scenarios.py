"""What is measured, and which goals it has. A row of docs/performance.md is a scenario here.

A scenario runs against one server at a time, on an empty directory: `prepare` once, where the data is kept for all
rounds (`keeps_data`), or before each trial; then `run`, which returns metrics by name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from harness import cross_check, tracing
from harness.bench import Sizes, TrialFailed, metrics


@dataclass(frozen=True)
class Goal:
    """`metric` `relation` `limit` times the reference: a peer's same metric, the sum of probes' values
    ("name/clients.value"), another metric of the same trial (`own`); or the limit itself without a reference."""

    metric: str
    relation: str
    limit: float
    peer: str = ""
    probes: tuple = ()
    own: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    run: Callable
    goals: tuple
    peers: tuple
    prepare: Callable = None
    keeps_data: bool = False
    probes: tuple = ()  # (name, clients)
    columns: tuple = ("rate", "cpu_us", "p50_us", "p99_us", "rss_mib", "loader_us", "loader_busy")
    rounds: int = 0  # 0: as many as are asked for
    needs: str = ""  # a program without which it is passed over
    runs_server: bool = True  # the server is started before `run`; otherwise `prepare` and `run` do that


S3_PEERS = ("minio", "versitygw", "seaweedfs")
FILE_PEERS = ("nginx", "nginx-sendfile")
LARGE_COLUMNS = ("mib_per_s", "cpu_ms_per_mib", "p50_us", "p99_us", "rss_mib", "loader_busy")


def _fill(count_name, size_name):
    """Writes that many objects of that size, both named as in Sizes."""
    def prepare(bench, server):
        if server.entry["bucket"] != "none":
            bench.load(server, "put", count=getattr(bench.sizes, count_name), size=getattr(bench.sizes, size_name),
                       connections=4)
    return prepare


def _enough(bench, per_s):
    """How many requests are signed ahead for a server that answers at most `per_s`."""
    return int((bench.warm_up + bench.seconds) * per_s) + 100


# Small objects. --------------------------------------------------------------------------------------------------


def _put_small(connections, most_per_s, **options):
    def run(bench, server):
        return bench.timed(server, "put", connections=connections, count=_enough(bench, most_per_s),
                           size=bench.sizes.small, **options)
    return run


def _get_small(bench, server):
    options = {"connections": 32, "count": bench.sizes.read_objects, "size": bench.sizes.small}
    if server.kind == "raw":
        options["any_content"] = True
    return bench.timed(server, "get", **options)


def _get_small_by_wrk(bench, server):
    return cross_check.wrk_get(bench, server, bench.sizes.read_objects, 32)


def _put_small_by_warp(hashed):
    def run(bench, server):
        return cross_check.warp_put(bench, server, bench.sizes.small, 32, hashed)
    return run


def _head(bench, server):
    return bench.timed(server, "head", connections=32, count=bench.sizes.read_objects)


def _delete(bench, server):
    count = _enough(bench, 6000)
    bench.load(server, "put", connections=32, count=count, size=bench.sizes.small)
    return bench.timed(server, "delete", connections=32, count=count)


# Large ones. -----------------------------------------------------------------------------------------------------


def _put_large(bench, server):
    return bench.timed(server, "put", connections=4, count=_enough(bench, 300), size=bench.sizes.large)


def _get_large(bench, server):
    return bench.timed(server, "get", connections=4, count=bench.sizes.large_objects, size=bench.sizes.large)


def _get_cold(bench, server):
    bench.forget_cached(server)
    return metrics(bench.load(server, "get", connections=4, count=bench.sizes.cold_objects, size=bench.sizes.large,
                              once=True), "get", server)


def _multipart(bench, server):
    result = bench.load(server, "multipart", connections=4, count=1, size=bench.sizes.part, parts=bench.sizes.parts)
    return metrics(result, "part", server) | {"complete_ms": result["kinds"]["complete"]["p50_us"] / 1000}


def _beside_upload(bench, server):
    """A client that sends what it has, whatever the server does meanwhile: 200 PUTs a second."""
    count = int((bench.warm_up + bench.seconds) * 200) + 1
    puts = {"connections": 16, "size": bench.sizes.small, "rate": 200, "count": count}
    quiet = bench.timed(server, "put", **puts)
    upload = bench.load_beside(server, "multipart", connections=4, count=1000, first=10**9, size=bench.sizes.part,
                               parts=bench.sizes.parts, salt=2)
    try:
        beside = bench.timed(server, "put", first=count, **puts)
        uploading = upload.poll() is None
    finally:
        upload.terminate()
        upload.wait()
    if not uploading:
        raise TrialFailed(f"{server.label}: the upload beside the PUTs ended before them")
    return {"quiet_p50_us": quiet["p50_us"], "quiet_p99_us": quiet["p99_us"], "beside_p50_us": beside["p50_us"],
            "beside_p99_us": beside["p99_us"], "rss_mib": beside["rss_mib"]}


# Many keys. ------------------------------------------------------------------------------------------------------


def _keys_of(bench, server):
    return bench.sizes.listed_keys if server.kind == "coffer" else bench.sizes.listed_keys_of_peers


def _fill_keys(bench, server):
    bench.fill(server, _keys_of(bench, server))


def _list(bench, server):
    """One client that walks the bucket page by page, then one that asks for its prefixes; and the start before."""
    walk = bench.load(server, "list", warm_up=bench.warm_up, seconds=bench.seconds)
    page = metrics(walk, "list", server)
    prefixes = bench.timed(server, "list", delimiter="/")
    return {"keys": _keys_of(bench, server), "keys_per_s": walk["listed"] / walk["seconds"],
            "page_ms": page["mean_us"] / 1000, "page_cpu_us": page["cpu_us"], "prefixes_ms": prefixes["p50_us"] / 1000,
            "prefixes_cpu_us": prefixes["cpu_us"], "start_ms": server.start_seconds * 1000,
            "rss_mib": prefixes["rss_mib"]}


def _fill_scales(bench, server):
    for scale in bench.sizes.scales:
        place = f"scale-{scale}"
        server.make_bucket(bench.start(server, place))
        bench.fill(server, scale, place)
        bench.load(server, "put", connections=8, count=bench.sizes.read_objects, size=bench.sizes.small)
        server.stop()


def _catalogue_bytes_per_object(bench, server):
    """By how much the largest catalogue's file exceeds the smallest one's, for each object more."""
    least, most = bench.sizes.scales[0], bench.sizes.scales[-1]
    small, large = ((bench.data_of(server, f"scale-{scale}") / ".coffer/catalogue.db").stat().st_size
                    for scale in (least, most))
    return (large - small) / (most - least)


def _scale(bench, server):
    """The same work in buckets of each size."""
    found = {"catalogue_bytes": _catalogue_bytes_per_object(bench, server)}
    for scale in bench.sizes.scales:
        bench.start(server, f"scale-{scale}")
        try:
            get = bench.timed(server, "get", connections=32, count=bench.sizes.read_objects, size=bench.sizes.small)
            page = bench.timed(server, "list")
            new = {"connections": 32, "count": bench.sizes.scale_puts, "first": 10**9}
            put = metrics(bench.load(server, "put", size=bench.sizes.small, salt=2, **new), "put", server)
            bench.load(server, "delete", **new)  # the next round meets as many objects as this one
        finally:
            server.stop()
        for name, each in (("put", put), ("get", get), ("page", page)):
            found[f"{name}_cpu_us@{scale}"] = each["cpu_us"]
    return found


def _scale_goals():
    scales = Sizes().scales
    growth = tuple(Goal(f"{name}_cpu_us@{scale}", "<=", limit, own=f"{name}_cpu_us@{scales[0]}")
                   for scale in scales[1:] for name, limit in (("put", 2), ("get", 1.8), ("page", 1.8)))
    return (*growth, Goal("catalogue_bytes", "<=", 450, unit="B"))


# What a PUT has behind it. ---------------------------------------------------------------------------------------


def _durability(bench, server):
    """Syncs for each PUT, when one is under way at a time and when 32 are."""
    found = {}
    for name, connections in (("syncs_alone", 1), ("syncs_of_32", 32)):
        count = bench.sizes.traced_puts * connections
        with tracing.syncs_of(server.pids(), bench.directory / "strace") as calls:
            bench.load(server, "put", connections=connections, count=count, first=count, size=bench.sizes.small)
        found[name] = calls["syncs"] / count
        found["sync_opens"] = calls["sync_opens"] / count
    return found


def table():
    """All scenarios, in the order in which they are run."""
    return [
        Scenario(
            "put-4k", "4 KiB PUT, 32 connections", _put_small(32, 30000), peers=S3_PEERS + FILE_PEERS,
            probes=(("pack-append", 32), ("file-per-object", 32)),
            goals=(Goal("rate", ">=", 10, peer="minio"), Goal("cpu_us", "<=", 0.06, peer="minio"),
                   Goal("rate", ">=", 0.2, probes=("pack-append/32.rate_per_s",)),
                   Goal("rate", ">=", 3, probes=("file-per-object/32.rate_per_s",)))),
        Scenario(
            "put-4k-1", "4 KiB PUT, 1 connection", _put_small(1, 6000), peers=S3_PEERS,
            probes=(("pack-append", 1), ("sqlite-commit", 1)),
            goals=(Goal("p50_us", "<=", 0.35, peer="minio"),
                   Goal("p50_us", "<=", 1.3, probes=("pack-append/1.p50_us", "sqlite-commit/1.p50_us")))),
        Scenario(
            "put-4k-same", "4 KiB PUT of one content under many keys, 32 connections",
            _put_small(32, 30000, same_content=True), peers=S3_PEERS, goals=()),
        Scenario(
            "get-4k", "4 KiB GET, 32 connections", _get_small, prepare=_fill("read_objects", "small"), keeps_data=True,
            peers=S3_PEERS + FILE_PEERS + ("raw",),
            goals=(Goal("rate", ">=", 6, peer="minio"), Goal("cpu_us", "<=", 0.08, peer="minio"),
                   Goal("rate", ">=", 4, peer="versitygw"), Goal("rate", ">=", 0.65, peer="nginx"),
                   Goal("rate", ">=", 0.45, peer="raw"))),
        Scenario(
            "get-4k-wrk", "4 KiB GET, 32 connections, by wrk", _get_small_by_wrk,
            prepare=_fill("read_objects", "small"), keeps_data=True, peers=S3_PEERS + FILE_PEERS, needs="wrk",
            goals=(Goal("rate", ">=", 6, peer="minio"), Goal("cpu_us", "<=", 0.08, peer="minio"))),
        Scenario(
            "put-4k-warp", "4 KiB PUT, 32 connections, by warp (streaming-signed)", _put_small_by_warp(hashed=True),
            peers=S3_PEERS, needs="warp", goals=(Goal("cpu_us", "<=", 0.06, peer="minio"),)),
        Scenario(
            "put-4k-warp-unsigned", "4 KiB PUT, 32 connections, by warp (unsigned payload)",
            _put_small_by_warp(hashed=False), peers=S3_PEERS, needs="warp", goals=()),
        Scenario(
            "head", "HEAD, 32 connections", _head, prepare=_fill("read_objects", "small"), keeps_data=True,
            peers=S3_PEERS + FILE_PEERS, goals=()),
        Scenario("delete", "DELETE of 4 KiB objects, 32 connections", _delete, peers=S3_PEERS, goals=()),
        Scenario(
            "put-10m", "10 MiB PUT, 4 connections", _put_large, peers=S3_PEERS + FILE_PEERS, columns=LARGE_COLUMNS,
            probes=(("digests", 1), ("digests", 2)),
            goals=(Goal("mib_per_s", ">=", 1.6, peer="minio"), Goal("cpu_ms_per_mib", "<=", 0.35, peer="minio"),
                   Goal("mib_per_s", ">=", 0.8, probes=("digests/1.mib_per_s",)),
                   Goal("mib_per_s", ">=", 1.0, peer="nginx"))),
        Scenario(
            "get-10m", "10 MiB GET, 4 connections", _get_large, prepare=_fill("large_objects", "large"), keeps_data=True,
            peers=S3_PEERS + FILE_PEERS, columns=LARGE_COLUMNS, probes=(("loopback", 1),),
            goals=(Goal("mib_per_s", ">=", 1.0, peer="minio"), Goal("cpu_ms_per_mib", "<=", 0.5, peer="minio"),
                   Goal("mib_per_s", ">=", 0.9, peer="nginx"))),
        Scenario(
            "get-10m-cold", "10 MiB GET, 4 connections, 1 GiB that is not in the system's cache", _get_cold,
            prepare=_fill("cold_objects", "large"), keeps_data=True, peers=S3_PEERS + FILE_PEERS,
            columns=LARGE_COLUMNS, goals=()),
        Scenario(
            "multipart-1g", "1 GiB multipart upload, 64 parts, 4 at a time", _multipart, peers=S3_PEERS,
            columns=LARGE_COLUMNS + ("complete_ms",), probes=(("digests", 2),),
            goals=(Goal("mib_per_s", ">=", 1.6, peer="minio"), Goal("complete_ms", "<=", 20, unit="ms"),
                   Goal("mib_per_s", ">=", 0.6, probes=("digests/2.mib_per_s",)))),
        Scenario(
            "put-beside-upload", "4 KiB PUT, 200/s in an open loop, beside uploads of 1 GiB", _beside_upload,
            peers=S3_PEERS,
            columns=("quiet_p50_us", "quiet_p99_us", "beside_p50_us", "beside_p99_us", "rss_mib"),
            goals=(Goal("beside_p99_us", "<=", 5, own="quiet_p99_us"),
                   Goal("beside_p99_us", "<=", 0.5, peer="minio"))),
        Scenario(
            "list-1m", "Listing a bucket of 1M keys (peers: at most 100k) under 200 prefixes, 1 connection", _list,
            prepare=_fill_keys, keeps_data=True, peers=S3_PEERS,
            columns=("keys_per_s", "page_ms", "page_cpu_us", "prefixes_ms", "prefixes_cpu_us", "start_ms", "rss_mib",
                     "keys"),
            goals=(Goal("keys_per_s", ">=", 20, peer="minio"), Goal("prefixes_ms", "<=", 0.1, peer="minio"),
                   Goal("prefixes_ms", "<=", 3, unit="ms"), Goal("start_ms", "<=", 200, unit="ms"))),
        Scenario(
            "scale", "Processor time for each operation as the catalogue grows", _scale, prepare=_fill_scales,
            keeps_data=True, runs_server=False, peers=(), goals=_scale_goals(),
            columns=(*(f"{name}_cpu_us@{scale}" for name in ("put", "get", "page") for scale in Sizes().scales),
                     "catalogue_bytes")),
        Scenario(
            "durability", "Calls that sync, for each PUT of 4 KiB", _durability, peers=S3_PEERS + FILE_PEERS, goals=(),
            rounds=1, columns=("syncs_alone", "syncs_of_32", "sync_opens")),
    ]
