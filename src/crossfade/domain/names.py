"""Names that Kubernetes, Istio and Git can all carry."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crossfade.domain.errors import Fault, refuse

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HOST = re.compile(
    r"(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*"
)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
LONGEST_HOST = 253
DEFAULT_NAMESPACE = "default"


def name_faults(pointer: str, name: str) -> Iterable[Fault]:
    """The fault of a name that is not a DNS-1123 label."""
    if not _LABEL.fullmatch(name):
        yield Fault(
            pointer,
            "expected a DNS label (lower-case letters, digits and '-', at most 63 characters, "
            f"beginning and ending with a letter or digit), found {name!r}",
        )


def host_faults(pointer: str, host: str) -> Iterable[Fault]:
    """The fault of a host that is not a DNS name, with or without a leading wildcard."""
    if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        yield Fault(pointer, f"expected a DNS name such as shop.example.com, found {host!r}")


def label_faults(pointer: str, key: str, value: str) -> Iterable[Fault]:
    """The faults of a pod label that Kubernetes would refuse."""
    if not _LABEL_KEY.fullmatch(key):
        yield Fault(pointer, f"expected a Kubernetes label key, found {key!r}")
    if not _LABEL_VALUE.fullmatch(value):
        yield Fault(pointer, f"expected a Kubernetes label value, found {value!r}")


@dataclass(frozen=True, slots=True, order=True)
class ServiceKey:
    """Which service a rule is for: one service has at most one rule."""

    cluster: str
    namespace: str
    service: str

    def __post_init__(self) -> None:
        refuse(
            [
                *name_faults("/cluster", self.cluster),
                *name_faults("/namespace", self.namespace),
                *name_faults("/serviceName", self.service),
            ]
        )

    @property
    def hosts(self) -> tuple[str, str]:
        """The names under which the service is known in every namespace."""
        short = f"{self.service}.{self.namespace}"
        return f"{short}.svc.cluster.local", short

    def __str__(self) -> str:
        return f"{self.namespace}/{self.service}"
