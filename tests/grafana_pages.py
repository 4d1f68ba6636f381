"""Grafana's dashboards as people see them in a browser, and what is wrong with the sight.

Shared by the tests that are given a Grafana and those that start one.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, Response
from playwright.sync_api import TimeoutError as TooLateError

from tests import grafana_scripts as scripts

FILES = Path(__file__).parents[1] / "grafana/dashboards"
HOME = "pipeline-health"
WIDTHS = (1440, 390)
FIRST_HEIGHT = 900
PATIENCE_MS = 30_000
HOVER_MS = 5_000
# What Grafana says of a panel that has no data and no sentence of its own.
NOTHING = "No data"
ERROR = "data-testid Panel status error"
NOT_FOUND = '[data-testid="data-testid entity-not-found"]'
VARIABLE = r"\$\{[^}]+\}|\$\w+|\[\[\w+\]\]"

Seen = dict[str, Any]


class Panel(NamedTuple):
    """What is to be seen of it: its title, or the sentence that says that there is nothing."""

    key: str
    title: str
    when_empty: str


@dataclass(frozen=True)
class Dashboard:
    """What is to be seen of it: nothing of what is in a collapsed row."""

    uid: str
    title: str
    rows: tuple[str, ...]
    panels: tuple[Panel, ...]
    variables: frozenset[str]


@dataclass
class Visit:
    """A page, and what went wrong behind it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught exception: {error}"))
        self.page.on("response", self.listen)

    def listen(self, response: Response) -> None:
        """Whatever Grafana refuses or can't do: queries, the values of variables, alerts, parts of itself."""
        if response.status >= 400:
            self.complaints.append(f"{response.status} from {response.url.partition('?')[0]}")


def dashboards() -> list[Dashboard]:
    """Those in the repository."""
    return [dashboard(path) for path in sorted(FILES.glob("*.json"))]


def dashboard(path: Path) -> Dashboard:
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = [one["title"] for one in content["panels"] if one["type"] == "row"]
    panels = [panel(one) for one in content["panels"] if one["type"] != "row"]
    variables = {one["name"] for one in content["templating"]["list"]}
    return Dashboard(content["uid"], content["title"], tuple(rows), tuple(panels), frozenset(variables))


def panel(content: dict[str, Any]) -> Panel:
    defaults = content.get("fieldConfig", {}).get("defaults", {})
    return Panel(f"panel-{content['id']}", content.get("title", ""), defaults.get("noValue", ""))


@contextmanager
def visiting(browser: Browser, url: str, width: int, refused: str = "") -> Iterator[Visit]:
    """Somebody who is not logged in goes there. What is asked at the refused addresses gets an error."""
    with browser.new_context(viewport={"width": width, "height": FIRST_HEIGHT}) as context:
        context.add_init_script(scripts.REMEMBER_ALERTS)
        if refused:
            context.route(refused, lambda route: route.fulfill(status=500, json={"message": "refused"}))
        visit = Visit(context.new_page())
        visit.page.goto(url)
        yield visit


def faults(visit: Visit, wanted: Dashboard, width: int, pictures: Path | None = None) -> list[str]:
    """What is wrong with the dashboard there; a picture of all of it goes into the folder."""
    in_time = see_all(visit.page, wanted, width)
    if pictures is not None:
        visit.page.screenshot(path=pictures / f"{wanted.uid}-{width}.png")
    return [*in_time, *visit.complaints, *wrong(visit.page, wanted)]


def see_all(page: Page, wanted: Dashboard, width: int) -> list[str]:
    """Grafana loads what comes into view: make the window as high as the page, which grows meanwhile."""
    keys = [one.key for one in wanted.panels]
    seen, height = 0, FIRST_HEIGHT
    try:
        page.wait_for_selector(f"[data-viz-panel-key], {NOT_FOUND}", timeout=PATIENCE_MS)
        if page.locator(NOT_FOUND).count():
            return ["Grafana knows no such dashboard"]
        while seen < height:
            seen = height
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(scripts.LOADED_OR_HIGHER, arg=keys, timeout=PATIENCE_MS)
            height = page.evaluate(scripts.HEIGHT)
    except TooLateError:
        return [f"not loaded within {PATIENCE_MS / 1000:g} s"]
    return []


def wrong(page: Page, wanted: Dashboard) -> list[str]:
    """What is wrong with the page as it is now."""
    seen = page.evaluate(scripts.PANELS)
    return [
        *(f"alert box: {text}" for text in page.evaluate("() => window.alertsSeen")),
        *missing(wanted, seen, page.evaluate(scripts.ROWS)),
        *(f"panel {one['title']!r} has an error: {why(page, one)}" for one in seen if one["failed"]),
        *empty(wanted, seen),
        *too_wide(page),
        *(f"cut off: {text}" for text in page.evaluate(scripts.CUT_OFF)),
    ]


def missing(wanted: Dashboard, seen: Sequence[Seen], rows: Sequence[str]) -> list[str]:
    """Panels and rows that are in the file and not on the page."""
    panels = [one for one in wanted.panels if not any(is_of(one, other) for other in seen)]
    gone = [title for title in wanted.rows if not any(is_named(title, row) for row in rows)]
    return [
        *(f"panel {one.title!r} ({one.key}) is not there" for one in panels),
        *(f"row {title!r} is not there" for title in gone),
    ]


def is_of(wanted: Panel, seen: Seen) -> bool:
    """Whether that is what is to be seen of the panel. A copy's key has something after it."""
    key = seen["key"]
    return is_named(wanted.title, seen["title"]) and (key == wanted.key or key.startswith(f"{wanted.key}-"))


def is_named(title: str, shown: str) -> bool:
    """Whether the title is shown, with a text for each variable in it."""
    fixed = [re.escape(part) for part in re.split(VARIABLE, title)]
    return re.fullmatch(".*".join(fixed), shown) is not None


def empty(wanted: Dashboard, seen: Sequence[Seen]) -> list[str]:
    """Panels that say in Grafana's words that they have no data, and those that say and draw nothing."""
    own = {one.when_empty for one in wanted.panels} - {""}
    said = [(one["title"], one["message"]) for one in seen if one["message"] and one["message"] not in own]
    said += [(one["title"], NOTHING) for one in seen if NOTHING in one["lines"] and not one["message"]]
    mixed = [(one["title"], text) for one in seen for text in sorted(own & set(one["cells"]))]
    blank = [one["title"] for one in seen if not (one["lines"] or one["drawn"])]
    return [
        *(f"panel {title!r} says {text!r}" for title, text in said),
        *(f"panel {title!r} says {text!r} in a single cell" for title, text in mixed),
        *(f"panel {title!r} shows nothing" for title in blank),
    ]


def why(page: Page, seen: Seen) -> str:
    """What the mark of an error says when one points at it."""
    mark = page.locator(f'[data-viz-panel-key="{seen["key"]}"]').get_by_test_id(ERROR)
    try:
        mark.hover(timeout=HOVER_MS)
        return page.get_by_role("tooltip").first.inner_text(timeout=HOVER_MS)
    except TooLateError:
        return "gone before it said why"


def too_wide(page: Page) -> list[str]:
    """Where one has to scroll sideways, or can't even do that."""
    sideways = page.evaluate(scripts.SIDEWAYS)
    return [
        *([f"the page is {sideways} px too wide"] if sideways > 0 else []),
        *(f"{text!r} is beyond the page's edge" for text in page.evaluate(scripts.WIDE_TEXTS)),
    ]
