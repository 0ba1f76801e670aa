"""What Prometheus answers is a number, or a reason why there is none."""

import json
from math import inf, isnan

import pytest

from crossfade.adapters.prometheus.answers import (
    LONGEST_WORDS,
    UnusableError,
    lines,
    refusal,
    rows,
)


def an_answer(kind: str, *result: object, **more: object) -> bytes:
    """A success."""
    data = {"resultType": kind, "result": result}
    return json.dumps({"status": "success", "data": data, **more}).encode()


def test_rows_carry_labels_a_moment_and_a_number_that_may_be_none() -> None:
    found = rows(
        an_answer(
            "vector",
            {"metric": {"version": "v1"}, "value": [12.5, "3"]},
            {"metric": {}, "value": [12, "NaN"]},
            {"metric": {}, "value": [12, "+Inf"]},
        )
    )

    assert (found[0].labels, found[0].point) == ({"version": "v1"}, (12.5, 3))
    assert isnan(found[1].point[1])
    assert found[2].point[1] == inf


def test_lines_carry_their_points_in_order() -> None:
    (line,) = lines(an_answer("matrix", {"metric": {}, "values": [[1, "2"], [3, "4.5"]]}))

    assert line.points == ((1, 2), (3, 4.5))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "something that is no answer of Prometheus"),
        (b"<html>", "something that is no answer of Prometheus"),
        (b'{"status": "success"}', "something that is no answer of Prometheus"),
        (an_answer("vector", {"metric": {}, "value": [1, "many"]}), "no answer of Prometheus"),
        (an_answer("scalar", 1), "no answer of Prometheus"),
        (an_answer("matrix"), "answered about a span of time"),
        (b'{"status": "error", "errorType": "x", "error": "too many"}', "refused .* too many"),
        (an_answer("vector", warnings=["store-2 is gone"]), "only in part: store-2 is gone"),
    ],
)
def test_what_says_nothing_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(UnusableError, match=reason):
        rows(body)


def test_a_moment_is_no_span_of_time() -> None:
    with pytest.raises(UnusableError, match="answered about a moment"):
        lines(an_answer("vector"))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"status": "error", "error": "parse\\n error"}', "parse error"),
        (b"no such\n page", "no such page"),
        (an_answer("vector"), "no reason is given"),
        (b"", "no reason is given"),
        (b"x" * 1_000, "x" * LONGEST_WORDS + "…"),
    ],
)
def test_a_refusal_is_told_in_its_own_words_on_one_line(body: bytes, told: str) -> None:
    assert refusal(body) == told
