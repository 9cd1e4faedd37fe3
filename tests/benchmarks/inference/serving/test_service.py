"""What the API answers, and the reason it gives where it does not."""

import io
import json
import threading

import pytest
from PIL import Image

FORM = {"content-type": "multipart/form-data; boundary=b"}


def send(client, *contents, path="/api/predict", name="a.png", **more):
    files = [("file", (name, content, "image/png")) for content in contents]
    return client.post(path, files=files, **more)


def refused(response, status, reason):
    assert response.status_code == status, response.text
    assert response.json().keys() == {"error"}
    assert reason in response.json()["error"]
    assert "\n" not in response.json()["error"]


def test_a_picture_gets_labels_and_probabilities(client, make_picture):
    told = send(client, make_picture("red"), name="photos/my rose.png").json()
    assert told == {
        "image": "photos/my rose.png",
        "labels": ["red"],
        "probabilities": {"red": 1.0, "green": 0.0, "blue": 0.0, "<b>grey</b>": 0.25},
    }


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "image/x-anything"])
def test_the_bytes_of_a_picture_will_do_without_a_form(client, make_picture, kind):
    told = client.post("/api/predict", content=make_picture("lime"), headers={"content-type": kind})
    assert told.json()["labels"] == ["green"]
    assert told.json()["image"] == ""


def test_a_batch_keeps_its_order_and_tells_of_what_cannot_be_read(client, make_picture):
    files = [
        ("anything", ("1.png", make_picture("red"))),
        ("files", ("2.png", b"no picture")),
        ("files", ("3.png", make_picture("blue"))),
        ("files", ("3.png", make_picture("lime"))),
        *(("files", (f"more{number}.png", make_picture("blue"))) for number in range(10)),
    ]
    told = client.post("/api/batch", files=files).json()["pictures"]
    assert [one["image"] for one in told] == [name for _, (name, _) in files]
    reason = "not a picture in a known format"
    assert told[1] == {"image": "2.png", "error": reason, "status": 415}
    assert [one.get("labels") for one in told][:4] == [["red"], None, ["blue"], ["green"]]


@pytest.mark.parametrize(
    ("contents", "status", "statuses"),
    [
        ([b"no picture", b"nor this"], 415, [415, 415]),
        ([b"no picture", b""], 422, [415, 422]),
    ],
)
def test_a_batch_without_a_picture_is_refused_with_every_reason(client, contents, status, statuses):
    files = [("files", (f"{n}.png", content)) for n, content in enumerate(contents)]
    response = client.post("/api/batch", files=files)
    assert response.status_code == status
    told = response.json()
    assert told.keys() == {"error", "pictures"}
    assert [one["image"] for one in told["pictures"]] == [name for _, (name, _) in files]
    assert [one["status"] for one in told["pictures"]] == statuses
    assert all(one["error"] for one in told["pictures"])


def test_a_batch_that_takes_too_long_is_to_come_again(connect, colours, make_picture):
    client = connect(seconds=0.2)
    colours.held.clear()
    response = client.post("/api/batch", files=[("files", ("1.png", make_picture()))])
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1


def test_evidence_is_a_map_with_its_peak(client, make_picture):
    image = Image.new("RGB", (80, 60))
    image.paste("red", (60, 40, 80, 60))
    content = io.BytesIO()
    image.save(content, "PNG")
    told = send(client, content.getvalue(), path="/api/evidence?label=red").json()
    assert (len(told["map"]), len(told["map"][0])) == (6, 8)
    assert told["peak"]["x"] > 0.7
    assert told["peak"]["y"] > 0.6
    assert told["how"] == "colour"


def test_the_model_tells_its_labels_and_its_limits(connect):
    told = connect(files=3).get("/api/model").json()
    assert told["labels"] == ["red", "green", "blue", "<b>grey</b>"]
    assert told["limits"]["files"] == 3
    assert told["model"]["training"] == {"images": 3}


