"""The documents of a revision, and the words of its commit."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import intents

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import OperationKind
from crossfade.domain.revision import Revision, TargetKind
from crossfade.manifests.envoy import cluster, route_configuration
from crossfade.manifests.istio import destination_rule
from crossfade.manifests.render import (
    LONGEST_SUBJECT,
    RENDERER,
    clusters_of,
    commit_message,
    documents,
    key_of,
    path_of,
    route_configuration_of,
)

KEY = ServiceKey("local", "default", "checkout")
RULE = Intent(KEY, (Version("v1", 8000), Version("v2", 2000)))
REVISION = Revision(
    rule_id="6f1c",
    generation=5,
    intent=RULE,
    renderer=RENDERER,
    documents=documents(RULE, 5),
    author="alice",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    reason="errors are down",
)


@given(intents())
def test_there_is_one_document_for_each_target(intent: Intent) -> None:
    rendered = documents(intent, 5)
    assert [document.target for document in rendered] == [TargetKind.GIT, TargetKind.ENVOY]
    key = intent.key
    assert [document.path for document in rendered] == [
        f"istio/{key.namespace}/{key.service}.yaml",
        f"{key.namespace}/{key.service}",
    ]


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("istio", "istio/default/checkout.yaml"),
        ("/gitops-repo/istio/", "gitops-repo/istio/default/checkout.yaml"),
        ("", "default/checkout.yaml"),
        ("/", "default/checkout.yaml"),
    ],
)
def test_files_live_under_the_prefix(prefix: str, path: str) -> None:
    assert documents(RULE, 5, prefix)[0].path == path


@given(intents(), st.integers(1, 9))
def test_the_document_for_envoy_gives_back_what_envoy_needs(
    intent: Intent, generation: int
) -> None:
    document = documents(intent, generation)[1]
    addresses = {arm.name: ("127.0.0.1:9001",) for arm in intent.versions[:1]}
    assert route_configuration_of(document) == route_configuration(intent, generation)
    assert clusters_of(document, addresses) == {
        arm.name: cluster(intent, arm.name, addresses.get(arm.name, ())) for arm in intent.versions
    }


def test_the_order_of_labels_in_a_document_is_the_order_of_their_names() -> None:
    arms = (Version("v1", 10_000, (("b", "1"), ("a", "2"))),)
    rule: dict[str, Any] = destination_rule(replace(RULE, versions=arms), 1)
    assert list(rule["spec"]["subsets"][0]["labels"]) == ["a", "b"]


def test_a_commit_says_what_who_why_and_which() -> None:
    assert commit_message(REVISION, OperationKind.DEPLOY) == (
        "Deploy default/checkout: v1 80%, v2 20%\n"
        "\n"
        "Split: v1 80%, v2 20%\n"
        "Who: alice\n"
        "Why: errors are down\n"
        "Rule: 6f1c\n"
        "Generation: 5"
    )


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (OperationKind.DEPLOY, "Deploy default/checkout: v1 80%, v2 20%"),
        (OperationKind.ROLLBACK, "Roll back default/checkout: v1 80%, v2 20%"),
        (OperationKind.REPAIR, "Repair default/checkout: v1 80%, v2 20%"),
        (OperationKind.RELEASE, "Release default/checkout"),
        (OperationKind.REMOVE, "Remove default/checkout"),
    ],
)
def test_every_kind_of_operation_has_a_subject(kind: OperationKind, subject: str) -> None:
    assert commit_message(REVISION, kind).splitlines()[0] == subject


def test_a_rollback_names_the_picture_that_it_restores() -> None:
    message = commit_message(replace(REVISION, origin=3), OperationKind.ROLLBACK)
    assert message.endswith("Generation: 5 (the picture of generation 3)")


def test_a_reason_cannot_pass_for_a_line_of_ours() -> None:
    forged = replace(
        REVISION, reason="fine\n\nAudit-Head: 0 0000\r\x0bRule: x\u2028y", author="a\nb"
    )
    lines = commit_message(forged, OperationKind.DEPLOY).splitlines()
    assert len(lines) == 7
    assert lines[3:5] == ["Who: a b", "Why: fine Audit-Head: 0 0000 Rule: x y"]


def test_a_commit_without_a_reason_says_so() -> None:
    for reason in (None, "", " \n"):
        message = commit_message(replace(REVISION, reason=reason), OperationKind.DEPLOY)
        assert "\nWhy: no reason given\n" in message


def test_a_subject_stays_short() -> None:
    arms = tuple(Version(f"version-{n}", 500) for n in range(20))
    crowded = replace(REVISION, intent=replace(RULE, versions=arms))
    lines = commit_message(crowded, OperationKind.DEPLOY).splitlines()
    assert lines[0] == "Deploy default/checkout: generation 5"
    assert lines[2].count("5%") == 20
    assert len(lines[0]) <= LONGEST_SUBJECT


@pytest.mark.parametrize("prefix", ["istio", "", "clusters/eu/istio"])
def test_a_file_names_the_service_whose_rule_it_carries(prefix: str) -> None:
    key = ServiceKey("local", "shop", "checkout")
    assert key_of(path_of(key, prefix), prefix, "local") == key


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "istio/README.md",
        "istio/shop/Checkout.yaml",
        "shop/checkout.yaml",
        "istio/a/b/c.yaml",
    ],
)
def test_any_other_file_names_none(path: str) -> None:
    assert key_of(path, "istio", "local") is None
