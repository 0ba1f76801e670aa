"""How the metrics that a Prometheus may hold name what we ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names of one kind of metrics.

    `heartbeat` is the series whose samples show that a service is being counted at all. Where the
    versions count for themselves, one without a heartbeat is unknown; where their callers count,
    one without series had no requests.
    """

    requests: str
    buckets: str
    bucket_ms: float  # one unit of a bucket's bound
    namespace: str
    service: str
    version: str
    code: str
    heartbeat: str
    self_counted: bool
    only: str = ""  # a matcher that every question carries
    failures: frozenset[str] = frozenset()  # codes that are failures besides 500 to 599
    nobody: frozenset[str] = frozenset({""})  # versions that stand for none

    def failed(self, code: str) -> bool:
        """Whether a request with this code failed."""
        return code in self.failures or (len(code) == len("5xx") and code.startswith("5"))


# What the callers' proxies count (`source`): also what never reached a pod, and each request
# once however often it was retried.
#
# `destination_version` is the pod's `version` label, by which subsets choose their pods unless a
# rule says otherwise. `destination_canonical_revision` prefers two other labels, of which
# `app.kubernetes.io/version` is often the same for all versions that one chart has made.
#
# Code 0 is a request whose caller went away before there was an answer. A version that hangs
# shows as nothing else, so it counts as a failure.
ISTIO: Final = Dialect(
    requests="istio_requests_total",
    buckets="istio_request_duration_milliseconds_bucket",
    bucket_ms=1.0,
    namespace="destination_service_namespace",
    service="destination_service_name",
    version="destination_version",
    code="response_code",
    heartbeat="istio_requests_total",
    self_counted=False,
    only='reporter="source"',
    failures=frozenset({"0"}),
    nobody=frozenset({"", "unknown"}),
)

# What the services count themselves; the labels of place come from deploy/prometheus, which puts
# them on `up` as well.
PLAIN: Final = Dialect(
    requests="http_requests_total",
    buckets="http_request_duration_seconds_bucket",
    bucket_ms=1_000.0,
    namespace="namespace",
    service="service",
    version="version",
    code="status",
    heartbeat="up",
    self_counted=True,
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({"istio": ISTIO, "plain": PLAIN})
