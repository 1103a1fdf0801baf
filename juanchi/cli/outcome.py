"""The foot of a ticket's timeline: how it ended, in time or not, and what it took. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from juanchi.cli.prose import Prose, tied
from juanchi.domain.events import Entry
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, EndKind
from juanchi.domain.ticket import Ticket
from juanchi.words import named, say
from juanchi.words.spans import span
from juanchi.words.telling import Teller

COUNTED = {
    "return_requested": "returns",
    "arbitration_opened": "arbitrations",
    "appeal_lodged": "appeals",
    "extension_granted": "extensions",
    "hold_granted": "holds",
    "order_issued": "orders",
    "sent_back": "reworks",
    "reopened": "reopenings",
}
"""What a long life is summed up by: events, and the words for so many of them."""


def outcome(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> Panel:
    """How a ticket ended. Raises ``ValueError`` when it has not."""
    lang, ending = teller.lang, ticket.ending
    if ending is None:
        raise ValueError("only a ticket that has ended has a summary")
    closed = ending.kind is EndKind.CLOSED
    lines = [*_closed(ticket, entries, teller)] if closed else [_ended(ticket, teller)]
    if counts := _counts(entries, teller):
        lines.append(Prose(counts, style="yellow"))
    took = span(ending.at - ticket.received_at, lang)
    lines.append(Text(say("timeline.life", lang, span=took), style="dim"))
    return Panel(
        Group(*lines),
        title=Text(say("timeline.summary", lang), style="bold"),
        title_align="left",
        border_style="green" if closed else "none",
        padding=(0, 1),
    )


def _ended(ticket: Ticket, teller: Teller) -> Text:
    kind, reason = (ticket.ending.kind, ticket.ending.reason) if ticket.ending else ("", "")
    end = named("end", kind, teller.lang)
    return Text(
        say("timeline.ended", teller.lang, end=end, reason=named("reason", reason, teller.lang))
    )


def _closed(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> Iterator[Text]:
    lang, ending = teller.lang, ticket.ending
    settled = named("outcome", ending.outcome, lang) if ending and ending.outcome else ""
    yield Text(say("timeline.closed", lang, outcome=settled), style="bold green")
    yield _rated(ticket, teller)
    yield from _on_time(ticket, entries, teller)


def _rated(ticket: Ticket, teller: Teller) -> Text:
    ending, rating = ticket.ending, ticket.rating
    if rating is None or ending is None or not ending.rated:
        return Text(say("timeline.not_rated", teller.lang), style="yellow")
    told = say("timeline.rated", teller.lang, overall=rating.overall)
    if ticket.rating_appeal and ticket.rating_appeal.upheld:
        told = say("timeline.rated_void", teller.lang, overall=rating.overall)
    return Text(told)


def _on_time(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> Iterator[Text]:
    """In time by the due time that ran at the reply; and by the first one, if that was another."""
    answer, lang = ticket.answer, teller.lang
    if answer is None:
        return
    due, first = _due_of_reply(entries, answer.at), ticket.first_due
    if answer.on_time:
        yield Text(say("timeline.replied_on_time", lang))
    else:
        late = span(answer.at - due, lang)
        yield Text(say("timeline.replied_overdue", lang, span=late), style="red")
    if first is None or first == due or answer.on_time_first is None:
        return
    shown = teller.short(first)
    if answer.on_time_first:
        yield Text(say("timeline.first_on_time", lang, due=shown))
    else:
        late = span(answer.at - first, lang)
        yield Text(say("timeline.first_overdue", lang, due=shown, span=late), style="red")


def _due_of_reply(entries: Sequence[Entry], at: datetime) -> datetime:
    """The handling due time that ran when the last reply was given."""
    due = at
    for entry in entries:
        event = entry.event
        if event.kind == "planned":
            due = next((d.due for d in event.deadlines if d.clock is ClockName.HANDLE), due)
        if isinstance(event, Replied) and event.at == at:
            break
    return due


def _counts(entries: Sequence[Entry], teller: Teller) -> str:
    happened: Counter[str] = Counter(entry.event.kind for entry in entries)
    counted = ((f"timeline.{key}", happened[kind]) for kind, key in COUNTED.items())
    told = (tied(say(key, teller.lang, n=n)) for key, n in counted if n)
    return " · ".join(told)
