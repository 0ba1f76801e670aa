"""A real Argo CD on loopback: redis, its repo-server and its application controller."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from tests.cluster.api import Api
from tests.cluster.crds import install
from tests.cluster.waiting import LOOPBACK, free_ports, until_ready

from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.processes import Command, StartError

NAMESPACE = "crossfade-argocd"  # an Argo CD that the cluster may have already looks elsewhere
GRACE_S = 2.0
REDIS = "redis-server"
INSTALLS = "cluster-programs"
CRDS = ("application-crd.yaml", "appproject-crd.yaml")
APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
CONFIG = ("cm", "cmd-params-cm", "gpg-keys-cm", "rbac-cm", "ssh-known-hosts-cm", "tls-certs-cm")

# Everything may go everywhere; who may touch what is not what is tested here.
PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": NAMESPACE},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "argocd-secret", "namespace": NAMESPACE},
    "stringData": {"server.secretkey": "only-for-tests"},
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where its programs listen."""

    redis: int
    repo: int
    repo_metrics: int
    controller_metrics: int


@dataclass(slots=True)
class ArgoCD:
    """A running Argo CD, whose controller can be stopped and started in the middle."""

    ports: Ports
    sockets: Path
    children: Children
    controller: Child
    controller_command: Command

    @classmethod
    async def start(
        cls, folder: Path, found: Mapping[str, Path], kubeconfig: Path, children: Children
    ) -> "ArgoCD":
        """One that is ready, in a cluster that `prepare` has made ready for it."""
        folder.mkdir(parents=True, exist_ok=True)
        ports, sockets = Ports(*free_ports(4)), runtime_folder(folder)
        programs = _Programs(folder, sockets, found["argocd"], kubeconfig, ports)
        controller = programs.controller()
        await children.start(programs.redis())
        repo = await children.start(programs.repo_server())
        child = await children.start(controller)
        await _healthy(repo, ports.repo_metrics)
        await _healthy(child, ports.controller_metrics)
        return cls(ports, sockets, children, child, controller)

    async def stop(self) -> None:
        """End all of it."""
        await self.children.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    async def stop_controller(self) -> None:
        """Nothing is compared or synced until it is started again."""
        await self.controller.stop()

    async def start_controller(self) -> None:
        """Compare and sync again."""
        self.controller = await self.children.start(self.controller_command)
        await _healthy(self.controller, self.ports.controller_metrics)


async def prepare(api: Api, found: Mapping[str, Path]) -> None:
    """Make the cluster ready for Argo CD: its kinds, its namespace and its settings."""
    await api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    if not (await api.client.get(APPLICATIONS)).is_success:
        await asyncio.gather(*(install(api, found["argocd-crds"] / name) for name in CRDS))
    for name in CONFIG:
        manifest = yaml.safe_load((found["argocd-config"] / f"argocd-{name}.yaml").read_text())
        manifest["metadata"]["namespace"] = NAMESPACE
        await api.apply(manifest)
    await api.apply_all((SECRET, PROJECT))


@dataclass(frozen=True, slots=True)
class _Programs:
    """One program in three roles, and redis between them."""

    folder: Path
    sockets: Path
    argocd: Path
    kubeconfig: Path
    ports: Ports

    def redis(self) -> Command:
        program = shutil.which(REDIS)
        if program is None:
            raise StartError(f"There is no {REDIS}: as root on Debian, `make {INSTALLS}` helps.")
        argv = (
            *(program, "--bind", LOOPBACK, "--port", str(self.ports.redis)),
            *("--dir", str(self.folder), "--save", "", "--appendonly", "no"),
        )
        return Command("redis", argv, self.folder / "redis.log", grace_s=GRACE_S)

    def repo_server(self) -> Command:
        return self._role(
            "argocd-repo-server",
            *("--address", LOOPBACK, "--port", str(self.ports.repo)),
            *("--metrics-address", LOOPBACK, "--metrics-port", str(self.ports.repo_metrics)),
            "--disable-tls",
        )

    def controller(self) -> Command:
        return self._role(
            "argocd-application-controller",
            *("--kubeconfig", str(self.kubeconfig), "--namespace", NAMESPACE),
            *("--repo-server", f"{LOOPBACK}:{self.ports.repo}", "--repo-server-plaintext"),
            *("--metrics-port", str(self.ports.controller_metrics)),
        )

    def _role(self, name: str, *arguments: str) -> Command:
        argv = (str(self.argocd), *arguments, "--redis", f"{LOOPBACK}:{self.ports.redis}")
        log = self.folder / f"{name}.log"
        return Command(name, argv, log, env=self._environment(name), grace_s=GRACE_S)

    def _environment(self, role: str) -> Mapping[str, str]:
        own = self.folder / role
        own.mkdir(exist_ok=True)
        return {
            "PATH": os.defpath,  # git
            "HOME": str(own),
            "TMPDIR": str(own),
            "KUBECONFIG": str(self.kubeconfig),
            "ARGOCD_BINARY_NAME": role,
            "ARGOCD_ASK_PASS_SOCK": str(self.sockets / role),
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_GNUPGHOME": str(own),
            "ARGOCD_TLS_DATA_PATH": str(own),
            "ARGOCD_SSH_DATA_PATH": str(own),
            "ARGOCD_FAKE_IN_CLUSTER": "true",
        }


async def _healthy(child: Child, port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await until_ready(child, f"http://{LOOPBACK}:{port}/healthz", client)
