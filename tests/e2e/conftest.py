"""A product for each test that asks for one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import Product, free_port, until


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
    made.demo_live()
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
    product.demo_live()
    return product


@pytest.fixture
def dashboard(page: Page, shared: Product) -> Dashboard:
    """A page that looks at the Crossfade all tests of a module share."""
    return Dashboard(page, shared)
