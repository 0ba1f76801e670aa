"""The golden rules: one folder each, with the rule and the documents that it must render to."""

from pathlib import Path

import yaml

from crossfade.domain.intent import Intent
from crossfade.manifests.rule_document import parse_intent

FOLDERS = tuple(sorted(path for path in (Path(__file__).parent / "rules").iterdir()))


def intent_in(folder: Path) -> Intent:
    """The rule of one folder."""
    return parse_intent(yaml.safe_load((folder / "rule.yaml").read_text("utf-8")), "local")
