"""With the rights that we ship, and not one more, all of it works; without one it says which."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.api import Api
from tests.cluster.gitops.shipped_rights import ACCOUNT, Lack, give, take
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.serving import a_rule, effective, resplit, serving, shift
from tests.e2e.product import Product, until

pytestmark = pytest.mark.cluster

ROLE = "managed-namespace"


@contextmanager
def few_rights(rig: Rig, namespace: str, database_url: str, folder: Path) -> Iterator[Product]:
    """Crossfade as the account that deploy/rbac makes."""
    if rig.plane is None:
        pytest.skip("it takes an API server of our own")
    kubeconfig = str(rig.plane.kubeconfig_of_account(*ACCOUNT))
    with serving(rig, namespace, database_url, folder, CROSSFADE_KUBECONFIG=kubeconfig) as up:
        yield up


def applied(product: Product, operation: dict[str, Any]) -> str:
    """What the operation says of its write."""
    found = product.api.get(f"/api/operations/{operation['id']}").json()
    return next(str(stage["detail"]) for stage in found["stages"] if stage["name"] == "applied")


async def test_everything_works_with_the_shipped_role_alone(
    rig: Rig, api: Api, sample: SampleService, database_url: str, tmp_path: Path
) -> None:
    await give(api, ROLE, sample.namespace)
    with few_rights(rig, sample.namespace, database_url, tmp_path / "crossfade") as product:
        [service] = product.api.get("/api/services").json()["items"]
        assert [version["ready"] for version in service["versions"]] == [1, 1]
        rule = a_rule(product, sample.namespace, rig.gateway.reference, v1=80, v2=20)
        effective(product, product.deploy(rule))
        shift(product, rule, v1=100)
        answer = product.api.post(f"/api/rules/{rule}/rollback", json={})
        effective(product, answer.json())
        gone = product.api.delete(f"/api/rules/{rule}", headers={"If-Match": '"3"'})
        effective(product, gone.json())


async def test_the_right_that_is_withdrawn_is_named_and_given_back_all_goes_on(
    rig: Rig, api: Api, sample: SampleService, database_url: str, tmp_path: Path
) -> None:
    await give(api, ROLE, sample.namespace)
    with few_rights(rig, sample.namespace, database_url, tmp_path / "crossfade") as product:
        rule = a_rule(product, sample.namespace, rig.gateway.reference, v1=80, v2=20)
        effective(product, product.deploy(rule))
        await give(api, ROLE, sample.namespace, Lack("virtualservices", "patch"))
        resplit(product, rule, v1=50, v2=50)

        operation = product.deploy(rule, wait_s=1)

        until(lambda: "not allowed to patch" in applied(product, operation), "the missing right")
        said = applied(product, operation)
        assert "virtualservices" in said
        assert sample.namespace in said
        await give(api, ROLE, sample.namespace)
        effective(product, operation)
    await take(api, ROLE, sample.namespace)
