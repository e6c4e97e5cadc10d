"""Runs OpenStack Swift with its S3 interface on this machine, for tests: swift_server.py FOLDER PORT.

Takes PORT to PORT + 3 on 127.0.0.1 and returns once all four servers answer; their ids are in FOLDER/pids.
Key `test:tester` with secret `testing` may do everything; `test:other` with `testing2` has no rights.
Needs Debian's python3-swift. Two of its faults in version 2.30 are mended below.
"""
import io
import json
import os
import pwd
import socket
import sys
import time

SERVERS = ["proxy", "account", "container", "object"]
HOST = "127.0.0.1"
START_SECONDS = 30

MIDDLEWARE = {
    "catch_errors": "", "healthcheck": "", "cache": "", "listing_formats": "", "bulk": "",
    "s3api": "location = us-east-1",
    "tempauth": "user_test_tester = testing .admin\nuser_test_other = testing2",
    "copy": "", "slo": "", "dlo": "",
    "versioned_writes": "allow_object_versioning = true",
    "symlink": "",
}


class MemoryCache:
    """Stands for memcached, without which tempauth does not start."""

    def __init__(self):
        self.entries = {}

    def get(self, key, **_):
        text, expires = self.entries.get(key, ("null", 0))
        return json.loads(text) if not expires or expires > time.time() else None

    def set(self, key, value, **options):
        seconds = options.get("time")
        self.entries[key] = json.dumps(value), seconds and time.time() + seconds

    def delete(self, key, **_):
        self.entries.pop(key, None)


def cache_factory(_conf, **_):
    """Puts the cache into each request. A DELETE without a body would wait for one, so it gets an empty one."""
    cache = MemoryCache()

    def wrap(app):
        def call(env, start_response):
            env["swift.cache"] = cache
            if env["REQUEST_METHOD"] == "DELETE" and not env.get("CONTENT_LENGTH"):
                env["wsgi.input"], env["CONTENT_LENGTH"] = io.BytesIO(), "0"
            return app(env, start_response)
        return call
    return wrap


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def write_config(folder, port, index, name):
    filters = MIDDLEWARE if name == "proxy" else {}
    sections = "".join(
        f"[filter:{each}]\n"
        + ("paste.filter_factory = swift_server:cache_factory" if each == "cache" else f"use = egg:swift#{each}")
        + f"\n{options}\n"
        for each, options in filters.items()
    )
    write(folder, f"{name}.conf", f"""[DEFAULT]
bind_ip = {HOST}
bind_port = {port + index}
workers = 0
user = {pwd.getpwuid(os.getuid())[0]}
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
fallocate_reserve = 0
log_level = WARNING
[pipeline:main]
pipeline = {" ".join(filters)} {name}-server
[app:{name}-server]
use = egg:swift#{name}
{"account_autocreate = true" if name == "proxy" else ""}
{sections}""")


def write_ring(folder, port, index, name):
    from swift.common.ring import RingBuilder

    builder = RingBuilder(4, 1, 0)
    at = port + index
    builder.add_dev({
        "id": 0, "region": 1, "zone": 1, "weight": 1, "device": "d1", "meta": "",
        "ip": HOST, "port": at, "replication_ip": HOST, "replication_port": at,
    })
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, f"{name}.ring.gz"))


def keep_version_ids():
    """A page of versions loses its entries because their ids are looked up by another name."""
    from swift.common.middleware.s3api.controllers.bucket import BucketController

    build = BucketController._build_versions_result

    def mended(self, req, objects, *rest):
        return build(self, req, [dict(each, version=each.get("version_id")) for each in objects], *rest)

    BucketController._build_versions_result = mended


def assert_free(port):
    for each in range(port, port + len(SERVERS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, each))


def run_server(folder, name):
    from swift.common.wsgi import run_wsgi

    log = open(os.path.join(folder, f"{name}.log"), "a", encoding="utf-8")
    os.setsid()
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    os._exit(run_wsgi(os.path.join(folder, f"{name}.conf"), f"{name}-server", verbose=True) or 0)


def await_servers(folder, port):
    deadline = time.time() + START_SECONDS
    for each in range(port, port + len(SERVERS)):
        while True:
            try:
                # From another address: a connection from the same one could meet itself.
                socket.create_connection((HOST, each), 1, ("127.0.0.2", 0)).close()
                break
            except OSError:
                if os.waitpid(-1, os.WNOHANG)[0] or time.time() > deadline:
                    sys.exit(f"swift does not start: see {folder}/*.log")
                time.sleep(0.05)


def main(folder, port):
    folder = os.path.abspath(folder)
    os.makedirs(os.path.join(folder, "srv", "d1"), exist_ok=True)
    write(folder, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = test\n")
    assert_free(port)
    from swift.common import utils

    utils.set_swift_dir(folder)
    for index, name in enumerate(SERVERS):
        write_config(folder, port, index, name)
        if name != "proxy":
            write_ring(folder, port, index, name)
    keep_version_ids()
    pids = []
    for name in SERVERS:
        pid = os.fork()
        if pid == 0:
            run_server(folder, name)
        pids.append(pid)
    write(folder, "pids", " ".join(map(str, pids)))
    await_servers(folder, port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
