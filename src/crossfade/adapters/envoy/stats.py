"""Envoy's statistics page as numbers, and what happened between two readings of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

# Only what is read is asked for. "external" leaves out mirrored copies, which Envoy counts apart.
FILTER: Final = (
    r"^(cluster\..*\.(external\.upstream_rq_(completed|5xx|time)|upstream_rq_retry)"
    r"|vhost\..*\.route\..*\.upstream_rq_completed|server\.version)$"
)
_INCARNATION: Final = "server.version"
_FILLED_BUCKET: Final = re.compile(r"B([0-9.e+]+)\(\d+,([1-9]\d*)\)")


Latencies = Mapping[float, int]  # upper bound in ms → requests; only what is not zero


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests of a version that have ended; mirrored copies are left out."""

    requests: int = 0
    failed: int = 0  # ended with a 5xx
    retried: int = 0  # tries that failed and were made again
    in_cohorts: int = 0  # of the requests, those that a cohort picked out
    latencies: Latencies = field(default_factory=dict)

    def since(self, before: "Counts") -> "Counts":
        """What was added; where anything went down it all began anew, so it is all new."""
        pairs = [(self.requests, before.requests), (self.failed, before.failed)]
        pairs += [(self.retried, before.retried), (self.in_cohorts, before.in_cohorts)]
        pairs += [(self.latencies.get(bound, 0), was) for bound, was in before.latencies.items()]
        return self if any(now < was for now, was in pairs) else self._less(before)

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.requests + other.requests,
            self.failed + other.failed,
            self.retried + other.retried,
            self.in_cohorts + other.in_cohorts,
            Counter(self.latencies) + Counter(other.latencies),
        )

    def _less(self, before: "Counts") -> "Counts":
        return Counts(
            self.requests - before.requests,
            self.failed - before.failed,
            self.retried - before.retried,
            self.in_cohorts - before.in_cohorts,
            Counter(self.latencies) - Counter(before.latencies),
        )


NOTHING: Final = Counts()


Versions = Mapping[str, Counts]
Services = Mapping[str, Versions]  # "namespace/service" → version → counts


@dataclass(frozen=True, slots=True)
class Reading:
    """The page at one moment. Another incarnation means that Envoy began to count anew."""

    incarnation: int
    services: Services

    def since(self, before: "Reading") -> Services:
        """What was added since an earlier reading; versions that did nothing are left out."""
        known = before.services if self.incarnation == before.incarnation else {}
        added = {name: _added(now, known.get(name, {})) for name, now in self.services.items()}
        return {name: versions for name, versions in added.items() if versions}


def _added(now: Versions, before: Versions) -> Versions:
    added = ((name, counts.since(before.get(name, NOTHING))) for name, counts in now.items())
    return {name: counts for name, counts in added if counts != NOTHING}


def read_page(text: str) -> Reading:
    """The reading on a page, as text with disjoint histogram buckets."""
    services: defaultdict[str, dict[str, Counts]] = defaultdict(dict)
    incarnation = 0
    for name, value in _entries(text):
        if name == _INCARNATION:
            incarnation = int(value)
        elif name.startswith("cluster."):
            _add_cluster(services, name, value)
        elif name.startswith("vhost."):
            _add_cohort(services, name, value)
    return Reading(incarnation, services)


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, found, value = line.partition(": ")
        if found:
            yield name, value


def _add_cluster(services: defaultdict[str, dict[str, Counts]], name: str, value: str) -> None:
    cluster, _, statistic = name.removeprefix("cluster.").partition(".")
    service, _, version = cluster.rpartition("/")
    counts = services[service].get(version, NOTHING)
    match statistic:
        case "external.upstream_rq_completed":
            services[service][version] = replace(counts, requests=int(value))
        case "external.upstream_rq_5xx":
            services[service][version] = replace(counts, failed=int(value))
        case "upstream_rq_retry":
            services[service][version] = replace(counts, retried=int(value))
        case "external.upstream_rq_time":
            services[service][version] = replace(counts, latencies=_latencies(value))


def _add_cohort(services: defaultdict[str, dict[str, Counts]], name: str, value: str) -> None:
    match name.split("."):
        case ["vhost", service, "route", _cohort, version, "upstream_rq_completed"]:
            counts = services[service].get(version, NOTHING)
            in_cohorts = counts.in_cohorts + int(value)
            services[service][version] = replace(counts, in_cohorts=in_cohorts)


def _latencies(value: str) -> Latencies:
    filled = _FILLED_BUCKET.findall(value)
    return {float(bound): int(count) for bound, count in filled}
