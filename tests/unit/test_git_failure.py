"""What git's many words come to."""

import pytest

from crossfade.adapters.git.failure import LONGEST_CAUSE, GitFailedError, cause

SSH_DENIED = """\
git@git.example.org: Permission denied (publickey).
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        (SSH_DENIED, "git@git.example.org: Permission denied (publickey)."),
        ("warning: x\nfatal: unable to access 'https://h/': down\n", "unable to access"),
        ("fatal: '/nowhere' does not appear to be a git repository\n", "'/nowhere' does not"),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", "a login"),
        ("fatal: https://bot:hunter2@h/x is gone\n", "https://***@h/x is gone"),
        ("fatal: \x1b[31mred\x1b[0m\x07\n", "red"),
    ],
)
def test_the_telling_line_is_the_cause(errors: str, words: str) -> None:
    assert words in cause(errors, 128)
    assert "hunter2" not in cause(errors, 128)


def test_silence_is_told_by_the_exit() -> None:
    assert cause("", 1) == "it ended with code 1"
    assert cause("hint: try again\n", -9) == "it was ended by signal 9"


def test_a_flood_of_words_is_cut() -> None:
    assert len(cause("x" * 10_000, 1)) == LONGEST_CAUSE


def test_control_characters_of_a_remote_do_not_reach_the_screen() -> None:
    assert cause("fatal: \x1b[2J\x1b]0;owned\x07x", 1).isprintable()


@pytest.mark.parametrize(
    ("errors", "locked", "damaged"),
    [
        ("fatal: Unable to create '/x/refs/heads/main.lock': File exists.", True, False),
        ("error: object file /x is empty\nfatal: loose object 1 (in /x) is corrupt", False, True),
        ("fatal: not a git repository: '/x'", False, True),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", False, False),
    ],
)
def test_locks_and_damage_are_told_from_the_rest(
    errors: str, *, locked: bool, damaged: bool
) -> None:
    failure = GitFailedError("fetch", "it failed", errors=errors)
    assert (failure.locked, failure.damaged) == (locked, damaged)
