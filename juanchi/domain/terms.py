"""The field's own words as stable values; they live in histories for years, so never rename one."""

from enum import StrEnum


class Stage(StrEnum):
    """The five stages of a ticket's life (线索, 核实, 立案, 督办, 办结)."""

    CLUE = "clue"
    VERIFICATION = "verification"
    FILING = "filing"
    SUPERVISION = "supervision"
    CLOSURE = "closure"


class Nature(StrEnum):
    """What kind of demand it is (咨询/求助/投诉/举报/建议/感谢)."""

    ENQUIRY = "enquiry"
    REQUEST = "request"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    THANKS = "thanks"


class Urgency(StrEnum):
    GENERAL = "general"
    URGENT = "urgent"


class Role(StrEnum):
    """Who acts: each served by the same doors, each with its own rights."""

    REPORTER = "reporter"
    STREET_TEAM = "street_team"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    CHECKER = "checker"
    SUPERVISOR = "supervisor"
    ARBITER = "arbiter"
    STAFFING = "staffing"
    APPROVER = "approver"
    SYSTEM = "system"


class ClueVerdict(StrEnum):
    """What screening makes of a clue."""

    ACTIONABLE = "actionable"
    SUGGESTION = "suggestion"
    EMERGENCY = "emergency"
    OUT_OF_REMIT = "out_of_remit"
    EMPTY = "empty"
    ADVERTISEMENT = "advertisement"
    NOISE = "noise"
    UNSURE = "unsure"
    OFF_TOPIC = "off_topic"
    NOT_THIS_CITY = "not_this_city"
    ALREADY_ANSWERED = "already_answered"
    THANKS = "thanks"


class SiteVerdict(StrEnum):
    """What verification found."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"
    UNVERIFIABLE = "unverifiable"
    ALREADY_HANDLED = "already_handled"


class EvidenceKind(StrEnum):
    SITE_BEFORE = "site_before"
    SITE_AFTER = "site_after"
    CONTACT = "contact"
    DOCUMENT = "document"


class Outcome(StrEnum):
    """How a unit settled a matter; never one boolean. The last three are for suggestions."""

    SOLVED = "solved"
    BLOCKED = "blocked"
    NO_BASIS = "no_basis"
    NOT_FOUNDED = "not_founded"
    ADOPTED = "adopted"
    PARTLY_ADOPTED = "partly_adopted"
    NOT_ADOPTED = "not_adopted"


class EndKind(StrEnum):
    """How a ticket ends."""

    CLOSED = "closed"
    MERGED = "merged"
    DISCARDED = "discarded"
    UNFOUNDED = "unfounded"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


class ClockName(StrEnum):
    """Every clock that can run on a ticket, or (the last three) on a change of the lists.

    Limits and rungs of each are policy.

    ``ASSIST`` and ``WHISTLE`` run once for each unit concerned. ``RETURN_WINDOW`` never rings:
    it is how long a signed ticket may still be asked to be returned.
    """

    TRIAGE = "triage"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    REVIEW = "review"
    CALLBACK = "callback"
    REOPEN = "reopen"
    WATCH = "watch"
    ON_SITE = "on_site"
    RETURN_WINDOW = "return_window"
    RETURN = "return"
    EXTENSION = "extension"
    HOLD_REQUEST = "hold_request"
    HOLD = "hold"
    ASSIST = "assist"
    WHISTLE = "whistle"
    ARBITRATION = "arbitration"
    APPEAL = "appeal"
    ORDER = "order"
    RATING_APPEAL = "rating_appeal"
    SAMENESS = "sameness"
    CONSULTATION = "consultation"
    OPINION = "opinion"
    APPROVAL = "approval"


class RungKind(StrEnum):
    """What rings on a clock, in the order of pressure."""

    REMINDER = "reminder"
    WARNING = "warning"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    RAISED = "raised"
    REPORTED = "reported"
    PRESSED = "pressed"
    ELAPSED = "elapsed"


class Trigger(StrEnum):
    """Why a ticket is supervised (督办), or an order was given."""

    PROACTIVE = "proactive"
    URGENT = "urgent"
    OVERDUE = "overdue"
    REFUSING = "refusing"
    REPEATED = "repeated"
    REWORKS = "reworks"
    BY_HAND = "by_hand"


class Source(StrEnum):
    """What a candidate unit was found by."""

    CHANNEL = "channel"
    RULING = "ruling"
    LIST = "list"
    HISTORY = "history"
    BACKSTOP = "backstop"
