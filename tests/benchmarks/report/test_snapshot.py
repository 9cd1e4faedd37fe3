"""All prose of terminal, page and Markdown in one file, so that changes of wording are seen.

After an intended change write it again::

    CATNOCAT_UPDATE_SNAPSHOT=1 python -m pytest tests/benchmarks/report/test_snapshot.py
"""

import html
import io
import os
import re
from pathlib import Path

from rich.console import Console

from catnocat.benchmarks.report import print_results, write_reports

SNAPSHOT = Path(__file__).parent / "snapshot.txt"


def terminal(results, **options):
    console = Console(file=io.StringIO(), width=100)
    print_results(results, console, **options)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def page_text(page):
    body = page[page.index("<main") : page.index("</main>")]
    body = re.sub(r"<(script|svg)\b.*?</\1>", " ", body, flags=re.DOTALL)
    lines = re.sub(r"</?(?:p|h\d|tr|li|dt|dd|figcaption|caption|summary)\b[^>]*>", "\n", body)
    text = html.unescape(re.sub(r"<[^>]+>", " ", lines))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def test_prose_is_that_of_the_snapshot(results, make_effect, tmp_path):
    names = ("labels", "transfer", "repetition", "cells", "cells_scattered")
    visible = make_effect(start="all", end="0 to 80 %")
    results["crowding"] |= {
        "effects": {name: make_effect() for name in names} | {"visible": visible},
        "transfer": {"method": "logistic", "train_images": 90, "draws": 1, "rows": []},
        "not_measured": [{"code": "no_object_counts"}],
    }
    results["leakage"] |= {"action": "grouped", "images": 450, "groups": 150}
    errors = results["confident_errors"]
    errors["shown"] = errors["shown"][:1]
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    parts = {
        "terminal": terminal(results),
        "terminal --verbose": terminal(results, verbose=True),
        "report.md": (tmp_path / "report.md").read_text(encoding="utf-8").strip(),
        "report.html": page_text(page),
    }
    text = "\n\n".join(f"===== {name}\n\n{part}" for name, part in parts.items()) + "\n"
    if os.environ.get("CATNOCAT_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8"), "see the docstring of this file"
