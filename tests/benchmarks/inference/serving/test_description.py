"""The API conforms to its OpenAPI description, for valid and invalid requests."""

import io

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

pytestmark = pytest.mark.slow


def _picture(size, colour, format):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, format)
    return content.getvalue()


_SIDES = st.integers(1, 40)
PICTURES = st.builds(
    _picture,
    st.tuples(_SIDES, _SIDES).filter(lambda size: size != (13, 13)),
    st.sampled_from(["red", "lime", "blue", "white"]),
    st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "GIF"]),
)
schemathesis.openapi.format("binary", PICTURES | st.binary(max_size=200))
FEW = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    ("GET", "/health"),
    ("GET", "/api/model"),
    ("POST", "/api/predict"),
    ("POST", "/api/batch"),
    ("POST", "/api/attribution"),
]


@pytest.fixture
def api(serving, colours):
    with serving(colours) as (_, (host, port)):
        yield schemathesis.openapi.from_url(f"http://{host}:{port}/openapi.json")


def test_all_operations_are_tested(api):
    operations = [
        (operation.ok().method.upper(), operation.ok().path)
        for operation in api.get_all_operations()
    ]
    assert sorted(operations) == sorted(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "mode", "expected"),
    [
        ("GET", "/health", GenerationMode.POSITIVE, {200}),
        ("GET", "/api/model", GenerationMode.POSITIVE, {200}),
        ("POST", "/api/predict", GenerationMode.POSITIVE, {200, 415}),
        ("POST", "/api/predict", GenerationMode.NEGATIVE, set()),
        ("POST", "/api/batch", GenerationMode.POSITIVE, {200}),
        ("POST", "/api/batch", GenerationMode.NEGATIVE, set()),
        ("POST", "/api/attribution", GenerationMode.POSITIVE, {422}),
        ("POST", "/api/attribution", GenerationMode.NEGATIVE, set()),
    ],
)
def test_every_response_conforms_to_the_description(api, method, path, mode, expected):
    seen = set()

    @FEW
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def send(case):
        # OpenAPI cannot express which bytes are an image, nor which labels exist.
        seen.add(case.call_and_validate(excluded_checks=[positive_data_acceptance]).status_code)

    send()
    assert seen >= expected
    fine = {200, 400, 413, 415, 422} if mode is GenerationMode.POSITIVE else {400, 415, 422}
    assert seen <= fine
