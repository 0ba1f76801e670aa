"""Whose hand is on an object of a cluster."""

from datetime import UTC, datetime

import pytest
from tests.unit.manifests.live_objects import Written, entry, intent_of, live, wanted

from crossfade.manifests.authorship import (
    Hand,
    as_applied,
    last_author,
    owner,
    without_ours,
)

ROUTES = wanted(intent_of(v1=10_000), 1).virtual_service
NINE = "2026-11-24T09:00:00Z"
TEN = "2026-11-24T10:00:00Z"
ELEVEN = "2026-11-24T11:00:00Z"
ALICE = Hand(datetime(2026, 11, 24, 10, tzinfo=UTC), "kubectl-edit")


def written_by(*entries: object, **metadata: object) -> Written:
    return live(ROUTES, managedFields=list(entries), **metadata)


def test_the_newest_other_hand_is_named() -> None:
    found = written_by(
        entry("crossfade", NINE), entry("argocd-controller", NINE), entry("kubectl-edit", TEN)
    )
    assert last_author(found) == ALICE
    assert last_author(written_by(entry("argocd-controller", NINE)), found) == ALICE


def test_our_own_hand_is_nobody_elses() -> None:
    assert last_author(written_by(entry("crossfade", TEN))) is None
    assert last_author() is None
    assert last_author({"kind": "VirtualService"}) is None


def test_whoever_was_there_before_our_last_write_is_not_blamed() -> None:
    found = written_by(entry("crossfade", ELEVEN), entry("kubectl-edit", TEN))
    assert last_author(found) is None


def test_who_wrote_only_status_or_only_labels_of_their_own_is_no_author() -> None:
    status = entry("istiod", TEN, subresource="status")
    labels = entry("kubectl-label", TEN, fieldsV1={"f:metadata": {"f:labels": {"f:team": {}}}})
    assert last_author(written_by(entry("crossfade", NINE), status, labels)) is None


def test_who_changed_our_mark_is_an_author() -> None:
    mark = {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}
    found = written_by(entry("crossfade", NINE), entry("kubectl-edit", TEN, fieldsV1=mark))
    assert last_author(found) == ALICE


@pytest.mark.parametrize("time", ["", "yesterday"])
def test_an_entry_without_a_time_says_nothing(time: str) -> None:
    assert last_author(written_by(entry("kubectl-edit", time))) is None
    assert owner(live(ROUTES, labels={}, managedFields=[entry("kubectl-edit", time)])) is None


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        (
            {"ownerReferences": [{"kind": "Canary", "name": "shop", "controller": True}]},
            "Canary shop",
        ),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:a/b:c/d"}},
            "Argo CD's application shop",
        ),
        (
            {
                "labels": {
                    "kustomize.toolkit.fluxcd.io/name": "apps",
                    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
                }
            },
            "Flux's Kustomization flux-system/apps",
        ),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
        ({"managedFields": [entry("kubectl-create", NINE), entry("helm", TEN)]}, "helm"),
        ({"ownerReferences": [{"kind": "Shop", "name": "a"}]}, None),
        ({}, None),
    ],
)
def test_an_object_belongs_to_whom_it_names(metadata: Written, name: str | None) -> None:
    assert owner(live(ROUTES, **{"labels": {}, "annotations": {}, **metadata})) == name


def test_our_own_hand_and_nobodys_make_no_owner() -> None:
    nobody = entry("before-first-apply", TEN, operation="Update")
    found = live(ROUTES, labels={}, managedFields=[entry("crossfade", NINE), nobody])
    assert owner(found) is None


def test_what_we_hand_back_carries_the_entries_of_all_others() -> None:
    others = [entry("kubectl-edit"), entry("istiod", subresource="status")]
    found = written_by(entry("crossfade"), *others, entry("before-first-apply"))
    assert without_ours(found) == others


def test_what_was_created_becomes_what_was_applied() -> None:
    created = entry(
        "crossfade", operation="Update", fieldsV1={"f:spec": {"f:http": {}, "f:hosts": {}}}
    )
    other = entry("kubectl-edit", operation="Update")
    assert as_applied(written_by(created, other)) == [other, {**created, "operation": "Apply"}]


def test_what_nobody_owned_becomes_ours_with_the_rest() -> None:
    applied = entry("crossfade", TEN, fieldsV1={"f:spec": {"f:http": {}}})
    nobody = entry(
        "before-first-apply", operation="Update", fieldsV1={"f:spec": {"f:gateways": {}}}
    )
    fields = {"f:spec": {"f:http": {}, "f:gateways": {}}}
    assert as_applied(written_by(applied, nobody)) == [entry("crossfade", TEN, fieldsV1=fields)]


def test_what_was_applied_stays_as_it_is() -> None:
    assert as_applied(written_by(entry("crossfade"), entry("x", operation="Update"))) is None
    assert as_applied(written_by()) is None
