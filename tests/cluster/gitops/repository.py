"""A repository that Argo CD reads, and revisions to commit to it."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.contract.git_people import bare_repository, edit, git

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision, TargetKind
from crossfade.manifests.argocd import Place
from crossfade.manifests.render import RENDERER, documents, path_of

FOLDER = "istio"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Repository:
    """The repository that Argo CD reads, written by a git of the test's own."""

    path: Path
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def made(cls, path: Path) -> "Repository":
        """One without rules, and without a folder for them."""
        edit(bare_repository(path), "README.md", "Rules of traffic.")
        return cls(path)

    @property
    def place(self) -> Place:
        """Where our files live."""
        return Place(f"file://{self.path}", "main", FOLDER)

    async def committed(self, revision: Revision) -> Revision:
        """The revision with the commit that brings it, made beside whatever else goes on."""
        async with self.writing:
            return await asyncio.to_thread(self.commit, revision)

    def commit(self, revision: Revision) -> Revision:
        """The revision with the commit that brings it."""
        document = revision.document(TargetKind.GIT)
        return replace(revision, commit=edit(self.path, document.path, document.content))

    def remove(self, revision: Revision) -> str:
        """The commit that takes the revision's file away."""
        return edit(self.path, revision.document(TargetKind.GIT).path, None)

    async def holds(self, key: ServiceKey) -> bool:
        """Whether the service's file is there."""
        path = path_of(key, FOLDER)
        listed = await asyncio.to_thread(git, self.path, "ls-tree", "main", path)
        return bool(listed)

    async def contains(self, older: str, newer: str) -> bool:
        """Whether the newer commit is the older one or follows it."""
        question = ("rev-list", "--count", "--max-count=1", f"{older}^!", "--not", newer)
        return await asyncio.to_thread(git, self.path, *question, check=False) == "0"


def a_revision(key: ServiceKey, generation: int, **weights: int) -> Revision:
    """A revision that divides the service's traffic so, in hundredths of a percent."""
    arms = tuple(Version(name, weight) for name, weight in weights.items())
    intent = Intent(key, arms)
    return Revision(
        rule_id="rule-1",
        generation=generation,
        intent=intent,
        renderer=RENDERER,
        documents=documents(intent, generation, FOLDER, TargetKind.CLUSTER),
        author="jane",
        created_at=NOON,
    )
