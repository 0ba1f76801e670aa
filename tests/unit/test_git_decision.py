"""What a batch comes to, without any repository."""

from tests.contract.git_changes import PATH, a_change, a_removal, digest

from crossfade.adapters.git.decision import answers, decide
from crossfade.application.ports import Change, Committed, Uncommitted
from crossfade.domain.plan import Contested, Erase, Keep, Picture, Write, Yield


def welcome(_: Change) -> None:
    """Nothing is left out."""


def test_each_step_follows_from_what_is_there() -> None:
    there = {PATH: Picture(2, digest(80))}

    assert decide([a_change(2)], there, welcome) == (Keep(),)
    assert decide([a_change(3, confirmed=digest(80))], there, welcome) == (Write(),)
    assert decide([a_change(1)], there, welcome) == (Yield(2),)
    assert decide([a_change(3, weight=1)], there, welcome) == (Contested(),)
    assert decide([a_change(3, weight=1)], there, welcome, own=[PATH]) == (Write(),)
    assert decide([a_removal(3, digest(80))], there, welcome) == (Erase(),)


def test_a_batch_sees_what_it_wrote_itself() -> None:
    changes = [a_change(1), a_change(2, weight=50), a_removal(3, None), a_change(4)]

    assert decide(changes, {}, welcome) == (Write(), Write(), Erase(), Write())


def test_a_change_that_is_refused_writes_nothing() -> None:
    steps = decide([a_change()], {}, lambda _: "not today")

    assert steps == (Uncommitted("not today"),)
    assert answers([a_change()], steps, [], {}, "tip") == (Uncommitted("not today"),)


def test_an_empty_repository_gets_a_commit_to_name() -> None:
    steps = decide([a_removal(1, None), a_removal(1, None)], {}, welcome, empty=True)

    assert steps == (Erase(), Erase())
    made = answers([a_removal(1, None)] * 2, steps, ["one", "two"], {}, "two")
    assert made == (Committed("one"), Committed("two"))


def test_a_contested_file_without_a_known_author_is_somebodys() -> None:
    [answer] = answers([a_change()], [Contested()], [], {}, "abcdef012345")

    assert isinstance(answer, Uncommitted)
    assert "changed by somebody in abcdef0" in answer.reason
