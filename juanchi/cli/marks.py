"""The sign before each event of a timeline, and its style."""

from typing import Final

from juanchi.cli.display import RUNG_STYLE
from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, ConsultationCalled
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Archived, Closed, Reopened, SentBack
from juanchi.domain.ending import Ended
from juanchi.domain.events import ActionRefused
from juanchi.domain.extension import ExtensionGranted, ExtensionRefused, ExtensionRequested
from juanchi.domain.hold import HoldGranted, HoldRefused, HoldRequested
from juanchi.domain.likely import SameProposed
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.overturning import Overturned
from juanchi.domain.rating_appeal import RatingAppealed
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.returns import ReturnAgreed, ReturnRefused, ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued, Supervised
from juanchi.domain.supervision import Pressed, Replied
from juanchi.domain.terms import Role, RungKind
from juanchi.domain.unmerging import Unmerged
from juanchi.domain.urgency import UrgencySet

_MARKS: Final[dict[type[Event], tuple[str, str]]] = {
    Planned: ("·", "dim"),
    NoticePosted: ("·", "dim"),
    NoticeRetried: ("·", "dim"),
    NoticeFailed: ("✗", "red"),
    ActionRefused: ("✗", "red"),
    Pressed: ("▲", RUNG_STYLE[RungKind.PRESSED]),
    Supervised: ("▲", "magenta"),
    UrgencySet: ("▲", "bold red"),
    RecurrenceSeen: ("▲", "magenta"),
    ReturnRequested: ("?", "bold yellow"),
    ExtensionRequested: ("?", "bold yellow"),
    HoldRequested: ("?", "bold yellow"),
    RatingAppealed: ("?", "bold yellow"),
    SameProposed: ("?", "bold yellow"),
    ReturnAgreed: ("✓", "bold"),
    ExtensionGranted: ("✓", "bold"),
    HoldGranted: ("✓", "bold"),
    ReturnRefused: ("✗", "bold"),
    ExtensionRefused: ("✗", "bold"),
    HoldRefused: ("✗", "bold"),
    ArbitrationOpened: ("§", "bold blue"),
    ConsultationCalled: ("§", "bold blue"),
    AppealLodged: ("§", "bold blue"),
    RulingGiven: ("§", "bold blue"),
    SentBack: ("↺", "bold yellow"),
    Reopened: ("↺", "bold yellow"),
    Unmerged: ("↺", "bold yellow"),
    Overturned: ("↺", "bold yellow"),
    Closed: ("✓", "bold green"),
    Ended: ("■", "bold"),
    Archived: ("■", "bold"),
}


def mark(event: Event) -> tuple[str, str]:
    """The sign and the style of an event."""
    match event:
        case Rang():
            return "▲", RUNG_STYLE[event.rung]
        case OrderIssued():
            return "▲", RUNG_STYLE[event.level]
        case Replied(on_time=False):
            return "●", "bold red"
    if (own := _MARKS.get(type(event))) is not None:
        return own
    return ("·", "") if event.by.role is Role.SYSTEM else ("●", "bold")
