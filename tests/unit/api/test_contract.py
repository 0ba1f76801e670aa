"""What the code promises: openapi.json is fresh, problems are all known, names are good."""

import json
import re

import pytest
from tests.house.tree import ROOT
from tests.unit.api.contract import contract

from crossfade.application.work import Event
from crossfade.domain import errors
from crossfade.domain.errors import CrossfadeError
from crossfade.entrypoints.api import refusals
from crossfade.entrypoints.api.inputs import SHORT_FORM, RuleEdit
from crossfade.entrypoints.api.openapi import contract_text
from crossfade.entrypoints.api.problems import KINDS, problem
from crossfade.manifests.rule_document import RULE_FIELDS

MODULES = (errors, refusals)


def classes() -> set[type[CrossfadeError]]:
    found = (thing for module in MODULES for thing in vars(module).values())
    return {one for one in found if isinstance(one, type) and issubclass(one, CrossfadeError)}


def test_openapi_json_is_what_the_code_says() -> None:
    assert (ROOT / "openapi.json").read_text() == contract_text(), "run `make types`"


def test_every_error_has_its_status_and_title() -> None:
    assert set(KINDS) == classes()


@pytest.mark.parametrize("error", sorted(KINDS, key=lambda error: error.__name__))
def test_every_error_has_a_page_behind_its_type(error: type[CrossfadeError]) -> None:
    assert (ROOT / "docs" / "problems" / f"{error.code}.md").is_file()


def test_one_code_is_always_the_same_problem() -> None:
    kinds = {(error.code, kind) for error, kind in KINDS.items()}
    assert len({code for code, _ in kinds}) == len(kinds)


def test_operations_have_plain_names_of_their_own() -> None:
    names = [one["operationId"] for path in contract()["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_api_route_documents_its_problems() -> None:
    for path, methods in contract()["paths"].items():
        if not path.startswith("/api/"):
            continue
        for described in methods.values():
            assert {"421", "422", "500", "503"} <= set(described["responses"])


def test_bodies_name_all_that_a_rule_is_made_of() -> None:
    fields = {field.alias for field in RuleEdit.model_fields.values()}
    assert fields == {*RULE_FIELDS, *SHORT_FORM, "reason"}


def test_frames_name_every_event_there_is() -> None:
    known = contract()["components"]["schemas"]["EventFrame"]["properties"]["type"]["enum"]
    said = set(re.findall(r"\w+", Event.__doc__ or ""))
    assert set(known) >= {"rule", "operation", "drift", "audit", "local", "health", "gap"}
    assert said


def test_a_database_error_tells_nothing_of_the_inside() -> None:
    answer = problem(errors.DatabaseUnavailableError("host db.internal refused alice"), "/api/x")
    assert "db.internal" not in json.loads(answer.body)["detail"]
