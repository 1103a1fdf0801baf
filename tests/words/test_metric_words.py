"""Every metric has its words, and a share never flatters."""

from pathlib import Path

import pytest

from juanchi.cli.figures import FAMILIES, percent
from juanchi.domain.measures import Metric
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import knows

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_metric_has_its_words_and_its_place() -> None:
    for lang in LANGUAGES:
        for part in ("name", "of", "counted", "when"):
            assert [one for one in Metric if not knows(f"metric.{part}.{one}", lang)] == []
    assert sorted(one for family in FAMILIES.values() for one in family) == sorted(Metric)
    documented = (DOCS / "metrics.md").read_text("utf-8")
    assert [one for one in Metric if f"`{one}`" not in documented] == []


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0, "0.0%"),
        (1, "100.0%"),
        (0.9996, "99.9%"),
        (1 / 3, "33.3%"),
        (0.29, "29.0%"),
        (1e-9, "<0.1%"),
    ],
)
def test_a_share_never_flatters(share: float, told: str) -> None:
    assert percent(share) == told
