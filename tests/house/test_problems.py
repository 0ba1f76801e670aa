"""Every problem that the API can answer has a page that says what to do."""

import importlib
import pkgutil
from collections.abc import Iterator

from tests.house.tree import ROOT

import crossfade
from crossfade.domain.errors import CrossfadeError

HEADINGS = ("## Cause", "## What you see", "## What to do")
LONGEST_PAGE = 25
PAGES = {path.stem: path.read_text() for path in (ROOT / "docs/problems").glob("*.md")}


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
    assert set(PAGES) - {"README"} == codes()


def test_every_page_says_why_what_and_what_now() -> None:
    for code, page in PAGES.items():
        assert len(page.splitlines()) <= LONGEST_PAGE, code
        if code != "README":
            assert page.startswith(f"# {code}\n"), code
            assert [line for line in page.splitlines() if line.startswith("## ")] == list(
                HEADINGS
            ), code


def test_the_list_of_problems_names_every_page() -> None:
    listed = {
        line.split("](")[1].split(".md")[0] for line in PAGES["README"].splitlines() if "](" in line
    }
    assert listed == set(PAGES) - {"README"}
