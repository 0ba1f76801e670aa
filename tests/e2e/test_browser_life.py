"""The dashboard over time: crashes and comebacks, many tabs, keys, and very few or many rules."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.browser import Witness
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import Product, until
from tests.e2e.sample_rules import add_drafts, remove_drafts, sample_rule

pytestmark = pytest.mark.browser

BACK_MS = 30_000
TABS = 8
MANY = 10_000
MOST_NODES = 1_500
LATER_PAGES = "**/api/rules?*cursor=*"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A Crossfade without the demo rule."""
    product = Product(tmp_path_factory.mktemp("bare"), CROSSFADE_DEMO="false")
    product.start()
    product.ready()
    yield product
    product.end()


@pytest.fixture
def bare_dashboard(bare: Product, page: Page) -> Dashboard:
    """A page that looks at it."""
    return Dashboard(page, bare)


@pytest.fixture
def crowd(bare: Product) -> Iterator[None]:
    """Many rules in it, for one test."""
    add_drafts(bare, MANY)
    yield
    remove_drafts(bare)


@pytest.fixture
def mortal(running: Product, page: Page) -> Dashboard:
    """A page that looks at a Crossfade of its own."""
    return Dashboard(page, running)


def test_what_was_known_stays_on_screen_while_crossfade_is_away(
    mortal: Dashboard, running: Product, witness: Witness
) -> None:
    witness.expect_silence()
    mortal.open()
    expect(mortal.connection).to_have_text("Live")
    expect(mortal.row("dummy-service")).to_be_visible()

    running.kill()
    expect(mortal.connection).to_have_text(re.compile("Reconnecting|Offline"), timeout=BACK_MS)
    expect(mortal.trouble).to_contain_text("traffic in the mesh is unaffected", timeout=BACK_MS)
    expect(mortal.row("dummy-service")).to_be_visible()
    running.start()
    running.ready()

    expect(mortal.connection).to_have_text("Live", timeout=BACK_MS)
    expect(mortal.trouble).to_have_count(0)


def test_what_others_change_appears_by_itself(dashboard: Dashboard, shared: Product) -> None:
    dashboard.open()
    expect(dashboard.connection).to_have_text("Live")

    sample_rule(shared, "from-elsewhere", (75, 25))

    expect(dashboard.row("from-elsewhere")).to_contain_text("75%")
    expect(dashboard.row("from-elsewhere").locator("[data-state=live]")).to_be_visible()


def test_more_tabs_than_connections_stay_live_when_the_first_one_closes(
    dashboard: Dashboard, shared: Product
) -> None:
    pages = [dashboard.page, *(dashboard.page.context.new_page() for _ in range(TABS - 1))]
    tabs = [Dashboard(page, shared) for page in pages]
    for tab in tabs:
        tab.open()
        expect(tab.connection).to_have_text("Live")

    dashboard.page.close()
    sample_rule(shared, "for-every-tab", (75, 25))

    for tab in tabs[1:]:
        expect(tab.row("for-every-tab").locator("[data-state=live]")).to_be_visible()


def test_keys_walk_through_the_rows_and_open_one(dashboard: Dashboard, shared: Product) -> None:
    sample_rule(shared, "a-first")
    sample_rule(shared, "b-second")
    dashboard.open()
    links = dashboard.rows.get_by_role("link")
    expect(links.nth(1)).to_be_visible()
    names = links.all_inner_texts()

    for key, position in (("j", 0), ("j", 1), ("k", 0), ("k", 0), ("j", 1)):
        dashboard.page.keyboard.press(key)
        expect(links.nth(position)).to_be_focused()
    dashboard.page.keyboard.press("Enter")

    expect(dashboard.page.get_by_role("heading", level=1)).to_have_text(names[1])


def test_the_demo_traffic_is_switched_on_and_off(dashboard: Dashboard, shared: Product) -> None:
    shared.api.put("/api/demo-load", json={"running": False, "rate": 50}).raise_for_status()
    dashboard.open()
    switch = dashboard.page.get_by_role("checkbox", name="Demo traffic")
    expect(switch).not_to_be_checked()

    dashboard.page.get_by_text("Demo traffic").first.click()
    row = dashboard.row("dummy-service")
    expect(row.get_by_role("img", name="Observed:")).to_be_visible()
    expect(row).to_contain_text("req/s")
    switch.press("Space")

    expect(switch).not_to_be_checked()
    until(lambda: not shared.api.get("/api/me").json()["demoLoad"]["running"], "no demo traffic")


def test_without_any_rule_the_page_says_how_to_begin(bare_dashboard: Dashboard) -> None:
    bare_dashboard.open()
    expect(bare_dashboard.page.get_by_role("heading", name="No rules yet")).to_be_visible()

    bare_dashboard.press("Create a rule")

    expect(bare_dashboard.form.get_by_role("combobox", name="Service")).to_be_focused()


@pytest.mark.usefixtures("crowd")
def test_ten_thousand_rules_are_paged_through_with_few_nodes(bare_dashboard: Dashboard) -> None:
    bare_dashboard.open()
    pages = bare_dashboard.page.get_by_role("navigation", name="Pages")
    expect(pages).to_contain_text("1\u201325 of 10,000")
    first = bare_dashboard.rows.first.get_by_role("link")
    name = first.inner_text()

    bare_dashboard.press("Next")
    expect(pages).to_contain_text("26\u201350 of 10,000")
    bare_dashboard.press("Next")
    expect(pages).to_contain_text("51\u201375 of 10,000")
    nodes = bare_dashboard.page.evaluate("document.querySelectorAll('*').length")
    bare_dashboard.press("Previous")
    bare_dashboard.press("Previous")

    expect(pages).to_contain_text("1\u201325 of 10,000")
    expect(first).to_have_text(name)
    assert nodes <= MOST_NODES


@pytest.mark.usefixtures("crowd")
def test_nobody_turns_a_page_that_has_not_come_yet(bare_dashboard: Dashboard) -> None:
    page = bare_dashboard.page
    bare_dashboard.open()
    forward = page.get_by_role("button", name="Next")
    expect(forward).to_be_enabled()
    page.route(LATER_PAGES, _held_back)

    forward.click()
    expect(forward).to_be_disabled()
    forward.press("Enter")

    expect(page).to_have_url(re.compile("page=2"))
    page.unroute(LATER_PAGES)  # which lets go what was held back
    forward.click()
    expect(page).to_have_url(re.compile("page=3"))


def _held_back(_: Route) -> None:
    """A request that is neither sent nor answered."""
