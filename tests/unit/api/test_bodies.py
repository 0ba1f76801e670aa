"""Bodies that are no good: each is refused by name, and none breaks anything."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.unit.api.conftest import Site, pointers, problem

TRUE = True
VERSIONS = [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 20}]
GOOD: dict[str, Any] = {"serviceName": "shop", "versions": VERSIONS}
CONDITION = {"source": "header", "operator": "exact", "name": "x-tester", "value": "yes"}
COHORT = {"name": "testers", "version": "v2", "conditions": [CONDITION]}


def versions(*weights: object) -> dict[str, Any]:
    return {"versions": [{"name": f"v{n}", "weight": weight} for n, weight in enumerate(weights)]}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"serviceName": None}, ["/serviceName"]),
        ({"serviceName": 7}, ["/serviceName"]),
        ({"serviceName": "Shop"}, ["/serviceName"]),
        ({"serviceName": "shop.default"}, ["/serviceName"]),
        ({"serviceName": "-shop"}, ["/serviceName"]),
        ({"serviceName": "s" * 64}, ["/serviceName"]),
        ({"namespace": "de fault"}, ["/namespace"]),
        ({"versions": None}, ["/versions"]),
        ({"versions": {}}, ["/versions"]),
        ({"versions": []}, ["/versions", "/versions"]),
        (versions(80, 30), ["/versions"]),
        (versions(100.01), ["/versions/0/weight"]),
        (versions(-1, 101), ["/versions/0/weight", "/versions/1/weight"]),
        (versions("100"), ["/versions/0/weight"]),
        (versions(TRUE, 99), ["/versions/0/weight"]),
        (versions(33.333, 66.667), ["/versions/0/weight", "/versions/1/weight"]),
        (versions(None), ["/versions/0/weight"]),
        (versions(*[5] * 20, 0), ["/versions"]),
        (
            {"versions": [*VERSIONS, {"name": "v2", "weight": 0}]},
            ["/versions/1/name", "/versions/2/name"],
        ),
        ({"versions": ["v1"]}, ["/versions/0"]),
        ({"versions": [{"name": "v1"}]}, ["/versions/0/weight"]),
        (
            {"versions": [{"name": "v1", "weight": 100, "labels": {"a b": "c"}}]},
            ["/versions/0/labels"],
        ),
        (
            {"versions": [{"name": "v1", "weight": 100, "labels": {"a": 1}}]},
            ["/versions/0/labels/a"],
        ),
        ({"cohorts": [{**COHORT, "version": "v9"}]}, ["/cohorts/0/version"]),
        ({"cohorts": [{**COHORT, "conditions": []}]}, ["/cohorts/0/conditions"]),
        (
            {"cohorts": [{**COHORT, "conditions": [{**CONDITION, "operator": "like"}]}]},
            ["/cohorts/0/conditions/0/operator"],
        ),
        (
            {
                "cohorts": [
                    {**COHORT, "conditions": [{**CONDITION, "operator": "regex", "value": "("}]}
                ]
            },
            ["/cohorts/0/conditions/0/value"],
        ),
        ({"mirror": {"version": "v9"}}, ["/mirror/version"]),
        ({"mirror": {"version": "v2", "share": 0}}, ["/mirror/share"]),
        ({"ruleType": "RANDOM"}, ["/ruleType"]),
        ({"ruleType": "HEADER"}, ["/cohorts"]),
        ({"policies": {"timeoutMs": 0}}, ["/policies/timeoutMs"]),
        ({"policies": {"timeoutMs": 1.5}}, ["/policies/timeoutMs"]),
        ({"policies": {"retries": {"attempts": 99}}}, ["/policies/retries/attempts"]),
        ({"policies": {"fault": {}}}, ["/policies/fault"]),
        ({"hosts": ["a b"]}, ["/hosts/0"]),
        ({"hosts": ["a.b"] * 65}, ["/hosts"]),
        ({"weihgt": 1}, ["/weihgt"]),
        ({"a/b~c": 1}, ["/a~1b~0c"]),
        ({"reason": "x" * 501}, ["/reason"]),
    ],
)
async def test_a_wrong_rule_is_refused_by_the_name_of_its_fault(
    site: Site, changed: dict[str, Any], expected: list[str]
) -> None:
    answer = await site.client.post("/api/rules", json={**GOOD, **changed})
    found = problem(answer, 422, "invalid-request")
    assert pointers(found) == expected
    assert all("expected" in part["detail"] for part in found["errors"])
    assert not site.world.database.kept.rules


@pytest.mark.parametrize("body", [[], "shop", 1, None, True])
async def test_a_body_must_be_an_object(site: Site, body: object) -> None:
    answer = await site.client.post(
        "/api/rules", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert pointers(problem(answer, 422, "invalid-request")) == [""]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{} {}",
        b"\xff\xfe",
        b"'a'",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": 1e99999999999999999999}',
        b'{"a": 0e-99999999999999999999}',
        b'{"serviceName": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"serviceName": "\\ud800"}',
        b'{"a": [{"b": "\\udfff"}]}',
        b"[" * 21 + b"]" * 21,
        b"[" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
)
async def test_what_is_no_json_is_refused(site: Site, content: bytes) -> None:
    answer = await site.client.post(
        "/api/rules", content=content, headers={"Content-Type": "application/json"}
    )
    assert pointers(problem(answer, 422, "invalid-request")) == [""]


async def test_numbers_are_taken_exactly_as_they_are_written(site: Site) -> None:
    fine = b'{"serviceName":"shop","versions":[{"name":"v1","weight":1e2}]}'
    finer = fine.replace(b"1e2", b"99.999999999999999999")
    huge = fine.replace(b"1e2", b"1e999999999")
    headers = {"Content-Type": "application/json"}
    for content in (finer, huge):
        answer = await site.client.post("/api/rules", content=content, headers=headers)
        assert pointers(problem(answer, 422, "invalid-request")) == ["/versions/0/weight"]
    answer = await site.client.post("/api/rules", content=fine, headers=headers)
    assert answer.json()["versions"][0]["weight"] == 100


async def test_a_body_beyond_64_kib_is_refused_before_it_is_read(site: Site) -> None:
    answer = await site.client.post("/api/rules", json={**GOOD, "reason": "x" * 1024 * 1024})
    problem(answer, 413, "body-too-large")


async def test_a_body_without_a_length_is_counted_while_it_comes(site: Site) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1024

    answer = await site.client.post(
        "/api/rules", content=endless(), headers={"Content-Type": "application/json"}
    )
    problem(answer, 413, "body-too-large")
    assert sent == 65


async def test_a_body_of_64_kib_is_read(site: Site) -> None:
    content = json.dumps(GOOD).encode().ljust(64 * 1024)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = await site.client.post("/api/rules", content=content, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
async def test_what_does_not_say_that_it_is_json_is_refused(site: Site, kind: str) -> None:
    answer = await site.client.post(
        "/api/rules", content=json.dumps(GOOD), headers={"Content-Type": kind}
    )
    problem(answer, 415, "json-expected")


async def test_bodies_that_no_route_reads_are_judged_all_the_same(site: Site) -> None:
    answer = await site.client.request("DELETE", "/api/rules/x", content=b"x" * 70_000)
    problem(answer, 413, "body-too-large")
    answer = await site.client.post("/api/operations/x/retry", content=b"x=1")
    problem(answer, 415, "json-expected")


@pytest.mark.parametrize("path", ["/api/rules?q=%00", "/api/rules/%00", "/api/rules/%ED%A0%80"])
async def test_addresses_that_no_database_can_keep_are_refused(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["", "x" * 201, "a b"])
async def test_a_key_is_short_and_printable(site: Site, key: str) -> None:
    rule_id = await site.draft(v1=100)
    answer = await site.client.post(f"/api/deploy-rule/{rule_id}", headers={"Idempotency-Key": key})
    (fault,) = problem(answer, 422, "invalid-request")["errors"]
    assert fault["parameter"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/rules/x", "DELETE, GET, PUT"),
        ("DELETE", "/api/rules", "GET, POST"),
        ("POST", "/api/me", "GET"),
        ("GET", "/api/preview", "POST"),
    ],
)
async def test_a_wrong_method_names_the_right_ones(
    site: Site, method: str, path: str, allowed: str
) -> None:
    answer = await site.client.request(method, path)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/rule", "/api/rules/", "/docs/"])
async def test_nothing_is_at_an_address_that_is_not_ours(site: Site, path: str) -> None:
    problem(await site.client.get(path), 404, "not-found")
