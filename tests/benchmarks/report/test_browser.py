"""The page in a real browser: clicked, narrowed to a phone, and watched for errors and requests."""

import shutil

import pytest

from catnocat.benchmarks.report import write_reports

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
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(session_results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write_reports(session_results, folder)
    return folder / "report.html"


@pytest.fixture
def page(browser, report):
    """Open the report and assert that it writes no console messages and sends no requests."""
    page = browser.new_page(viewport={"width": 1100, "height": 800}, color_scheme="light")
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    yield page
    assert messages == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    page.close()


def names(page):
    return page.locator("table.methods tbody tr:visible th").all_inner_texts()


def test_a_click_on_a_column_sorts_best_first_and_a_second_turns_it(page):
    page.get_by_role("button", name="Macro AP").click()
    assert names(page) == ["one-vs-rest", "chain", "constant"]
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Macro AP")
    page.get_by_role("button", name="Macro AP").click()
    assert names(page) == ["constant", "chain", "one-vs-rest"]
    page.get_by_role("button", name="Hamming loss").click()
    assert names(page) == ["constant", "chain", "one-vs-rest"], "of a loss, the least is best"


def test_the_table_can_be_sorted_from_the_keyboard(page):
    page.get_by_role("button", name="method", exact=True).focus()
    page.keyboard.press("Enter")
    assert names(page) == ["chain", "constant", "one-vs-rest"]


def test_filters_leave_what_fits_and_say_how_many(page):
    page.get_by_label("Find").fill("about chain")
    assert names(page) == ["chain"]
    assert page.locator("#methods").get_by_role("status").inner_text() == "1 of 2 methods"
    page.get_by_label("Find").fill("")
    page.get_by_label("Kind").select_option("independent")
    assert names(page) == ["one-vs-rest"]
    page.get_by_label("Kind").select_option("baseline")
    assert names(page) == ["constant"]
    assert page.locator("#methods").get_by_role("status").inner_text() == "0 of 2 methods"
    page.get_by_label("Kind").select_option("")
    page.get_by_label("Verdict").select_option("worse")
    assert names(page) == ["chain"]


def test_groups_of_figures_can_be_shown(page):
    hamming = page.get_by_role("button", name="Hamming loss")
    assert hamming.is_visible(), "among the most telling"
    page.locator("select.columns").select_option("ranking")
    assert not hamming.is_visible()
    page.locator("select.columns").select_option("decisions")
    assert hamming.is_visible()
    page.locator("select.columns").select_option("all")
    assert page.get_by_role("button", name="Macro AP").is_visible()


def test_the_theme_turns_dark_and_back(page):
    def background():
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light = background()
    page.get_by_role("button", name="Dark theme").click()
    assert background() != light
    page.reload()
    assert background() != light, "it is remembered"
    page.get_by_role("button", name="Light theme").click()
    assert background() == light


def test_confident_errors_open_with_the_predictions_of_all_methods(page):
    shown = page.locator(".gallery li:visible")
    assert shown.count() == 2, "the most confident of all"
    page.locator(".gallery select.error-kind").select_option("false negative")
    assert shown.count() == 1
    page.locator(".gallery select.error-kind").select_option("")
    page.locator(".gallery select.label").select_option("cat")
    assert shown.count() == 1
    assert shown.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    shown.get_by_role("button").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    assert "predicted cat" in " ".join(dialog.get_by_role("heading").inner_text().split())
    rows = dialog.get_by_role("row").all_inner_texts()
    assert [row.split() for row in rows] == [
        ["chain", "40", "%", "✓", "correct"],
        ["one-vs-rest", "90", "%", "✗", "wrong"],
    ]
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_intervals_can_be_put_away(page):
    interval = page.locator("table.methods small").first
    assert interval.is_visible()
    page.get_by_label("intervals").uncheck()
    assert not interval.is_visible()


def test_the_differences_of_a_metric_can_be_chosen(page):
    figure = page.locator("figure[data-metric]:visible")
    assert figure.count() == 1
    page.locator("select.metric").select_option("hamming_loss")
    assert figure.get_attribute("data-metric") == "hamming_loss"
    assert figure.locator("tbody th").all_inner_texts() == ["chain"]
    assert "−0.2" in figure.locator("svg text").all_text_contents(), "text of a plot is text"


def test_names_cannot_break_out_of_the_page(page):
    assert "<b>pets|farm</b>" in page.get_by_role("heading", level=1).inner_text()
    assert page.locator("table.labels th", has_text="<script>").count() == 1
    assert page.locator("bdi", has_text="<img src=x onerror=alert(1)>").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_nothing_to_scroll_sideways(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
