"""Every problem that the API can answer has a page that says what to do."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house.tree import ROOT, text

import crossfade
from crossfade.domain.errors import CrossfadeError

HEADINGS = ("## Cause", "## What you see", "## What to do")
LONGEST_PAGE = 25
PAGES = {
    path.stem: path.read_text()
    for path in (ROOT / "docs/problems").glob("*.md")
    if path.stem != "README"
}


def codes() -> set[str]:
    for module in pkgutil.walk_packages(crossfade.__path__, "crossfade."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {error.code for error in (CrossfadeError, *descendants(CrossfadeError))}


def descendants(error: type[CrossfadeError]) -> Iterator[type[CrossfadeError]]:
    for child in error.__subclasses__():
        yield child
        yield from descendants(child)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(PAGES) == codes()


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_says_why_what_and_what_now(code: str) -> None:
    lines = PAGES[code].splitlines()
    assert len(lines) <= LONGEST_PAGE
    assert lines[0] == f"# {code}"
    assert tuple(line for line in lines if line.startswith("## ")) == HEADINGS


def test_the_list_of_problems_names_every_page() -> None:
    listed = re.findall(r"\]\(([a-z-]+)\.md\)", text(Path("docs/problems/README.md")))
    assert listed == sorted(PAGES)
