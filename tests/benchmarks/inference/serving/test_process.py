"""A process of its own that serves, and what it does when it is told to end."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.slow
# It judges once there is a file that it waits for, and makes one to say that it waits.
SERVICE = """
import sys, time
from pathlib import Path
import numpy as np
from catnocat.benchmarks.inference.serving import Limits, serve
from catnocat.features import decode_image

here = Path(sys.argv[1])

class Waits:
    labels = ("cat",)
    def about(self):
        return {}
    def decode(self, content, max_pixels):
        return decode_image(content, max_pixels=max_pixels)
    def judge(self, images):
        (here / "asked").touch()
        while not (here / "go").exists():
            time.sleep(0.01)
        return np.ones((len(images), 1)), np.ones((len(images), 1), int)

tell = lambda url: print(url, flush=True)
serve(Waits(), "waits", port=0, limits=Limits(seconds=600), started=tell)
print("ended", flush=True)
"""
LONG = 300  # seconds, after which a test that hangs is given up


def wait_until(condition):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def refuses(address):
    try:
        socket.create_connection(address, timeout=LONG).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_answered_before_the_process_ends(tmp_path, make_picture, number):
    answers = []
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            host, _, port = process.stdout.readline().removeprefix("http://").rpartition(":")
            address = (host, int(port.rstrip("/\n")))

            def ask():
                connection = http.client.HTTPConnection(*address, timeout=LONG)
                connection.request(
                    "POST", "/api/predict", make_picture(), {"Content-Type": "image/png"}
                )
                response = connection.getresponse()
                answers.append((response.status, response.read()))
                connection.close()

            asking = threading.Thread(target=ask)
            asking.start()
            wait_until((tmp_path / "asked").exists)
            process.send_signal(number)
            wait_until(lambda: refuses(address))
            (tmp_path / "go").touch()
            asking.join(LONG)
            assert process.wait(LONG) == 0
            assert process.stdout.read() == "ended\n"
        finally:
            (tmp_path / "go").touch()
            process.kill()
    assert answers == [(200, b'{"image":"","labels":["cat"],"probabilities":{"cat":1.0}}')]
