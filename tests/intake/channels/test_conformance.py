"""The house's own adapters do what they ask of others."""

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from juanchi.intake.channels.adapter import AdapterKind
from juanchi.intake.channels.conformance import CHECKS, Check
from juanchi.intake.channels.folder_places import DONE, REFUSED
from juanchi.intake.channels.kinds import kind
from juanchi.intake.files import write_row
from tests.intake.channels.feeds import Post, following, rss
from tests.intake.channels.site import Answer, Site, site


class FeedTrial:
    """An RSS feed of two posts a page, newest first."""

    kind: AdapterKind = kind("feed")
    page = 2
    secrets: Mapping[str, str] = {}
    wrong_settings: Sequence[Mapping[str, Any]] = (
        {},
        {"url": "ftp://127.0.0.1/feed"},
        {"url": "file:///etc/passwd"},
        {"url": "not an address"},
        {"url": "http://127.0.0.1/", "page": 0},
        {"url": "http://127.0.0.1/", "encoding": "klingon"},
        {"url": "http://127.0.0.1/", "id_from": "colour"},
    )

    def __init__(self, served: Site, per_page: int) -> None:
        self._site = served
        self._per_page = per_page
        self._posts: list[Post] = []
        self.settings: Mapping[str, Any] = {"url": f"{served.base}/1", "page": self.page}
        self._write()

    async def put(self, texts: Sequence[str]) -> None:
        """Posts on top of those that there are."""
        for text in texts:
            self._posts.insert(0, Post(f"post-{len(self._posts)}", text))
        self._write()

    async def put_unreadable(self) -> None:
        """A post without any words."""
        self._posts.insert(0, Post(f"post-{len(self._posts)}", ""))
        self._write()

    async def away(self) -> None:
        """The server says that it is broken."""
        self._site.broken = Answer(b"<html>502</html>", 502)

    async def back(self) -> None:
        """As before."""
        self._site.broken = None

    def _write(self) -> None:
        size = self._per_page
        parts = [self._posts[at : at + size] for at in range(0, len(self._posts), size)] or [[]]
        for number, part in enumerate(parts, start=1):
            head = following(f"/{number + 1}") if number < len(parts) else ""
            self._site.put(f"/{number}", rss(part, head), ETag=f'"{len(self._posts)}"')


class FolderTrial:
    """Files of three rows each."""

    kind: AdapterKind = kind("folder")
    page = 2
    secrets: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = 0
        mapping = {"external_id": "{编号}", "text": "{内容}"}
        base = {"path": str(folder), "mapping": mapping}
        self.settings: Mapping[str, Any] = {**base, "page": self.page, "settle": 0}
        self.wrong_settings: Sequence[Mapping[str, Any]] = (
            {},
            {"path": "incoming", "mapping": mapping},
            {"path": str(folder)},
            {**base, "mapping": {"text": "{内容"}},
            {**base, "mapping": {**mapping, "place": {"region": {"column": "区"}}}},
            {**base, "settle": -1},
        )

    async def put(self, texts: Sequence[str]) -> None:
        """One more file for each three texts."""
        for at in range(0, len(texts), 3):
            self._write([*texts[at : at + 3]])

    async def put_unreadable(self) -> None:
        """A file with a row that has no id."""
        self._write(["无编号"], broken=True)

    async def away(self) -> None:
        """The share is not mounted."""
        self._folder.rename(self._folder.with_name("elsewhere"))

    async def back(self) -> None:
        """As before."""
        self._folder.with_name("elsewhere").rename(self._folder)

    def _write(self, texts: Sequence[str], *, broken: bool = False) -> None:
        lines = [write_row(("编号", "内容"))]
        for text in texts:
            self._rows += 1
            lines.append(write_row(("" if broken else f"row-{self._rows}", text)))
        file = self._folder / f"{self._rows:04}.csv"
        file.write_text("".join(lines), encoding="gb18030")


@asynccontextmanager
async def folder_of_files() -> AsyncIterator[FolderTrial]:
    """A drop folder that may be written to."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "drop"
        folder.mkdir()
        yield FolderTrial(folder)


@asynccontextmanager
async def folder_to_read_only() -> AsyncIterator[FolderTrial]:
    """A drop folder in which nothing can be moved: in the way of its places lie files."""
    async with folder_of_files() as trial:
        folder = Path(trial.settings["path"])
        for name in (DONE, REFUSED):
            (folder / name).touch()
            (folder / name).rename(folder / f".{name}")
            (folder / name).symlink_to(folder / f".{name}")
        yield trial


@asynccontextmanager
async def feed_of_one_page() -> AsyncIterator[FeedTrial]:
    """All posts in one document."""
    with site() as served:
        yield FeedTrial(served, per_page=1000)


@asynccontextmanager
async def feed_of_many_pages() -> AsyncIterator[FeedTrial]:
    """Three posts in a document, each with a link to the next."""
    with site() as served:
        yield FeedTrial(served, per_page=3)


TRIALS = (feed_of_one_page, feed_of_many_pages, folder_of_files, folder_to_read_only)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.__name__)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_an_own_adapter_conforms(check: Check, trial: Any) -> None:
    async with trial() as opened:
        await check(opened)
