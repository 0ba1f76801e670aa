"""The bare repository that Crossfade commits to and Argo CD reads."""

from dataclasses import dataclass
from pathlib import Path

from tests.contract.git_people import bare_repository, edit

from crossfade.manifests.argocd import Place

BRANCH = "main"
FOLDER = "istio"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository without rules, as somebody would prepare it."""

    path: Path

    @classmethod
    def made(cls, path: Path) -> "Repository":
        """It holds the folder of the rules: Argo CD takes one that is not there for an error."""
        edit(bare_repository(path), f"{FOLDER}/README.md", "Traffic rules, written by Crossfade.\n")
        return cls(path)

    @property
    def url(self) -> str:
        """How Git finds it."""
        return self.path.as_uri()

    @property
    def place(self) -> Place:
        """Where in it the rules live."""
        return Place(self.url, BRANCH, FOLDER)
