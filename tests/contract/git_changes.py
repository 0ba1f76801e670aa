"""Documents and changes as a deploy makes them, small enough to read."""

from collections.abc import Sequence

from crossfade.application.ports import Change, Committed
from crossfade.domain.plan import Picture
from crossfade.manifests.canonical import picture

PATH = "istio/default/checkout.yaml"


def document(generation: int, weight: int = 80) -> str:
    """A manifest of ours."""
    return (
        "kind: VirtualService\n"
        "metadata:\n"
        "  annotations:\n"
        f'    crossfade.dev/generation: "{generation}"\n'
        "spec:\n"
        f"  weight: {weight}\n"
    )


def a_change(
    generation: int = 1,
    *,
    weight: int = 80,
    path: str = PATH,
    confirmed: str | None = None,
    forced: bool = False,
    message: str = "Deploy checkout",
) -> Change:
    """A change that writes a document."""
    content = document(generation, weight)
    return Change(path, content, picture(content), confirmed, forced, message)


def a_removal(generation: int, confirmed: str | None, path: str = PATH) -> Change:
    """A change after which the file is gone."""
    desired = Picture(generation, "of a document that is not written")
    return Change(path, None, desired, confirmed, forced=False, message="Remove checkout")


def digest(weight: int) -> str:
    """The digest of a document, whatever its generation."""
    return picture(document(1, weight)).digest


def ids(answers: Sequence[object]) -> list[str]:
    """The commits in the answers, all of which must be commits."""
    assert all(isinstance(answer, Committed) for answer in answers), answers
    return [answer.commit for answer in answers if isinstance(answer, Committed)]
