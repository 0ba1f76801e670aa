"""A real control plane on loopback: etcd and kube-apiserver, ended with us however we end."""

import secrets
import signal
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from tests.cluster import kubeconfig
from tests.cluster.certificates import Authority, file_name, new_key, private_bytes, write
from tests.cluster.kubeconfig import Server
from tests.cluster.waiting import LOOPBACK, free_ports, until_ready

from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.processes.identity import identify, send
from crossfade.application.processes import Command

GRACE_S = 2.0  # kube-apiserver would wait for every open watch; etcd's data is thrown away
ADMIN = "admin"
ADMINS = "system:masters"
ISSUER = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the programs listen."""

    etcd: int
    peer: int
    api: int


@dataclass(slots=True)
class ControlPlane:
    """A running control plane; `start` makes one, `stop` ends it."""

    folder: Path
    server: Server
    admin_token: str
    kubeconfig: Path
    authority: Authority
    children: Children
    etcd: Child
    api: Child
    command: Command

    @classmethod
    async def start(
        cls, folder: Path, programs: Mapping[str, Path], options: tuple[str, ...] = ()
    ) -> "ControlPlane":
        """A control plane that is ready; `options` are further flags of kube-apiserver."""
        children = await Children(folder / "run").__aenter__()
        try:
            return await cls._started(folder, programs, options, children)
        except BaseException:
            await children.stop()
            raise

    @classmethod
    async def _started(
        cls,
        folder: Path,
        programs: Mapping[str, Path],
        options: tuple[str, ...],
        children: Children,
    ) -> "ControlPlane":
        ports = Ports(*free_ports(3))
        authority, token = Authority.found(folder / "certificates"), secrets.token_hex(16)
        server = Server(f"https://{LOOPBACK}:{ports.api}", authority.certificate)
        admin = kubeconfig.with_token(folder / "admin.kubeconfig", server, token)
        command = _api_server(folder, programs["kube-apiserver"], ports, authority, token)
        command = with_options(command, options)
        etcd = await children.start(_etcd(folder, programs["etcd"], ports))
        api = await children.start(command)
        plane = cls(folder, server, token, admin, authority, children, etcd, api, command)
        await plane.ready()
        return plane

    @property
    def url(self) -> str:
        """Where the API is."""
        return self.server.url

    @property
    def ca(self) -> Path:
        """The certificate that vouches for the API server."""
        return self.server.ca

    async def stop(self) -> None:
        """End it, for good."""
        await self.children.stop()

    async def ready(self) -> None:
        """Come back when the API answers; StartError where it does not."""
        trust = ssl.create_default_context(cafile=self.ca)
        headers = {"Authorization": f"Bearer {self.admin_token}"}
        async with httpx.AsyncClient(verify=trust, headers=headers) as client:
            await until_ready(self.api, f"{self.url}/readyz", client)

    async def kill_api(self) -> None:
        """End the API server at once; etcd keeps what it knew."""
        self.signal_api(signal.SIGKILL)
        await self.api.wait()

    async def start_api(self, options: tuple[str, ...] = ()) -> None:
        """The API server again, at the same address, ready; further flags replace earlier ones."""
        self.api = await self.children.start(with_options(self.command, options))
        await self.ready()

    def signal_api(self, number: signal.Signals) -> None:
        """Signal the API server: SIGSTOP makes it hang, SIGCONT ends that."""
        if found := identify(self.api.pid):
            send(found, number)

    def kubeconfig_of(self, user: str, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig of another user, known by a certificate."""
        pair = self.authority.client(user, groups)
        path = self.folder / f"{file_name(user)}.kubeconfig"
        return kubeconfig.with_certificate(path, self.server, pair)

    def kubeconfig_of_account(self, namespace: str, name: str) -> Path:
        """A kubeconfig of a ServiceAccount, with the groups that it has."""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        return self.kubeconfig_of(f"system:serviceaccount:{namespace}:{name}", groups)

    def last_lines(self, count: int = 20) -> tuple[str, ...]:
        """What the API server said last."""
        return self.api.last_lines(count)


def with_options(command: Command, options: tuple[str, ...]) -> Command:
    """The command with further flags; of two that are alike, the later one counts."""
    return replace(command, argv=(*command.argv, *options))


def _etcd(folder: Path, program: Path, ports: Ports) -> Command:
    client, peer = f"http://{LOOPBACK}:{ports.etcd}", f"http://{LOOPBACK}:{ports.peer}"
    argv = (
        str(program),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )
    return Command("etcd", argv, log_path=folder / "etcd.log", grace_s=GRACE_S)


def _api_server(
    folder: Path, program: Path, ports: Ports, authority: Authority, token: str
) -> Command:
    shown = authority.server()
    signing = write(authority.folder / "accounts.key", private_bytes(new_key()))
    line = f'{token},{ADMIN},{ADMIN},"{ADMINS}"\n'
    tokens = write(authority.folder / "tokens.csv", line.encode())
    argv = (
        str(program),
        f"--etcd-servers=http://{LOOPBACK}:{ports.etcd}",
        f"--secure-port={ports.api}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--cert-dir={authority.folder}",
        f"--tls-cert-file={shown.certificate}",
        f"--tls-private-key-file={shown.key}",
        f"--client-ca-file={authority.certificate}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={signing}",
        f"--service-account-signing-key-file={signing}",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
        "--endpoint-reconciler-type=none",
    )
    return Command("kube-apiserver", argv, log_path=folder / "kube-apiserver.log", grace_s=GRACE_S)
