"""Check names, docstrings, messages, docs and templates for words that readers stumble over.

Run as ``python .ci/check_words.py``; prints one line for each use and exits 1 if there are any.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".py", ".md", ".j2", ".js", ".html", ".yml", ".toml", ".cff"}

WORDS = re.compile(
    r"\b(?:told|whoever|whatever|beside|anew|wherein|akin|surely|for want of|by itself"
    r"|what there is|comes? of it)\b|(?<!no)\bstands\b",
    re.IGNORECASE,
)
"""Words of another age. Write "printed", "any", "next to", "again", "is", "without", "alone"."""

DOCSTRING = re.compile(r'^\s*[rb]?"""(?:Give|What)\b')
"""Docstrings start with a verb such as Return or Compute, or with a noun phrase."""

NOT_YET: tuple[str, ...] = (
    *("CHANGELOG.md", "README.md", "docs/", "tests/", "pyproject.toml", ".github/"),
    *("benchmarks/benchmark.py", "benchmarks/several.py", "benchmarks/cli/"),
    *("benchmarks/data/features.py", "benchmarks/data/load.py", "benchmarks/data/subset.py"),
    *("benchmarks/data/region_features.py", "benchmarks/data/formats/", "benchmarks/data/tables/"),
    *("benchmarks/data/inspection/"),
    *("benchmarks/analysis/", "benchmarks/report/"),
)
"""Folders whose prose is still to be rewritten."""

SELF = ".ci/check_words.py"


def tracked_files() -> list[str]:
    """Return the paths of all tracked text files that are checked, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [
        path
        for path in listed
        if Path(path).suffix in SUFFIXES and path != SELF and not path.startswith(NOT_YET)
    ]


def problems(path: str) -> list[str]:
    """Return one line for each use of a listed word in a file."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        matches = [match.group() for match in WORDS.finditer(line.replace("_", " "))]
        if path.endswith(".py") and DOCSTRING.match(line):
            matches.append(line.split('"""')[1].split()[0])
        found += [f"{path}:{number}: '{word}': {line.strip()[:100]}" for word in matches]
    return found


def main() -> int:
    """Print every use of a listed word; return the exit code."""
    found = [problem for path in tracked_files() for problem in problems(path)]
    print("\n".join(found))
    if found:
        print(f"{len(found)} uses of listed words; see docs/contributing.md, 'Language'.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
