"""Rejected requests, and security headers of all responses."""

import pytest

TOKEN = "correct-horse-battery"


def test_every_response_has_security_headers(client, make_image):
    responses = [
        client.get(path)
        for path in ("/", "/docs", "/page/app.js", "/health", "/nowhere", "/api/model")
    ]
    for response in [*responses, client.get("/", headers={"host": "evil.example"})]:
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["cache-control"] in ("no-store", "no-cache")
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8000", 421),
        ("localhost@evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_unknown_host_names_are_rejected(connect, host, status):
    client = connect(hosts=("localhost", "127.0.0.1", "::1"))
    for path in ("/", "/api/model", "/health"):
        assert client.get(path, headers={"host": host}).status_code == status


def test_all_host_names_are_allowed_by_default(connect):
    assert connect(hosts=None).get("/api/model", headers={"host": "any.example"}).status_code == 200


def test_cross_site_requests_are_rejected(client, make_image):
    def post(**headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/api/predict", files={"file": make_image()}, headers=headers)

    assert post().status_code == 200
    assert post(origin="http://testserver").status_code == 200
    for origin in ("http://evil.example", "null", "http://testserver:81", ""):
        assert post(origin=origin).status_code == 403
    assert post(sec_fetch_site="cross-site", sec_fetch_mode="no-cors").status_code == 403
    assert post(sec_fetch_site="cross-site", sec_fetch_mode="navigate").status_code == 403
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=link).status_code == 200
    preflight = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    assert client.options("/api/predict", headers=preflight).status_code == 403


def test_api_requires_the_token_but_pages_do_not(connect, make_image):
    client = connect(token=TOKEN)
    for path in ("/", "/docs", "/openapi.json", "/health", "/page/app.js"):
        assert client.get(path).status_code == 200
    for wrong in (None, TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ", "Bearer é"):
        headers = {} if wrong is None else {"authorization": wrong.encode("latin-1")}
        response = client.get("/api/model", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert "token" in response.json()["error"]
    right = {"authorization": f"bearer {TOKEN}"}
    assert client.get("/api/model", headers=right).status_code == 200
    files = {"file": make_image()}
    assert client.post("/api/predict", files=files, headers=right).status_code == 200
    assert client.post("/api/predict", files=files).status_code == 401
