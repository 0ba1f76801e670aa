"""Other people's DestinationRules for the service of a rule."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.manifests.live_objects import intent_of

from crossfade.domain.around import Around, Backing, Claim, Obstacle
from crossfade.domain.policies import ConnectionLimits, Policies
from crossfade.manifests.rivals import as_for_weights, rivals

RULE = intent_of(v1=8000, v2=2000)  # of the service checkout in the namespace shop
LIMITED = replace(RULE, policies=Policies(connection_limits=ConnectionLimits(5)))


def other(name: str = "legacy", namespace: str = "shop", **subsets: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "host": "checkout.shop.svc.cluster.local",
            "subsets": [
                {"name": subset, "labels": {"version": label}} for subset, label in subsets.items()
            ],
        },
    }


def test_the_rules_own_object_is_no_rival() -> None:
    assert rivals(LIMITED, [other("checkout", v1="old")]) == ()


@pytest.mark.parametrize("host", ["cart", "checkout.pay", "*.shop.svc.cluster.local", ""])
def test_a_destination_rule_of_another_host_is_no_rival(host: str) -> None:
    elsewhere = other(v1="old")
    elsewhere["spec"]["host"] = host
    assert rivals(LIMITED, [elsewhere]) == ()


def test_one_that_says_the_same_or_nothing_of_the_versions_is_no_rival() -> None:
    assert rivals(RULE, [other(), other(v1="v1", v3="v3")]) == ()


def test_a_version_with_other_labels_beside_the_rule_is_told_where_it_stands() -> None:
    assert rivals(RULE, [other(v2="old")]) == (
        Obstacle(
            "subset-elsewhere",
            "DestinationRule shop/legacy gives v2 of checkout other labels, and Istio keeps the "
            "older of the two.",
            "/versions/1",
        ),
    )


def test_policies_have_one_home() -> None:
    [found] = rivals(LIMITED, [other()])
    assert (found.code, found.pointer) == ("policies-elsewhere", "/policies")
    assert found.message.startswith("DestinationRule shop/legacy is for checkout too")


def test_callers_of_another_namespace_go_by_its_own() -> None:
    [found] = rivals(RULE, [other(namespace="pay", v1="v1", v2="old")])
    assert found.message == (
        "DestinationRule pay/legacy is what callers in pay go by, and it does not have v2 of "
        "checkout with the rule's labels."
    )
    assert rivals(LIMITED, [other(namespace="pay", v1="v1", v2="v2")]) == ()


def test_short_hosts_mean_a_service_beside_the_object() -> None:
    short = other(namespace="pay")
    short["spec"]["host"] = "checkout"
    assert rivals(RULE, [short]) == ()


def test_a_wildcard_of_another_namespace_comes_before_ours_there() -> None:
    wild = other(namespace="pay")
    wild["spec"]["host"] = "*.local"
    assert [found.code for found in rivals(RULE, [wild])] == ["subset-elsewhere"]


def test_what_stands_in_istios_own_namespace_is_for_those_who_have_nothing() -> None:
    wild = other(namespace="istio-system")
    wild["spec"]["host"] = "*.local"
    assert rivals(LIMITED, [wild]) == ()


def test_workloads_with_one_of_their_own_go_by_that() -> None:
    selected = other()
    selected["spec"]["workloadSelector"] = {"matchLabels": {"app": "cart"}}
    [found] = rivals(RULE, [selected])
    assert found.message.startswith("DestinationRule shop/legacy is what callers in shop go by")


def test_a_move_of_weights_minds_only_what_it_could_make_worse() -> None:
    fight = Obstacle("argocd-fights", "Argo CD would undo it.")
    claim = Claim("checkout", "mesh", "VirtualService shop/other")
    backing = {"v1": Backing(0, 2)}
    around = Around(backing, (claim,), (*rivals(LIMITED, [other(v1="old")]), fight))
    assert as_for_weights(around) == Around(backing, (), (fight,))
