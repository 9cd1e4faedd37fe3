"""Graceful shutdown of a server process on signals."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.slow
# Its predictor creates a file when it is called, and returns once another file exists.
SERVICE = """
import sys, time
from pathlib import Path
import numpy as np
from catnocat.benchmarks.inference.serving import Limits, serve
from catnocat.features import decode_image

here = Path(sys.argv[1])

class Waits:
    labels = ("cat",)
    def describe(self):
        return {}
    def decode(self, content, max_pixels):
        return decode_image(content, max_pixels=max_pixels)
    def predict(self, images):
        (here / "called").touch()
        while not (here / "go").exists():
            time.sleep(0.01)
        return np.ones((len(images), 1)), np.ones((len(images), 1), int)

on_start = lambda url: print(url, flush=True)
serve(Waits(), "waits", port=0, limits=Limits(seconds=600), on_start=on_start)
print("ended", flush=True)
"""
LONG = 300  # seconds, after which a hanging test fails


def wait_until(condition):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_closed(address):
    try:
        socket.create_connection(address, timeout=LONG).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_requests_in_progress_are_finished_before_exit(tmp_path, make_image, number):
    responses = []
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            host, _, port = process.stdout.readline().removeprefix("http://").rpartition(":")
            address = (host, int(port.rstrip("/\n")))

            def ask():
                connection = http.client.HTTPConnection(*address, timeout=LONG)
                connection.request(
                    "POST", "/api/predict", make_image(), {"Content-Type": "image/png"}
                )
                response = connection.getresponse()
                responses.append((response.status, response.read()))
                connection.close()

            asking = threading.Thread(target=ask)
            asking.start()
            wait_until((tmp_path / "called").exists)
            process.send_signal(number)
            wait_until(lambda: is_closed(address))
            (tmp_path / "go").touch()
            asking.join(LONG)
            assert process.wait(LONG) == 0
            assert process.stdout.read() == "ended\n"
        finally:
            (tmp_path / "go").touch()
            process.kill()
    assert responses == [(200, b'{"image":"","labels":["cat"],"probabilities":{"cat":1.0}}')]
