"""A GitOps repository in memory: a list of commits, and a stranger who may add to it."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.fakes.clock import FakeClock

from crossfade.adapters.git.decision import NO_COMMIT, Answer, answers, decide, writes
from crossfade.adapters.git.history import Touch
from crossfade.adapters.git.paths import path_fault
from crossfade.application.ports import Change, Clock, CommittedFile
from crossfade.domain.audit import Link
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.plan import Picture
from crossfade.manifests.canonical import picture

OURS = "crossfade"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeCommit:
    """One change to one file. `audit` is what its message remembers of the audit chain."""

    commit: str
    path: str
    content: str | None
    author: str
    at: datetime
    message: str
    generation: int | None = None
    audit: tuple[int, str] | None = None


class FakeRepository:
    """Commits in memory. While `down` holds a sentence, nobody can reach it."""

    def __init__(self, prefix: str = "istio", clock: Clock | None = None) -> None:
        self.commits: list[FakeCommit] = []
        self.down: str | None = None
        self._prefix = prefix
        self._clock = clock or FakeClock()

    async def commit(
        self, changes: Sequence[Change], audit_head: Link | None
    ) -> tuple[Answer, ...]:
        """One commit for each change."""
        self._reach()
        pictures, touches = self._pictures(), self._touches()
        own = [
            path
            for path, touch in touches.items()
            if path in pictures
            and touch.committer == OURS
            and touch.generation == pictures[path].generation
        ]
        steps = decide(changes, pictures, self._refusal, own, empty=not self.commits)
        made = [
            self._append(change, audit_head)
            for change, step in zip(changes, steps, strict=True)
            if writes(step)
        ]
        return answers(changes, steps, made, touches, self._head() or NO_COMMIT)

    async def read(self, path: str) -> CommittedFile | None:
        """The newest content of a file."""
        self._reach()
        if (fault := path_fault(path, self._prefix)) is not None:
            raise RefusedError(f"{path!r} cannot be a file of ours: {fault}.")
        found = next((c for c in reversed(self.commits) if c.path == path), None)
        if found is None or found.content is None:
            return None
        return CommittedFile(
            content=found.content,
            picture=picture(found.content),
            commit=found.commit,
            author=found.author,
            at=found.at,
        )

    async def head(self) -> str | None:
        """The newest commit."""
        self._reach()
        return self._head()

    async def pictures(self) -> Mapping[str, Picture]:
        """What every file of ours holds, by path."""
        self._reach()
        pictures = self._pictures()
        return {path: seen for path, seen in pictures.items() if not self._fault(path)}

    async def audit_heads(self) -> AsyncIterator[tuple[str, int, str]]:
        """What the commits remember of the audit chain, newest first."""
        self._reach()
        for kept in reversed(self.commits):
            if kept.audit is not None:
                yield kept.commit, *kept.audit

    def edit(self, path: str, content: str | None, author: str) -> str:
        """A stranger's commit, made with tools of their own."""
        return self._add(path, content, author, f"Edit {path}")

    def _reach(self) -> None:
        if self.down is not None:
            raise UnavailableError(self.down)

    def _head(self) -> str | None:
        return self.commits[-1].commit if self.commits else None

    def _fault(self, path: str) -> str | None:
        return path_fault(path, self._prefix)

    def _refusal(self, change: Change) -> str | None:
        fault = self._fault(change.path)
        return f"{change.path!r} cannot be a file of ours: {fault}." if fault else None

    def _pictures(self) -> dict[str, Picture]:
        newest = {kept.path: kept.content for kept in self.commits}
        return {path: picture(text) for path, text in newest.items() if text is not None}

    def _touches(self) -> dict[str, Touch]:
        return {
            kept.path: Touch(kept.commit, kept.at, kept.author, kept.generation, kept.author)
            for kept in self.commits
        }

    def _append(self, change: Change, audit_head: Link | None) -> str:
        remembered = (audit_head.n, audit_head.hash) if audit_head else None
        return self._add(
            change.path,
            change.content,
            OURS,
            change.message,
            generation=change.desired.generation,
            audit=remembered,
        )

    def _add(
        self,
        path: str,
        content: str | None,
        author: str,
        message: str,
        *,
        generation: int | None = None,
        audit: tuple[int, str] | None = None,
    ) -> str:
        facts = f"{self._head()} {path} {content} {author} {message} {generation} {audit}"
        commit = hashlib.sha1(facts.encode(), usedforsecurity=False).hexdigest()
        self.commits.append(
            FakeCommit(
                commit=commit,
                path=path,
                content=content,
                author=author,
                at=self._clock.now(),
                message=message,
                generation=generation,
                audit=audit,
            )
        )
        return commit
