"""Reading documents that anybody may have written: whatever is of another kind is not there."""

from collections.abc import Mapping, Sequence

Manifest = Mapping[str, object]


def at(document: object, *path: str) -> object:
    """What stands at a path of a document; None where nothing does."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def mapping_at(document: object, *path: str) -> Manifest:
    """The mapping at a path of a document; empty where none is."""
    found = at(document, *path)
    return found if isinstance(found, Mapping) else {}


def items_at(document: object, *path: str) -> list[Manifest]:
    """The mappings in the list at a path of a document."""
    return [item for item in _listed_at(document, *path) if isinstance(item, Mapping)]


def text_at(document: object, *path: str) -> str:
    """The text at a path of a document; empty where none is."""
    found = at(document, *path)
    return found if isinstance(found, str) else ""


def texts_at(document: object, *path: str) -> tuple[str, ...]:
    """The texts in the list at a path of a document."""
    return tuple(item for item in _listed_at(document, *path) if isinstance(item, str))


def _listed_at(document: object, *path: str) -> Sequence[object]:
    found = at(document, *path)
    return found if isinstance(found, list | tuple) else ()
