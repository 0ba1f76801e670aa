"""Every value of the core is frozen: what was checked when it was made stays true."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from types import ModuleType

import pytest
from hypothesis import given
from tests.strategies import intents

import crossfade.domain
import crossfade.manifests
from crossfade.domain.intent import Intent


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def values() -> Iterator[type]:
    for package in (crossfade.domain, crossfade.manifests):
        for module in modules(package):
            found = (kind for kind in vars(module).values() if isinstance(kind, type))
            yield from (kind for kind in found if is_dataclass(kind))


@pytest.mark.parametrize("kind", sorted(set(values()), key=lambda kind: kind.__qualname__))
def test_a_value_is_frozen(kind: type) -> None:
    made = object.__new__(kind)
    for field in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(made, field.name, None)


@given(intents())
def test_an_intent_is_a_value_to_the_last_part(intent: Intent) -> None:
    assert hash(intent) == hash(intent)
    assert intent in {intent}
