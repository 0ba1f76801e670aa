"""The browser that tests drive, wherever they stand, and what it may not complain about."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.e2e.browser import DASHBOARD, FLAGS, ChromiumSettings, Witness

ANSWERED_MS = 15_000
expect.set_options(timeout=ANSWERED_MS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's driver keeps the event loop of its thread, so what it is for comes last."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The Chromium of this machine, as quiet as it can be, with the dashboard to show in it."""
    chromium = ChromiumSettings().chromium
    assert chromium.exists(), f"{chromium} is missing: set CHROMIUM to where Chromium is"
    assert DASHBOARD.exists(), "The dashboard is not built: `make dashboard` builds it"
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: each test looks at a product of its own. The plugin's own fixture is deprecated."""


@pytest.fixture
def witness() -> Iterator[Witness]:
    """What the browser complains about; a test that leaves complaints behind fails."""
    heard = Witness()
    yield heard
    assert heard.complaints == []


@pytest.fixture
def new_context(
    witness: Witness, new_context: Callable[..., BrowserContext]
) -> Callable[..., BrowserContext]:
    """A browser of one more person, under the eyes of the witness."""

    def open_watched(**wishes: object) -> BrowserContext:
        context = new_context(**wishes)
        context.set_default_timeout(ANSWERED_MS)
        witness.watch(context)
        return context

    return open_watched
