"""One text for one meaning, and pictures of any text at all."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.strategies import TRICKY_WORDS, intents

from crossfade.domain.intent import Intent, RuleType
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Document
from crossfade.manifests.canonical import canonical_yaml, digest_of, picture
from crossfade.manifests.render import documents

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
    | st.sampled_from(TRICKY_WORDS)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=("Cs",)), max_size=5), inner, max_size=3
        )
    ),
)
mappings = st.dictionaries(st.sampled_from(("kind", "spec", "b", "a", "yes", "1e3")), values)


def digest_in(text: str) -> str:
    """The digest of what a text means."""
    return picture(text).digest


@given(st.lists(mappings, max_size=3))
def test_canonical_yaml_reads_back_as_what_it_was(documents_: list[dict[str, Any]]) -> None:
    text = canonical_yaml(documents_)
    assert list(yaml.safe_load_all(text)) == documents_
    assert text == "" or text.endswith("\n")


@given(mappings, st.randoms(use_true_random=False))
def test_the_order_of_keys_makes_no_difference(mapping: dict[str, Any], random: Random) -> None:
    keys = list(mapping)
    random.shuffle(keys)
    assert canonical_yaml([{key: mapping[key] for key in keys}]) == canonical_yaml([mapping])


def test_keys_stand_in_the_order_in_which_people_read() -> None:
    text = canonical_yaml([{"spec": {"z": 1, "hosts": []}, "metadata": {}, "kind": "K"}])
    assert text == "kind: K\nmetadata: {}\nspec:\n  hosts: []\n  z: 1\n"


def test_values_that_are_one_object_are_written_twice() -> None:
    shared = {"x": [1]}
    assert canonical_yaml([{"a": shared, "b": shared}]) == "a:\n  x:\n  - 1\nb:\n  x:\n  - 1\n"


@pytest.mark.parametrize(
    "word", [*TRICKY_WORDS, "~", ".5", "-1", "12e4", "0b1", "1:20", ".INF", "n"]
)
def test_whatever_any_reader_could_take_for_another_type_is_quoted(word: str) -> None:
    assert canonical_yaml([{"a": word}]) == f'a: "{word}"\n'


@pytest.mark.parametrize("word", ["v1", "1.500s", "5s", "yesterday", "checkout", "no-cache"])
def test_other_words_stand_bare(word: str) -> None:
    assert canonical_yaml([{"a": word}]) == f"a: {word}\n"


@given(st.lists(mappings, max_size=3))
def test_a_digest_of_documents_is_that_of_their_text(documents_: list[dict[str, Any]]) -> None:
    assert digest_of(documents_) == picture(canonical_yaml(documents_)).digest


@given(intents(), st.integers(1, 10**18 - 1), st.integers(1, 10**18 - 1))
def test_a_digest_leaves_the_generation_out(intent: Intent, one: int, other: int) -> None:
    for before, after in zip(documents(intent, one), documents(intent, other), strict=True):
        assert before.digest == after.digest == digest_in(after.content)
        assert picture(before.content) == Picture(one, before.digest)
        assert picture(after.content) == Picture(other, before.digest)


@given(intents(), intents())
def test_rules_that_differ_have_different_digests(one: Intent, other: Intent) -> None:
    one, other = (replace(intent, rule_type=RuleType.WEIGHTED) for intent in (one, other))
    assume(one != other)
    assert [d.digest for d in documents(one, 1)] != [d.digest for d in documents(other, 1)]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list) and inner:
            yield from leaves(inner, (*path, key))
        elif "crossfade.dev/generation" not in (*path, key) and key != "generation":
            yield (*path, key)


@given(st.data(), intents())
def test_a_digest_leaves_nothing_else_out(data: st.DataObject, intent: Intent) -> None:
    document: Document = data.draw(st.sampled_from(documents(intent, 3)))
    manifests = list(yaml.safe_load_all(document.content))
    *path, last = data.draw(st.sampled_from(list(leaves(manifests))))
    parent: Any = manifests
    for key in path:
        parent = parent[key]
    parent[last] = "tampered"
    assert digest_in(canonical_yaml(manifests)) != document.digest


@given(intents())
def test_a_digest_is_of_the_meaning_and_not_of_the_form(intent: Intent) -> None:
    for document in documents(intent, 3):
        manifests = list(yaml.safe_load_all(document.content))
        in_json = "\n---\n".join(
            json.dumps(m, sort_keys=True, ensure_ascii=False) for m in manifests
        )
        in_yaml = "# by hand\n" + yaml.safe_dump_all(manifests, width=40, default_flow_style=True)
        assert picture(in_json) == Picture(3, document.digest)
        assert picture(in_yaml) == Picture(3, document.digest)


def test_a_number_is_not_the_same_as_its_text() -> None:
    assert digest_in("a: 80") != digest_in("a: '80'")
    assert digest_in("a: [x]") != digest_in("a: x")


def test_the_highest_generation_of_a_file_counts() -> None:
    mark = "metadata: {{name: a, annotations: {{crossfade.dev/generation: '{}'}}}}\n"
    assert picture(mark.format(4) + "---\n" + mark.format(9) + "---\nkind: Other\n").generation == 9


@pytest.mark.parametrize("mark", ["'-1'", "four", "[4]", "'1.5'", "'" + "9" * 30 + "'", "", "'٣'"])
def test_a_mark_that_is_no_generation_counts_for_none(mark: str) -> None:
    text = f"metadata: {{annotations: {{crossfade.dev/generation: {mark}}}}}\n"
    assert picture(text).generation is None


def test_a_generation_elsewhere_is_content() -> None:
    assert digest_in("generation: 1") != digest_in("generation: 2")
    assert picture("generation: 1").generation is None
    assert picture("metadata: {generation: 1}").generation is None
    assert picture("metadata: [crossfade.dev/generation]").generation is None


def test_an_annotation_beside_ours_is_content() -> None:
    with_other = "metadata: {annotations: {crossfade.dev/generation: '1', other: x}}"
    assert digest_in(with_other) != digest_in("metadata: {name: x}")
    assert digest_in(with_other) == digest_in("metadata: {annotations: {other: x}}")


ALIAS_BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n"
    for before, name in zip("abcdefghij" * 3, ("bcdefghijk" * 3), strict=True)
)
FOREIGN = {
    "not YAML": "a: [unclosed",
    "control characters": "a\0b\x01",
    "lone surrogate": "a: \udc80",
    "tabs": "\ta: b",
    "deep": "[" * 100_000,
    "deep and closed": "[" * 200 + "]" * 200,
    "deep mappings": "\n".join(" " * depth + "a:" for depth in range(200)),
    "aliases": ALIAS_BOMB,
    "tag": "!!python/object/apply:os.system ['true']",
    "tagged mapping": "!!set {a}",
    "large": "# " + "x" * 5_000_000,
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.timeout(10)
def test_foreign_text_is_digested_as_it_stands(text: str) -> None:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    assert picture(text) == Picture(None, digest)


@given(st.text(st.characters()) | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_no_text_is_too_foreign_for_a_picture(text: str) -> None:
    assert len(picture(text).digest) == 64
    assert picture(text) == picture(text)
