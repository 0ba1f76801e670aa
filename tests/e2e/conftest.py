"""A product for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.product import Product


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """A Crossfade that is not started yet."""
    made = Product(tmp_path)
    yield made
    made.end()


@pytest.fixture
def running(product: Product) -> Product:
    """A Crossfade that is up, with the demo rule live."""
    product.start()
    product.ready()
    return product
