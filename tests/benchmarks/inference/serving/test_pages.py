"""The pages as they are sent; see test_browser for what they do."""

import re


def test_the_page_and_all_that_it_names_are_there(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    names = re.findall(r'(?:src|href)="(page/[^"]+)"', page.text)
    assert len(names) >= 3
    for name in names:
        assert client.get(f"/{name}").status_code == 200, name
    for script in ("app", "photo"):
        for name in re.findall(r'from "\./([^"]+)"', client.get(f"/page/{script}.js").text):
            assert client.get(f"/page/{name}").status_code == 200, name


def test_nothing_is_asked_of_other_servers_nor_said_inline(client):
    for path in ("/", "/docs", "/page/app.js", "/page/style.css"):
        text = client.get(path).text
        assert not re.search(r"""\b(src|href|import|url)\s*[=(]?\s*["']?(https?:)?//""", text), path
    for path in ("/", "/docs"):
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", client.get(path).text
        )


def test_a_page_that_the_browser_has_is_not_sent_again(client):
    tag = client.get("/page/app.js").headers["etag"]
    again = client.get("/page/app.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_description_of_the_api_is_a_page_too(client):
    page = client.get("/docs").text
    for words in ("POST /api/predict", "curl -F file=@1.jpg http://testserver/api/predict"):
        assert words in page
    assert "&#39;http://testserver/api/evidence?label=cat&#39;" in page
    assert "None" not in page
