"""How the Kubernetes mesh lets go: hands off, or objects away."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.api import Api, Manifest
from tests.cluster.mesh_stand import KINDS, Stand, another, picture_of, revision_of, standing
from tests.cluster.rig import Rig

from crossfade.domain.errors import OutrunError, UnavailableError
from crossfade.domain.policies import ConnectionLimits, Policies
from crossfade.manifests.canonical import GENERATION_ANNOTATION

pytestmark = pytest.mark.cluster

ACCOUNT = "crossfade"
RBAC = "rbac.authorization.k8s.io"
MARK = "app.kubernetes.io/managed-by"


@pytest.fixture
async def stand(rig: Rig, api: Api, namespace: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing(rig.kubeconfig, api, namespace, tmp_path) as stand:
        yield stand


@pytest.fixture
async def limited(rig: Rig, api: Api, stand: Stand, tmp_path: Path) -> AsyncIterator[Stand]:
    """The same for an account that may do no more than it must, and not delete."""
    if rig.plane is None:
        pytest.skip("it takes an API server of our own")
    await api.apply_all(role(stand.key.namespace))
    kubeconfig = rig.plane.kubeconfig_of_account(stand.key.namespace, ACCOUNT)
    async with another(kubeconfig, stand.service, tmp_path / "limited") as limited:
        yield limited


def role(namespace: str) -> list[Manifest]:
    """The rights of the account: to write our kinds, and to read what stands around them."""
    reading = ["get", "list", "watch"]
    rules = [
        ("networking.istio.io", "virtualservices destinationrules", [*reading, "create", "patch"]),
        ("", "services pods", reading),
        ("discovery.k8s.io", "endpointslices", reading),
    ]
    version = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": ACCOUNT, "namespace": namespace}}
    given = [
        {"apiGroups": [group], "resources": resources.split(), "verbs": verbs}
        for group, resources, verbs in rules
    ]
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}
    named_role = {"apiGroup": RBAC, "kind": "Role", "name": ACCOUNT}
    return [
        {**version, "kind": "Role", "rules": given},
        {**version, "kind": "RoleBinding", "subjects": [subject], "roleRef": named_role},
    ]


def without_hands(live: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what a release takes away, and without what any write changes."""
    metadata = dict(live["metadata"])
    for name in ("managedFields", "resourceVersion"):
        metadata.pop(name, None)
    for name, mark in (("labels", MARK), ("annotations", GENERATION_ANNOTATION)):
        metadata[name] = {
            key: value for key, value in metadata.get(name, {}).items() if key != mark
        }
    return {**live, "metadata": metadata}


async def test_a_released_object_stays_as_it_is_without_our_hands(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    for kind in KINDS:
        await stand.edit(kind, {"metadata": {"labels": {"team": "shop"}}})
    before = {kind: await stand.present(kind) for kind in KINDS}
    await stand.in_step()
    stand.forget_calls()

    proof = await stand.mesh.release(stand.key, 2, remove=False)

    assert proof == (
        f"nothing of {stand.key} carries our mark any more; its routes stay as they are"
    )
    assert stand.writes == ["patch virtualservices", "patch destinationrules"]
    for kind in KINDS:
        after = await stand.present(kind)
        assert without_hands(after) == without_hands(before[kind])
        assert MARK not in after["metadata"]["labels"]
        assert "annotations" not in after["metadata"]
        assert [one["manager"] for one in after["metadata"]["managedFields"]] == ["kubectl-edit"]


async def test_what_was_released_is_shown_without_a_generation(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))

    await stand.mesh.release(stand.key, 2, remove=False)

    for _ in range(2):
        observed = await stand.mesh.observe(stand.key)
        assert observed is not None
        assert observed.picture.generation is None
        assert observed.author is None
        await stand.in_step()
    assert (await stand.present("VirtualService"))["metadata"].get("managedFields") is None


