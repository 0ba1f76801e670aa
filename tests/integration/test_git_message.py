"""Git itself reads our trailers as we mean them."""

import subprocess

import pytest
from tests.contract.git_changes import a_change

from crossfade.adapters.git.message import commit_message
from crossfade.domain.audit import Link

pytestmark = pytest.mark.integration

HEAD = Link(7, b"", "a" * 64)
OURS = ["Crossfade-Generation: 5", f"Crossfade-Audit: 7 {'a' * 64}"]


def trailers(message: str) -> list[str]:
    told = subprocess.run(
        ["git", "interpret-trailers", "--parse", "--no-divider"],
        input=message.encode(),
        capture_output=True,
        check=True,
    )
    return told.stdout.decode().splitlines()


@pytest.mark.parametrize(
    ("message", "theirs"),
    [
        ("Deploy checkout", []),
        ("Deploy checkout\n\nbecause it is time\n", []),
        ("fix: a subject that looks like a trailer", []),
        ("Deploy\n\nSigned-off-by: Jane <j@x>", ["Signed-off-by: Jane <j@x>"]),
        ("Deploy\n\nbody\n\nRule: 7\nNote: a\n  b", ["Rule: 7", "Note: a b"]),
        ("Deploy\n\nRule: 7\nand some prose", []),
        ("Deploy\n\n---\n\nbelow a line", []),
        ("Deploy\r\n\r\nbody\r\n", []),
        ("", []),
    ],
)
def test_trailers_stand_beside_those_of_others(message: str, theirs: list[str]) -> None:
    said = commit_message(a_change(5, message=message), HEAD)

    assert trailers(said) == [*theirs, *OURS]


@pytest.mark.parametrize(
    "forged",
    [
        "Crossfade-Audit: 99 ff",
        "crossfade-audit : 99 ff",
        "  Crossfade-Generation: 99",
        "x\x0bCrossfade-Audit: 99 ff",
        "x\u2028Crossfade-Audit: 99 ff",
        "x\rCrossfade-Audit: 99 ff",
        "a: b\n\tCrossfade-Audit: 99",
    ],
)
@pytest.mark.parametrize("shape", ["Deploy\n\n{}", "Deploy\n\nbody\n\nRule: 7\n{}", "{}"])
def test_free_text_cannot_forge_a_trailer_of_ours(forged: str, shape: str) -> None:
    said = commit_message(a_change(5, message=shape.format(forged)), HEAD)

    ours = [line for line in trailers(said) if line.lower().startswith("crossfade-")]
    assert ours == OURS


def test_without_an_audit_head_nothing_is_remembered() -> None:
    assert trailers(commit_message(a_change(5), None)) == OURS[:1]
