"""What a batch of changes comes to on what the branch holds: pure, and taken anew at each try."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import assert_never

from crossfade.adapters.git.history import Touch
from crossfade.application.ports import Change, Committed, Uncommitted
from crossfade.domain.plan import Contested, Erase, Keep, Picture, Plan, Write, Yield, plan
from crossfade.domain.revision import short
from crossfade.domain.target import Presence

NO_COMMIT = ""  # the tip of an empty repository, where every change was left out

Step = Plan | Uncommitted
Answer = Committed | Uncommitted


def decide(
    changes: Iterable[Change],
    observed: Mapping[str, Picture],
    refusal: Callable[[Change], str | None],
    own: Collection[str] = (),
    *,
    empty: bool = False,
) -> tuple[Step, ...]:
    """The step of each change, one after the other.

    What stands at the paths in `own` is by our own hand, though nobody may remember it: our
    process can die between the push and its record. An `empty` repository has no commit that a
    kept absence could name, so the first is made.
    """
    held, ours = dict(observed), set(own)
    steps: list[Step] = []
    for change in changes:
        reason = refusal(change)
        step = Uncommitted(reason) if reason else _step(change, held.get(change.path), ours)
        if empty and isinstance(step, Keep) and change.path not in held:
            step = Erase()
        steps.append(step)
        if writes(step):
            ours.add(change.path)
            held.pop(change.path, None)
        if isinstance(step, Write):
            held[change.path] = change.desired
    return tuple(steps)


def writes(step: Step) -> bool:
    """Whether a step makes a commit."""
    return isinstance(step, Write | Erase)


def answers(
    changes: Iterable[Change],
    steps: Iterable[Step],
    made: Iterable[str],
    touches: Mapping[str, Touch],
    tip: str,
) -> tuple[Answer, ...]:
    """What is told about each change, once the commits that were made are published."""
    fresh = iter(made)
    here = {path: touch.commit for path, touch in touches.items()}
    told: list[Answer] = []
    for change, step in zip(changes, steps, strict=True):
        if writes(step):
            here[change.path] = next(fresh)
        told.append(_answer(change, step, here.get(change.path, tip), touches.get(change.path)))
    return tuple(told)


def _step(change: Change, held: Picture | None, ours: Collection[str]) -> Plan:
    confirmed = held.digest if held and change.path in ours else change.confirmed
    return plan(
        change.desired,
        held,
        presence=Presence.ABSENT if change.content is None else Presence.PRESENT,
        confirmed=confirmed,
        forced=change.forced,
    )


def _answer(change: Change, step: Step, commit: str, touch: Touch | None) -> Answer:
    match step:
        case Uncommitted():
            return step
        case Write() | Erase() | Keep():
            return Committed(commit)
        case Yield(generation):
            newer = f"holds generation {generation}, newer than {change.desired.generation}"
            return Uncommitted(f"{change.path} already {newer}.", outrun_by=generation)
        case Contested():
            author = touch.author if touch else None
            by = f"{author or 'somebody'} in {short(commit)}"
            return Uncommitted(
                f"{change.path} was changed by {by}; Restore overwrites it.", author=author
            )
    assert_never(step)
