"""docs/runbooks.md as the page that the exporter serves at /runbooks."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.rules.files import files_of
from tools.rules.profile import PROFILES
from tools.rules.rule import Alert

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs/runbooks.md"
PAGE = ROOT / "exporter/web/page/runbooks.html"
MARKDOWN = MarkdownIt("commonmark")

FRAME = """<!doctype html>
<html lang="en">
<head>
  <!-- Written by make docs from docs/runbooks.md. -->
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="What to do about each alert">
  <title>Runbooks · Pipeline health</title>
  <link rel="icon" type="image/svg+xml" href="page/favicon.svg">
  <link rel="stylesheet" href="page/page.css">
  <link rel="stylesheet" href="page/runbooks.css">
</head>
<body>
  <a class="skip" href="#content">Skip to the content</a>
  <header class="top">
    <div class="top-row">
      <p class="brand"><strong>Pipeline health</strong></p>
      <nav aria-label="Pages"><a href="./">Live page</a></nav>
    </div>
  </header>
  <div class="runbooks">
<nav class="contents" aria-label="Alerts">
{contents}
</nav>
<main id="content" tabindex="-1">
{text}
</main>
  </div>
</body>
</html>
"""


class Section(NamedTuple):
    """A heading (level 1, 2 or 3) and all up to the next one."""

    level: int
    title: str
    body: Sequence[Token]

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return self.title.lower().replace(" ", "-")


def sections(text: str) -> Iterator[Section]:
    """The document's sections."""
    tokens = MARKDOWN.parse(text)
    starts = [index for index, token in enumerate(tokens) if token.type == "heading_open"]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield Section(int(tokens[start].tag[1:]), tokens[start + 1].content, tokens[start + 3 : end])


def severities() -> dict[str, list[str]]:
    """The severities that each alert can have."""
    found: dict[str, list[str]] = {}
    for groups in files_of(PROFILES[0]).values():
        for rule in (rule for group in groups for rule in group.rules if isinstance(rule, Alert)):
            found.setdefault(rule.name, []).append(rule.severity)
    return {name: list(dict.fromkeys(several)) for name, several in found.items()}


def rendered(section: Section, severity: Sequence[str]) -> str:
    """A section as HTML; alerts, and what stands above them all, are cards.

    An alert's card is found by its very name: a link in Grafana can't turn that into lower case.
    """
    badges = "".join(f' <span class="badge">{one}</span>' for one in severity)
    tag, anchor = f"h{section.level}", escape(section.anchor)
    heading = f'<{tag} id="{anchor}">{escape(section.title)}{badges}</{tag}>'
    body: str = MARKDOWN.renderer.render(section.body, MARKDOWN.options, {})
    if section.level == 2:
        return f"{heading}\n{body}"
    name = f' id="{escape(section.title)}"' if section.level == 3 else ""
    return f'<section{name} class="card" aria-labelledby="{anchor}">\n{heading}\n{body}</section>'


def contents(found: Sequence[Section]) -> str:
    """Links to all alerts, by group."""
    lines: list[str] = []
    for section in found:
        link = f'<a href="#{escape(section.anchor)}">{escape(section.title)}</a>'
        if section.level == 2:
            lines += ["</ul>"] * bool(lines) + [f"<h2>{link}</h2>", "<ul>"]
        elif section.level == 3:
            lines.append(f"<li>{link}</li>")
    return "\n".join([*lines, "</ul>"])


def page(text: str) -> str:
    """The page of a document."""
    found, severity = list(sections(text)), severities()
    cards = [rendered(section, severity.get(section.title, ())) for section in found]
    return FRAME.format(contents=contents(found), text="\n".join(cards))


def write() -> None:
    """Replace the page."""
    PAGE.write_text(page(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
