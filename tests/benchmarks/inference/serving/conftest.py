"""Something to serve that answers at once, and a client that speaks to it without a network."""

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
from catnocat.benchmarks.inference.serving import Evidence, Guard, Limits, make_service
from catnocat.benchmarks.inference.serving.server import listen, make_server
from catnocat.features import decode_image


class Colours:
    """Says how red, green and blue a picture is; `held` keeps it from answering."""

    labels = ("red", "green", "blue", "<b>grey</b>")

    def __init__(self):
        self.held = threading.Event()
        self.held.set()
        self.asked = threading.Semaphore(0)
        self.together = []

    def about(self):
        return {"method": "colours", "training": {"images": 3}}

    def decode(self, content, max_pixels):
        return decode_image(content, max_pixels=max_pixels)

    def judge(self, images):
        self.asked.release()
        assert self.held.wait(60)
        self.together.append(len(images))
        if any(image.size == (13, 13) for image in images):
            raise RuntimeError("secret")
        P = np.array([[*np.asarray(image).mean((0, 1)) / 255, 0.25] for image in images])
        return P, (P > 0.5).astype(int)

    def evidence(self, image, label):
        assert self.held.wait(60)
        place = self.labels.index(label)
        values = np.asarray(image.resize((8, 6)), float)[:, :, place % 3] - 1
        y, x = np.unravel_index(values.argmax(), values.shape)
        return Evidence(values, ((x + 0.5) / 8, (y + 0.5) / 6), "colour")


SCENES = MenagerieSettings(number=60, labels=("cat", "dog"), canvas=160)


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Draw a few small scenes with cats and dogs: their label table."""
    return draw_scenes(SCENES, tmp_path_factory.mktemp("scenes") / "drawn", n_jobs=1)


@pytest.fixture(scope="session")
def model_files(scenes, tmp_path_factory):
    """Fit two methods to them: one that adds up weighted features, and one that does not."""
    folder = tmp_path_factory.mktemp("models")
    files = {method: folder / f"{method}.catnocat" for method in ("ridge", "mlknn")}
    for method, out in files.items():
        fit_model(scenes, method=method, out=out, store=folder / "store", n_jobs=1)
    return files


@pytest.fixture
def fitted(model_files):
    """Give a function that loads such a model to be served."""
    opened = []

    def fitted(method):
        opened.append(load(model_files[method], keep=False))
        return opened[-1]

    yield fitted
    for model in opened:
        model.close()


@pytest.fixture
def scene(scenes):
    """Give the file of a scene that holds a cat."""
    row = next(line for line in scenes.read_text().splitlines()[1:] if "cat" in line)
    return scenes.parent / row.split(",")[0]


def picture(colour="red", size=(40, 30), format="PNG"):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, format)
    return content.getvalue()


@pytest.fixture
def colours():
    return Colours()


@pytest.fixture
def make_picture():
    return picture


@pytest.fixture
def connect(colours):
    """Give a function that opens a client, for given limits and guards."""
    clients = []

    def connect(token=None, hosts=("testserver",), **limits):
        service = make_service(colours, "colours.catnocat", Limits(**limits))
        client = TestClient(Guard(service, hosts, token), raise_server_exceptions=False)
        clients.append(client)
        return client.__enter__()

    yield connect
    colours.held.set()
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def serving():
    """Give a context in which a predictor is served on a real socket: its server and address."""

    @contextmanager
    def serving(predictor, **options):
        listening, ready = listen("127.0.0.1", 0), threading.Event()
        server = make_server(
            listening, predictor, "colours.catnocat", started=lambda url: ready.set(), **options
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert ready.wait(60)
            yield server, listening.getsockname()
        finally:
            server.should_exit = True
            if held := getattr(predictor, "held", None):
                held.set()
            thread.join(60)
            listening.close()
        assert not thread.is_alive()

    return serving


@pytest.fixture
def speak():
    """Give a function that opens a connection to an address, for bytes of one's own."""
    opened = []

    def speak(address, content):
        connection = socket.create_connection(address, timeout=60)
        opened.append(connection)
        connection.sendall(content)
        return connection

    yield speak
    for connection in opened:
        connection.close()
