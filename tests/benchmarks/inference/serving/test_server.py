"""The server on a real socket: slow clients, broken ones, and how it stops."""

import http.client
import threading

import pytest

from catnocat.benchmarks.inference.serving import Limits, is_loopback, serve, server
from catnocat.benchmarks.utils.errors import InputError

HEAD = b"POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"


def everything(connection):
    """Read until the server closes."""
    told = b""
    while piece := connection.recv(65536):
        told += piece
    return told


def ask(address, method="GET", path="/health", content=None):
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request(method, path, content, {"Content-Type": "image/png"} if content else {})
    response = connection.getresponse()
    told = (response.status, response.read())
    connection.close()
    return told


def test_a_picture_that_comes_too_slowly_is_given_up(serving, colours, speak):
    with serving(colours, limits=Limits(seconds=0.3)) as (_, address):
        slow = speak(address, HEAD + b"Content-Length: 1000\r\n\r\nsome")
        told = everything(slow)
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in told
        assert ask(address)[0] == 200


def test_a_request_whose_head_never_ends_is_given_up(serving, colours, speak, monkeypatch):
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.2)
    with serving(colours) as (_, address):
        silent, slow = speak(address, b""), speak(address, HEAD)
        assert everything(silent) == everything(slow) == b""
        again = speak(address, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert again.recv(20).startswith(b"HTTP/1.1 200 ")
        again.sendall(b"GET /heal")
        assert b"HTTP/1.1" not in everything(again), "nor is the second one waited for"


def test_clients_that_go_away_leave_nothing_behind(serving, colours, speak, make_picture):
    content = make_picture()

    def judged():
        """Ask until there is a place again."""
        while (status := ask(address, "POST", "/api/predict", content)[0]) == 429:
            pass
        assert colours.asked.acquire(timeout=60)
        return status == 200

    with serving(colours, limits=Limits(requests=2)) as (_, address):
        for _ in range(20):
            speak(address, HEAD + b"Content-Length: 1000\r\n\r\nsome").close()
        assert judged()
        colours.held.clear()
        gone = speak(address, HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content)
        while not colours.asked.acquire(timeout=0.5):  # the places may have been taken still
            gone = speak(address, HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content)
        gone.close()
        colours.held.set()
        assert judged()
        assert judged()


def test_a_large_upload_that_is_refused_reads_why(serving, colours):
    with serving(colours, limits=Limits(megabytes=0.1)) as (_, address):
        status, told = ask(address, "POST", "/api/predict", b"x" * 5_000_000)
        assert (status, b"100,000 bytes" in told) == (413, True)
        assert ask(address, "POST", "/nowhere", b"x" * 5_000_000)[0] == 404


def test_a_refusal_spares_the_client_the_upload(serving, colours, speak):
    with serving(colours, token="correct-horse-battery") as (_, address):
        length = b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n"
        told = everything(speak(address, HEAD + length))
        assert told.startswith(b"HTTP/1.1 401 ")
        assert b"100 Continue" not in told


def test_what_is_no_http_is_refused_and_the_others_served(serving, colours, speak):
    with serving(colours) as (_, address):
        assert b" 400 " in everything(speak(address, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"))
        assert ask(address)[0] == 200


def test_it_stops_when_what_is_under_way_is_answered(serving, colours, make_picture):
    answers = []
    with serving(colours) as (running, address):
        colours.held.clear()
        asking = threading.Thread(
            target=lambda: answers.append(ask(address, "POST", "/api/predict", make_picture()))
        )
        asking.start()
        assert colours.asked.acquire(timeout=60)
        running.should_exit = True
        colours.held.set()
        asking.join(60)
    assert answers[0][0] == 200


def test_an_address_that_is_taken_is_told_in_one_line(serving, colours):
    with serving(colours) as (_, (host, port)):
        with pytest.raises(InputError, match="--port") as refusal:
            serve(colours, "colours", host=host, port=port)
        assert "\n" not in str(refusal.value)
    with pytest.raises(InputError, match="cannot listen at"):
        serve(colours, "colours", host="no.such.host.invalid")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.2", True), ("::1", True), ("localhost", True), ("::", False), ("10.0.0.1", False)],
)
def test_loopback_is_told_from_other_addresses(host, expected):
    assert is_loopback(host) is expected


@pytest.mark.parametrize("name", ["megabytes", "megapixels", "files", "requests", "seconds"])
def test_limits_of_nothing_make_no_sense(name):
    with pytest.raises(InputError, match=name):
        Limits(**{name: 0})
