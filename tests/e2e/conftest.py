"""A product for each test that asks for one."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.e2e.browser import DASHBOARD, FLAGS, ChromiumSettings, Witness
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import Product, free_port, until

ANSWERED_MS = 15_000
expect.set_options(timeout=ANSWERED_MS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's driver keeps the event loop of its thread, so what it is for comes last."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """A Crossfade that is not started yet."""
    made = Product(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One Crossfade for all tests of a module that leave it as they found it, or do not care."""
    made = Product(tmp_path_factory.mktemp("shared"))
    made.start()
    made.ready()
    yield made
    made.end()


@pytest.fixture
def backends() -> Iterator[dict[str, str]]:
    """Two versions of a service that listen on this machine, by name."""
    started, addresses = [], {}
    for version in ("v1", "v2"):
        port = free_port()
        words = ("env", f"VERSION={version}", f"PORT={port}")
        command = [*words, sys.executable, "-m", "crossfade_dummy"]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        addresses[version] = f"127.0.0.1:{port}"
    for address in addresses.values():
        until(lambda address=address: httpx.get(f"http://{address}/health").is_success, address)
    yield addresses
    for process in started:
        process.terminate()
        process.wait(10)


@pytest.fixture
def running(product: Product) -> Product:
    """A Crossfade that is up, with the demo rule live."""
    product.start()
    product.ready()
    return product


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


@pytest.fixture
def dashboard(page: Page, shared: Product) -> Dashboard:
    """A page that looks at the Crossfade all tests of a module share."""
    return Dashboard(page, shared)
