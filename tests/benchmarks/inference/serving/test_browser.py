"""The page in a real browser: photos chosen, dropped and pasted, corrected, and made a table."""

import re
import shutil

import pytest
from PIL import Image

from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.inference.serving import Limits, ModelPredictor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium notes every answer that is an error, whatever the page makes of it.
NOTED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
# A file out of nothing, given to the page as if somebody had dropped or pasted it.
HAND_OVER = """([kind, name]) => new Promise((done) => {
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
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def files(tmp_path):
    """Give a red, a green and a broken file, with names that try to break out of the page."""
    paths = [tmp_path / name for name in ("red, <b>rose.png", "green.png", "broken.png")]
    Image.new("RGB", (60, 40), "red").save(paths[0])
    Image.new("RGB", (60, 40), "lime").save(paths[1])
    paths[2].write_bytes(b"no picture")
    return paths


@pytest.fixture
def open_page(browser, serving, colours):
    """Give a function that opens the page, and hold it to silence and to its own server.

    `refused` are the statuses of the answers that the test means to provoke, and no others.
    """
    opened = []

    def start(address, refused=(), **options):
        page = browser.new_page(viewport={"width": 1100, "height": 800}, **options)
        page.set_default_timeout(300_000)  # a machine that has much to do is no fault
        url = "http://{}:{}/".format(*address)
        told, asked = [], []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        opened.append((page, url, told, asked, refused))
        page.goto(url)
        return page

    yield start
    for page, url, told, asked, refused in opened:
        page.close()
        noted = [NOTED.match(line) for line in told]
        assert [line for line, note in zip(told, noted, strict=True) if not note] == []
        assert {int(note[1]) for note in noted} == set(refused)
        assert [one for one in asked if not one.startswith((url, "blob:", "data:"))] == []


@pytest.fixture
def page(open_page, serving, colours):
    with serving(colours) as (_, address):
        yield open_page(address, color_scheme="light")


def cards(page, count):
    page.wait_for_function(
        "count => document.querySelectorAll('.photo .labels li').length >= count * 4",
        arg=count,
    )
    return page.locator(".photo")


def test_photos_are_chosen_corrected_and_downloaded_as_a_table(page, files, tmp_path):
    page.locator("#files").set_input_files(files[:2])
    rose, green = cards(page, 2).all()
    assert rose.get_by_role("heading").inner_text() == "red, <b>rose.png"
    assert rose.locator(".labels li").first.inner_text().split() == ["red", "100", "%"]
    assert page.locator("#download").is_disabled()
    rose.get_by_label("blue is in the photo").check()
    green.get_by_role("button", name="All right").click()
    assert "2 photos, 2 checked" in page.get_by_text("checked", exact=False).all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table").click()
    table = files[0].parent / "labels.csv"
    download.value.save_as(table)
    read = read_label_table(table)
    assert read.images == ("red, <b>rose.png", "green.png")
    assert read.labels == ("blue", "green", "red")
    assert read.Y.tolist() == [[1, 0, 1], [0, 1, 0]]
    rose.get_by_role("button", name="As the model said").click()
    assert not rose.get_by_label("blue is in the photo").is_checked()
    page.get_by_role("button", name="Remove all").click()
    assert page.locator(".photo").count() == 0


def test_photos_can_be_dropped_and_pasted(page):
    page.evaluate(HAND_OVER, ["drop", "dropped.png"])
    page.evaluate(HAND_OVER, ["paste", "image.png"])
    dropped, pasted = cards(page, 2).all()
    assert dropped.get_by_role("heading").inner_text() == "dropped.png"
    assert pasted.get_by_role("heading").inner_text() == "pasted-1.png"
    assert pasted.locator(".labels li").first.inner_text().startswith("blue")
    assert pasted.get_by_role("link", name="Save the photo").is_visible()


def test_a_click_on_a_label_shows_where_the_evidence_is(page, files):
    page.locator("#files").set_input_files(files[0])
    (card,) = cards(page, 1).all()
    label = card.locator(".labels button").first
    label.click()
    card.locator("canvas:visible").wait_for()
    assert "evidence for red" in card.locator("figcaption").inner_text()
    assert card.locator(".peak").is_visible()
    label.click()
    assert not card.locator("canvas").is_visible()
    card.get_by_role("button", name="green").click()
    card.get_by_text("Nothing in the photo speaks for green").wait_for()


def test_a_bad_file_says_why_and_the_others_are_judged(open_page, serving, colours, files):
    with serving(colours) as (_, address):
        page = open_page(address, refused=[415])
        page.locator("#files").set_input_files(files)
        cards(page, 2)
        bad = page.locator(".photo.failed")
        bad.wait_for()
        assert bad.locator(".state").inner_text() == "not a picture in a known format"
        assert not bad.get_by_role("button", name="Try again").is_visible()


def test_a_fitted_model_shows_where_it_sees_a_cat(open_page, serving, fitted, scene):
    with serving(ModelPredictor(fitted("ridge")), limits=Limits(seconds=600)) as (_, address):
        page = open_page(address)
        page.get_by_text("2 labels, by ridge").wait_for()
        page.locator("#files").set_input_files(scene)
        page.locator(".labels").get_by_role("button", name="cat").click()
        page.get_by_text("evidence for cat lies (class activation map)").wait_for()
        assert page.locator("canvas").is_visible()
        assert page.locator(".peak").is_visible()


def test_the_token_is_asked_for_once(open_page, serving, colours, files):
    with serving(colours, token="correct-horse-battery") as (_, address):
        page = open_page(address, refused=[401])
        for token in ("wrong", "correct-horse-battery"):
            page.locator("#token").fill(token)
            page.get_by_role("button", name="Go on").click()
        page.get_by_text("4 labels, by colours").wait_for()
        page.locator("#files").set_input_files(files[0])
        cards(page, 1)
        page.reload()
        page.get_by_text("4 labels, by colours").wait_for()


def test_the_theme_turns(page):
    def background():
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light = background()
    page.get_by_role("button", name="Dark theme").click()
    assert background() != light
    page.get_by_role("button", name="Light theme").click()
    assert background() == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "docs"])
def test_a_phone_has_nothing_to_scroll_sideways(page, files, scheme, path):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(page.url + path)
    if not path:
        page.locator("#files").set_input_files(files[:2])
        cards(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
