"""`crossfade rules`: list, get, apply, delete."""

import json
import sys
from pathlib import Path
from typing import Annotated, cast

import typer
import yaml

from crossfade.domain.names import DEFAULT_NAMESPACE
from crossfade.entrypoints.cli.client import Client, CommandError, Json, objects
from crossfade.entrypoints.cli.options import (
    Output,
    Reason,
    RuleName,
    Timeout,
    Url,
    connect,
)
from crossfade.entrypoints.cli.output import Format, say, show_document, show_table
from crossfade.entrypoints.cli.progress import follow, follow_all
from crossfade.entrypoints.cli.words import full_name, rule_row, split_words

rules = typer.Typer(help="Drafts of traffic rules.", no_args_is_help=True)
PAGE = 200
DEPLOYED_WITHIN_S = 30.0
HEADINGS = ("RULE", "DRAFT", "LIVE", "REVISION", "STATE")


@rules.command("list")
def list_rules(
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="only of this namespace")
    ] = None,
    state: Annotated[str | None, typer.Option("--state", help="live, drift, failed, …")] = None,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """All rules, with what is drafted and what is live."""
    found = _all_rules(connect(url), namespace, state)
    if output is not Format.TABLE:
        show_document(found, output)
    elif not found:
        say("There are no rules yet: `crossfade rules apply -f rule.yaml` makes one.")
    else:
        show_table(HEADINGS, map(rule_row, found))


@rules.command("get")
def get_rule(name: RuleName, output: Output = Format.YAML, url: Url = None) -> None:
    """One rule, whole."""
    rule = connect(url).rule(name)
    if output is Format.TABLE:
        show_table(HEADINGS, [rule_row(rule)])
    else:
        show_document(rule, output)


@rules.command("apply")
def apply_rules(
    file: Annotated[str, typer.Option("--file", "-f", help="YAML or JSON file; - reads stdin")],
    deploy: Annotated[bool, typer.Option("--deploy", help="make them true at once")] = False,  # noqa: FBT002  typer's flag
    reason: Reason = None,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Make or change the drafts of a file's rules (one document a rule)."""
    client = connect(url)
    applied = [_apply(client, document) for document in _documents(file)]
    if output is Format.TABLE:
        for rule in applied:
            say(_applied_words(rule))
    if not deploy:
        if output is not Format.TABLE:
            show_document(applied, output)
        return
    operations = [_deploy(client, rule, reason) for rule in applied]
    follow_all(client, operations, output, DEPLOYED_WITHIN_S)


@rules.command("delete")
def delete_rule(
    name: RuleName,
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode",
            help="remove, or release: keep the routes (not in the embedded mesh)",
        ),
    ] = None,
    reason: Reason = None,
    timeout: Timeout = 30.0,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Take a rule away from every target, then from the list."""
    client = connect(url)
    rule = client.rule(name)
    query = {key: value for key, value in (("mode", mode), ("reason", reason)) if value}
    path = f"/api/rules/{rule['id']}"
    operation = client.send("DELETE", path, query=query, headers=if_match(rule))
    if operation:
        follow(client, operation, output, timeout)
    say(f"The draft for {full_name(rule)} is gone.")


def if_match(rule: Json) -> dict[str, str]:
    """The header that ties a write to the edition it was made for."""
    return {"If-Match": f'"{rule["edition"]}"'}


def _all_rules(client: Client, namespace: str | None, state: str | None) -> list[Json]:
    found: list[Json] = []
    cursor: str | None = None
    while True:
        page = client.get("/api/rules", namespace=namespace, state=state, limit=PAGE, cursor=cursor)
        found.extend(objects(page["items"]))
        cursor = cast(str | None, page["next"])  # the API's own schema promises it
        if cursor is None:
            return found


def _apply(client: Client, document: Json) -> Json:
    service = document.get("serviceName")
    if not isinstance(service, str):
        raise CommandError("expected a serviceName in every document of the file, found none.")
    namespace = document.get("namespace") or DEFAULT_NAMESPACE
    known = client.find(str(namespace), service)
    if known is None:
        return client.send("POST", "/api/rules", body=document)
    return client.send("PUT", f"/api/rules/{known['id']}", body=document, headers=if_match(known))


def _documents(file: str) -> list[Json]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        found = [document for document in yaml.safe_load_all(text) if document is not None]
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} is not YAML: {' '.join(str(error).split())}.") from None
    except RecursionError:
        raise CommandError(f"{file} is nested too deep.") from None
    if not found or not all(isinstance(document, dict) for document in found):
        raise CommandError(f"{file} holds no rule: expected mappings with a serviceName.")
    _check_json(file, found)
    return found


def _check_json(file: str, documents: list[Json]) -> None:
    """Refuse what YAML can say and JSON cannot: dates without quotes, .nan, itself again."""
    try:
        json.dumps(documents, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CommandError(f"{file} holds what JSON cannot say: {error}.") from None


def _applied_words(rule: Json) -> str:
    split, state, edition = split_words(rule["versions"]), rule["state"], rule["edition"]
    return f"{full_name(rule)}: {split} ({state}, edition {edition})"


def _deploy(client: Client, rule: Json, reason: str | None) -> Json:
    path = f"/api/deploy-rule/{rule['id']}"
    return client.send("POST", path, body={"reason": reason}, headers=if_match(rule))
