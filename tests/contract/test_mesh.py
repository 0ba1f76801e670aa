"""What every mesh promises: one in memory, a real Envoy, and a cluster (in tests/cluster)."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from tests.fakes.mesh import FakeMesh
from tests.integration.envoy_stack import SHOP, Stack, doctored, running, split, until

from crossfade.application.ports import Mesh, Observed
from crossfade.domain.errors import OutrunError, RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision

PROVEN = "1 of 1 proxies acknowledged generation"


class Rig(Protocol):
    """A mesh, with hands on its weather, and the words that are its own."""

    refusal: str  # what it says of a revision that it will not take
    silence: str  # what it says without proxies
    gone: str  # what it says when the rule is removed

    @property
    def mesh(self) -> Mesh:
        """What is tested."""

    @property
    def key(self) -> ServiceKey:
        """The service that is divided."""

    def split(self, generation: int, **weights: int) -> Revision:
        """A revision that divides it so, in hundredths of a percent."""

    async def disconnect(self) -> None:
        """The proxies go."""

    async def connect(self) -> None:
        """The proxies are back."""

    def refused(self, generation: int) -> Revision:
        """A revision that the mesh will not take."""


REFUSAL = r"missing \)"
SILENCE = "Envoy is not connected"
GONE = f"1 of 1 proxies acknowledged that {SHOP} is gone"


@dataclass
class FakeRig:
    """The mesh in memory."""

    mesh: FakeMesh = field(default_factory=FakeMesh)
    key: ServiceKey = SHOP
    refusal: str = REFUSAL
    silence: str = SILENCE
    gone: str = GONE

    def split(self, generation: int, **weights: int) -> Revision:
        """A revision of the shop."""
        return split(generation, **weights)

    async def disconnect(self) -> None:
        """The proxies go."""
        self.mesh.disconnect()

    async def connect(self) -> None:
        """The proxies are back."""
        self.mesh.connect()

    def refused(self, generation: int) -> Revision:
        """A revision that the proxies will not take."""
        self.mesh.refuse(SHOP, generation, "missing )")
        return split(generation, v1=10_000)


class EnvoyRig:
    """A real Envoy."""

    key = SHOP
    refusal = REFUSAL
    silence = SILENCE
    gone = GONE

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._child = stack.child
        self.mesh = stack.mesh

    def split(self, generation: int, **weights: int) -> Revision:
        """A revision of the shop."""
        return split(generation, **weights)

    async def disconnect(self) -> None:
        """Envoy ends."""
        await self._child.stop()
        await until(lambda: self.mesh.connected == 0)

    async def connect(self) -> None:
        """Another Envoy starts."""
        self._child = await self._stack.proxy.start()
        await self._stack.proxy.ready(self._child)

    def refused(self, generation: int) -> Revision:
        """A revision whose recorded routes Envoy cannot read."""
        return doctored(split(generation, v1=10_000), "prefix: /", 'safe_regex: {regex: "("}')


@contextlib.asynccontextmanager
async def a_rig(kind: str, folder: Path) -> AsyncIterator[Rig]:
    """The rig of a kind."""
    if kind == "fake":
        yield FakeRig()
    else:
        async with running(folder) as stack:
            yield EnvoyRig(stack)


@pytest.fixture(params=["fake", pytest.param("envoy", marks=pytest.mark.integration)])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with a_rig(request.param, tmp_path) as rig:
        yield rig


async def deploy(mesh: Mesh, revision: Revision) -> str:
    """Apply the revision and wait for its proof."""
    await mesh.apply(revision)
    return await mesh.effective(revision)


def shown(revision: Revision) -> Observed:
    """What a mesh shows that holds exactly this revision."""
    document = next(one for one in revision.documents if one.target.routes)
    return Observed(Picture(revision.generation, document.digest), document.content)


async def test_a_mesh_holds_nothing_before_it_is_given_anything(rig: Rig) -> None:
    assert rig.mesh.held
    assert await rig.mesh.observe(rig.key) is None


async def test_what_was_applied_is_proven_and_shown(rig: Rig) -> None:
    revision = rig.split(1, v1=8_000, v2=2_000)

    assert await deploy(rig.mesh, revision) == f"{PROVEN} 1"
    assert await rig.mesh.observe(rig.key) == shown(revision)


async def test_a_higher_generation_takes_the_place_of_a_lower_one(rig: Rig) -> None:
    await deploy(rig.mesh, rig.split(1, v1=8_000, v2=2_000))
    newer = rig.split(4, v1=5_000, v2=5_000)

    assert await deploy(rig.mesh, newer) == f"{PROVEN} 4"
    assert await rig.mesh.observe(rig.key) == shown(newer)


async def test_applying_the_same_again_changes_nothing_and_is_still_proven(rig: Rig) -> None:
    revision = rig.split(2, v1=8_000, v2=2_000)
    await deploy(rig.mesh, revision)

    assert await deploy(rig.mesh, revision) == f"{PROVEN} 2"
    assert await rig.mesh.observe(rig.key) == shown(revision)


async def test_a_lower_generation_is_outrun(rig: Rig) -> None:
    older, newer = rig.split(2, v1=8_000, v2=2_000), rig.split(3, v1=5_000, v2=5_000)
    await deploy(rig.mesh, newer)

    with pytest.raises(OutrunError) as applied:
        await rig.mesh.apply(older)
    with pytest.raises(OutrunError):
        await rig.mesh.effective(older)
    with pytest.raises(OutrunError):
        await rig.mesh.release(rig.key, 2, remove=True)
    assert applied.value.generation == 3
    assert await rig.mesh.observe(rig.key) == shown(newer)


async def test_what_was_never_applied_is_not_proven(rig: Rig) -> None:
    with pytest.raises(UnavailableError, match=f"Revision 1 of {rig.key} is not applied yet"):
        await rig.mesh.effective(rig.split(1, v1=10_000))


async def test_a_removed_rule_is_gone_and_can_come_back_higher(rig: Rig) -> None:
    await deploy(rig.mesh, rig.split(1, v1=10_000))

    proof = await rig.mesh.release(rig.key, 2, remove=True)

    assert proof == rig.gone
    assert await rig.mesh.observe(rig.key) is None
    with pytest.raises(OutrunError):
        await rig.mesh.apply(rig.split(1, v1=10_000))
    assert await deploy(rig.mesh, rig.split(3, v1=10_000)) == f"{PROVEN} 3"


async def test_removing_what_was_never_there_succeeds(rig: Rig) -> None:
    proof = await rig.mesh.release(rig.key, 1, remove=True)

    assert proof == rig.gone


async def test_routes_cannot_stay_behind_without_their_rule(rig: Rig) -> None:
    revision = rig.split(1, v1=10_000)
    await deploy(rig.mesh, revision)

    with pytest.raises(RefusedError, match="without its rule"):
        await rig.mesh.release(rig.key, 2, remove=False)
    assert await rig.mesh.observe(rig.key) == shown(revision)


async def test_a_refusal_carries_its_reason_and_the_last_good_stays(rig: Rig) -> None:
    good = rig.split(1, v1=8_000, v2=2_000)
    await deploy(rig.mesh, good)

    with pytest.raises(RefusedError, match=rig.refusal):
        await deploy(rig.mesh, rig.refused(2))
    assert await rig.mesh.observe(rig.key) == shown(good)


async def test_a_refused_revision_is_refused_again_when_it_is_tried_again(rig: Rig) -> None:
    bad = rig.refused(1)
    for _ in range(2):
        with pytest.raises(RefusedError, match=rig.refusal):
            await deploy(rig.mesh, bad)
    assert await rig.mesh.observe(rig.key) is None


async def test_after_a_refusal_a_good_revision_is_taken(rig: Rig) -> None:
    bad, good = rig.refused(2), rig.split(3, v1=5_000, v2=5_000)
    with pytest.raises(RefusedError):
        await deploy(rig.mesh, bad)

    assert await deploy(rig.mesh, good) == f"{PROVEN} 3"
    assert await rig.mesh.observe(rig.key) == shown(good)


async def test_without_proxies_nothing_is_proven_until_they_are_back(rig: Rig) -> None:
    revision = rig.split(1, v1=8_000, v2=2_000)
    await rig.disconnect()

    await rig.mesh.apply(revision)
    with pytest.raises(UnavailableError, match=rig.silence):
        await rig.mesh.effective(revision)

    await rig.connect()
    assert await rig.mesh.effective(revision) == f"{PROVEN} 1"
    assert await rig.mesh.observe(rig.key) == shown(revision)


async def test_what_the_proxies_hold_is_not_shown_while_they_are_away(rig: Rig) -> None:
    await deploy(rig.mesh, rig.split(1, v1=8_000, v2=2_000))
    await rig.disconnect()

    with pytest.raises(UnavailableError):
        await rig.mesh.observe(rig.key)
