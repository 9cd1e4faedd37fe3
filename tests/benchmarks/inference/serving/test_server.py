"""The server on a real socket: slow and broken clients, and shutdown."""

import http.client
import threading

import pytest

from catnocat.benchmarks.inference.serving import Limits, is_loopback, serve, server
from catnocat.benchmarks.utils.errors import InputError

HEAD = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"


def read_all(connection):
    """Read until the server closes the connection."""
    response = b""
    while piece := connection.recv(65536):
        response += piece
    return response


def request(address, method="GET", path="/health", content=None):
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request(method, path, content, {"Content-Type": "image/png"} if content else {})
    response = connection.getresponse()
    status, content = response.status, response.read()
    connection.close()
    return status, content


def test_slow_upload_gets_408(serving, colours, open_connection):
    with serving(colours, limits=Limits(seconds=0.3)) as (_, address):
        slow = open_connection(address, HEAD + b"Content-Length: 1000\r\n\r\nsome")
        response = read_all(slow)
        assert response.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in response
        assert request(address)[0] == 200


def test_incomplete_header_closes_the_connection(serving, colours, open_connection, monkeypatch):
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.2)
    with serving(colours) as (_, address):
        silent, slow = open_connection(address, b""), open_connection(address, HEAD)
        assert read_all(silent) == read_all(slow) == b""
        again = open_connection(address, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert again.recv(20).startswith(b"HTTP/1.1 200 ")
        again.sendall(b"GET /heal")
        assert b"HTTP/1.1" not in read_all(again), "also for the second request of a connection"


def test_disconnected_clients_free_their_slots(serving, colours, open_connection, make_image):
    content = make_image()

    def is_predicted():
        """Retry until a slot is free."""
        while (status := request(address, "POST", "/api/predict", content)[0]) == 429:
            pass
        assert colours.called.acquire(timeout=60)
        return status == 200

    with serving(colours, limits=Limits(requests=2)) as (_, address):
        for _ in range(20):
            open_connection(address, HEAD + b"Content-Length: 1000\r\n\r\nsome").close()
        assert is_predicted()
        colours.released.clear()
        disconnected = open_connection(
            address, HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content
        )
        while not colours.called.acquire(timeout=0.5):  # all slots may still be in use
            disconnected = open_connection(
                address, HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content
            )
        disconnected.close()
        colours.released.set()
        assert is_predicted()
        assert is_predicted()


def test_client_can_read_the_error_of_a_large_upload(serving, colours):
    with serving(colours, limits=Limits(megabytes=0.1)) as (_, address):
        status, response = request(address, "POST", "/api/predict", b"x" * 5_000_000)
        assert (status, b"100,000 bytes" in response) == (413, True)
        assert request(address, "POST", "/nowhere", b"x" * 5_000_000)[0] == 404


def test_rejection_comes_before_100_continue(serving, colours, open_connection):
    with serving(colours, token="correct-horse-battery") as (_, address):
        length = b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n"
        response = read_all(open_connection(address, HEAD + length))
        assert response.startswith(b"HTTP/1.1 401 ")
        assert b"100 Continue" not in response


def test_invalid_http_gets_400(serving, colours, open_connection):
    with serving(colours) as (_, address):
        assert b" 400 " in read_all(
            open_connection(address, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        )
        assert request(address)[0] == 200


def test_shutdown_finishes_requests_in_progress(serving, colours, make_image):
    responses = []
    with serving(colours) as (running, address):
        colours.released.clear()
        client = threading.Thread(
            target=lambda: responses.append(request(address, "POST", "/api/predict", make_image()))
        )
        client.start()
        assert colours.called.acquire(timeout=60)
        running.should_exit = True
        colours.released.set()
        client.join(60)
    assert responses[0][0] == 200


def test_unavailable_address_is_one_line(serving, colours):
    with serving(colours) as (_, (host, port)):
        with pytest.raises(InputError, match="--port") as error:
            serve(colours, "colours", host=host, port=port)
        assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="cannot listen on"):
        serve(colours, "colours", host="no.such.host.invalid")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.2", True), ("::1", True), ("localhost", True), ("::", False), ("10.0.0.1", False)],
)
def test_is_loopback(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize("name", ["megabytes", "megapixels", "files", "requests", "seconds"])
def test_limits_must_be_positive(name):
    with pytest.raises(InputError, match=name):
        Limits(**{name: 0})
