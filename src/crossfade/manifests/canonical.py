"""One text for one meaning: canonical YAML, digests of meaning, and the picture in a text."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import yaml

from crossfade.domain.plan import Picture

GENERATION_ANNOTATION: Final = "crossfade.dev/generation"
MARK: Final = "crossfade.dev"  # our entry in Envoy's filter metadata

_TEXT: Final = "tag:yaml.org,2002:str"
_KEPT_KEYS = 1_024
_LARGEST_TEXT = 4 * 1024 * 1024
_DEEPEST = 64
# A scalar is its type and its text; a mapping's keys are scalars as JSON.
_Meaning = tuple[str, str] | list["_Meaning"] | dict[str, "_Meaning"]

GENERATION: Final = re.compile(r"[0-9]{1,18}", re.ASCII)  # what a PostgreSQL bigint holds

# The order in which people read a manifest; keys that are not named follow by the alphabet.
_READING_ORDER: Final = (
    *("apiVersion", "kind", "metadata", "generation", "name", "namespace", "labels", "annotations"),
    *("spec", "host", "hosts", "gateways", "subsets", "trafficPolicy", "http", "match", "route"),
    *("subset", "destination", "weight", "route_configuration", "clusters"),
)
_RANK: Final = {key: rank for rank, key in enumerate(_READING_ORDER)}

# Readers of YAML differ (1.1, 1.2, Go's): whatever one of them takes for something else is quoted.
_LIKE_A_NUMBER = re.compile(r"[-+]?[.]?[0-9][0-9a-fA-FxXoOTtZz_.,:eE+\- ]*")
_LIKE_A_WORD = re.compile(r"y|n|yes|no|on|off|true|false|null|~|[-+]?\.(inf|nan)", re.IGNORECASE)


# The one in C writes the same text several times as fast; not every PyYAML carries it.
_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]  # chosen at run time
    """Writes without aliases, and quotes whatever some reader could take for another type."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text_node(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    ambiguous = _LIKE_A_NUMBER.fullmatch(text) or _LIKE_A_WORD.fullmatch(text)
    # Bare, some line breaks of Unicode would come back as spaces.
    style = '"' if ambiguous or not text.isprintable() else None
    node: yaml.ScalarNode = dumper.represent_scalar(_TEXT, text, style=style)
    return node


_Dumper.add_representer(str, _text_node)


def canonical_yaml(documents: Iterable[Mapping[str, object]]) -> str:
    """The one text of these documents, whatever the order of their keys."""
    ordered = [_ordered(document) for document in documents]
    return yaml.dump_all(
        ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_LARGEST_TEXT
    )


def _ordered(value: object) -> object:
    match value:
        case Mapping():
            keys = sorted(value, key=lambda key: (_RANK.get(key, len(_RANK)), key))
            return {key: _ordered(value[key]) for key in keys}
        case list() | tuple():
            return [_ordered(item) for item in value]
        case _:
            return value


def picture(content: str) -> Picture:
    """The generation and the digest of any text; foreign text is digested as it stands.

    The digest is SHA-256 (hex) over what the text means, our generation marks left out.
    """
    try:
        documents = _read(content)
    except (yaml.YAMLError, UnicodeError, _ForeignError):
        return Picture(None, _sha256(content))
    generations = [found for document in documents for found in _generations(document)]
    # The highest counts: it is what a writer with an older one must not overwrite.
    return Picture(max(generations, default=None), _digest(documents))


def digest_of(documents: Iterable[Mapping[str, object]]) -> str:
    """The digest in the picture of these documents' text, without reading it again."""
    return _digest(_meaning_of(document) for document in documents)


def _digest(meanings: Iterable[_Meaning]) -> str:
    kept = [_without_marks(meaning) for meaning in meanings]
    return _sha256(json.dumps(kept, sort_keys=True))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _ForeignError(Exception):
    """The text is nothing that we would have written: too large, too deep, aliased or tagged."""


_RESOLVER: Final = yaml.resolver.Resolver()
# The one in C reads the same several times as fast; not every PyYAML carries it.
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(content: str) -> list[_Meaning]:
    if len(content) > _LARGEST_TEXT:
        raise _ForeignError
    events = iter(yaml.parse(content, Loader=LOADER))
    starts = (event for event in events if isinstance(event, yaml.DocumentStartEvent))
    return [_meaning(next(events), events, 0) for _ in starts]


def _meaning(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> _Meaning:
    if depth > _DEEPEST or getattr(event, "tag", None):
        raise _ForeignError
    match event:
        case yaml.ScalarEvent():
            return _type_of(event), event.value
        case yaml.SequenceStartEvent():
            return list(_items(events, yaml.SequenceEndEvent, depth))
        case yaml.MappingStartEvent():
            items = list(_items(events, yaml.MappingEndEvent, depth))
            return {
                json.dumps(key): value for key, value in zip(items[::2], items[1::2], strict=True)
            }
        case _:
            raise _ForeignError  # an alias


def _type_of(event: yaml.ScalarEvent) -> str:
    resolve = _RESOLVER.resolve
    tag = resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]  # stubs lack it
    return str(tag)


_REPRESENTER: Final = yaml.representer.SafeRepresenter()


def _meaning_of(value: object) -> _Meaning:
    """What the canonical text of a value means: just what reading it would give."""
    match value:
        case Mapping():
            return {_key(key): _meaning_of(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_meaning_of(item) for item in value]
        case str():
            return _TEXT, value
        case _:
            scalar = _REPRESENTER.represent_data(value)
            return scalar.tag, scalar.value


@lru_cache(_KEPT_KEYS)
def _key(key: str) -> str:
    return json.dumps((_TEXT, key))


def _items(events: Iterator[yaml.Event], end: type[yaml.Event], depth: int) -> Iterator[_Meaning]:
    while not isinstance(event := next(events), end):
        yield _meaning(event, events, depth + 1)


def _path(*keys: str) -> tuple[str, ...]:
    return tuple(_key(key) for key in keys)


_OBJECT_MARK: Final = _path("metadata", "annotations", GENERATION_ANNOTATION)
_ROUTES: Final = _path("route_configuration")
_ENVOY_MARKS: Final = (
    _path("generation"),
    _path("route_configuration", "metadata", "filter_metadata", MARK, "generation"),
)


def _marks(document: _Meaning) -> tuple[tuple[str, ...], ...]:
    ours = isinstance(document, dict) and _ROUTES[0] in document
    return (_OBJECT_MARK, *_ENVOY_MARKS) if ours else (_OBJECT_MARK,)


def _generations(document: _Meaning) -> Iterator[int]:
    for mark in _marks(document):
        found: _Meaning | None = document
        for key in mark:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, tuple) and GENERATION.fullmatch(found[1]):
            yield int(found[1])


def _without_marks(document: _Meaning) -> _Meaning:
    for mark in _marks(document):
        document = _without(document, mark)
    return document


def _without(meaning: _Meaning, path: tuple[str, ...]) -> _Meaning:
    """The meaning with the end of a path left out, and whatever that leaves empty."""
    key, *rest = path
    if not isinstance(meaning, dict) or key not in meaning:
        return meaning
    others = {name: value for name, value in meaning.items() if name != key}
    kept = _without(meaning[key], tuple(rest)) if rest else {}
    return others if kept == {} else {**others, key: kept}
