"""`make cluster`: brings everything up, says where it is, and ends it with Ctrl-C."""

import asyncio
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from rich.console import Console
from tests.cluster.building import NotBuiltError
from tests.cluster.environment import from_environment
from tests.cluster.rig import Programs, programs
from tests.cluster.stack.chain import Chain, linked
from tests.cluster.stack.folder import emptied
from tests.cluster.stack.ground import APPLICATION
from tests.cluster.stack.product import HOST, seed, served, url
from tests.cluster.stack.wishes import Wishes, wishes
from tests.cluster.waiting import LOOPBACK

from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.proxy import require_free
from crossfade.adapters.processes.lock import hold
from crossfade.application.processes import ChildProcess, StartError, ending
from crossfade.entrypoints.cli.listening import opened_socket

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Run until Ctrl-C."""
    wished = wishes(sys.argv[1:])
    environment = replace(from_environment(), kubeconfig=None)  # this cluster is all our own
    try:
        with hold(wished.data_dir):
            opened_socket(LOOPBACK, wished.port).close()
            require_free(Entrance(LOOPBACK, wished.entrance_port))
            with suppress(KeyboardInterrupt, asyncio.CancelledError):
                asyncio.run(run(wished, programs(environment, console.print)))
            asyncio.run(emptied(wished.folder))  # after a failure the logs stay
    except (StartError, NotBuiltError) as error:
        sys.exit(f"make cluster: {error}")


async def run(wished: Wishes, found: Programs) -> None:
    """Bring it up, and keep it until somebody wants it to end."""
    _end_on_sigterm()
    await emptied(wished.folder)
    began = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/]  {what}")

    async with linked(wished, found, say) as chain:
        say("starting Crossfade")
        async with served(wished, chain) as product:
            say(f"the demo rule: {await seed(wished, chain)}")
            for name, value in _addresses(wished, chain).items():
                console.print(f"{name:<10}  {value}")
            try:
                await _told_of_endings((*chain.parts, product))
            finally:
                say("stopping")


def _end_on_sigterm() -> None:
    """As Ctrl-C, which asyncio sees to."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def _told_of_endings(parts: Iterable[ChildProcess]) -> None:
    """Wait for ever, and say which part has ended, should one end."""

    async def told(part: ChildProcess) -> None:
        code = await part.exited
        console.print(f"[red]{part.name} {ending(code)}[/]")

    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(told(part))
        await asyncio.Event().wait()


def _addresses(wished: Wishes, chain: Chain) -> Mapping[str, str]:
    entrance = f"http://{HOST}:{wished.entrance_port}"
    return {
        "Dashboard": f"[bold]{url(wished)}[/]",
        "Traffic": f"curl {entrance}/",
        "Load": f"while sleep 0.02; do curl -s -o /dev/null {entrance}/api/data; done",
        "Addresses": ".venv/bin/crossfade status -o json",
        "Kubernetes": f"kubectl --kubeconfig {chain.plane.kubeconfig} get virtualservices -w",
        "Git": f"git --git-dir {chain.repository.path} log -p",
        "Argo CD": f"Application {APPLICATION}",
        "istiod": f"{chain.istiod.url}/debug",
        "Prometheus": chain.prometheus.url,
        "Logs": str(wished.folder),
    }


if __name__ == "__main__":
    main()
