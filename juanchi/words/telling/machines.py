"""What machines do, told: notices to units' own systems, and signals that were refused."""

import re
from collections.abc import Iterator

from juanchi.domain.events import ActionRefused
from juanchi.domain.notices import NoticeFailed, NoticePosted
from juanchi.domain.refusal import Code, Refused
from juanchi.words.catalogue import tell
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()

_FACT = re.compile(r"(?:^|, )(\w+)=")


@tells.sentence(NoticePosted)
def _posted(event: NoticePosted, voice: Voice) -> Facts:
    return {"to": voice.names.holder(event.to)}


@tells.sentence(NoticeFailed)
def _failed(event: NoticeFailed, voice: Voice) -> Facts:
    retry = voice.moment(event.retry_at) if event.retry_at else ""
    return {"to": voice.names.holder(event.to), "error": event.error, "retry": retry}


@tells.sentence(ActionRefused)
def _refused(event: ActionRefused, voice: Voice) -> Facts:
    return {"action": voice.word("action", event.action), "code": event.code}


@tells.beside(ActionRefused)
def _why(event: ActionRefused, voice: Voice) -> Iterator[Detail]:
    if event.code in list(Code):
        # The journal keeps the facts as ``name=value, name=value``.
        _, *parts = _FACT.split(event.told)
        facts = dict(zip(parts[::2], parts[1::2], strict=True))
        yield "timeline.reason", tell(Refused(Code(event.code), **facts), voice.lang)
    else:
        yield "timeline.reason", event.told
