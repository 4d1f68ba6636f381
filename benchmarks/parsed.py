"""Exposition texts as the samples that prometheus_client's own parsers read in them."""

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.samples import Exemplar

Place = tuple[str, str, str, str, frozenset[tuple[str, str]]]
Samples = dict[Place, tuple[float, Exemplar | None]]


def parse(text: bytes, openmetrics: bool) -> Samples:
    """Value and exemplar of each sample by family, type, help, name and labels; none may be there twice."""
    families = (openmetrics_parser if openmetrics else parser).text_string_to_metric_families(text.decode())
    samples: Samples = {}
    for family in families:
        about = family.name, family.type, family.documentation
        for sample in family.samples:
            place = (*about, sample.name, frozenset(sample.labels.items()))
            assert place not in samples, f"{place} is there twice"
            samples[place] = sample.value, sample.exemplar
    return samples


def assert_equal(ours: bytes, peer: bytes, openmetrics: bool) -> None:
    """Fail, naming some samples, unless both texts say the same."""
    one, other = parse(ours, openmetrics), parse(peer, openmetrics)
    different = [place for place in one.keys() | other.keys() if one.get(place) != other.get(place)]
    assert not different, f"{len(different)} samples differ: {different[:3]}"
