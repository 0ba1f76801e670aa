"""What every mesh promises, kept on a real API server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.cluster import rig as cluster
from tests.cluster.api import Api
from tests.cluster.mesh_stand import Stand, doctored, revision_of, standing
from tests.contract.test_mesh import (
    test_a_higher_generation_takes_the_place_of_a_lower_one,
    test_a_lower_generation_is_outrun,
    test_a_mesh_holds_nothing_before_it_is_given_anything,
    test_a_refusal_carries_its_reason_and_the_last_good_stays,
    test_a_refused_revision_is_refused_again_when_it_is_tried_again,
    test_a_removed_rule_is_gone_and_can_come_back_higher,
    test_after_a_refusal_a_good_revision_is_taken,
    test_applying_the_same_again_changes_nothing_and_is_still_proven,
    test_removing_what_was_never_there_succeeds,
    test_what_was_applied_is_proven_and_shown,
    test_what_was_never_applied_is_not_proven,
    test_without_proxies_nothing_is_proven_until_they_are_back,
)

from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import Policies
from crossfade.domain.revision import Revision

pytestmark = pytest.mark.cluster

# Left out are the promises of proxies that we feed ourselves: there routes cannot outlive their
# rule, and what is observed is what the proxies hold.
__all__ = [
    "test_a_higher_generation_takes_the_place_of_a_lower_one",
    "test_a_lower_generation_is_outrun",
    "test_a_mesh_holds_nothing_before_it_is_given_anything",
    "test_a_refusal_carries_its_reason_and_the_last_good_stays",
    "test_a_refused_revision_is_refused_again_when_it_is_tried_again",
    "test_a_removed_rule_is_gone_and_can_come_back_higher",
    "test_after_a_refusal_a_good_revision_is_taken",
    "test_applying_the_same_again_changes_nothing_and_is_still_proven",
    "test_removing_what_was_never_there_succeeds",
    "test_what_was_applied_is_proven_and_shown",
    "test_what_was_never_applied_is_not_proven",
    "test_without_proxies_nothing_is_proven_until_they_are_back",
]


@dataclass
class ClusterRig:
    """Objects on a real API server."""

    stand: Stand
    refusal: str = "refuses to .*timeout"
    silence: str = "No proxy is connected"

    @property
    def mesh(self) -> KubernetesMesh:
        """What is tested."""
        return self.stand.mesh

    @property
    def key(self) -> ServiceKey:
        """The service that is divided."""
        return self.stand.key

    @property
    def gone(self) -> str:
        """What is said when the rule is removed."""
        return f"no object of ours routes {self.key} any more"

    def split(self, generation: int, **weights: int) -> Revision:
        """A revision that divides the service so."""
        return self.stand.split(generation, **weights)

    async def disconnect(self) -> None:
        """The proxies go."""
        self.stand.proxies.connected = False

    async def connect(self) -> None:
        """The proxies are back."""
        self.stand.proxies.connected = True

    def refused(self, generation: int) -> Revision:
        """A revision with a timeout that the API server does not take."""
        intent = replace(self.stand.intent(v1=10_000), policies=Policies(timeout_ms=2_000))
        return doctored(revision_of(intent, generation), "timeout: 2s", "timeout: 0s")


@pytest.fixture
async def rig(
    rig: cluster.Rig, api: Api, namespace: str, tmp_path: Path
) -> AsyncIterator[ClusterRig]:
    async with standing(rig.kubeconfig, api, namespace, tmp_path) as stand:
        yield ClusterRig(stand)
