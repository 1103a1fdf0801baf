"""How much of everything happened in a storm."""

from collections import Counter
from collections.abc import Iterator, Sequence

from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.events import Entry
from juanchi.domain.supervised import OrderIssued

COUNTED = (
    "return_requested", "return_agreed", "return_refused", "extension_requested",
    "extension_granted", "extension_refused", "hold_granted", "hold_ended", "request_lapsed",
    "arbitration_opened", "consultation_called", "ruling_given", "appeal_lodged",
    "dispute_lapsed", "duty_change_proposed", "order_fed_back", "order_released", "urgency_set",
    "replan_asked", "whistled", "assist_replied", "rating_appealed", "sent_back", "reopened",
    "action_refused",
)  # fmt: skip


class Tally:
    """Counts of all journals together."""

    def __init__(self) -> None:
        self.tickets = self.events = self.contended = self.missed = self.late = 0
        self.rungs: Counter[str] = Counter()
        self.orders: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    def count(self, entries: Sequence[Entry]) -> None:
        """Count one ticket's journal."""
        self.tickets += 1
        self.events += len(entries)
        kinds = Counter[str](entry.event.kind for entry in entries)
        self.kinds += kinds
        disputes = ("arbitration_opened", "order_issued", "return_requested")
        requests = ("extension_requested", "hold_requested", "rating_appealed", "whistled")
        self.contended += any(kinds[kind] for kind in disputes + requests)
        for event in (entry.event for entry in entries):
            match event:
                case Rang():
                    self.rungs[event.clock] += 1
                    self.missed += len(event.missed)
                    self.late += event.late_s > 0
                case OrderIssued():
                    self.orders[event.trigger] += 1
                case Planned():
                    self.moved.update(moved.why for moved in event.moved)

    def lines(self) -> Iterator[str]:
        """The counts as a few lines."""
        yield (
            f"{self.tickets} tickets ({self.contended} with a dispute, a request or an order), "
            f"{self.events} events"
        )
        yield f"{self.rungs.total()} rungs, {self.missed} missed, {self.late} late: " + _told(
            self.rungs
        )
        yield f"{self.orders.total()} orders: {_told(self.orders)}"
        yield f"{self.moved.total()} due times moved: {_told(self.moved)}"
        yield _told(Counter({kind: self.kinds[kind] for kind in COUNTED}))


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in counts.most_common() if times)
