"""A fast predictor, and clients with and without a network."""

import io
import socket
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from catnocat.benchmarks.data.scenes import MenagerieSettings, draw_scenes
from catnocat.benchmarks.inference import fit_model, load
from catnocat.benchmarks.inference.serving import (
    AttributionMap,
    Limits,
    SecurityMiddleware,
    create_app,
)
from catnocat.benchmarks.inference.serving.server import create_server, listen
from catnocat.features import decode_image


class Colours:
    """Predicts the mean red, green and blue of an image; waits while `released` is not set."""

    labels = ("red", "green", "blue", "<b>grey</b>")

    def __init__(self):
        self.released = threading.Event()
        self.released.set()
        self.called = threading.Semaphore(0)
        self.batch_sizes = []

    def describe(self):
        return {"method": "colours", "training": {"images": 3}}

    def decode(self, content, max_pixels):
        return decode_image(content, max_pixels=max_pixels)

    def predict(self, images):
        self.called.release()
        assert self.released.wait(60)
        self.batch_sizes.append(len(images))
        if any(image.size == (13, 13) for image in images):
            raise RuntimeError("secret")
        P = np.array([[*np.asarray(image).mean((0, 1)) / 255, 0.25] for image in images])
        return P, (P > 0.5).astype(int)

    def attribute(self, image, label):
        assert self.released.wait(60)
        column = self.labels.index(label)
        values = np.asarray(image.resize((8, 6)), float)[:, :, column % 3] - 1
        y, x = np.unravel_index(values.argmax(), values.shape)
        return AttributionMap(values, ((x + 0.5) / 8, (y + 0.5) / 6), "colour")


SCENES = MenagerieSettings(number=60, labels=("cat", "dog"), canvas=160)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Generate a few small scenes with cats and dogs; return their label table."""
    return draw_scenes(SCENES, tmp_path_factory.mktemp("scenes") / "drawn", n_jobs=1)


@pytest.fixture(scope="session")
def model_files(scenes, tmp_path_factory):
    """Fit a linear and a non-linear method to the scenes."""
    folder = tmp_path_factory.mktemp("models")
    files = {method: folder / f"{method}.catnocat" for method in ("ridge", "mlknn")}
    for method, out in files.items():
        fit_model(scenes, method=method, out=out, store=folder / "store", n_jobs=1)
    return files


@pytest.fixture
def fitted(model_files):
    """Return a function that loads one of the models."""
    opened = []

    def fitted(method):
        opened.append(load(model_files[method], use_store=False))
        return opened[-1]

    yield fitted
    for model in opened:
        model.close()


@pytest.fixture
def scene(scenes):
    """Return the file of a scene with a cat."""
    row = next(line for line in scenes.read_text().splitlines()[1:] if "cat" in line)
    return scenes.parent / row.split(",")[0]


def encode_image(colour="red", size=(40, 30), format="PNG"):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, format)
    return content.getvalue()


@pytest.fixture
def colours():
    return Colours()


@pytest.fixture
def make_image():
    return encode_image


@pytest.fixture
def connect(colours):
    """Return a function that opens a client with given limits, hosts and token."""
    clients = []

    def connect(token=None, hosts=("testserver",), **limits):
        app = create_app(colours, "colours.catnocat", Limits(**limits))
        client = TestClient(SecurityMiddleware(app, hosts, token), raise_server_exceptions=False)
        clients.append(client)
        return client.__enter__()

    yield connect
    colours.released.set()
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def serving():
    """Return a context manager that serves a predictor on a real socket."""

    @contextmanager
    def serving(predictor, **options):
        listener, ready = listen("127.0.0.1", 0), threading.Event()
        server = create_server(
            listener, predictor, "colours.catnocat", on_start=lambda url: ready.set(), **options
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(60)
            yield server, listener.getsockname()
        finally:
            server.should_exit = True
            if released := getattr(predictor, "released", None):
                released.set()
            thread.join(60)
            listener.close()
        assert not thread.is_alive()

    return serving


@pytest.fixture
def open_connection():
    """Return a function that opens a connection and sends bytes."""
    opened = []

    def open_connection(address, content):
        connection = socket.create_connection(address, timeout=60)
        opened.append(connection)
        connection.sendall(content)
        return connection

    yield open_connection
    for connection in opened:
        connection.close()
