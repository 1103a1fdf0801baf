"""The text in a source's bytes: what they are is found by looking, declarations are often wrong."""

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._\-]+)""", re.IGNORECASE)
_SAMPLE: Final = 2000
_CHINESE: Final = frozenset({"gb2312", "gbk", "gb18030"})
_LATIN: Final = frozenset({"iso8859-1", "iso8859-15", "cp1252"})


def decoded(data: bytes, content_type: str = "", encoding: str = "") -> str:
    """The text in some bytes, never an error; what cannot be read is U+FFFD.

    An ``encoding`` that a person names is taken as it is.

    A mark at the beginning decides. Else it is UTF-8 if all of it reads as that, or nearly all and
    it is not sound Chinese in GB18030, since hardly any other text does and one damaged character
    must not make the rest unreadable; then what the document declares, then what the server does,
    if it reads; GB18030 in the end.
    """
    if encoding:
        return data.decode(_codec(encoding) or "utf-8", "replace")
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    if data[:4] in (b"<\x00?\x00", b"\x00<\x00?"):
        return data.decode("utf-16-le" if data[1] == 0 else "utf-16-be", "replace")
    text = data.decode("utf-8", "replace")
    if "\ufffd" not in text or (_mostly_sound(text) and not _common_chinese(data)):
        return text
    for codec in _candidates(data, content_type):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")


def is_encoding(name: str) -> bool:
    """Whether an encoding of this name can be read."""
    return _codec(name) is not None


def _mostly_sound(text: str) -> bool:
    bad = text.count("\ufffd")
    foreign = [character for character in text if character > "\x7f"]
    # Chinese in another encoding hardly ever makes three sound bytes; two it does.
    long = sum(1 for character in foreign if character >= "\u0800") - bad
    return bad <= long or bad * 10 <= len(foreign)


def _candidates(data: bytes, content_type: str) -> list[str]:
    in_document, in_header = _DECLARED.match(data), _CHARSET.search(content_type)
    names = [in_document[1].decode() if in_document else "", in_header[1] if in_header else ""]
    found = [codec for codec in map(_codec, names) if codec]
    # Latin 1 reads any bytes, and servers declare it by default; it must not win over Chinese.
    latin = [codec for codec in found if codec in _LATIN]
    others = [codec for codec in found if codec not in _LATIN]
    return [*others, *(["gb18030"] if _common_chinese(data) else []), *latin]


def _common_chinese(data: bytes) -> bool:
    """Whether it reads as Chinese of which most characters are common ones."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = [character for character in text if character > "\x7f"][:_SAMPLE]
    common = "".join(foreign).encode("gb2312", "ignore").decode("gb2312")
    return 4 * len(common) >= 3 * len(foreign)


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name).name if name else None
        # Some codecs, like base64, read no text: they say so when they are used.
        b"".decode(codec or "utf-8")
    except LookupError:
        return None
    # GB18030 reads all that its forerunners do, and what people write under their names.
    return "gb18030" if codec in _CHINESE else codec
