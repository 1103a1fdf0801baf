"""How far a feed has been read: what its server said of its state, and at which page we are."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, Self

from pydantic import ValidationError

from juanchi.domain.base import Value
from juanchi.intake.channels.feed_entries import Item
from juanchi.intake.channels.web import Page

MOST_KNOWN: Final = 1000
"""Entries whose digests are kept, to tell when a walk through older pages meets what was read."""


class Validators(Value):
    """What tells whether a document has changed: what its server says of it, to be asked with the
    next time, and a digest, for servers that say nothing.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""

    @classmethod
    def of(cls, page: Page) -> Self:
        """Those of an answer."""
        return cls(
            etag=page.headers.get("etag", "")[:1000],
            modified=page.headers.get("last-modified", "")[:100],
            digest=sha256(page.body).hexdigest()[:20],
        )

    def headers(self) -> Mapping[str, str]:
        """A conditional request."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


class Walk(Value):
    """In the middle of a reading: at which page, and behind which entry of it.

    ``head`` are the first page's validators, ``met`` the entries of the pages that are done.
    ``first``: no older page was met before.
    """

    url: str
    after: str = ""
    pages: int = 1
    head: Validators = Validators()
    met: tuple[str, ...] = ()
    first: bool = False

    def behind(self, items: Sequence[Item]) -> Self:
        """This walk when a page is done."""
        met = tuple(dict.fromkeys((*self.met, *_marks(items))))[:MOST_KNOWN]
        return self.model_copy(update={"met": met})


class FeedCursor(Value):
    """How far a feed has been read. ``address`` is whose cursor it is."""

    address: str
    validators: Validators = Validators()
    known: tuple[str, ...] = ()
    walk: Walk | None = None

    @classmethod
    def read(cls, cursor: str, address: str) -> Self:
        """A cursor as it was kept; a new one for an address that was not read so far."""
        try:
            found = cls.model_validate_json(cursor)
        except ValidationError:
            # Empty, or of another kind that the channel had before: what comes again is known.
            return cls(address=address)
        return found if found.address == address else cls(address=address)

    def written(self) -> str:
        """This cursor as it is kept."""
        return self.model_dump_json(exclude_defaults=True)

    def at(self, walk: Walk) -> Self:
        """The cursor in the middle of a reading."""
        return self.model_copy(update={"walk": walk})

    def has_new(self, walk: Walk, items: Sequence[Item]) -> bool:
        """Whether any entry is not known. Not the first alone: some are pinned on top."""
        return not set(_marks(items)) <= {*self.known, *walk.met}

    def at_rest(self, walk: Walk) -> Self:
        """The cursor of a reading that came to its end."""
        # A feed of one page is known by what its server says of it.
        known = (*walk.met, *self.known) if walk.pages > 1 or self.known else ()
        return type(self)(
            address=self.address,
            validators=walk.head,
            known=tuple(dict.fromkeys(known))[:MOST_KNOWN],
        )


def _marks(items: Iterable[Item]) -> list[str]:
    """Short digests of the entries' ids."""
    return [_mark(item.read.external_id) for item in items]


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:10]
