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
    """Every clock that can run on a ticket; limits and rungs of each are policy."""

    TRIAGE = "triage"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    REVIEW = "review"
    CALLBACK = "callback"
    REOPEN = "reopen"
    WATCH = "watch"


class RungKind(StrEnum):
    """What rings on a clock, in the order of pressure."""

    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    PRESSED = "pressed"
    ELAPSED = "elapsed"
