"""The `Repository` port over git."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Self, TypeVar

from crossfade.adapters.git.branch import ANY_AGE, NOW, Branch
from crossfade.adapters.git.building import Draft, build
from crossfade.adapters.git.decision import NO_COMMIT, Answer, answers, writes
from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.gallery import Gallery
from crossfade.adapters.git.history import is_ancestor, last_touches, remembered_heads
from crossfade.adapters.git.message import commit_message
from crossfade.adapters.git.opening import open_branch, signs
from crossfade.adapters.git.paths import path_fault
from crossfade.adapters.git.seen import Seen
from crossfade.adapters.git.settings import GitSettings
from crossfade.adapters.git.tidying import tidy
from crossfade.adapters.git.tree import Album, contents, entries, text
from crossfade.adapters.git.view import View, look
from crossfade.application.ports import Change, CommittedFile
from crossfade.domain.audit import Link
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.plan import Picture

LARGEST_PUSH = 250  # changes
ATTEMPTS = 12
TIDY_EVERY = 100  # commits
TIDY_AT_FIRST = 10  # so that a process which is often restarted tidies, too

T = TypeVar("T")


class GitRepository:
    """The authoritative GitOps repository: our own bare one, or a remote through a bare clone."""

    def __init__(self, branch: Branch, settings: GitSettings, *, signed: bool) -> None:
        self._branch = branch
        self._git = branch.git
        self._settings = settings
        self._signed = signed
        self._album = Album(branch.git)
        self._seen = Seen(branch.git, settings.branch)
        self._gallery = Gallery(self._album, settings.prefix)
        self._writing = asyncio.Lock()
        self._tip_moving = asyncio.Lock()
        self._picturing = asyncio.Lock()
        self._tidying: asyncio.Task[None] | None = None
        self._untidy = TIDY_EVERY - TIDY_AT_FIRST

    @classmethod
    async def open(cls, settings: GitSettings) -> Self:
        """The repository, made where there is none; a remote need not answer yet.

        ValueError where the settings name a remote that git must not be given.
        """
        branch = await open_branch(settings)
        return cls(branch, settings, signed=await signs(branch.git, settings))

    @property
    def url(self) -> str:
        """Where people find the repository, without any secret."""
        return self._branch.url

    @property
    def rewritten(self) -> str | None:
        """A sentence, while the branch no longer holds what it held when we last looked."""
        return self._seen.rewritten

    async def commit(
        self, changes: Sequence[Change], audit_head: Link | None
    ) -> tuple[Answer, ...]:
        """One commit for each change, one push for up to 250; the answers are in their order."""
        told: list[Answer] = []
        async with self._writing:
            for start in range(0, len(changes), LARGEST_PUSH):
                told += await self._commit(changes[start : start + LARGEST_PUSH], audit_head)
        return tuple(told)

    async def read(self, path: str) -> CommittedFile | None:
        """The newest content of a file; RefusedError for a path that cannot be ours."""
        if (fault := path_fault(path, self._settings.prefix)) is not None:
            raise RefusedError(f"{path!r} cannot be a file of ours: {fault}.")
        within_s = self._settings.read_within_s
        try:
            async with asyncio.timeout(within_s):
                return await self._soundly(lambda: self._read(path))
        except TimeoutError:
            raise UnavailableError(f"Git did not answer within {within_s:g} seconds.") from None

    async def head(self) -> str | None:
        """The newest commit; None in an empty repository."""
        return await self._soundly(self._recent_tip)

    async def contains(self, older: str, newer: str) -> bool:
        """Whether the newer commit is the older one, or follows it."""
        if older == newer or await is_ancestor(self._git, older, newer):
            return True
        await self._soundly(lambda: self._tip(NOW))  # others may have pushed what we never saw
        return await is_ancestor(self._git, older, newer)

    async def pictures(self) -> Mapping[str, Picture]:
        """What every file of ours holds at the head, by path."""
        async with self._picturing:
            return await self._soundly(self._pictures)

    async def audit_heads(self) -> AsyncIterator[tuple[str, int, str]]:
        """(commit, entry number, entry hash) of each commit that names the chain, newest first."""
        tip = await self.head()
        if tip is None:
            return
        async with aclosing(remembered_heads(self._git, tip)) as heads:
            async for head in heads:
                yield head

    async def _commit(self, changes: Sequence[Change], audit_head: Link | None) -> Sequence[Answer]:
        trouble = UnavailableError(
            f"Others moved {self._settings.branch} each of the {ATTEMPTS} times that we tried."
        )
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(_pause_s(attempt))
            try:
                told = await self._attempt(changes, audit_head)
            except GitFailedError as failure:
                if not await self._branch.mend(failure):
                    raise
                trouble = failure
            else:
                if told is not None:
                    return told
        raise trouble

    async def _attempt(
        self, changes: Sequence[Change], audit_head: Link | None
    ) -> Sequence[Answer] | None:
        """The answers; None where somebody else moved the branch first."""
        view = await self._fresh_view(changes)
        drafts = [
            Draft(change.path, change.content, commit_message(change, audit_head))
            for change, step in zip(changes, view.steps, strict=True)
            if writes(step)
        ]
        made: tuple[str, ...] = ()
        if drafts:
            identity = self._settings.identity
            made = await build(self._git, view.tip, drafts, identity, signed=self._signed)
            if not await self._publish(view.tip, made[-1]):
                return None
            self._count(len(made))
        newest = made[-1] if made else view.tip
        return answers(changes, view.steps, made, view.touches, newest or NO_COMMIT)

    async def _fresh_view(self, changes: Sequence[Change]) -> View:
        """What the changes come to.

        A write is proven by its compare-and-swap; whatever is left as it is must be seen now.
        """
        view = await self._view(await self._tip(ANY_AGE), changes)
        if all(writes(step) for step in view.steps):
            return view
        newest = await self._tip(NOW)
        return view if newest == view.tip else await self._view(newest, changes)

    async def _view(self, tip: str | None, changes: Sequence[Change]) -> View:
        return await look(self._album, tip, changes, self._settings, self.rewritten)

    async def _publish(self, old: str | None, new: str) -> bool:
        async with self._tip_moving:
            if not await self._branch.publish(old, new):
                return False
            self._seen.accept(new)
            return True

    async def _tip(self, within_s: float) -> str | None:
        async with self._tip_moving:
            tip = await self._branch.tip(within_s=within_s)
            await self._seen.note(tip)
            return tip

    async def _recent_tip(self) -> str | None:
        return await self._tip(self._settings.look_every_s)

    async def _soundly(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's result, with one more try where what broke could be mended."""
        try:
            return await work()
        except GitFailedError as failure:
            if not await self._branch.mend(failure):
                raise
        return await work()

    async def _read(self, path: str) -> CommittedFile | None:
        tip = await self._recent_tip()
        found = (await entries(self._git, tip, [path])).get(path) if tip else None
        if tip is None or found is None or found.path != path:
            return None
        pictures = await self._album.pictures([found])
        bytes_of = await contents(self._git, [found.blob]) if found.readable else {}
        touch = (await last_touches(self._git, tip, [path]))[path]
        return CommittedFile(
            content=text(bytes_of.get(found.blob, b"")),
            picture=pictures[path],
            commit=touch.commit,
            author=touch.author,
            at=touch.at,
        )

    async def _pictures(self) -> Mapping[str, Picture]:
        return await self._gallery.at(await self._recent_tip())

    def _count(self, commits: int) -> None:
        self._untidy += commits
        if self._untidy >= TIDY_EVERY:
            self._untidy = 0
            self._tidying = asyncio.create_task(self._tidy(), name="git tidying")

    async def _tidy(self) -> None:
        """Beside our work, which does not depend on it; what failed is done the next time."""
        try:
            await tidy(self._git)
        except GitFailedError as failure:
            if failure.locked:
                await self._branch.mend(failure)


def _pause_s(attempt: int) -> float:
    """Nothing at first; then longer and longer, by chance, so that two writers come apart."""
    return random.uniform(0.0, min(1.0, 0.03 * 2**attempt)) if attempt else 0.0
