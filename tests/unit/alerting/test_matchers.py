"""Matchers mean what Alertmanager means by them."""

import pytest

from exporter.alerting.matchers import parse, parse_matchers


def matches(text: str, **labels: str) -> bool:
    return parse_matchers([text]).match(labels)


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ('team="shop"', {"team": "shop"}, True),
        ('team="shop"', {"team": "shopping"}, False),
        ('team!="shop"', {"team": "shop"}, False),
        ('team!="shop"', {"team": "other"}, True),
        ('alertname=~"Pipeline.*"', {"alertname": "PipelineMissing"}, True),
        ('alertname=~"Pipeline"', {"alertname": "PipelineMissing"}, False),
        ('alertname=~"Missing"', {"alertname": "PipelineMissing"}, False),
        ('stage=~"a|b"', {"stage": "b"}, True),
        ('stage=~"a|b"', {"stage": "ab"}, False),
        ('stage!~"a|b"', {"stage": "b"}, False),
        ('stage!~"a|b"', {"stage": "bc"}, True),
        ("team=shop", {"team": "shop"}, True),
        ('{team="shop"}', {"team": "shop"}, True),
        ('{team="shop", stage="a"}', {"team": "shop", "stage": "a"}, True),
        ('team="shop", stage="a"', {"team": "shop", "stage": "b"}, False),
        ('team="shop",', {"team": "shop"}, True),
        ('team = "shop" ', {"team": "shop"}, True),
        (r'team="a \"b\" \\ c"', {"team": r'a "b" \ c'}, True),
        (r'team="a\nb"', {"team": "a\nb"}, True),
        ('team="a,b"', {"team": "a,b"}, True),
    ],
)
def test_a_matcher_compares_the_whole_value(text: str, labels: dict[str, str], expected: bool) -> None:
    assert matches(text, **labels) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('team=""', True),
        ('team!=""', False),
        ('team!="shop"', True),
        ('team=~".*"', True),
        ('team=~".+"', False),
        ('team!~"shop"', True),
        ('team!~".*"', False),
    ],
)
def test_a_label_that_is_not_there_is_the_empty_text(text: str, expected: bool) -> None:
    assert matches(text, alertname="Any") is expected


def test_all_matchers_of_a_list_must_match() -> None:
    both = parse_matchers(['team="shop"', 'stage=~"a.*"'])
    assert both.match({"team": "shop", "stage": "ab"})
    assert not both.match({"team": "shop", "stage": "b"})
    assert parse_matchers([]).match({})


@pytest.mark.parametrize("text", ["team", "=shop", 'team=="shop"', 'team="shop', 'a="b" c="d"', ""])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected matchers such as"):
        list(parse(text))


def test_a_bad_expression_is_named() -> None:
    with pytest.raises(ValueError, match=r"expected a regular expression, got '\(': missing \)"):
        list(parse('team=~"("'))


@pytest.mark.parametrize("value", ["team=shop", [1], {"team": "shop"}])
def test_only_a_list_of_texts_is_a_list_of_matchers(value: object) -> None:
    with pytest.raises(ValueError, match="expected a list of matchers"):
        parse_matchers(value)
