"""What tests on the real database share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement sent during the test."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)
