"""The service: what each address answers."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .... import __version__
from ....features import UnreadableImage
from .limits import Door, Limits, Refusal, refuse_picture
from .pages import add_pages
from .predictor import BATCH, Judgement, Predictor, Workers
from .responses import (
    About,
    Batch,
    Explanation,
    Failure,
    Health,
    Nothing,
    Prediction,
    Problem,
    explanation,
    prediction,
)
from .uploads import Picture, pictures

_Answer = TypeVar("_Answer")
_PROBLEMS = {
    400: "The request is broken.",
    401: "A token is needed.",
    403: "It comes from another site's page.",
    408: "It did not come in in time.",
    413: "More bytes, pixels or files than are taken.",
    415: "Not a form nor a picture in a known format.",
    421: "The service is not called by that name.",
    422: "Not a whole picture, or no such label.",
    429: "Too many requests at once: come again after as many seconds as Retry-After says.",
    503: "The answer took too long: come again later.",
}
_READING = (401, 403, 421)


def make_service(predictor: Predictor, name: str, limits: Limits | None = None) -> FastAPI:
    """Make an ASGI application that answers about pictures.

    Parameters
    ----------
    predictor : Predictor
        Any number of threads call it.
    name : str
        What the page calls it.
    limits : Limits, optional

    Returns
    -------
    FastAPI
    """
    judge = _Judge(predictor, limits or Limits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with judge:
            yield

    app = FastAPI(
        title=f"catnocat: {name}",
        version=__version__,
        description="Which labels a picture has, and where the evidence for each lies.",
        lifespan=lifespan,
        docs_url=None,  # those pages ask another server for their scripts
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for kind in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _told)
    _add_reading(app, judge, name)
    _add_asking(app, judge)
    add_pages(app, name)
    return app


class _Judge:
    """Puts what clients send before a model, within limits."""

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self.predictor = predictor
        self.limits = limits
        self.labels = list(predictor.labels)
        self.door = Door(limits.requests)

    def __enter__(self) -> None:
        self._workers = Workers(self.predictor, self.limits.pixels, os.cpu_count() or 1)
        # Evidence may take many passes of the network: it is not to hold up the others.
        self._explainer = ThreadPoolExecutor(1, thread_name_prefix="explain")

    def __exit__(self, *_: object) -> None:
        self._explainer.shutdown()
        self._workers.close()

    async def prediction(self, request: Request) -> Prediction:
        picture = await self.the_picture(request)
        judgement = await self._within_time(self._workers.judge(picture.content))
        return prediction(picture.name, self.labels, judgement)

    async def explanation(self, picture: Picture, label: str) -> Explanation:
        def explain() -> Explanation:
            image = self.predictor.decode(picture.content, self.limits.pixels)
            return explanation(picture.name, label, self.predictor.evidence(image, label))

        limit = self.limits.seconds
        slow = f"evidence takes more than {limit:g} s here; serve with a longer --timeout"
        return await self._within_time(self._explainer.submit(explain), slow)

    async def predictions(self, request: Request) -> list[Prediction | Failure]:
        """Have some pictures judged while the next ones come in."""
        told: list[Prediction | Failure] = []
        waiting: deque[tuple[str, Future[Judgement]]] = deque()
        try:
            async for picture in pictures(request, self.limits, self.limits.files):
                waiting.append((picture.name, self._workers.judge(picture.content)))
                if len(waiting) == BATCH:
                    told.append(await self._prediction(*waiting.popleft()))
            while waiting:
                told.append(await self._prediction(*waiting.popleft()))
        finally:
            for _, future in waiting:
                future.cancel()
        return told

    async def _prediction(self, name: str, future: "Future[Judgement]") -> Prediction | Failure:
        try:
            return prediction(name, self.labels, await self._within_time(future))
        except Refusal as error:
            return Failure(image=name, error=error.detail, status=error.status_code)

    async def the_picture(self, request: Request) -> Picture:
        found = [one async for one in pictures(request, self.limits, most=1)]
        return found[0]  # there is one, or there was a refusal

    async def _within_time(
        self, future: "Future[_Answer]", slow: str = "the answer took too long; try again"
    ) -> _Answer:
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise Refusal(503, slow, Retry_After="5") from None
        except UnreadableImage as error:
            raise refuse_picture(error) from None


def _add_reading(app: FastAPI, judge: _Judge, name: str) -> None:
    about = About(
        name=name,
        labels=judge.labels,
        model=judge.predictor.about(),
        limits=asdict(judge.limits),
    )

    @app.get("/health", responses=_problems(403, 421))
    async def health() -> Health:
        """Tell that the service is there."""
        return Health(status="ok")

    @app.get("/api/model", responses=_problems(*_READING))
    async def model() -> About:
        """Tell what is served, and what is asked too much."""
        return about


def _add_asking(app: FastAPI, judge: _Judge) -> None:
    @app.post("/api/predict", responses=_problems(*_PROBLEMS), openapi_extra=_body("file"))
    async def predict(request: Request) -> Prediction:
        """Judge one picture."""
        with judge.door.enter():
            return await judge.prediction(request)

    @app.post(
        "/api/batch",
        response_model=Batch,
        responses=_problems(*_PROBLEMS, several=True),
        openapi_extra=_body("files"),
    )
    async def batch(request: Request) -> Batch | Response:
        """Judge several pictures; one that cannot be read has an error in its place."""
        with judge.door.enter():
            told = await judge.predictions(request)
        failures = [one for one in told if isinstance(one, Failure)]
        return Batch(pictures=told) if len(failures) < len(told) else _nothing(failures)

    @app.post("/api/evidence", responses=_problems(*_PROBLEMS), openapi_extra=_body("file"))
    async def evidence(
        request: Request, label: Annotated[str, Query(description="One of the model's.")]
    ) -> Explanation:
        """Tell where in a picture the evidence for a label lies."""
        if label not in judge.labels:
            raise Refusal(422, "the model has no such label; /api/model lists them")
        with judge.door.enter():
            return await judge.explanation(await judge.the_picture(request), label)


def _nothing(failures: list[Failure]) -> Response:
    """Refuse a batch as its pictures are, if they all are for one reason."""
    statuses = {failure.status for failure in failures}
    status = statuses.pop() if len(statuses) == 1 else 422
    told = Nothing(error="none of the files could be judged", pictures=failures)
    return JSONResponse(told.model_dump(), status, {"Retry-After": "5"} if status == 503 else None)


def _problems(*statuses: int, several: bool = False) -> dict[int | str, dict[str, Any]]:
    model = Nothing | Problem if several else Problem
    return {
        status: {"model": model, "description": _PROBLEMS[status]} for status in sorted(statuses)
    }


def _body(field: str) -> dict[str, Any]:
    """Describe a request's body: FastAPI is not to read it, for it would read all of it."""
    picture = {"type": "string", "format": "binary"}
    shape = picture if field == "file" else {"type": "array", "items": picture, "minItems": 1}
    form = {"type": "object", "properties": {field: shape}, "required": [field]}
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if field == "file":
        raw = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
        content |= {kind: {"schema": picture} for kind in raw}
    return {"requestBody": {"required": True, "content": content}}


async def _told(request: Request, error: Exception) -> Response:
    """Give every reason in one form; what nobody foresaw goes to the log, not to the client."""
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return JSONResponse({"error": f"{where}: {first['msg']}".lstrip(": ")}, 422)
    return JSONResponse({"error": "something went wrong here; the server's log tells what"}, 500)
