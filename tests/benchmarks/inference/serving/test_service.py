"""Responses of the API, and its errors."""

import io
import json
import threading

import pytest
from PIL import Image

FORM = {"content-type": "multipart/form-data; boundary=b"}


def send(client, *contents, path="/api/predict", name="a.png", **more):
    files = [("file", (name, content, "image/png")) for content in contents]
    return client.post(path, files=files, **more)


def check_error(response, status, reason):
    assert response.status_code == status, response.text
    assert response.json().keys() == {"error"}
    assert reason in response.json()["error"]
    assert "\n" not in response.json()["error"]


def test_image_gets_labels_and_probabilities(client, make_image):
    content = send(client, make_image("red"), name="photos/my rose.png").json()
    assert content == {
        "image": "photos/my rose.png",
        "labels": ["red"],
        "probabilities": {"red": 1.0, "green": 0.0, "blue": 0.0, "<b>grey</b>": 0.25},
    }


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "image/x-anything"])
def test_raw_image_bytes_are_accepted(client, make_image, kind):
    content = client.post(
        "/api/predict", content=make_image("lime"), headers={"content-type": kind}
    )
    assert content.json()["labels"] == ["green"]
    assert content.json()["image"] == ""


def test_batch_keeps_order_and_reports_unreadable_images(client, make_image):
    files = [
        ("any field", ("1.png", make_image("red"))),
        ("files", ("2.png", b"not an image")),
        ("files", ("3.png", make_image("blue"))),
        ("files", ("3.png", make_image("lime"))),
        *(("files", (f"more{number}.png", make_image("blue"))) for number in range(10)),
    ]
    content = client.post("/api/batch", files=files).json()["images"]
    assert [entry["image"] for entry in content] == [name for _, (name, _) in files]
    assert content[1].keys() == {"image", "error", "status"}
    assert (content[1]["image"], content[1]["status"]) == ("2.png", 415)
    assert "known format" in content[1]["error"]
    assert [entry.get("labels") for entry in content][:4] == [["red"], None, ["blue"], ["green"]]


@pytest.mark.parametrize(
    ("contents", "status", "statuses"),
    [
        ([b"not an image", b"neither"], 415, [415, 415]),
        ([b"not an image", b""], 422, [415, 422]),
    ],
)
def test_batch_without_readable_image_reports_every_reason(client, contents, status, statuses):
    files = [("files", (f"{n}.png", content)) for n, content in enumerate(contents)]
    response = client.post("/api/batch", files=files)
    assert response.status_code == status
    content = response.json()
    assert content.keys() == {"error", "images"}
    assert [entry["image"] for entry in content["images"]] == [name for _, (name, _) in files]
    assert [entry["status"] for entry in content["images"]] == statuses
    assert all(entry["error"] for entry in content["images"])


def test_slow_batch_gets_503_with_retry_after(connect, colours, make_image):
    client = connect(seconds=0.2)
    colours.released.clear()
    response = client.post("/api/batch", files=[("files", ("1.png", make_image()))])
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1


def test_attribution_is_a_map_with_its_peak(client, make_image):
    image = Image.new("RGB", (80, 60))
    image.paste("red", (60, 40, 80, 60))
    content = io.BytesIO()
    image.save(content, "PNG")
    content = send(client, content.getvalue(), path="/api/attribution?label=red").json()
    assert (len(content["map"]), len(content["map"][0])) == (6, 8)
    assert content["peak"]["x"] > 0.7
    assert content["peak"]["y"] > 0.6
    assert content["method"] == "colour"


def test_model_info_has_labels_and_limits(connect):
    content = connect(files=3).get("/api/model").json()
    assert content["labels"] == ["red", "green", "blue", "<b>grey</b>"]
    assert content["limits"]["files"] == 3
    assert content["model"]["training"] == {"images": 3}


