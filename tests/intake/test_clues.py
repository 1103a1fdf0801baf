"""What a source said becomes a clue: sealed, with a date that can be, believed as far as it is."""

from datetime import UTC, datetime, timedelta

import pytest

from juanchi.domain.channels import RegisteredChannel, Trust
from juanchi.domain.lists import ChannelKind
from juanchi.domain.terms import Nature, Urgency
from juanchi.intake.channels.adapter import Arrival
from juanchi.intake.channels.clues import clue_of, urgent_ones

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
FEED = RegisteredChannel(code="feed-1", name="Feed", kind=ChannelKind.FEED)


class Sealed:
    """A seal that can be told from the clear."""

    def seal(self, text: str) -> str:
        return f"sealed:{len(text)}"

    def pseudonym(self, text: str) -> str:
        return f"r-{len(text)}"


def arrival(**more: object) -> Arrival:
    return Arrival.model_validate({"external_id": "1", "text": "A lamp is out", **more})


@pytest.mark.parametrize(
    "given",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        NOW + timedelta(minutes=6),
    ],
)
def test_a_date_that_cannot_be_is_the_moment_of_reading_and_says_so(given: datetime) -> None:
    clue = clue_of(FEED, arrival(reported_at=given), NOW, Sealed())
    assert (clue.reported_at, clue.mended) == (NOW, given.isoformat())


@pytest.mark.parametrize("given", [NOW - timedelta(days=3000), NOW + timedelta(minutes=4)])
def test_a_date_that_can_be_stays(given: datetime) -> None:
    clue = clue_of(FEED, arrival(reported_at=given), NOW, Sealed())
    assert (clue.reported_at, clue.mended) == (given, "")


def test_without_a_date_it_is_the_moment_of_reading() -> None:
    clue = clue_of(FEED, arrival(), NOW, Sealed())
    assert (clue.reported_at, clue.mended) == (NOW, "")


def test_a_contact_is_sealed() -> None:
    clue = clue_of(FEED, arrival(contact="13800138000"), NOW, Sealed())
    assert clue.reporter is not None
    assert (clue.reporter.id, clue.reporter.sealed_contact) == ("r-11", "sealed:11")
    assert "13800138000" not in clue.model_dump_json()
    assert clue_of(FEED, arrival(contact="  "), NOW, Sealed()).reporter is None


def test_where_anybody_may_write_only_the_words_count() -> None:
    claims = arrival(urgency=Urgency.URGENT, nature=Nature.COMPLAINT)
    public = clue_of(FEED, claims, NOW, Sealed())
    assert (public.urgency, public.nature) == (None, None)
    known = FEED.model_copy(update={"trust": Trust.KNOWN})
    believed = clue_of(known, claims, NOW, Sealed())
    assert (believed.urgency, believed.nature) == (Urgency.URGENT, Nature.COMPLAINT)


def test_urgent_by_the_channels_word_else_by_the_citys() -> None:
    calm = clue_of(FEED, arrival(external_id="calm"), NOW, Sealed())
    words = clue_of(FEED, arrival(external_id="words", text="GAS LEAK at Mill"), NOW, Sealed())
    known = FEED.model_copy(update={"trust": Trust.KNOWN})
    said = clue_of(
        known, arrival(external_id="no", text="gas leak", urgency=Urgency.GENERAL), NOW, Sealed()
    )
    assert urgent_ones([calm, words, said], ["gas leak"]) == {"words"}
