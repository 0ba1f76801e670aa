"""Argo CD's Applications as a person at a terminal handles and reads them."""

import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from tests.cluster.api import Api, Manifest
from tests.cluster.argocd import NAMESPACE
from tests.cluster.waiting import until

REFRESH = "argocd.argoproj.io/refresh"
# A deletion in the foreground waits for a garbage collector, which the cluster of the rig lacks.
AT_ONCE = "PrunePropagationPolicy=background"


@dataclass(frozen=True, slots=True)
class KeptApplication:
    """An Application in the cluster: a folder of a repository that Argo CD keeps there."""

    api: Api
    manifest: Manifest

    @classmethod
    async def create(cls, api: Api, manifest: Manifest) -> "KeptApplication":
        """The Application of a manifest, in Argo CD's namespace."""
        assert manifest["metadata"]["namespace"] == NAMESPACE
        wished = deepcopy(dict(manifest))
        wished["spec"]["syncPolicy"].setdefault("syncOptions", []).append(AT_ONCE)
        await api.apply(wished)
        return cls(api, wished)

    async def refresh(self, wish: str = "normal") -> None:
        """Ask Argo CD to look at the repository now, and not at its next poll."""
        await self.api.patch(self.manifest, {"metadata": {"annotations": {REFRESH: wish}}})

    async def status(self) -> Any:  # noqa: ANN401  Argo CD's own document
        """What Argo CD says of it; nothing before its first look."""
        found = await self.api.get(self.manifest)
        return (found or {}).get("status", {})

    async def until(
        self, holds: Callable[[Any], bool], within_s: float = 30, *, nudged: bool = False
    ) -> Any:  # noqa: ANN401  Argo CD's own document
        """What Argo CD says, as soon as it is as wished; AssertionError with it where it is not."""
        status: Any = {}
        # One after another, for Argo CD may overlook a wish, and hears of no second that is alike.
        wishes = spaced(cycle(("normal", "hard")))

        async def is_so() -> bool:
            nonlocal status
            if nudged and (wish := next(wishes)):
                await self.refresh(wish)
            status = await self.status()
            return holds(status)

        try:
            await until(is_so, within_s)
        except TimeoutError:
            raise AssertionError(f"after {within_s} s Argo CD says {status}") from None
        return status

    async def until_synced(
        self, commit: str | None, within_s: float = 30, *, nudged: bool = False
    ) -> None:
        """Come back when the cluster is as this commit says."""
        await self.until(lambda status: synced_at(status) == commit, within_s, nudged=nudged)

    async def delete(self) -> None:
        """Take the Application away; what it has made stays."""
        await self.api.delete(self.manifest)


def spaced(values: Iterator[str]) -> Iterator[str | None]:
    """One value a second, and nothing in between."""
    due = 0.0
    while True:
        if time.monotonic() < due:
            yield None
        else:
            due = time.monotonic() + 1
            yield next(values)


def synced_at(status: Any) -> str | None:  # noqa: ANN401
    """The commit that the cluster is as; None where it is not as any."""
    sync = status.get("sync", {})
    return sync.get("revision") if sync.get("status") == "Synced" else None
