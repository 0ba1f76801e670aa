"""The dashboard in the words of those who use it."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page
from tests.e2e.product import Product


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One browser page that looks at one Crossfade."""

    page: Page
    product: Product

    def open(self, path: str = "/") -> None:
        """Go to an address of the dashboard."""
        self.page.goto(str(self.product.api.base_url.join(path)))

    def open_rule(self, rule_id: str, **query: str) -> None:
        """Go to the page of a rule."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        self.open(f"/rule/?id={rule_id}{more}")

    @property
    def rows(self) -> Locator:
        """The rows of the list of rules."""
        return self.page.locator("ol[aria-label=Rules] > li")

    def row(self, service: str) -> Locator:
        """The row of a service."""
        return self.rows.filter(has=self.page.get_by_role("link", name=service, exact=True))

    @property
    def connection(self) -> Locator:
        """Whether changes reach the page, in a word."""
        return self.page.get_by_test_id("connection")

    @property
    def trouble(self) -> Locator:
        """The notice that the list cannot be had."""
        return self.page.get_by_role("alert").filter(has_text="Rules could not be loaded")

    @property
    def form(self) -> Locator:
        """The dialog that edits a rule."""
        return self.page.get_by_role("dialog")

    @property
    def question(self) -> Locator:
        """The dialog that asks before an act."""
        return self.page.get_by_role("alertdialog")

    @property
    def track(self) -> Locator:
        """How far the newest operation of a rule has come."""
        return self.section("Deploy")

    @property
    def bar(self) -> Locator:
        """The observed split beside the wanted one."""
        return self.section("Live split").get_by_role("img", name="Wanted")

    def section(self, name: str) -> Locator:
        """A card of the page."""
        return self.page.get_by_role("region", name=name, exact=True)

    def state(self, state: str) -> Locator:
        """The badge of a rule in this state."""
        return self.page.get_by_role("main").locator(f"[data-state={state}]")

    def press(self, name: str) -> None:
        """Press a button of whatever is in front."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def weigh(self, version: str, percent: str) -> None:
        """Type a weight."""
        self.form.get_by_label(f"Weight of {version} in percent").fill(percent)

    def preview(self) -> None:
        """Go on from the form to the preview."""
        self.form.get_by_role("button", name="Preview").click()

    def deploy(self) -> None:
        """Go on from the preview to the deploy."""
        self.form.get_by_role("button", name="Deploy").click()
