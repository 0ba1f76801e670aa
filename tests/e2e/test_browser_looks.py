"""How the dashboard looks and reads: to everyone, on every screen, in both colour modes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect
from tests.e2e.browser import Witness, grave_faults, sideways
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import CHECKOUT, Product, until
from tests.e2e.sample_rules import commit_by_hand, sample_rule

pytestmark = pytest.mark.browser

WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=360, height=740)
PICTURES = CHECKOUT / "test-results" / "pages"
WIDTHS = (360, 768, 1440)
LONG_NAME = "a-service-whose-name-is-as-long-as-a-name-of-a-service-may-be-1"


@dataclass(frozen=True, slots=True)
class Scenery:
    """One installation with something to see on every page."""

    product: Product
    rule_id: str
    drifted_id: str


@dataclass(frozen=True, slots=True)
class View:
    """A browser page before the scenery."""

    dashboard: Dashboard
    scenery: Scenery


@pytest.fixture(scope="module")
def scenery(shared: Product, tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    """Traffic, a rule with a history, a long name, and a file changed by hand."""
    shared.api.put("/api/demo-load", json={"running": True, "rate": 50})
    rule_id = shared.resplit({"v1": 60, "v2": 40})
    shared.deploy(rule_id)
    sample_rule(shared, LONG_NAME)
    drifted_id = sample_rule(shared, "touched", (80, 20))
    commit_by_hand(shared, "touched", tmp_path_factory.mktemp("by-hand"))
    until(lambda: shared.rule("touched")["state"] == "drift", "a noticed commit")
    return Scenery(shared, rule_id, drifted_id)


def rules(view: View) -> None:
    """The list of rules, with its banner about drift."""
    view.dashboard.open()
    expect(view.dashboard.rows).to_have_count(3)
    expect(view.dashboard.page.get_by_role("img", name="Observed:")).to_have_count(1)


def rule(view: View) -> None:
    """A rule with traffic, its deploy unfolded."""
    view.dashboard.open_rule(view.scenery.rule_id)
    view.dashboard.press("Details")
    expect(view.dashboard.bar).to_be_visible()


def drift(view: View) -> None:
    """A rule that was changed by hand, with the changes."""
    view.dashboard.open_rule(view.scenery.drifted_id)
    view.dashboard.press("See changes")
    expect(view.dashboard.page.get_by_role("region", name="Changes in Git")).to_be_visible()


def history(view: View) -> None:
    """The revisions of a rule."""
    view.dashboard.open_rule(view.scenery.rule_id, tab="history")
    expect(view.dashboard.page.get_by_role("button", name="Compare")).to_be_visible()


def comparison(view: View) -> None:
    """Two revisions of a document side by side."""
    view.dashboard.open_rule(view.scenery.rule_id, **{"tab": "yaml", "with": "1"})
    expect(view.dashboard.page.get_by_role("region", name="Revision 2")).to_be_visible()


def audit(view: View) -> None:
    """The audit, with an entry opened and the chain verified."""
    view.dashboard.open("/audit/")
    view.dashboard.page.get_by_role("button", name="rule edited").first.click()
    view.dashboard.press("Verify")
    expect(view.dashboard.page.get_by_text("The chain holds")).to_be_visible()


def form(view: View) -> None:
    """The form with everything unfolded."""
    view.dashboard.open_rule(view.scenery.rule_id, edit=view.scenery.rule_id)
    view.dashboard.form.locator("summary").click()
    view.dashboard.press("Add testers")
    expect(view.dashboard.form.get_by_label("How to compare")).to_be_visible()


def new_form(view: View) -> None:
    """The form of a new rule, with the services that were found."""
    view.dashboard.open("/?new=rule")
    view.dashboard.form.get_by_role("combobox", name="Service").click()
    expect(view.dashboard.page.get_by_role("option").first).to_be_visible()


def preview(view: View) -> None:
    """The preview of a change."""
    view.dashboard.open_rule(view.scenery.rule_id, edit=view.scenery.rule_id)
    view.dashboard.weigh("v2", "70")
    view.dashboard.preview()
    expect(view.dashboard.form.get_by_role("region", name="Git document")).to_be_visible()


def confirm(view: View) -> None:
    """The question before a rollback."""
    view.dashboard.open_rule(view.scenery.rule_id, rollback=view.scenery.rule_id)
    expect(view.dashboard.question).to_contain_text("Back to revision 1")


Sight = Callable[[View], None]
SIGHTS: tuple[Sight, ...] = (
    rules,
    rule,
    drift,
    history,
    comparison,
    audit,
    form,
    new_form,
    preview,
    confirm,
)
every_sight = pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.__name__)


@every_sight
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anyone(
    sight: Sight,
    mode: str,
    scenery: Scenery,
    new_context: Callable[..., BrowserContext],
) -> None:
    context = new_context(color_scheme=mode, reduced_motion="reduce", viewport=WIDE)
    dashboard = Dashboard(context.new_page(), scenery.product)
    sight(View(dashboard, scenery))
    faults = {}
    for size in (WIDE, PHONE):
        dashboard.page.set_viewport_size(size)
        keep(dashboard.page, f"{sight.__name__}-{size['width']}-{mode}.png")
        faults[size["width"]] = grave_faults(dashboard.page)
    assert faults == {1440: [], 360: []}


def test_a_button_without_a_name_is_noticed(dashboard: Dashboard) -> None:
    dashboard.open()

    dashboard.page.evaluate("document.body.append(document.createElement('button'))")

    assert "button-name" in " ".join(grave_faults(dashboard.page))


@every_sight
def test_no_page_must_be_pushed_sideways(
    sight: Sight, dashboard: Dashboard, scenery: Scenery
) -> None:
    sight(View(dashboard, scenery))
    overhang = {}
    for width in WIDTHS:
        dashboard.page.set_viewport_size(ViewportSize(width=width, height=800))
        overhang[width] = sideways(dashboard.page)
    assert overhang == dict.fromkeys(WIDTHS, 0)


def keep(page: Page, name: str) -> None:
    """Leave a picture for people to look at."""
    page.screenshot(path=PICTURES / name, animations="disabled")


def test_the_colour_mode_is_kept_for_the_next_visit(
    new_context: Callable[..., BrowserContext], shared: Product
) -> None:
    dashboard = Dashboard(new_context(color_scheme="light").new_page(), shared)
    dashboard.open()

    dashboard.press("Switch to dark mode")
    dashboard.page.reload()

    expect(dashboard.page.get_by_role("button", name="Switch to light mode")).to_be_visible()


def test_a_script_that_is_not_ours_does_not_run_and_is_noticed(
    dashboard: Dashboard, witness: Witness
) -> None:
    dashboard.open()

    dashboard.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {text: 'document.title = `taken over`'}))"
    )

    expect(dashboard.page).to_have_title("Crossfade")
    [complaint] = witness.complaints
    assert "Content Security Policy" in complaint
    witness.complaints.clear()


def test_an_error_that_nobody_catches_is_noticed(dashboard: Dashboard, witness: Witness) -> None:
    dashboard.open()

    dashboard.page.evaluate("setTimeout(() => { throw new Error('unforeseen') })")

    until(lambda: dashboard.page.title() and witness.complaints, "the complaint")
    assert "unforeseen" in witness.complaints.pop()
