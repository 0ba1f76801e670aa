"""The main job as a user does it: up, look, shift, go back, stop."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.product import Product, deviations, until

pytestmark = pytest.mark.e2e

Z_9999 = 3.8906  # the two-sided 99.99% interval of a binomial share


def test_the_demo_rule_divides_traffic_once_it_is_live(running: Product) -> None:
    answers = running.answers(2000)

    assert running.rule()["generation"] == 1
    assert set(answers) == {"v1", "v2"}
    assert deviations(answers["v2"], 2000, 0.2) < Z_9999


def test_a_deploy_shifts_the_traffic_and_a_rollback_brings_it_back(shared: Product) -> None:
    rule_id = shared.resplit({"v1": 50, "v2": 50})

    deployed = shared.deploy(rule_id)
    even = shared.answers(2000)
    back = shared.api.post(f"/api/rules/{rule_id}/rollback", json={}).json()
    again = shared.answers(2000)

    assert (deployed["state"], back["state"]) == ("effective", "effective")
    assert deviations(even["v2"], 2000, 0.5) < Z_9999
    assert deviations(again["v2"], 2000, 0.2) < Z_9999


def test_history_shows_each_revision_with_its_commit(running: Product) -> None:
    demo = running.rule()["id"]
    until(lambda: _committed_history(running, demo), "the first commit")
    rule_id = running.resplit({"v1": 50, "v2": 50})
    running.deploy(rule_id)

    page = until(lambda: _committed_history(running, rule_id), "both commits")

    assert [revision["generation"] for revision in page] == [2, 1]
    assert page[0]["summary"] == "v1 80% → 50%, v2 20% → 50%"


def _committed_history(product: Product, rule_id: str) -> list[dict[str, object]] | None:
    page = product.api.get(f"/api/rules/{rule_id}/revisions").json()["items"]
    return page if all(revision["commit"] for revision in page) else None


def test_metrics_show_what_the_callers_saw(running: Product) -> None:
    rule_id = running.rule()["id"]

    def metrics() -> dict[str, Any]:
        return dict(running.api.get(f"/api/rules/{rule_id}/metrics").json())

    def seen() -> dict[str, float] | None:
        found = metrics()
        requests = {version["name"]: version["requests"] for version in found["versions"]}
        return requests if sum(requests.values()) >= 400 else None

    # Nothing that was read before the deploy counts, nor the reading that was under way then.
    until(lambda: metrics()["reason"] is None and metrics()["windowS"] > 2, "readings since")
    running.answers(400)

    requests = until(seen, "400 requests in the metrics", 15)

    assert sum(requests.values()) == 400


def test_ctrl_c_stops_everything(running: Product) -> None:
    folder = str(running.folder)

    assert running.interrupt() == 0

    assert until(lambda: not _processes_about(folder), "no process left behind", 15)


def test_kill_9_loses_nothing_and_the_next_start_is_clean(running: Product) -> None:
    rule_id = running.resplit({"v1": 35, "v2": 65})
    running.deploy(rule_id)
    folder = str(running.folder)

    running.kill()
    until(lambda: not _processes_about(folder), "no process left behind", 15)
    running.start()
    running.ready()

    assert [v["weight"] for v in running.rule()["liveVersions"]] == [35, 65]
    assert deviations(running.answers(2000)["v2"], 2000, 0.65) < Z_9999


def test_a_second_start_on_the_same_folder_names_the_first(shared: Product) -> None:
    second = Product(shared.folder)
    second.start()

    assert second.process is not None
    assert second.process.wait(30) == 1
    assert f"is in use by process {shared.pid}" in second.output()


def test_a_taken_port_is_said_in_a_sentence(shared: Product, tmp_path: Path) -> None:
    second = Product(tmp_path / "second")
    second.folder.mkdir()
    second.start(CROSSFADE_PORT=str(shared.port))

    assert second.process is not None
    assert second.process.wait(30) == 1
    assert f"Port {shared.port} of 127.0.0.1 cannot be opened" in second.output()
    assert "Traceback" not in second.output()


def test_only_this_machine_may_reach_it(product: Product) -> None:
    product.start(CROSSFADE_HOST="0.0.0.0")

    assert product.process is not None
    assert product.process.wait(30) == 1
    assert "expected a loopback address" in product.output()


def test_another_site_cannot_reach_it_through_the_browser(shared: Product) -> None:
    rebound = shared.api.get("/api/rules", headers={"Host": "evil.example"})
    posted = shared.api.post("/api/rules", json={}, headers={"Origin": "http://evil.example"})

    assert (rebound.status_code, posted.status_code) == (421, 403)
    assert rebound.headers["content-type"] == "application/problem+json"


def test_an_own_service_joins_with_two_requests(shared: Product) -> None:
    shared.api.put(
        "/api/local/default/checkout",
        json={"versions": {"blue": [_address(shared, "v1")], "green": [_address(shared, "v2")]}},
    )
    body = {
        "serviceName": "checkout",
        "versions": [{"name": "blue", "weight": 0}, {"name": "green", "weight": 100}],
    }
    rule = shared.api.post("/api/rules", json=body).json()

    operation = shared.deploy(rule["id"])

    assert operation["state"] == "effective"
    assert shared.answers(50, "checkout") == {"v2": 50}


def _address(product: Product, version: str) -> str:
    services = product.api.get("/api/services").json()["items"]
    found = {v["name"]: v["addresses"][0] for v in services[0]["versions"]}
    return str(found[version])


def _processes_about(folder: str) -> list[int]:
    """Processes whose command line, or whose folder, names this one."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                said = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if folder in said:
                found.append(int(process.name))
    return found
