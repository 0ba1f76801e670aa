"""What is repeated and for how long is waited; what a failure means; how objects are read."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.adapters.kubernetes.objects import (
    Application,
    EndpointSlice,
    Pod,
    VirtualService,
    path,
    title,
    without_bulk,
)
from crossfade.adapters.kubernetes.outcomes import (
    AbsentError,
    Attempt,
    BusyError,
    ExpiredError,
    Refusal,
    WriteConflictError,
    meaning,
    refusal,
    refusal_of,
    retry_after,
)
from crossfade.adapters.kubernetes.transport import pause_before_repeating, repeatable
from crossfade.adapters.kubernetes.watching import (
    LONGEST_PAUSE_S,
    failures_after,
    pause_after,
)
from crossfade.domain.errors import RefusedError, UnavailableError

URL = "https://127.0.0.1:6443/apis/networking.istio.io/v1/namespaces/shop/virtualservices/checkout"
APPLY = {"content-type": "application/apply-patch+yaml"}
MERGE = {"content-type": "application/merge-patch+json"}
ATTEMPT = Attempt("patch", "virtualservices", "shop", "checkout")

READ = httpx2.Request("GET", URL)
APPLIED = httpx2.Request("PATCH", URL, headers=APPLY, content=b"{}")
FENCED = httpx2.Request(
    "PATCH", URL, headers=MERGE, content=b'{"metadata":{"resourceVersion":"7"}}'
)
MERGED = httpx2.Request("PATCH", URL, headers=MERGE, content=b"{}")
DELETED = httpx2.Request("DELETE", URL)
CREATED = httpx2.Request("POST", URL, content=b"{}")


@pytest.mark.parametrize("request_", [READ, APPLIED, FENCED])
def test_what_changes_nothing_a_second_time_is_repeated(request_: httpx2.Request) -> None:
    assert repeatable(request_)


@pytest.mark.parametrize("request_", [MERGED, DELETED, CREATED])
def test_what_may_change_something_a_second_time_is_not(request_: httpx2.Request) -> None:
    assert not repeatable(request_)


@pytest.mark.parametrize("request_", [READ, DELETED])
@pytest.mark.parametrize(
    "outcome",
    [httpx2.Response(429), httpx2.ConnectError(""), httpx2.ConnectTimeout("")],
)
def test_what_was_never_begun_is_begun_again(
    request_: httpx2.Request, outcome: httpx2.Response | httpx2.TransportError
) -> None:
    assert pause_before_repeating(request_, outcome, 0) is not None


@pytest.mark.parametrize(
    "outcome",
    [
        *(httpx2.Response(code) for code in (500, 502, 503, 504)),
        httpx2.ReadError(""),
        httpx2.WriteError(""),
        httpx2.RemoteProtocolError(""),
    ],
)
def test_only_what_is_repeatable_is_repeated_when_it_may_have_been_carried_out(
    outcome: httpx2.Response | httpx2.TransportError,
) -> None:
    assert pause_before_repeating(READ, outcome, 0) is not None
    assert pause_before_repeating(DELETED, outcome, 0) is None


@pytest.mark.parametrize(
    "outcome", [*(httpx2.Response(code) for code in (200, 404, 409, 422)), httpx2.ReadTimeout("")]
)
def test_an_answer_and_a_long_silence_are_final(
    outcome: httpx2.Response | httpx2.TransportError,
) -> None:
    assert pause_before_repeating(READ, outcome, 0) is None


@given(st.integers(0, 60), st.integers(0, 500))
def test_pauses_are_short_and_begin_where_the_answer_asks_for(asked: int, attempt: int) -> None:
    busy = httpx2.Response(429, headers={"retry-after": str(asked)})

    pause = pause_before_repeating(READ, busy, attempt)

    assert pause is not None
    assert asked <= pause <= asked * 1.3 + 1.0


@given(st.integers(1, 10_000), st.floats(0, 1e9))
def test_a_watch_is_begun_again_within_the_longest_pause_and_not_before_it_may(
    failures: int, asked: float
) -> None:
    pause = pause_after(failures, BusyError("", asked))

    assert min(asked, LONGEST_PAUSE_S) <= pause <= LONGEST_PAUSE_S


def test_a_watch_that_stood_is_begun_again_at_once() -> None:
    assert pause_after(0, None) == 0.0
    assert 0.0 < pause_after(1, None) <= 0.2


def test_of_a_forgotten_past_only_the_next_failure_counts_on() -> None:
    expired, gone = ExpiredError(""), UnavailableError("")

    assert failures_after(7, expired, stood=False, resumed=True) == 1
    assert failures_after(7, expired, stood=False, resumed=False) == 8
    assert failures_after(7, gone, stood=False, resumed=True) == 8
    assert failures_after(7, None, stood=True, resumed=True) == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("", 0.0), ("-1", 0.0), ("1.5", 0.0), ("soon", 0.0), ("²", 0.0)],
)
def test_only_whole_seconds_are_waited(text: str, seconds: float) -> None:
    assert retry_after({"retry-after": text}) == seconds


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<h1>Bad\n Gateway</h1>", "<h1>Bad Gateway</h1>"),
        (b"", "Bad Gateway"),
        (b"[1]", "[1]"),
        (b'{"kind":"Pod"}', '{"kind":"Pod"}'),
        (b"x" * 1000, "x" * 200),
    ],
)
def test_a_body_that_is_no_status_is_told_shortly_as_it_stands(body: bytes, said: str) -> None:
    assert refusal(httpx2.Response(502, content=body)) == Refusal(502, said)


def test_a_status_speaks_for_the_api_server() -> None:
    body = b'{"kind":"Status","code":404,"reason":"NotFound","message":"no","details":{"name":"a"}}'

    found = refusal(httpx2.Response(404, content=body, headers={"retry-after": "2"}))

    assert found == Refusal(404, "no", {"name": "a"}, 2.0, status=True)
    assert refusal_of({}) == Refusal(500, "no reason given", status=True)


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (Refusal(401, "who?", status=True), UnavailableError),
        (Refusal(403, 'cannot create resource "pods" in', status=True), UnavailableError),
        (Refusal(403, 'admission webhook "x" denied the request: no', status=True), RefusedError),
        (Refusal(404, "", details={"name": "checkout"}), AbsentError),
        (Refusal(404, "", details={"kind": "namespaces", "name": "shop"}), UnavailableError),
        (Refusal(404, "404 page not found"), UnavailableError),
        (Refusal(409, "modified"), WriteConflictError),
        (Refusal(410, "too old"), ExpiredError),
        (Refusal(413, "too large", status=True), RefusedError),
        (Refusal(422, "invalid", status=True), RefusedError),
        (Refusal(403, "who are you?"), BusyError),
        (Refusal(429, "slow down"), BusyError),
        (Refusal(500, "etcd", status=True), BusyError),
        (Refusal(302, "elsewhere"), BusyError),
    ],
)
def test_each_answer_has_its_outcome(found: Refusal, named: type[Exception]) -> None:
    outcome = meaning(found, ATTEMPT)

    assert type(outcome) is named
    assert "shop" in str(outcome)


def test_the_right_that_is_lacking_is_the_one_that_the_api_server_names() -> None:
    told = 'is forbidden: User "crossfade" cannot create resource "virtualservices" in API group'

    assert str(meaning(Refusal(403, told, status=True), ATTEMPT)) == (
        "Crossfade is not allowed to create virtualservices in namespace shop: "
        "its Role lacks this right."
    )


def test_objects_are_found_where_their_kind_says() -> None:
    assert path(Pod, "shop") == "api/v1/namespaces/shop/pods"
    assert path(EndpointSlice, "shop") == "apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
    assert path(VirtualService, "shop", "checkout") == URL.partition(":6443/")[2]
    assert path(Application, "argocd", "a").endswith("v1alpha1/namespaces/argocd/applications/a")


def test_an_object_is_named_as_a_person_would_look_it_up() -> None:
    found = {"kind": "VirtualService", "metadata": {"name": "checkout", "namespace": "shop"}}

    assert title(found) == "VirtualService shop/checkout"
    assert title({}) == "object None/"


def test_of_a_pod_only_what_tells_its_version_is_kept() -> None:
    metadata = {"name": "a", "labels": {"version": "v1"}, "managedFields": [{}], "uid": "1"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"a": 1}}

    kept = {"name": "a", "labels": {"version": "v1"}}
    assert without_bulk(pod) == {"apiVersion": "v1", "kind": "Pod", "metadata": kept}
    service = {**pod, "kind": "Service"}
    assert without_bulk(service) == {**service, "metadata": kept}
