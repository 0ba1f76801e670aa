"""What is built from Go modules: which programs, from which pinned modules, with which flags."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).with_name("toolchains")
STRIPPED = "-s -w"
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Programs of one pinned module, and files of its modules that go with them."""

    name: str
    programs: Mapping[str, str]  # its name here → its package
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name → module, path
    link_flags: str = STRIPPED
    root: Path = FOLDER

    @property
    def folder(self) -> Path:
        """Where its go.mod and go.sum are."""
        return self.root / self.name

    @property
    def names(self) -> tuple[str, ...]:
        """All that it yields."""
        return (*self.programs, *self.files)

    @property
    def key(self) -> str:
        """A name that changes with whatever the outcome depends on."""
        told = sha256()
        for name in ("go.mod", "go.sum"):
            told.update((self.folder / name).read_bytes())
        asked = (self.link_flags, dict(self.programs), dict(self.files), platform.machine())
        told.update(repr(asked).encode())
        return f"{self.name}-{told.hexdigest()[:DIGITS]}"


def _version(**values: str) -> str:
    """Without it, the API server's version is one that no client can read."""
    told = (f"-X k8s.io/component-base/version.{name}={it}" for name, it in values.items())
    return " ".join((STRIPPED, *told))


KUBERNETES = Toolchain(
    "kubernetes",
    programs={
        "etcd": "go.etcd.io/etcd/server/v3",
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    },
    link_flags=_version(gitVersion="v1.36.3", gitMajor="1", gitMinor="36"),
)

ISTIO = Toolchain(
    "istio",
    programs={"pilot-discovery": "istio.io/istio/pilot/cmd/pilot-discovery"},
    files={
        "istio-crds.yaml": ("istio.io/istio", "manifests/charts/base/files/crd-all.gen.yaml"),
    },
)

_ARGOCD = "github.com/argoproj/argo-cd/v3"

ARGOCD = Toolchain(
    "argocd",
    programs={"argocd": f"{_ARGOCD}/cmd"},
    files={
        "argocd-crds": (_ARGOCD, "manifests/crds"),
        "argocd-config": (_ARGOCD, "manifests/base/config"),
    },
)
