"""Crossfade on top of the chain: its database, `crossfade serve`, and a rule to begin with."""

import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from tests.cluster.samples import NAME
from tests.cluster.stack.chain import Chain
from tests.cluster.stack.ground import APPLICATION, NAMESPACE
from tests.cluster.stack.repository import BRANCH, FOLDER
from tests.cluster.stack.wishes import Wishes
from tests.cluster.waiting import LOOPBACK, until_ready

from crossfade.adapters.postgres_server.server import start as start_postgres
from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.demo import SHARES, VERSIONS
from crossfade.application.processes import Command, StartError
from crossfade.settings import Settings

GRACE_S = 10.0
WAIT_S = 30
HOST = "dummy.localhost"
OWN = ("CROSSFADE_", "DATABASE_URL")


@asynccontextmanager
async def served(wishes: Wishes, chain: Chain) -> AsyncIterator[Child]:
    """`crossfade serve` on a database of its own, ready until the block ends."""
    sockets = runtime_folder(wishes.folder, Settings().runtime_base)
    async with Children(wishes.folder / "run-crossfade") as children:
        database = await start_postgres(wishes.folder, sockets, children)
        child = await children.start(_serve(wishes, chain, database.url))
        async with httpx.AsyncClient(trust_env=False) as client:
            await until_ready(child, f"{url(wishes)}/health/ready", client)
        yield child
    shutil.rmtree(sockets, ignore_errors=True)


def _serve(wishes: Wishes, chain: Chain, database_url: str) -> Command:
    others = {
        name: value for name, value in Settings().environment.items() if not name.startswith(OWN)
    }
    return Command(
        "crossfade",
        (sys.executable, "-m", "crossfade", "serve"),
        wishes.folder / "crossfade.log",
        env={**others, **environment(wishes, chain), "DATABASE_URL": database_url},
        grace_s=GRACE_S,
    )


def environment(wishes: Wishes, chain: Chain) -> Mapping[str, str]:
    """The settings by which Crossfade finds the chain."""
    return {
        "CROSSFADE_DATA_DIR": str(wishes.folder / "crossfade"),
        "CROSSFADE_PORT": str(wishes.port),
        "CROSSFADE_KUBECONFIG": str(chain.account),
        "CROSSFADE_NAMESPACES": NAMESPACE,
        "CROSSFADE_DELIVERY": str(wishes.delivery),
        "CROSSFADE_ARGOCD_APPLICATION": str(APPLICATION),
        "CROSSFADE_ISTIOD": chain.istiod.url,
        "CROSSFADE_PROMETHEUS_URL": chain.prometheus.url,
        "CROSSFADE_PROMETHEUS_METRICS": "plain",
        "CROSSFADE_ENTRANCE_URL": entrance(wishes),
        "CROSSFADE_GIT_REMOTE": chain.repository.url,
        "CROSSFADE_GIT_ALLOW_FILE": "true",
        "CROSSFADE_GIT_BRANCH": BRANCH,
        "CROSSFADE_GIT_PREFIX": FOLDER,
    }


async def seed(wishes: Wishes, chain: Chain) -> str:
    """What came of deploying the demo rule."""
    split = zip(VERSIONS, SHARES, strict=True)
    rule = {
        "namespace": NAMESPACE,
        "serviceName": NAME,
        "hosts": [NAME, HOST],
        "gateways": ["mesh", chain.gateway.reference],
        "versions": [{"name": name, "weight": share / 100} for name, share in split],
    }
    async with httpx.AsyncClient(base_url=url(wishes), timeout=WAIT_S + 5, trust_env=False) as api:
        made = _content(await api.post("/api/rules", json=rule))
        prefer = {"Prefer": f"wait={WAIT_S}"}
        path = f"/api/deploy-rule/{made['id']}"
        operation = _content(await api.post(path, json={}, headers=prefer))
    return str(operation["outcome"] or operation["state"])


def url(wishes: Wishes) -> str:
    """Where dashboard and API are."""
    return f"http://{LOOPBACK}:{wishes.port}"


def entrance(wishes: Wishes) -> str:
    """Where the gateway lets traffic in."""
    return f"http://{LOOPBACK}:{wishes.entrance_port}"


def _content(answer: httpx.Response) -> Mapping[str, object]:
    if answer.is_error:
        raise StartError(f"Crossfade refused the demo rule: {answer.text}")
    content: Mapping[str, object] = answer.json()
    return content
