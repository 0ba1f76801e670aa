"""Questions to Prometheus name what is asked about, all of it and nothing else."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.adapters.prometheus.dialects import DIALECTS, ISTIO, PLAIN
from crossfade.adapters.prometheus.questions import Questions, any_of, batches, quoted
from crossfade.domain.names import ServiceKey

SHOP = ServiceKey("cluster", "default", "shop")
CART = ServiceKey("cluster", "prod", "cart-2")
NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
KEYS = st.builds(ServiceKey, st.just("cluster"), NAMES, NAMES)


@given(st.text(), st.text())
def test_a_name_matches_itself_and_no_other(name: str, other: str) -> None:
    pattern = json.loads(any_of([name]).replace("\n", "\\n"), strict=False)

    assert re.fullmatch(pattern, name)
    assert bool(re.fullmatch(pattern, other)) is (other == name)


def test_names_are_alternatives_in_one_order() -> None:
    assert any_of(["shop", "cart", "shop"]) == '"cart|shop"'


def test_a_string_cannot_be_left() -> None:
    assert quoted('a"} or vector(1)\\\n') == '"a\\"} or vector(1)\\\\\\n"'


def test_all_services_are_in_one_selector() -> None:
    question = Questions(PLAIN, (SHOP, CART)).rates(30)

    assert 'http_requests_total{namespace=~"default|prod",service=~"cart-2|shop"}[30s]' in question


def test_istio_is_asked_for_what_callers_count() -> None:
    questions = Questions(ISTIO, (SHOP,))
    series = {
        questions.pulses(),
        questions.requests(30),
        questions.latencies(30),
        questions.rates(30),
    }

    for question in series:
        assert question.count("istio_request") == question.count('reporter="source"') > 0


@given(st.sets(KEYS, max_size=30), st.integers(1, 200))
def test_batches_hold_every_service_once_and_are_short(keys: set[ServiceKey], longest: int) -> None:
    found = list(batches(keys, longest))

    assert sorted(key for batch in found for key in batch) == sorted(keys)
    for batch in found:
        assert len(batch) == 1 or sum(len(f"{key}|") for key in batch) <= longest


@pytest.mark.parametrize(
    ("code", "istio", "plain"),
    [
        ("500", True, True),
        ("599", True, True),
        ("0", True, False),
        ("499", False, False),
        ("200", False, False),
        ("5", False, False),
        ("", False, False),
    ],
)
def test_failures_are_answers_from_500_on_and_no_answer_at_all(
    code: str, *, istio: bool, plain: bool
) -> None:
    assert DIALECTS["istio"].failed(code) is istio
    assert DIALECTS["plain"].failed(code) is plain
