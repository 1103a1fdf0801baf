"""The words of a piece of HTML, however broken, in time that grows with its length and no faster.

The standard library's parser takes minutes for a hundred kilobytes of opened and never closed tags,
and anybody may write those into a public post.
"""

import html
import re
from typing import Final

_TAG: Final = re.compile(r"""</?([A-Za-z][A-Za-z0-9]*+)(?:[^<>"']|"[^"]*+"|'[^']*+')*+>""")
_LONGEST_TAG: Final = 4096
"""Characters within which a tag with quoted values is looked for; a longer one ends at its `>`."""

_NAME: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_DESCRIBED: Final = re.compile(
    r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE
)
_SILENT: Final = frozenset({"script", "style", "head", "template", "noscript", "iframe", "svg"})
_BREAKS: Final = frozenset(
    {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section"}
    | {"article", "pre", "table", "ul", "ol", "figure", "figcaption", "hr", "dt", "dd"}
)


def words_of(markup: str) -> str:
    """What is shown, a picture's description included; blocks stand on lines of their own."""
    return "".join(_Reader(markup).parts)


class _Reader:
    """Goes through the markup once. What has no end is looked for once and then known."""

    def __init__(self, markup: str) -> None:
        self.parts: list[str] = []
        self._markup = markup
        self._folded = ""
        self._endless: set[str] = set()
        at = 0
        while (opened := markup.find("<", at)) >= 0:
            self._say(markup[at:opened])
            at = self._after(opened)
        self._say(markup[at:])

    def _say(self, data: str) -> None:
        if data:
            self.parts.append(html.unescape(data.replace("\n", " ")))

    def _after(self, opened: int) -> int:
        """Where to read on behind a `<`."""
        if self._markup.startswith("<!--", opened):
            end = self._find("-->", opened)
            return len(self._markup) if end < 0 else end + 3
        if self._markup.startswith(("<!", "<?"), opened):
            end = self._find(">", opened)
            return len(self._markup) if end < 0 else end + 1
        name = _NAME.match(self._markup, opened)
        end = self._end_of_tag(opened) if name else -1
        if name is None or end < 0:
            self.parts.append("<")
            return opened + 1
        return self._tag(name[1].lower(), self._markup[opened:end], end)

    def _end_of_tag(self, opened: int) -> int:
        if found := _TAG.match(self._markup, opened, opened + _LONGEST_TAG):
            return found.end()
        return self._find(">", opened) + 1 or -1

    def _tag(self, name: str, tag: str, end: int) -> int:
        if name in _SILENT and not tag.startswith("</") and not tag.endswith("/>"):
            closed = self._find(f"</{name}", end)
            return end if closed < 0 else closed
        if name in _BREAKS:
            self.parts.append("\n")
        elif name == "img" and (described := _DESCRIBED.search(tag)):
            self._say(f" {next(filter(None, described.groups()), '')} ")
        return end

    def _find(self, what: str, at: int) -> int:
        if what in self._endless:
            return -1
        # Positions must stay: this one letter becomes two when it is folded.
        self._folded = self._folded or self._markup.replace("İ", "I").lower()
        found = self._folded.find(what, at)
        if found < 0:
            self._endless.add(what)
        return found
