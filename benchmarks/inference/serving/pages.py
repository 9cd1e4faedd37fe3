"""The page that people see, the page that describes the API, and what belongs to them."""

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
    "photo.js": "text/javascript; charset=utf-8",
    "table.js": "text/javascript; charset=utf-8",
    "heat.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def add_pages(app: FastAPI, name: str) -> None:
    """Add the pages to a service; all of their files are read now, and none later."""
    folder = resources.files(__package__) / "page"
    for file, kind in _FILES.items():
        content = (folder / file).read_bytes()
        path = "/" if file == "index.html" else f"/page/{file}"
        answer = partial(_same, content=content, kind=kind)
        app.add_route(path, answer, methods=["GET"], include_in_schema=False)
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
        page = template.render(api=app.openapi(), name=name, base=base, example=_example)
        return HTMLResponse(page)

    app.add_route("/docs", docs, methods=["GET"], include_in_schema=False)


async def _same(request: Request, content: bytes, kind: str) -> Response:
    """Send a file, unless the browser has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, 200, headers, kind)


def _example(path: str, operation: dict[str, Any], base: str) -> str:
    """Give a line for a shell."""
    words = ["curl"]
    content = operation.get("requestBody", {}).get("content", {})
    for field, shape in (
        content.get("multipart/form-data", {}).get("schema", {}).get("properties", {}).items()
    ):
        words += [f"-F {field}=@{number}.jpg" for number in (1, 2)[: 1 + ("items" in shape)]]
    query = "&".join(f"{one['name']}=cat" for one in operation.get("parameters", []))
    return " ".join([*words, f"'{base}{path}?{query}'" if query else f"{base}{path}"])
