"""The web page, the page that documents the API, and their static files."""

import hashlib
from functools import partial
from importlib import resources
from typing import Any

from fastapi import FastAPI
from jinja2 import ChainableUndefined, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_FILES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "image_card.js": "text/javascript; charset=utf-8",
    "label_table.js": "text/javascript; charset=utf-8",
    "heatmap.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def add_pages(app: FastAPI, name: str) -> None:
    """Add the pages to an application; all files are read once, now."""
    folder = resources.files(__package__) / "page"
    for file, media_type in _FILES.items():
        content = (folder / file).read_bytes()
        path = "/" if file == "index.html" else f"/page/{file}"
        endpoint = partial(_static_file, content=content, media_type=media_type)
        app.add_route(path, endpoint, methods=["GET"], include_in_schema=False)
    environment = Environment(
        loader=PackageLoader("catnocat.benchmarks.inference.serving", "page"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("docs.html.j2")

    async def docs(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        page = template.render(api=app.openapi(), name=name, base=base, example=_curl_example)
        return HTMLResponse(page)

    app.add_route("/docs", docs, methods=["GET"], include_in_schema=False)


async def _static_file(request: Request, content: bytes, media_type: str) -> Response:
    """Send a file, or status 304 if the browser has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, 200, headers, media_type)


def _curl_example(path: str, operation: dict[str, Any], base: str) -> str:
    """Return a curl command that calls an operation of the API."""
    words = ["curl"]
    content = operation.get("requestBody", {}).get("content", {})
    for field, schema in (
        content.get("multipart/form-data", {}).get("schema", {}).get("properties", {}).items()
    ):
        words += [f"-F {field}=@{number}.jpg" for number in (1, 2)[: 1 + ("items" in schema)]]
    query = "&".join(f"{parameter['name']}=cat" for parameter in operation.get("parameters", []))
    return " ".join([*words, f"'{base}{path}?{query}'" if query else f"{base}{path}"])
