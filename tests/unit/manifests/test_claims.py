"""Hosts that other people's VirtualServices already route."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.manifests.live_objects import intent_of

from crossfade.domain.around import Claim
from crossfade.manifests.claims import claims

RULE = intent_of(v1=10_000)  # the host checkout in the namespace shop


def other(
    *hosts: str, namespace: str = "shop", gateways: Sequence[str] | None = None
) -> dict[str, Any]:
    spec = {"hosts": list(hosts), **({"gateways": gateways} if gateways is not None else {})}
    return {"metadata": {"name": "other", "namespace": namespace}, "spec": spec}


@pytest.mark.parametrize(
    "host",
    [
        "checkout",
        "Checkout",
        "checkout.shop",
        "checkout.shop.svc",
        "checkout.shop.svc.cluster.local",
        "*",
        "*.cluster.local",
        "*.shop.svc.cluster.local",
    ],
)
def test_a_host_is_claimed_under_each_of_its_names(host: str) -> None:
    assert claims(RULE, [other(host)]) == (Claim("checkout", "mesh", "VirtualService shop/other"),)


@pytest.mark.parametrize(
    "host", ["cart", "checkout.example.com", "checkout.svc", "*.example.com", "checkout.pay"]
)
def test_another_host_is_no_claim(host: str) -> None:
    assert claims(RULE, [other(host)]) == ()


def test_the_same_short_name_in_another_namespace_is_another_host() -> None:
    assert claims(RULE, [other("checkout", namespace="pay")]) == ()
    assert claims(RULE, [other("checkout.shop.svc.cluster.local", namespace="pay")]) == (
        Claim("checkout", "mesh", "VirtualService pay/other"),
    )


def test_the_rules_own_object_is_no_claim() -> None:
    own = other("checkout")
    own["metadata"]["name"] = "checkout"
    assert claims(RULE, [own]) == ()


def test_a_host_on_another_gateway_is_no_claim() -> None:
    assert claims(RULE, [other("checkout", gateways=["ingress"])]) == ()
    assert claims(RULE, [other("checkout", gateways=["ingress", "mesh"])]) != ()
    assert claims(RULE, [other("checkout", gateways=[])]) != ()


@pytest.mark.parametrize(
    "gateway", ["public", "shop/public", "./public", "public.shop", "public.shop.svc.cluster.local"]
)
def test_a_gateway_is_the_same_under_each_of_its_names(gateway: str) -> None:
    public = replace(RULE, hosts=("shop.example.com",), gateways=("public",))
    assert claims(public, [other("shop.example.com", gateways=[gateway])]) == (
        Claim("shop.example.com", "shop/public", "VirtualService shop/other"),
    )
    assert claims(public, [other("shop.example.com", gateways=[f"x{gateway}"])]) == ()


def test_wildcards_overlap_in_both_directions() -> None:
    wild = replace(RULE, hosts=("*.example.com",), gateways=("edge/public",))
    assert claims(wild, [other("a.example.com", gateways=["edge/public"])]) != ()
    assert claims(wild, [other("*.com", gateways=["edge/public"])]) != ()
    assert claims(wild, [other("example.com", gateways=["edge/public"])]) == ()


def test_on_a_gateway_hosts_are_what_they_say() -> None:
    edge = replace(RULE, hosts=("checkout.shop",), gateways=("edge/public",))
    claimed = other("checkout.shop.svc.cluster.local", gateways=["edge/public"])
    assert claims(edge, [claimed]) == ()


def test_one_claim_is_told_once() -> None:
    assert len(claims(RULE, [other("checkout", "checkout.shop", "*")])) == 1


@pytest.mark.parametrize("spec", [{}, {"hosts": []}, {"hosts": None}, {"hosts": [7]}, None])
def test_what_names_no_host_claims_none(spec: object) -> None:
    assert claims(RULE, [{"metadata": {"name": "other"}, "spec": spec}]) == ()
