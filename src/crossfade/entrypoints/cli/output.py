"""How answers look: tables on a terminal, JSON or YAML for scripts."""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum

import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 200  # nobody folds lines for a program that reads them

console = Console()
if not console.is_terminal:
    console = Console(width=PIPED_WIDTH)
errors = Console(stderr=True)


class Format(StrEnum):
    """The form of an answer."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def show_document(document: object, form: Format) -> None:
    """Print a document for scripts."""
    if form is Format.YAML:
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip()
    else:
        text = json.dumps(document, indent=2, ensure_ascii=False)
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their headings."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))  # as it is: a bracket in it is no markup
    console.print(table)


def say(sentence: str) -> None:
    """Print one sentence."""
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)