async def test_a_released_rule_comes_back_with_all_of_it_ours_again(stand: Stand) -> None:
    limited = replace(
        stand.intent(v1=8_000, v2=2_000),
        gateways=("mesh", "public"),
        policies=Policies(connection_limits=ConnectionLimits(max_connections=7)),
    )
    await stand.deploy(revision_of(limited, 1))
    await stand.mesh.release(stand.key, 2, remove=False)
    revision = stand.split(3, v1=5_000, v2=5_000)

    await stand.deploy(revision)

    observed = await stand.mesh.observe(stand.key)
    assert observed is not None
    assert observed.picture == picture_of(revision)  # and so without gateways and limits
    for kind in KINDS:
        hands = (await stand.present(kind))["metadata"]["managedFields"]
        assert [(one["manager"], one["operation"]) for one in hands] == [("crossfade", "Apply")]


async def test_releasing_twice_or_what_was_never_there_is_fine(stand: Stand) -> None:
    await stand.mesh.release(stand.key, 1, remove=False)
    await stand.mesh.release(stand.key, 1, remove=True)
    await stand.deploy(stand.split(2, v1=10_000))
    await stand.mesh.release(stand.key, 3, remove=False)
    stand.forget_calls()

    await stand.mesh.release(stand.key, 3, remove=False)
    proof = await stand.mesh.release(stand.key, 4, remove=True)

    assert stand.writes == []
    assert proof.endswith("; what is not ours stays: DestinationRule and VirtualService")
    assert await stand.live("VirtualService") is not None  # released, so it is not ours to remove


async def test_removed_objects_go_routes_first(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    stand.forget_calls()

    proof = await stand.mesh.release(stand.key, 2, remove=True)

    assert proof == f"no object of ours routes {stand.key} any more"
    assert stand.writes == ["delete virtualservices", "delete destinationrules"]
    assert [await stand.live(kind) for kind in KINDS] == [None, None]
    assert await stand.mesh.observe(stand.key) is None
    await stand.in_step()
    assert await stand.mesh.observe(stand.key) is None


async def test_what_changed_since_it_was_read_is_read_again_before_it_goes(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.in_step()
    stand.weather.hold(held=True)
    await stand.edit("VirtualService", {"metadata": {"annotations": {GENERATION_ANNOTATION: "9"}}})

    with pytest.raises(OutrunError):
        await stand.mesh.release(stand.key, 2, remove=True)
    assert await stand.live("VirtualService") is not None

    await stand.mesh.release(stand.key, 10, remove=True)
    assert await stand.live("VirtualService") is None


async def test_the_rights_to_write_are_enough_but_for_taking_objects_away(
    stand: Stand, limited: Stand
) -> None:
    await limited.deploy(limited.split(1, v1=8_000, v2=2_000))
    await limited.deploy(limited.split(2, v1=9_000, v3=1_000))
    await limited.mesh.release(limited.key, 3, remove=False)
    await limited.deploy(limited.split(4, v1=10_000))

    with pytest.raises(UnavailableError, match="not allowed to delete virtualservices"):
        await limited.mesh.release(limited.key, 5, remove=True)
    await stand.in_step()
    assert await stand.live("VirtualService") is not None

    await stand.mesh.release(stand.key, 5, remove=True)
    assert await stand.live("VirtualService") is None


async def test_an_object_that_cannot_go_yet_is_not_written(stand: Stand) -> None:
    await stand.deploy(stand.split(1, v1=8_000, v2=2_000))
    await stand.edit("VirtualService", {"metadata": {"finalizers": ["example.com/held"]}})
    await stand.in_step()

    await stand.mesh.release(stand.key, 2, remove=True)

    with pytest.raises(UnavailableError, match=r"VirtualService .* is being deleted"):
        await stand.mesh.apply(stand.split(3, v1=10_000))
    await stand.edit("VirtualService", {"metadata": {"finalizers": None}})
    await stand.in_step()
    await stand.deploy(stand.split(3, v1=10_000))
