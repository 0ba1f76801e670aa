"""Every way in which a call to the API server can fail has its name, and says what was tried."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.types import PatchType
from tests.cluster.apart import READING, Apart
from tests.cluster.waiting import until
from tests.cluster.weather import Answer, Cut, Silence, Slow, Trouble

from crossfade.adapters.kubernetes.connection import Connection, connected
from crossfade.adapters.kubernetes.objects import Kind, Object, Pod, VirtualService, plural, version
from crossfade.adapters.kubernetes.outcomes import (
    AbsentError,
    BusyError,
    ExpiredError,
    WriteConflictError,
    naming,
)
from crossfade.adapters.kubernetes.transport import BUDGET_S
from crossfade.domain.errors import CrossfadeError, RefusedError, UnavailableError

pytestmark = pytest.mark.cluster

ROUTES = "virtualservices"
READERS = 40
MOST_ROUNDS = 20  # a quick server may serve a crowd before it is one
SERVED_S = 30.0


def route(namespace: str, *, weight: int = 100, **metadata: Any) -> dict[str, Any]:  # noqa: ANN401
    destination = {"host": "checkout", "subset": "v1"}
    http = [{"route": [{"destination": destination, "weight": weight}]}]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "checkout", "namespace": namespace, **metadata},
        "spec": {"hosts": ["checkout"], "http": http},
    }


async def applied(
    connection: Connection, document: Mapping[str, Any], *, force: bool = False
) -> Object:
    """What our hand makes of an object, by server-side apply."""
    namespace = document["metadata"]["namespace"]
    with naming("patch", ROUTES, namespace, "checkout"):
        return await connection.client.patch(
            VirtualService,
            "checkout",
            dict(document),
            namespace=namespace,
            patch_type=PatchType.APPLY,
            force=force,
        )


async def got(connection: Connection, namespace: str, kind: Kind = VirtualService) -> Object:
    with naming("get", plural(kind), namespace, "checkout"):
        return await connection.client.get(kind, "checkout", namespace=namespace)


async def test_a_right_that_is_lacking_is_named_and_may_yet_be_given(own: Apart) -> None:
    user = own.plane.kubeconfig_of_account(own.namespace, "stranger")
    async with connected(str(user)) as connection:
        with pytest.raises(UnavailableError) as reading:
            await got(connection, own.namespace)
        with pytest.raises(UnavailableError) as writing:
            await applied(connection, route(own.namespace))
        with pytest.raises(UnavailableError) as deleting:
            await connection.delete(VirtualService, own.namespace, "checkout", "1")

    for verb, raised in (("get", reading), ("patch", writing), ("delete", deleting)):
        assert str(raised.value) == (
            f"Crossfade is not allowed to {verb} virtualservices in namespace {own.namespace}: "
            "its Role lacks this right."
        )


async def test_credentials_that_nobody_knows_are_named(own: Apart, tmp_path: Path) -> None:
    document = yaml.safe_load(own.plane.kubeconfig.read_text())
    document["users"][0]["user"]["token"] = "of-nobody"
    stale = tmp_path / "stale.kubeconfig"
    stale.write_text(yaml.safe_dump(document))
    async with connected(str(stale)) as connection:
        with pytest.raises(UnavailableError, match="does not accept Crossfade's credentials to "):
            await got(connection, own.namespace)


async def test_an_object_that_is_not_there_is_told_from_a_kind_or_a_namespace_that_is_not(
    own: Apart,
) -> None:
    with pytest.raises(AbsentError) as object_missing:
        await got(own.connection, own.namespace)
    with pytest.raises(UnavailableError) as namespace_missing:
        await applied(own.connection, route("nowhere"))
    with pytest.raises(UnavailableError) as kind_missing:
        await got(own.connection, own.namespace, Unheard)

    where = f"{own.namespace}/checkout"
    assert str(object_missing.value) == f"There is no object to get virtualservices {where}."
    assert str(namespace_missing.value) == "There is no namespace nowhere to patch in."
    assert str(kind_missing.value).startswith("The API server does not know unheards, so it ")


class Unheard(VirtualService):
    """A kind that no cluster has."""

    _api_info = type(VirtualService._api_info)(  # noqa: SLF001  as lightkube wants it
        resource=VirtualService._api_info.resource,  # noqa: SLF001
        plural="unheards",
        verbs=VirtualService._api_info.verbs,  # noqa: SLF001
    )


async def test_a_write_made_for_an_older_state_changes_nothing(own: Apart) -> None:
    first = await own.api.apply(route(own.namespace))
    newer = await own.api.apply(route(own.namespace, weight=40))
    stale = route(own.namespace, weight=7, resourceVersion=version(first))

    with pytest.raises(WriteConflictError, match="Somebody else was quicker to patch ") as patched:
        await applied(own.connection, stale, force=True)
    with pytest.raises(WriteConflictError, match="Somebody else was quicker to delete "):
        await own.connection.delete(VirtualService, own.namespace, "checkout", version(first))

    assert patched.value.owners == ()
    assert version(await got(own.connection, own.namespace)) == version(newer)


async def test_fields_of_somebody_else_are_told_with_the_owner(own: Apart) -> None:
    await own.api.apply(route(own.namespace), manager="helm")

    with pytest.raises(WriteConflictError) as raised:
        await applied(own.connection, route(own.namespace, weight=7))

    assert raised.value.owners == ("helm",)
    where = f"{own.namespace}/checkout"
    assert str(raised.value) == (
        f"Fields of {where} belong to helm: Crossfade cannot patch virtualservices {where}."
    )


async def test_a_document_that_breaks_a_law_is_refused_for_good(own: Apart) -> None:
    document = route(own.namespace)
    document["spec"]["http"][0]["timeout"] = "soon"

    with pytest.raises(RefusedError, match=r"(?s)refuses to patch .*timeout.*valid duration"):
        await applied(own.connection, document)


async def test_a_policy_of_the_cluster_is_final_and_speaks_for_itself(own: Apart) -> None:
    await forbid(own)
    own.weather.calls.clear()
    try:
        with pytest.raises(RefusedError, match=r"refuses to patch .*no weight of 13"):
            await again_and_again(lambda: applied(own.connection, route(own.namespace, weight=13)))
    finally:
        await permit(own)


async def again_and_again(write: Callable[[], Awaitable[Object]]) -> None:
    """Write until it fails: a policy is in force only some time after it was written."""
    async with asyncio.timeout(20):
        while True:
            await write()


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (Answer(410, "{}"), ExpiredError),
        (Answer(429, "slow down", {"retry-after": "30"}), BusyError),
        (Answer(500, "no idea"), BusyError),
        (Answer(502, "<html>Bad Gateway</html>"), BusyError),
        (Answer(503, '{"error": "draining"}', {"content-type": "application/json"}), BusyError),
        (Answer(504, "", {"content-type": "application/json"}), BusyError),
        (Answer(418, "I am a teapot"), BusyError),
        (Answer(302, "", {"location": "https://login.example.com"}), BusyError),
        (Answer(200, "<html>Welcome!</html>"), UnavailableError),
        (Answer(403, "Forbidden by the proxy"), BusyError),
        (Answer(404, "404 page not found"), UnavailableError),
        (Cut(), UnavailableError),
    ],
)
async def test_whatever_comes_back_has_a_name_and_says_what_was_tried(
    own: Apart, trouble: Trouble, named: type[CrossfadeError]
) -> None:
    own.weather.bring(trouble)
    began = time.monotonic()

    with pytest.raises(named) as raised:
        await applied(own.connection, route(own.namespace))

    assert type(raised.value) is named
    assert "patch virtualservices" in str(raised.value)
    assert own.namespace in str(raised.value)
    assert time.monotonic() - began < BUDGET_S + 1


async def test_the_words_of_whatever_stands_before_the_api_server_are_passed_on(
    own: Apart,
) -> None:
    own.weather.bring(Answer(502, "<html>\n  Bad Gateway\n</html>"))

    with pytest.raises(BusyError) as raised:
        await got(own.connection, own.namespace)

    assert str(raised.value) == (
        "Something before the API server answered 502 to the attempt to get virtualservices "
        f"{own.namespace}/checkout: <html> Bad Gateway </html>"
    )


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(429, headers={"retry-after": "1"}),
        Answer(500),
        Answer(503),
        Cut(),
        Cut(carried_out=True),
    ],
)
async def test_a_trouble_that_passes_is_not_noticed(own: Apart, trouble: Trouble) -> None:
    own.weather.bring(trouble, times=1)

    await applied(own.connection, route(own.namespace))

    assert len(own.weather.calls) == 2
    found = await got(own.connection, own.namespace)
    assert found["metadata"]["generation"] == 1


async def test_a_wait_that_is_asked_for_is_kept(own: Apart) -> None:
    await own.api.apply(route(own.namespace))
    own.weather.bring(Answer(429, headers={"retry-after": "2"}), times=1)
    began = time.monotonic()

    await got(own.connection, own.namespace)

    assert time.monotonic() - began >= 2


async def test_a_write_that_was_carried_out_is_not_done_again_for_the_same_state(
    own: Apart,
) -> None:
    held = await own.api.apply(route(own.namespace))
    own.weather.bring(Cut(carried_out=True), times=1)
    changed = route(own.namespace, weight=7, resourceVersion=version(held))

    with pytest.raises(WriteConflictError):
        await applied(own.connection, changed, force=True)

    assert len(own.weather.writes) == 2
    found = await got(own.connection, own.namespace)
    assert found["metadata"]["generation"] == 2


@pytest.mark.parametrize("trouble", [Cut(), Cut(carried_out=True), Answer(503)])
async def test_what_may_not_be_repeated_is_not(own: Apart, trouble: Trouble) -> None:
    held = await own.api.apply(route(own.namespace))
    own.weather.bring(trouble, times=1)

    with pytest.raises(UnavailableError):
        await own.connection.delete(VirtualService, own.namespace, "checkout", version(held))

    assert len(own.weather.writes) == 1


async def test_what_was_never_begun_is_repeated_whatever_it_is(own: Apart) -> None:
    held = await own.api.apply(route(own.namespace))
    own.weather.bring(Answer(429), times=1)

    await own.connection.delete(VirtualService, own.namespace, "checkout", version(held))

    assert await own.api.get(route(own.namespace)) is None


async def served(connection: Connection, namespace: str) -> Object:
    """What is got at one try or the next, as by whoever comes again to a server that is busy."""
    found: list[Object] = []

    async def is_got() -> bool:
        with suppress(BusyError):
            found.append(await got(connection, namespace))
        return bool(found)

    await until(is_got, SERVED_S)
    return found[0]


async def test_an_api_server_that_takes_two_requests_at_a_time_is_heard_by_everybody(
    own: Apart,
) -> None:
    await own.api.apply(route(own.namespace))
    await own.give(READING)
    await own.kill()
    await own.restart("--max-requests-inflight=2", "--enable-priority-and-fairness=false")
    try:
        async with own.as_account() as account, account.sight():
            for _ in range(MOST_ROUNDS):
                readers = [served(account.connection, own.namespace) for _ in range(READERS)]
                found = await asyncio.gather(*readers)
                if any(call.answered == 429 for call in account.weather.calls):
                    break
    finally:
        await own.kill()
        await own.restart()

    assert len(found) == READERS
    assert any(call.answered == 429 for call in account.weather.calls)


async def test_a_slow_api_server_is_waited_for(own: Apart) -> None:
    await own.api.apply(route(own.namespace))
    own.weather.bring(Slow(1.0), times=1)

    assert await got(own.connection, own.namespace)


async def test_an_api_server_that_says_nothing_is_given_up(own: Apart) -> None:
    own.weather.bring(Silence())

    with pytest.raises(UnavailableError, match="did not answer in time to get pods "):
        await got(own.connection, own.namespace, Pod)

    assert len(own.weather.calls) == 1


async def test_nobody_there_is_told_with_the_cause(own: Apart) -> None:
    await own.weather.vanish()

    with pytest.raises(UnavailableError, match=r"^The API server cannot be reached to get virtual"):
        await got(own.connection, own.namespace)


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(
    own: Apart, tmp_path: Path
) -> None:
    document = yaml.safe_load(own.weather.kubeconfig.read_text())
    document["clusters"][0]["cluster"]["certificate-authority"] = str(own.plane.ca)
    wrong = tmp_path / "wrong.kubeconfig"
    wrong.write_text(yaml.safe_dump(document))
    async with connected(str(wrong)) as connection:
        with pytest.raises(UnavailableError, match="certificate verify failed"):
            await got(connection, own.namespace)
    assert own.weather.calls == []


POLICY = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {"name": "no-thirteen"},
}
BINDING = {**POLICY, "kind": "ValidatingAdmissionPolicyBinding"}


async def forbid(own: Apart) -> None:
    """Let a policy of the cluster forbid one weight."""
    rule = {
        "apiGroups": ["networking.istio.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [ROUTES],
    }
    law = {
        "expression": "object.spec.http.all(h, h.route.all(r, r.weight != 13))",
        "message": "no weight of 13 here",
    }
    constraints = {"resourceRules": [rule]}
    spec = {"matchConstraints": constraints, "validations": [law], "failurePolicy": "Fail"}
    await permit(own)
    await sent(own, "validatingadmissionpolicies", {**POLICY, "spec": spec})
    binding = {"policyName": "no-thirteen", "validationActions": ["Deny"]}
    await sent(own, "validatingadmissionpolicybindings", {**BINDING, "spec": binding})


async def sent(own: Apart, resource: str, document: Mapping[str, Any]) -> None:
    place = f"/apis/admissionregistration.k8s.io/v1/{resource}"
    answer = await own.api.client.post(place, json=dict(document))
    assert answer.is_success, answer.text


async def permit(own: Apart) -> None:
    """Take the policy away."""
    for resource in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
        place = f"/apis/admissionregistration.k8s.io/v1/{resource}/no-thirteen"
        await own.api.client.delete(place)
