"""The application: the routes of the JSON API."""

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
from .predictor import MAX_BATCH, ImagePrediction, PredictionWorkers, Predictor
from .responses import (
    Attribution,
    Batch,
    BatchError,
    Error,
    Health,
    ImageError,
    ModelInfo,
    Prediction,
    add_pages,
    attribution_response,
    prediction_response,
)
from .uploads import (
    ConcurrencyLimit,
    Limits,
    RequestError,
    Upload,
    read_uploads,
    unreadable_image_error,
)

_Result = TypeVar("_Result")
_ERRORS = {
    400: "The request is malformed.",
    401: "A token is required.",
    403: "The request comes from a page of another site.",
    408: "The request did not arrive in time.",
    413: "Too many bytes, pixels or files.",
    415: "Neither a form nor an image in a known format.",
    421: "The host name is not one of this service.",
    422: "A broken image, or an unknown label.",
    429: "Too many requests: try again after the seconds in Retry-After.",
    503: "The prediction took too long: try again later.",
}
_READ_ERRORS = (401, 403, 421)


def create_app(predictor: Predictor, name: str, limits: Limits | None = None) -> FastAPI:
    """Create an ASGI application that predicts the labels of images.

    Parameters
    ----------
    predictor : Predictor
        Called by several threads.
    name : str
        The name of the model on the page.
    limits : Limits, optional

    Returns
    -------
    FastAPI
    """
    service = _ModelService(predictor, limits or Limits())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with service:
            yield

    app = FastAPI(
        title=f"catnocat: {name}",
        version=__version__,
        description="Labels of images, and where in an image the evidence for each label lies.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's pages load scripts from other servers
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for error_type in (HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(error_type, _error_response)
    _add_read_routes(app, service, name)
    _add_image_routes(app, service)
    add_pages(app, name)
    return app


class _ModelService:
    """Predictions and attributions for uploaded images, within limits."""

    def __init__(self, predictor: Predictor, limits: Limits) -> None:
        self.predictor = predictor
        self.limits = limits
        self.labels = list(predictor.labels)
        self.concurrency = ConcurrencyLimit(limits.requests)

    def __enter__(self) -> None:
        self._workers = PredictionWorkers(
            self.predictor, self.limits.max_pixels, os.cpu_count() or 1
        )
        # An attribution may take many passes of the network; it must not delay predictions.
        self._attribution_thread = ThreadPoolExecutor(1, thread_name_prefix="attribute")

    def __exit__(self, *_: object) -> None:
        self._attribution_thread.shutdown()
        self._workers.close()

    async def predict_one(self, request: Request) -> Prediction:
        upload = await self.read_one(request)
        predicted = await self._within_time(self._workers.submit(upload.content))
        return prediction_response(upload.name, self.labels, predicted)

    async def attribute(self, upload: Upload, label: str) -> Attribution:
        def compute() -> Attribution:
            image = self.predictor.decode(upload.content, self.limits.max_pixels)
            return attribution_response(upload.name, label, self.predictor.attribute(image, label))

        limit = self.limits.seconds
        reason = f"attribution takes more than {limit:g} s here; serve with a longer --timeout"
        return await self._within_time(self._attribution_thread.submit(compute), reason)

    async def predict_batch(self, request: Request) -> list[Prediction | ImageError]:
        """Predict images while the next ones arrive."""
        results: list[Prediction | ImageError] = []
        pending: deque[tuple[str, Future[ImagePrediction]]] = deque()
        try:
            async for upload in read_uploads(request, self.limits, self.limits.files):
                pending.append((upload.name, self._workers.submit(upload.content)))
                if len(pending) == MAX_BATCH:
                    results.append(await self._result(*pending.popleft()))
            while pending:
                results.append(await self._result(*pending.popleft()))
        finally:
            for _, future in pending:
                future.cancel()
        return results

    async def _result(
        self, name: str, future: "Future[ImagePrediction]"
    ) -> Prediction | ImageError:
        try:
            return prediction_response(name, self.labels, await self._within_time(future))
        except RequestError as error:
            return ImageError(image=name, error=error.detail, status=error.status_code)

    async def read_one(self, request: Request) -> Upload:
        uploads = [upload async for upload in read_uploads(request, self.limits, max_files=1)]
        return uploads[0]  # exactly one, or an exception was raised

    async def _within_time(
        self, future: "Future[_Result]", reason: str = "the prediction took too long; try again"
    ) -> _Result:
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise RequestError(503, reason, Retry_After="5") from None
        except UnreadableImage as error:
            raise unreadable_image_error(error) from None


def _add_read_routes(app: FastAPI, service: _ModelService, name: str) -> None:
    info = ModelInfo(
        name=name,
        labels=service.labels,
        model=service.predictor.describe(),
        limits=asdict(service.limits),
    )

    @app.get("/health", responses=_error_schemas(403, 421))
    async def health() -> Health:
        """Return the state of the service."""
        return Health(status="ok")

    @app.get("/api/model", responses=_error_schemas(*_READ_ERRORS))
    async def model() -> ModelInfo:
        """Return the model's labels and description, and the limits of requests."""
        return info


def _add_image_routes(app: FastAPI, service: _ModelService) -> None:
    @app.post("/api/predict", responses=_error_schemas(*_ERRORS), openapi_extra=_body("file"))
    async def predict(request: Request) -> Prediction:
        """Predict the labels of one image."""
        with service.concurrency.acquire():
            return await service.predict_one(request)

    @app.post(
        "/api/batch",
        response_model=Batch,
        responses=_error_schemas(*_ERRORS, batch=True),
        openapi_extra=_body("files"),
    )
    async def batch(request: Request) -> Batch | Response:
        """Predict the labels of several images; unreadable ones have an error instead."""
        with service.concurrency.acquire():
            results = await service.predict_batch(request)
        errors = [result for result in results if isinstance(result, ImageError)]
        return Batch(images=results) if len(errors) < len(results) else _batch_error(errors)

    @app.post("/api/attribution", responses=_error_schemas(*_ERRORS), openapi_extra=_body("file"))
    async def attribution(
        request: Request, label: Annotated[str, Query(description="A label of the model.")]
    ) -> Attribution:
        """Return where in an image the evidence for a label lies."""
        if label not in service.labels:
            raise RequestError(422, "unknown label; /api/model lists the labels")
        with service.concurrency.acquire():
            return await service.attribute(await service.read_one(request), label)


def _batch_error(errors: list[ImageError]) -> Response:
    """Return the response for a batch without a readable image: their common status, or 422."""
    statuses = {error.status for error in errors}
    status = statuses.pop() if len(statuses) == 1 else 422
    content = BatchError(error="no image of the batch could be predicted", images=errors)
    headers = {"Retry-After": "5"} if status == 503 else None
    return JSONResponse(content.model_dump(), status, headers)


def _error_schemas(*statuses: int, batch: bool = False) -> dict[int | str, dict[str, Any]]:
    model = BatchError | Error if batch else Error
    return {status: {"model": model, "description": _ERRORS[status]} for status in sorted(statuses)}


def _body(field: str) -> dict[str, Any]:
    """Describe the body of a request; FastAPI must not read it, as it would read all of it."""
    image = {"type": "string", "format": "binary"}
    schema = image if field == "file" else {"type": "array", "items": image, "minItems": 1}
    form = {"type": "object", "properties": {field: schema}, "required": [field]}
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if field == "file":
        raw_types = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
        content |= {raw_type: {"schema": image} for raw_type in raw_types}
    return {"requestBody": {"required": True, "content": content}}


async def _error_response(request: Request, error: Exception) -> Response:
    """Return errors in one form; details of unexpected ones go to the log, not to the client."""
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return JSONResponse({"error": f"{where}: {first['msg']}".lstrip(": ")}, 422)
    return JSONResponse({"error": "internal error; the server's log has the details"}, 500)
