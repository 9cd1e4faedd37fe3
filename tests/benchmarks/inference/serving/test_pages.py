"""The pages as they are sent; see test_browser for their behaviour."""

import re


def test_page_and_all_its_files_exist(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    names = re.findall(r'(?:src|href)="(page/[^"]+)"', page.text)
    assert len(names) >= 3
    for name in names:
        assert client.get(f"/{name}").status_code == 200, name
    for script in ("app", "image_card"):
        for name in re.findall(r'from "\./([^"]+)"', client.get(f"/page/{script}.js").text):
            assert client.get(f"/page/{name}").status_code == 200, name


def test_pages_use_no_other_servers_and_nothing_inline(client):
    for path in ("/", "/docs", "/page/app.js", "/page/style.css"):
        text = client.get(path).text
        assert not re.search(r"""\b(src|href|import|url)\s*[=(]?\s*["']?(https?:)?//""", text), path
    for path in ("/", "/docs"):
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", client.get(path).text
        )


def test_cached_page_gets_304(client):
    tag = client.get("/page/app.js").headers["etag"]
    again = client.get("/page/app.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_docs_page_describes_the_api(client):
    page = client.get("/docs").text
    for words in ("POST /api/predict", "curl -F file=@1.jpg http://testserver/api/predict"):
        assert words in page
    assert "&#39;http://testserver/api/attribution?label=cat&#39;" in page
    assert "None" not in page