def test_garbage_is_rejected_with_a_reason(client, make_image):
    whole = make_image("red", (400, 300), "JPEG")
    check_error(send(client, b""), 422, "the file is empty")
    check_error(send(client, b"%PDF-1.7 no image"), 415, "known format")
    check_error(send(client, whole[: len(whole) // 2]), 422, "broken")
    check_error(client.post("/api/predict", files={}, data={"a": "b"}), 415, "send a form")
    check_error(client.post("/api/predict", content=b"x", headers=FORM), 400, "invalid form")
    check_error(client.post("/api/predict", content=b"", headers=FORM), 400, "incomplete")
    check_error(client.post("/api/predict", content=b"--b--\r\n", headers=FORM), 422, "no file")
    check_error(client.post("/api/predict"), 415, "send a form")
    check_error(client.post("/api/predict", files={"file": (None, "text")}), 422, "no file")


def test_too_large_requests_are_rejected(connect, make_image):
    client = connect(megabytes=0.01, megapixels=0.001, files=2)
    small, wide = make_image(size=(9, 9)), make_image(size=(500, 3))
    check_error(send(client, b"x" * 20_000), 413, "10,000 bytes")
    raw = {"content-type": "image/png"}
    check_error(
        client.post("/api/predict", content=b"x" * 20_000, headers=raw), 413, "10,000 bytes"
    )
    check_error(send(client, wide), 413, "500 x 3 pixels are more than 1,000")
    check_error(send(client, small, small), 413, "/api/batch accepts several")
    check_error(send(client, *[small] * 3, path="/api/batch"), 413, "2 files")
    assert send(client, small, small, path="/api/batch").status_code == 200
    fields = {f"field{number}": "x" * 2_000 for number in range(10)}
    check_error(
        client.post("/api/predict", data=fields, files={"file": small}), 413, "without files"
    )


def test_wrong_paths_methods_and_labels_are_rejected(client, make_image):
    check_error(client.get("/etc/passwd"), 404, "Not Found")
    check_error(client.get("/page/../../../pyproject.toml"), 404, "Not Found")
    check_error(client.get("/api/predict"), 405, "Method Not Allowed")
    check_error(send(client, make_image(), path="/api/attribution"), 422, "label")
    check_error(send(client, make_image(), path="/api/attribution?label=cat"), 422, "unknown label")


def test_details_of_internal_errors_are_not_sent(client, make_image, caplog):
    response = send(client, make_image(size=(13, 13)))
    check_error(response, 500, "the server's log")
    assert "secret" not in response.text


def test_requests_above_the_concurrency_limit_get_429(connect, colours, make_image):
    client, responses = connect(requests=1), []
    colours.released.clear()
    first = threading.Thread(target=lambda: responses.append(send(client, make_image("red"))))
    first.start()
    assert colours.called.acquire(timeout=60)
    for path in ("/api/predict", "/api/batch", "/api/attribution?label=red"):
        second = send(client, make_image(), path=path)
        check_error(second, 429, "try again")
        assert second.headers["retry-after"] == "1"
    assert client.get("/health").json() == {"status": "ok"}, "other routes still respond"
    colours.released.set()
    first.join(60)
    assert responses[0].json()["labels"] == ["red"]
    assert send(client, make_image("red")).status_code == 200, "finished requests are not counted"


def test_slow_prediction_gets_503(connect, colours, make_image):
    client = connect(seconds=0.2, requests=1)
    colours.released.clear()
    reasons = {"/api/predict": "too long", "/api/attribution?label=red": "longer --timeout"}
    for path, reason in reasons.items():
        response = send(client, make_image(), path=path)
        check_error(response, 503, reason)
        assert int(response.headers["retry-after"]) >= 1


def test_waiting_images_are_predicted_as_batches(connect, colours, make_image):
    client = connect()
    colours.released.clear()
    files = [("files", (f"{n}.png", make_image("red"))) for n in range(20)]
    responses = []
    thread = threading.Thread(
        target=lambda: responses.append(client.post("/api/batch", files=files))
    )
    thread.start()
    assert colours.called.acquire(timeout=60)
    colours.released.set()
    thread.join(60)
    assert [entry["labels"] for entry in responses[0].json()["images"]] == [["red"]] * 20
    assert sum(colours.batch_sizes) == 20
    assert max(colours.batch_sizes) <= 4


def test_file_names_are_returned_unchanged_and_truncated(client, make_image):
    content = send(client, make_image(), name="<script>alert(1)</script>.png")
    assert content.json()["image"] == "<script>alert(1)</script>.png"
    assert content.headers["content-type"] == "application/json"
    assert len(send(client, make_image(), name="x" * 2_000).json()["image"]) == 255


def test_openapi_describes_request_bodies(client):
    api = client.get("/openapi.json").json()
    body = api["paths"]["/api/predict"]["post"]["requestBody"]["content"]
    assert set(body) >= {"multipart/form-data", "image/jpeg"}
    assert "detail" not in json.dumps(api["components"]), "all errors have the same form"
