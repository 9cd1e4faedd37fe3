"""A local server with configurable faults and a small named data set."""

import hashlib
import io
import tarfile
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from catnocat.benchmarks.data.download import Archive, NamedDataset
from catnocat.benchmarks.data.formats import read_voc


class Behaviour:
    """Faults of the server and the ranges of its requests."""

    def __init__(self):
        self.files = {}
        self.ranges = True  # whether ranges are supported
        self.wrong_range = False  # responds with another range
        self.stall_after = None  # bytes of one response before it stalls
        self.truncate_after = None  # bytes of one response before it ends
        self.status = None
        self.requested_ranges = []
        self.finished = threading.Event()


@pytest.fixture
def behaviour(monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "*")
    return Behaviour()


@pytest.fixture
def server(behaviour):
    """Return the address of the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            behaviour.requested_ranges.append(self.headers.get("Range"))
            if behaviour.status is not None or self.path[1:] not in behaviour.files:
                self.send_error(behaviour.status or 404)
                return
            content = behaviour.files[self.path[1:]]
            requested = self.headers.get("Range", "bytes=0-")
            start = (
                int(requested.removeprefix("bytes=").removesuffix("-")) if behaviour.ranges else 0
            )
            start = 0 if behaviour.wrong_range else start
            body = content[start:]
            self.send_response(206 if behaviour.ranges else 200)
            self.send_header("Content-Length", str(len(body)))
            if behaviour.ranges:
                end = len(content)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            self.end_headers()
            limits = (behaviour.stall_after, behaviour.truncate_after)
            with suppress(ConnectionError):  # the client may have closed the connection
                self.wfile.write(body[: min(n for n in (*limits, len(body)) if n is not None)])
            if behaviour.stall_after is not None:
                behaviour.finished.wait(10)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    behaviour.finished.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def archive(server, behaviour):
    """Return a function that puts a file on the server and describes it."""

    def put(content, name="file.bin", md5=None):
        behaviour.files[name] = content
        md5 = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
        return Archive(f"{server}/{name}", md5, len(content))

    return put


@pytest.fixture
def tar():
    """Return a function that makes the bytes of a .tar file."""

    def make(files):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as opened:
            for name, text in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(text)
                opened.addfile(member, io.BytesIO(text.encode()))
        return content.getvalue()

    return make


VOC = "VOCdevkit/VOC2007"
TRAINVAL = {
    f"{VOC}/JPEGImages/1.jpg": "one",
    f"{VOC}/ImageSets/Main/cat_trainval.txt": "1 1\n",
}
TEST = {f"{VOC}/JPEGImages/2.jpg": "two", f"{VOC}/ImageSets/Main/cat_test.txt": "2 -1\n"}


@pytest.fixture
def dataset(archive, tar):
    """VOC data set of two images, in two archives on the server."""
    return NamedDataset(
        name="tiny",
        archives=(archive(tar(TRAINVAL), "trainval.tar"), archive(tar(TEST), "test.tar")),
        root=VOC,
        required_files=("JPEGImages/*", "ImageSets/Main/*_test.txt"),
        search_folders=(VOC,),
        licence="Tiny VOC: made by the tests.",
        read=read_voc,
    )
