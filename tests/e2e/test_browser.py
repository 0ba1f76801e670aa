"""What people do with the dashboard, done in a real browser with real traffic behind it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.e2e.browser import Witness
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import Product, deviations, until
from tests.e2e.sample_rules import commit_by_hand, listen, sample_rule

pytestmark = pytest.mark.browser

Z_9999 = 3.8906  # the two-sided 99.99% interval of a binomial share
DEMO_RATE = 100
WINDOW_MS = 60_000  # twice the time that an observed share looks back
NOTICED_MS = 30_000


def test_a_new_rule_is_previewed_deployed_and_followed_by_traffic(
    dashboard: Dashboard, shared: Product, backends: dict[str, str]
) -> None:
    listen(shared, "shop", backends)
    dashboard.open()

    dashboard.press("New rule")
    dashboard.form.get_by_role("combobox", name="Service").fill("shop")
    dashboard.page.get_by_role("option", name="shop").click()
    dashboard.weigh("v1", "70")
    dashboard.preview()
    expect(dashboard.form).to_contain_text("shop is divided for the first time: v1 70%, v2 30%")
    expect(dashboard.form.get_by_role("region", name="Git document")).to_contain_text("weight: 30")
    dashboard.deploy()

    expect(dashboard.track).to_contain_text("Deploy of revision 1 is effective")
    assert deviations(shared.answers(1000, "shop")["v2"], 1000, 0.3) < Z_9999


def test_a_split_moved_by_keys_moves_the_bar_under_demo_load(
    dashboard: Dashboard, shared: Product
) -> None:
    rule_id = shared.resplit({"v1": 80, "v2": 20})
    shared.deploy(rule_id)
    shared.api.put("/api/demo-load", json={"running": True, "rate": DEMO_RATE})
    dashboard.open_rule(rule_id)
    expect(dashboard.bar).to_have_attribute("aria-label", re.compile("Observed: v1 [78]"))

    dashboard.press("Edit")
    slider = dashboard.form.get_by_role("slider", name="Weight of v2")
    for _ in range(3):
        slider.press("PageUp")
    dashboard.preview()
    expect(dashboard.form).to_contain_text("30% more of dummy-service goes to v2")
    dashboard.page.keyboard.press("Control+Enter")

    expect(dashboard.track).to_contain_text("is effective")
    moved = re.compile(r"Observed: v1 [4-6]\d\..*Wanted: v1 50%, v2 50%")
    expect(dashboard.bar).to_have_attribute("aria-label", moved, timeout=WINDOW_MS)


def test_a_rollback_is_asked_once_and_brings_the_traffic_back(
    dashboard: Dashboard, shared: Product
) -> None:
    rule_id = sample_rule(shared, "going-back", (100, 0), (0, 100))
    dashboard.open_rule(rule_id)

    dashboard.press("Roll back now")
    expect(dashboard.question).to_contain_text("Back to revision 1: v1 100%, v2 0%")
    dashboard.press("Roll back to revision 1")

    expect(dashboard.track).to_contain_text("Rollback of revision 3 is effective")
    assert shared.answers(50, "going-back") == {"v1": 50}


def test_history_shows_each_revision_with_its_commit_and_what_it_changed(
    dashboard: Dashboard, shared: Product
) -> None:
    rule_id = sample_rule(shared, "told", (80, 20), (50, 50))

    dashboard.open_rule(rule_id, tab="history")
    revisions = dashboard.page.get_by_role("tabpanel").get_by_role("listitem")
    expect(revisions).to_have_count(2)
    expect(revisions.first).to_contain_text("v1 80% → 50%, v2 20% → 50%")
    for revision in revisions.all():
        expect(revision.locator("code")).to_have_text(re.compile("^[0-9a-f]{7,}$"))
    dashboard.press("Compare")

    changes = dashboard.page.get_by_role("region", name="Revision 2: 4 lines added, 4 removed")
    expect(changes).to_contain_text("weight: 80")
    expect(changes).to_contain_text("weight: 50")


def test_a_commit_by_hand_is_drift_with_its_author_until_it_is_restored(
    dashboard: Dashboard, shared: Product, tmp_path: Path
) -> None:
    rule_id = sample_rule(shared, "touched", (80, 20))
    dashboard.open()
    expect(dashboard.row("touched").locator("[data-state=live]")).to_be_visible()

    commit_by_hand(shared, "touched", tmp_path)
    drifted = dashboard.row("touched").locator("[data-state=drift]")
    expect(drifted).to_be_visible(timeout=NOTICED_MS)
    dashboard.open_rule(rule_id)
    expect(dashboard.section("Drift")).to_contain_text("Jane Doe")
    dashboard.press("See changes")
    expect(dashboard.page.get_by_role("region", name="Changes in Git")).to_contain_text("30")
    dashboard.press("Restore")
    dashboard.press("Restore revision 1")

    expect(dashboard.state("live")).to_be_visible(timeout=NOTICED_MS)
    expect(dashboard.section("Drift")).to_be_hidden()


def test_a_second_editor_sees_the_first_ones_edit_and_keeps_the_own(
    dashboard: Dashboard,
    shared: Product,
    new_context: Callable[..., BrowserContext],
    witness: Witness,
) -> None:
    rule_id = sample_rule(shared, "contested", (80, 20))
    witness.expect(412)
    second = Dashboard(new_context().new_page(), shared)
    for editor in (dashboard, second):
        editor.open_rule(rule_id, edit=rule_id)
    dashboard.weigh("v2", "40")
    second.weigh("v2", "33")

    dashboard.press("Save draft")
    expect(dashboard.form).to_be_hidden()
    second.press("Save draft")

    expect(second.form.get_by_role("alert")).to_contain_text("Somebody else changed this rule")
    expect(second.form.get_by_role("region", name="The other edit")).to_contain_text("40")
    expect(second.form.get_by_label("Weight of v2 in percent")).to_have_value("33")
    second.press("Keep mine, on top of it")
    second.press("Save draft")
    expect(second.form).to_be_hidden()
    assert [v["weight"] for v in shared.rule("contested")["versions"]] == [67, 33]


def test_a_refused_name_is_told_at_its_field(dashboard: Dashboard, witness: Witness) -> None:
    witness.expect(422)
    dashboard.open("/?new=rule")
    service = dashboard.form.get_by_role("combobox", name="Service")

    service.fill("Not A Name")
    dashboard.preview()

    expect(service).to_have_attribute("aria-invalid", "true")
    expect(dashboard.form.get_by_role("alert")).to_contain_text("Some fields need another look")
    expect(service).to_have_accessible_error_message(re.compile("lower-case letters"))


def test_a_refused_condition_unfolds_what_hid_it(
    dashboard: Dashboard, shared: Product, witness: Witness
) -> None:
    rule_id = sample_rule(shared, "picky", (80, 20))
    witness.expect(422)
    dashboard.open_rule(rule_id, edit=rule_id)
    more = dashboard.form.locator("summary")
    more.click()
    dashboard.press("Add testers")
    dashboard.form.get_by_label("How to compare").select_option("matches")
    value = dashboard.form.get_by_label("Value")
    value.fill("(")
    more.click()
    expect(value).to_be_hidden()

    dashboard.preview()

    expect(value).to_be_visible()
    expect(value).to_have_attribute("aria-invalid", "true")


def test_changes_are_not_thrown_away_without_asking(dashboard: Dashboard, shared: Product) -> None:
    rule_id = sample_rule(shared, "half-done", (80, 20))
    dashboard.open_rule(rule_id, edit=rule_id)
    dashboard.weigh("v2", "60")

    dashboard.page.keyboard.press("Escape")
    expect(dashboard.question).to_contain_text("Throw away your changes?")
    dashboard.press("Keep editing")

    expect(dashboard.form.get_by_label("Weight of v1 in percent")).to_have_value("40")


def test_a_deleted_rule_is_gone_from_the_list_and_from_the_entrance(
    dashboard: Dashboard, shared: Product
) -> None:
    rule_id = sample_rule(shared, "unwanted", (80, 20))
    dashboard.open_rule(rule_id)

    dashboard.press("Delete rule")
    dashboard.question.get_by_role("button", name="Delete rule").click()

    expect(dashboard.rows.first).to_be_visible()
    expect(dashboard.row("unwanted")).to_have_count(0)
    until(lambda: shared.answers(1, "unwanted") == {"failed": 1}, "no route")


def test_audit_lists_the_acts_and_the_chain_holds(dashboard: Dashboard, shared: Product) -> None:
    sample_rule(shared, "watched", (80, 20))
    dashboard.open("/audit/")

    dashboard.page.get_by_label("Service").fill("watched")
    entries = dashboard.page.get_by_role("list", name="Audit entries").get_by_role("listitem")
    expect(entries.filter(has_text="deploy effective")).to_have_count(1)
    expect(entries.filter(has_text="rule created")).to_have_count(1)
    dashboard.press("Verify")

    expect(dashboard.page.get_by_role("status")).to_contain_text(["The chain holds"])
