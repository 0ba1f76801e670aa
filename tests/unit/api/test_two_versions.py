"""The original two-version form of a rule: taken, merged, and answered."""

from typing import Any

import pytest
from httpx import Response
from tests.unit.api.conftest import Site, pointers, problem

SHORT = {
    "serviceName": "shop",
    "version1Name": "v1",
    "version2Name": "v2",
    "version1Weight": 80,
    "version2Weight": 20,
}
LONG = [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 20}]
HALVES = [{"name": "v1", "weight": 50}, {"name": "v2", "weight": 50}]


async def put(site: Site, rule_id: str, body: dict[str, Any], tag: str | None = None) -> Response:
    headers = {"If-Match": tag} if tag else {}
    return await site.client.put(f"/api/rules/{rule_id}", json=body, headers=headers)


def split(rule: dict[str, Any]) -> dict[str, float]:
    return {arm["name"]: arm["weight"] for arm in rule["versions"]}


async def test_a_rule_is_made_of_it(site: Site) -> None:
    answer = await site.client.post("/api/rules", json=SHORT)
    assert answer.status_code == 201
    assert split(answer.json()) == {"v1": 80, "v2": 20}


async def test_both_forms_make_a_rule_where_they_agree(site: Site) -> None:
    answer = await site.client.post("/api/rules", json={**SHORT, "versions": LONG})
    assert answer.status_code == 201


async def test_both_forms_are_refused_where_they_differ(site: Site) -> None:
    answer = await site.client.post("/api/rules", json={**SHORT, "versions": HALVES})
    found = problem(answer, 422, "invalid-request")
    assert pointers(found) == ["/version1Weight", "/version2Weight"]
    assert found["errors"][0]["detail"] == "expected 50 as in versions, found 80"


async def test_it_cannot_stand_beside_three_versions(site: Site) -> None:
    three = [{"name": f"v{n}", "weight": weight} for n, weight in enumerate((50, 25, 25))]
    answer = await site.client.post("/api/rules", json={**SHORT, "versions": three})
    assert pointers(problem(answer, 422, "invalid-request")) == ["/versions"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"version1Weight": 70}, "/version1Weight"),
        ({"version1Weight": 170}, "/version1Weight"),
        ({"version2Name": "V2!"}, "/version2Name"),
        ({"version2Name": None}, "/version2Name"),
    ],
)
async def test_its_faults_are_seen_from_it(
    site: Site, changed: dict[str, Any], pointer: str
) -> None:
    answer = await site.client.post("/api/rules", json={**SHORT, **changed})
    assert pointers(problem(answer, 422, "invalid-request")) == [pointer]


async def test_an_edit_keeps_what_it_does_not_name(site: Site) -> None:
    body = {
        "serviceName": "shop",
        "hosts": ["shop.example.com"],
        "versions": [{**LONG[0], "labels": {"track": "stable"}}, LONG[1]],
    }
    rule_id = (await site.client.post("/api/rules", json=body)).json()["id"]

    answer = await put(site, rule_id, {"version1Weight": 60, "version2Weight": 40})

    rule = answer.json()
    assert answer.status_code == 200
    assert split(rule) == {"v1": 60, "v2": 40}
    assert rule["versions"][0]["labels"] == {"track": "stable"}
    assert rule["hosts"] == ["shop.example.com"]


async def test_an_edit_takes_back_what_it_names_as_null(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    weights = {"version1Weight": 60, "version2Weight": 40}
    mirrored = await put(site, rule_id, {**weights, "mirror": {"version": "v2"}})
    assert mirrored.json()["mirror"] == {"version": "v2", "share": 100}
    bare = await put(site, rule_id, {**weights, "mirror": None, "namespace": None})
    assert bare.json()["mirror"] is None


async def test_a_renamed_version_gets_the_labels_of_its_name(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    rule = (await put(site, rule_id, {"version2Name": "v3"})).json()
    assert rule["versions"][1] == {"name": "v3", "weight": 20, "labels": {"version": "v3"}}


async def test_an_edit_in_it_may_still_name_its_edition(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await put(site, rule_id, {"version1Weight": 60, "version2Weight": 40}, '"9"')
    problem(answer, 412, "stale-edition")


async def test_it_cannot_edit_a_rule_with_three_versions(site: Site) -> None:
    rule_id = await site.draft(v1=50, v2=25, v3=25)
    answer = await put(site, rule_id, {"version1Weight": 60})
    assert pointers(problem(answer, 422, "invalid-request")) == ["/versions"]


async def test_what_was_read_may_come_back_with_either_form_changed(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    rule = (await site.client.get(f"/api/rules/{rule_id}")).json()

    long = {**rule, "versions": HALVES}
    assert split((await put(site, rule_id, long, '"1"')).json()) == {"v1": 50, "v2": 50}

    rule = (await site.client.get(f"/api/rules/{rule_id}")).json()
    short = {**rule, "version1Weight": 33.33, "version2Weight": 66.67}
    assert split((await put(site, rule_id, short, '"2"')).json()) == {"v1": 33.33, "v2": 66.67}


async def test_what_was_read_is_refused_with_both_forms_changed_apart(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    rule = (await site.client.get(f"/api/rules/{rule_id}")).json()
    both = {**rule, "versions": HALVES, "version1Weight": 10, "version2Weight": 90}
    answer = await put(site, rule_id, both, '"1"')
    assert pointers(problem(answer, 422, "invalid-request")) == [
        "/version1Weight",
        "/version2Weight",
    ]


async def test_a_preview_takes_it_for_new_and_for_kept_rules(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    kept = {"id": rule_id, "version1Weight": 60, "version2Weight": 40}
    new = {**SHORT, "serviceName": "bank"}

    for body, summary in ((kept, "20% more of shop goes to v2"), (new, "bank is divided")):
        answer = await site.client.post("/api/preview", json=body)
        assert answer.status_code == 200
        assert answer.json()["summary"].startswith(summary)
