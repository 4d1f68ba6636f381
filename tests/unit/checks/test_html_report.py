"""The report as a web page: one file that asks nobody, in which nothing that data says is more than text."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exporter.checks.html import html
from tests.unit.checks.asking_checks import check, configured
from tests.unit.checks.clickstreams import CHECKS, NOW, judged, written

HOSTILE = "</style><script>alert(1)</script>\"'&amp;\x07"
HALF = "UPDATE events SET amount = amount * 0.4 WHERE {last};"
FOREVER = CHECKS.replace("freshness: {lag: 1d}", "freshness: {}")


def tree(page: str) -> ElementTree.Element:
    """The page, which is XML but for what HTML leaves open."""
    closed = re.sub(r"<meta([^>]*)>", r"<meta\1/>", page.removeprefix("<!doctype html>\n"))
    return ElementTree.fromstring(closed)


def texts(found: ElementTree.Element, path: str) -> list[str]:
    return ["".join(one.itertext()) for one in found.findall(path)]


def test_what_is_wrong_comes_first(tmp_path: Path) -> None:
    page = tree(html([judged(written(tmp_path, 1, HALF))], NOW))
    [section] = page.findall(".//section")
    [message] = texts(section, ".//ul[@class='findings']//p[1]")
    assert message.startswith("Revenue drop detected: ")
    assert texts(section, ".//ul[@class='tiers']/li/strong") == [
        "5 of 5 pass",
        "11 of 11 pass",
        "3 of 4 pass",
    ]
    assert texts(section, ".//tbody/tr[1]/td")[:2] == ["critical", "drift revenue"]
    assert len(section.findall(".//tbody/tr")) == 20
    assert texts(page, ".//header//p") == ["1 critical, 19 pass", "Judged 2026-03-30 09:00 UTC"]


def test_a_measure_that_drifts_is_drawn_with_what_is_usual(tmp_path: Path) -> None:
    page = tree(html([judged(written(tmp_path, 2, HALF))], NOW))
    revenue, purchases, conversion = page.findall(".//figure")
    assert [figure.get("class") for figure in (revenue, purchases, conversion)] == [
        "critical",
        "pass",
        "pass",
    ]
    assert [len(figure.findall(".//rect")) for figure in (revenue, purchases, conversion)] == [1, 0, 1]
    [band], [mean] = revenue.findall(".//rect"), revenue.findall(".//line[@class='mean']")
    [newest] = revenue.findall(".//circle[@class='newest']")
    top, height = float(band.get("y", "")), float(band.get("height", ""))
    assert top < float(mean.get("y1", "")) < top + height < float(newest.get("cy", ""))
    assert len(revenue.findall(".//circle[@class='day']")) == 28


def test_days_that_are_missing_break_the_line(tmp_path: Path) -> None:
    defect = "DELETE FROM events WHERE CAST(ts AS DATE) IN (DATE '2026-03-20', DATE '2026-03-10');"
    page = tree(html([judged(written(tmp_path, 3, defect))], NOW))
    drawn = [path.get("d", "") for path in page.findall(".//path")]
    assert [line.count("M") for line in drawn] == [3, 3, 3]


@pytest.mark.parametrize("value", ["'inf'", "'nan'", "1e308", "-1e308"])
def test_numbers_that_can_not_be_drawn(value: str, tmp_path: Path) -> None:
    defect = f"UPDATE events SET amount = {value} WHERE event_id = (SELECT max(event_id) FROM events);"
    page = html([judged(written(tmp_path, 4, defect))], NOW)
    assert not re.search(
        r'"[^"]*\b(nan|inf)\b[^"]*"', "".join(re.findall(r"<(?:path|circle|line|rect)[^>]*>", page))
    )
    assert len(tree(page).findall(".//svg")) == 3


def test_whatever_names_and_values_are_they_are_text(tmp_path: Path) -> None:
    name = HOSTILE.replace("\x07", "")
    lines = [
        "id,day,kind",
        *(f'{n},2026-01-01,"{HOSTILE.replace(chr(34), chr(34) * 2)}"' for n in range(200)),
    ]
    header = '"' + name.replace('"', '""') + '"'
    (tmp_path / "day.csv").write_text("\n".join([lines[0].replace("kind", header), *lines[1:]]))
    quoted = "'" + name.replace("'", "''") + "'"
    checks = f"      taxonomy: [{{column: {quoted}, allowed: [a]}}]"
    path = configured(tmp_path, "    date: day", "    checks:", checks)
    result = check(path, "--html", tmp_path / "report.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "\x07" not in page
    assert page.count("</style>") == 1
    [message] = texts(tree(page), ".//ul[@class='findings']/li[1]//p[1]")
    assert name in message


def test_nothing_is_fetched_and_nothing_runs(tmp_path: Path) -> None:
    page = html([judged(written(tmp_path, 5))], NOW)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page
    assert not re.search(r"https?:|url\(|@import|<link|<img|<script|\son\w+=", page)


def test_several_datasets_and_one_without_a_row(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,day\n")
    empty = judged(configured(tmp_path, "    date: day", data="empty.csv"))
    page = tree(html([judged(written(tmp_path, 6)), empty], NOW))
    assert texts(page, ".//nav//a") == ["shop/clickstream", "sales"]
    assert [link.get("href") for link in page.findall(".//nav//a")] == ["#dataset-0", "#dataset-1"]
    assert [section.get("id") for section in page.findall(".//section")] == ["dataset-0", "dataset-1"]
    assert texts(page, ".//section[2]//ul[@class='findings']//p[1]") == ["No rows"]


def test_a_page_that_can_not_be_written(tmp_path: Path) -> None:
    result = check(written(tmp_path, 7, "", FOREVER), "--html", tmp_path / "gone/report.html")
    assert result.exit_code == 2
    assert result.stderr.endswith("gone/report.html: can't be written: No such file or directory\n")
