"""Commands and the words for their endings."""

from pathlib import Path

import pytest

from crossfade.application.processes import Command, ending


@pytest.mark.parametrize("argv", [(), ("postgres",), ("./postgres",)])
def test_a_program_without_an_absolute_path_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="needs an absolute path"):
        Command("postgres", argv, Path("/log"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with code 0"),
        (127, "ended with code 127"),
        (137, "was ended by SIGKILL"),
        (255, "was ended by signal 127"),
    ],
)
def test_an_ending_is_told_in_words(code: int, words: str) -> None:
    assert ending(code) == words
