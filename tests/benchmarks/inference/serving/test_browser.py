"""The page in a real browser: images are added, corrected and downloaded as a table."""

import re
import shutil

import pytest
from PIL import Image

from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.inference.serving import Limits, ModelPredictor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium logs every response with an error status.
FAILED_RESPONSE = re.compile(
    r"Failed to load resource: the server responded with a status of (\d+)"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
# Creates an image file and drops or pastes it.
ADD_IMAGE = """([kind, name]) => new Promise((done) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 40;
  const context = canvas.getContext("2d");
  context.fillStyle = "blue";
  context.fillRect(0, 0, 40, 40);
  canvas.toBlob((blob) => {
    const data = new DataTransfer();
    data.items.add(new File([blob], name, { type: "image/png" }));
    dispatchEvent(kind === "drop"
      ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    done();
  });
})"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def files(tmp_path):
    """Return a red, a green and a broken file, one with HTML in its name."""
    paths = [tmp_path / name for name in ("red, <b>rose.png", "green.png", "broken.png")]
    Image.new("RGB", (60, 40), "red").save(paths[0])
    Image.new("RGB", (60, 40), "lime").save(paths[1])
    paths[2].write_bytes(b"not an image")
    return paths


@pytest.fixture
def open_page(browser, serving, colours):
    """Return a function that opens the page; the page must not log errors or use other servers.

    `expected_errors` are the error statuses that the test provokes.
    """
    opened = []

    def start(address, expected_errors=(), **options):
        page = browser.new_page(viewport={"width": 1100, "height": 800}, **options)
        page.set_default_timeout(300_000)  # for busy machines
        url = "http://{}:{}/".format(*address)
        logged, requested = [], []
        page.on("console", lambda message: logged.append(message.text))
        page.on("pageerror", lambda error: logged.append(str(error)))
        page.on("request", lambda request: requested.append(request.url))
        opened.append((page, url, logged, requested, expected_errors))
        page.goto(url)
        return page

    yield start
    for page, url, logged, requested, expected_errors in opened:
        page.close()
        failed = [FAILED_RESPONSE.match(line) for line in logged]
        assert [line for line, match in zip(logged, failed, strict=True) if not match] == []
        assert {int(match[1]) for match in failed} == set(expected_errors)
        assert [
            address for address in requested if not address.startswith((url, "blob:", "data:"))
        ] == []


@pytest.fixture
def page(open_page, serving, colours):
    with serving(colours) as (_, address):
        yield open_page(address, color_scheme="light")


def wait_for_cards(page, count):
    page.wait_for_function(
        "count => document.querySelectorAll('.card .labels li').length >= count * 4",
        arg=count,
    )
    return page.locator(".card")


def test_images_are_chosen_corrected_and_downloaded_as_a_table(page, files, tmp_path):
    page.locator("#files").set_input_files(files[:2])
    rose, green = wait_for_cards(page, 2).all()
    assert rose.get_by_role("heading").inner_text() == "red, <b>rose.png"
    assert rose.locator(".labels li").first.inner_text().split() == ["red", "100", "%"]
    assert page.locator("#download").is_disabled()
    rose.get_by_label("blue is in the image").check()
    green.get_by_role("button", name="All correct").click()
    assert "2 images, 2 checked" in page.get_by_text("checked", exact=False).all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table").click()
    table = files[0].parent / "labels.csv"
    download.value.save_as(table)
    read = read_label_table(table)
    assert read.images == ("red, <b>rose.png", "green.png")
    assert read.labels == ("blue", "green", "red")
    assert read.Y.tolist() == [[1, 0, 1], [0, 1, 0]]
    rose.get_by_role("button", name="Undo corrections").click()
    assert not rose.get_by_label("blue is in the image").is_checked()
    page.get_by_role("button", name="Remove all").click()
    assert page.locator(".card").count() == 0


def test_images_can_be_dropped_and_pasted(page):
    page.evaluate(ADD_IMAGE, ["drop", "dropped.png"])
    page.evaluate(ADD_IMAGE, ["paste", "image.png"])
    dropped, pasted = wait_for_cards(page, 2).all()
    assert dropped.get_by_role("heading").inner_text() == "dropped.png"
    assert pasted.get_by_role("heading").inner_text() == "pasted-1.png"
    assert pasted.locator(".labels li").first.inner_text().startswith("blue")
    assert pasted.get_by_role("link", name="Save the image").is_visible()


def test_click_on_a_label_shows_its_attribution_map(page, files):
    page.locator("#files").set_input_files(files[0])
    (card,) = wait_for_cards(page, 1).all()
    label = card.locator(".labels button").first
    label.click()
    card.locator("canvas:visible").wait_for()
    assert "evidence for red" in card.locator("figcaption").inner_text()
    assert card.locator(".peak").is_visible()
    label.click()
    assert not card.locator("canvas").is_visible()
    card.get_by_role("button", name="green").click()
    card.get_by_text("No evidence for green in the image").wait_for()


def test_unreadable_file_shows_the_reason_and_others_are_predicted(
    open_page, serving, colours, files
):
    with serving(colours) as (_, address):
        page = open_page(address, expected_errors=[415])
        page.locator("#files").set_input_files(files)
        wait_for_cards(page, 2)
        bad = page.locator(".card.failed")
        bad.wait_for()
        assert "known format" in bad.locator(".state").inner_text()
        assert not bad.get_by_role("button", name="Try again").is_visible()


def test_fitted_model_shows_its_attribution_map(open_page, serving, fitted, scene):
    with serving(ModelPredictor(fitted("ridge")), limits=Limits(seconds=600)) as (_, address):
        page = open_page(address)
        page.get_by_text("2 labels, method ridge").wait_for()
        page.locator("#files").set_input_files(scene)
        page.locator(".labels").get_by_role("button", name="cat").click()
        page.get_by_text("evidence for cat (class activation map)").wait_for()
        assert page.locator("canvas").is_visible()
        assert page.locator(".peak").is_visible()


def test_token_is_requested_once(open_page, serving, colours, files):
    with serving(colours, token="correct-horse-battery") as (_, address):
        page = open_page(address, expected_errors=[401])
        for token in ("wrong", "correct-horse-battery"):
            page.locator("#token").fill(token)
            page.get_by_role("button", name="Continue").click()
        page.get_by_text("4 labels, method colours").wait_for()
        page.locator("#files").set_input_files(files[0])
        wait_for_cards(page, 1)
        page.reload()
        page.get_by_text("4 labels, method colours").wait_for()


def test_theme_can_be_changed(page):
    def background():
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light = background()
    page.get_by_role("button", name="Dark theme").click()
    assert background() != light
    page.get_by_role("button", name="Light theme").click()
    assert background() == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "docs"])
def test_page_fits_the_width_of_a_phone(page, files, scheme, path):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(page.url + path)
    if not path:
        page.locator("#files").set_input_files(files[:2])
        wait_for_cards(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