def test_garbage_is_refused_with_a_reason(client, make_picture):
    whole = make_picture("red", (400, 300), "JPEG")
    refused(send(client, b""), 422, "the file is empty")
    refused(send(client, b"%PDF-1.7 no picture"), 415, "not a picture in a known format")
    refused(send(client, whole[: len(whole) // 2]), 422, "broken")
    refused(client.post("/api/predict", files={}, data={"a": "b"}), 415, "send a form")
    refused(client.post("/api/predict", content=b"x", headers=FORM), 400, "no form")
    refused(client.post("/api/predict", content=b"", headers=FORM), 400, "breaks off")
    refused(client.post("/api/predict", content=b"--b--\r\n", headers=FORM), 422, "no file")
    refused(client.post("/api/predict"), 415, "send a form")
    refused(client.post("/api/predict", files={"file": (None, "text")}), 422, "no file")


def test_what_is_too_large_is_refused_before_all_of_it_is_read(connect, make_picture):
    client = connect(megabytes=0.01, megapixels=0.001, files=2)
    small, wide = make_picture(size=(9, 9)), make_picture(size=(500, 3))
    refused(send(client, b"x" * 20_000), 413, "10,000 bytes")
    raw = {"content-type": "image/png"}
    refused(client.post("/api/predict", content=b"x" * 20_000, headers=raw), 413, "10,000 bytes")
    refused(send(client, wide), 413, "500 x 3 pixels are more than 1,000")
    refused(send(client, small, small), 413, "/api/batch takes several")
    refused(send(client, *[small] * 3, path="/api/batch"), 413, "2 files")
    assert send(client, small, small, path="/api/batch").status_code == 200
    fields = {f"field{number}": "x" * 2_000 for number in range(10)}
    refused(client.post("/api/predict", data=fields, files={"file": small}), 413, "besides files")


def test_wrong_addresses_methods_and_labels_are_told(client, make_picture):
    refused(client.get("/etc/passwd"), 404, "Not Found")
    refused(client.get("/page/../../../pyproject.toml"), 404, "Not Found")
    refused(client.get("/api/predict"), 405, "Method Not Allowed")
    refused(send(client, make_picture(), path="/api/evidence"), 422, "label")
    refused(send(client, make_picture(), path="/api/evidence?label=cat"), 422, "no such label")


def test_what_nobody_foresaw_stays_in_the_log(client, make_picture, caplog):
    response = send(client, make_picture(size=(13, 13)))
    refused(response, 500, "the server's log")
    assert "secret" not in response.text


def test_those_who_find_no_place_come_again_and_the_others_are_answered(
    connect, colours, make_picture
):
    client, answers = connect(requests=1), []
    colours.held.clear()
    first = threading.Thread(target=lambda: answers.append(send(client, make_picture("red"))))
    first.start()
    assert colours.asked.acquire(timeout=60)
    for path in ("/api/predict", "/api/batch", "/api/evidence?label=red"):
        second = send(client, make_picture(), path=path)
        refused(second, 429, "try again")
        assert second.headers["retry-after"] == "1"
    assert client.get("/health").json() == {"status": "ok"}, "the server listens meanwhile"
    colours.held.set()
    first.join(60)
    assert answers[0].json()["labels"] == ["red"]
    assert send(client, make_picture("red")).status_code == 200, "places are given back"


def test_an_answer_that_takes_too_long_is_given_up(connect, colours, make_picture):
    client = connect(seconds=0.2, requests=1)
    colours.held.clear()
    reasons = {"/api/predict": "too long", "/api/evidence?label=red": "longer --timeout"}
    for path, reason in reasons.items():
        response = send(client, make_picture(), path=path)
        refused(response, 503, reason)
        assert int(response.headers["retry-after"]) >= 1


def test_what_waits_is_shown_to_the_network_together(connect, colours, make_picture):
    client = connect()
    colours.held.clear()
    files = [("files", (f"{n}.png", make_picture("red"))) for n in range(20)]
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client.post("/api/batch", files=files)))
    thread.start()
    assert colours.asked.acquire(timeout=60)
    colours.held.set()
    thread.join(60)
    assert [one["labels"] for one in answers[0].json()["pictures"]] == [["red"]] * 20
    assert sum(colours.together) == 20
    assert max(colours.together) <= 4


def test_names_come_back_as_they_are_and_never_longer_than_a_name(client, make_picture):
    told = send(client, make_picture(), name="<script>alert(1)</script>.png")
    assert told.json()["image"] == "<script>alert(1)</script>.png"
    assert told.headers["content-type"] == "application/json"
    assert len(send(client, make_picture(), name="x" * 2_000).json()["image"]) == 255


def test_the_description_shows_what_can_be_sent(client):
    api = client.get("/openapi.json").json()
    body = api["paths"]["/api/predict"]["post"]["requestBody"]["content"]
    assert set(body) >= {"multipart/form-data", "image/jpeg"}
    assert "detail" not in json.dumps(api["components"]), "all reasons have the same form"
