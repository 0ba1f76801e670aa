"""What each golden rule renders to, to the byte. `--update-golden` writes the files anew."""

from pathlib import Path

import pytest
from tests.golden.rules import FOLDERS, intent_in

from crossfade.manifests.render import documents

GENERATION = 5
FILES = ("istio.yaml", "envoy.yaml")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_renders_to_its_golden_files(folder: Path, pytestconfig: pytest.Config) -> None:
    rendered = documents(intent_in(folder), GENERATION)
    for name, document in zip(FILES, rendered, strict=True):
        if pytestconfig.getoption("--update-golden", default=False):
            (folder / name).write_text(document.content, "utf-8")
        assert document.content == (folder / name).read_text("utf-8")


def test_there_are_rules_of_every_kind() -> None:
    assert len(FOLDERS) >= 20
