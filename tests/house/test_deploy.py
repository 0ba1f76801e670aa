"""What is shipped for a cluster: rights as few as they are said to be, and fresh manifests."""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.house.tree import ROOT, text, under

from crossfade.domain.delivery import Delivery
from crossfade.manifests.argocd import Destination, Place, application_manifest
from crossfade.manifests.argocd_application import application_name
from crossfade.manifests.canonical import canonical_yaml

RIGHTS = Path("deploy/rbac")
KUSTOMIZATIONS = [
    path for path in under("deploy", suffix=".yaml") if path.name == "kustomization.yaml"
]
READ = ("get", "list", "watch")
# Every right that is given anywhere, by folder: API group, resource, verb.
GIVEN = {
    "managed-namespace": {
        *product(
            ("networking.istio.io",),
            ("virtualservices", "destinationrules"),
            (*READ, "create", "patch"),
        ),
        *product(("",), ("services", "pods"), READ),
        *product(("discovery.k8s.io",), ("endpointslices",), READ),
    },
    "delete": {
        *product(("networking.istio.io",), ("virtualservices", "destinationrules"), ("delete",))
    },
    "argocd": {*product(("argoproj.io",), ("applications",), (*READ, "patch"))},
}
FORBIDDEN = ("secrets", "configmaps", "pods/exec", "pods/log", "roles", "impersonate", "*")
APPLICATIONS = {
    Delivery.GIT_ONLY: "Argo CD alone writes to the cluster",
    Delivery.APPLY: "Crossfade writes to the cluster, beside the commit",
}


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Every manifest below a folder."""
    for path in under("deploy", suffix=".yaml"):
        if path.is_relative_to(folder) and path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(text(path))


def rules(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Every rule of the Roles below a folder."""
    for document in documents(folder):
        yield from document.get("rules", ())


@pytest.mark.parametrize("folder", GIVEN)
def test_a_role_gives_just_these_rights(folder: str) -> None:
    given = [
        right
        for rule in rules(RIGHTS / folder)
        for right in product(rule["apiGroups"], rule["resources"], rule["verbs"])
    ]

    assert len(given) == len(set(given))
    assert set(given) == GIVEN[folder]


def test_no_right_is_given_beside_these() -> None:
    folders = {path.parent.name for path in under("deploy", suffix="role.yaml")}
    kinds = {document["kind"] for document in documents(RIGHTS)}

    assert folders == set(GIVEN)
    assert kinds == {"ServiceAccount", "Role", "RoleBinding"}


def test_nothing_that_must_never_be_given_is_named_in_any_right() -> None:
    named = {word for rule in rules(Path("deploy")) for part in rule.values() for word in part}

    assert named.isdisjoint(FORBIDDEN)


def test_the_one_application_is_named() -> None:
    [rule] = rules(RIGHTS / "argocd")

    assert rule["resourceNames"] == ["crossfade"]


def test_every_role_is_bound_to_our_account_and_to_nobody_else() -> None:
    account = {"kind": "ServiceAccount", "name": "crossfade", "namespace": "crossfade"}
    for folder in GIVEN:
        role, binding = documents(RIGHTS / folder)
        if role["kind"] == "RoleBinding":
            role, binding = binding, role
        assert binding["subjects"] == [account]
        assert binding["roleRef"]["name"] == role["metadata"]["name"]
        assert binding["roleRef"]["kind"] == "Role"


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=str)
def test_a_kustomization_takes_every_manifest_beside_it(path: Path) -> None:
    manifests = {found.name for found in (ROOT / path.parent).glob("*.yaml")} - {path.name}

    assert set(yaml.safe_load(text(path))["resources"]) == manifests


@pytest.mark.parametrize("delivery", APPLICATIONS)
def test_the_applications_are_as_the_product_writes_them(delivery: Delivery) -> None:
    manifest = application_manifest(
        application_name("argocd/crossfade"),
        Place("https://git.example.com/team/traffic.git", "main", "istio"),
        Destination("default"),
        delivery,
    )
    head = f"# {APPLICATIONS[delivery]}: CROSSFADE_DELIVERY={delivery}."
    hint = "# Put in your repository's address and branch."

    written = "\n".join((head, hint, canonical_yaml([manifest])))
    assert text(Path(f"deploy/argocd/{delivery}.yaml")) == written


def test_every_istiod_is_found_by_its_own_address() -> None:
    [service] = documents(Path("deploy/istio"))

    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"app": "istiod"}
    assert [port["port"] for port in service["spec"]["ports"]] == [15014]
