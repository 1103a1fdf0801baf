"""What docs/webhook.md says, done."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from juanchi.listening.declining import STATUS, Why
from tests.listening.conftest import House
from tests.listening.sender import SECRET, item

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "webhook.md").read_text("utf-8")


def block(language: str, beginning: str) -> str:
    """The document's block of code that begins like this."""
    found = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(next(code for code in found if code.startswith(beginning)))


async def test_the_python_of_the_document_sends(house: House) -> None:
    names: dict[str, Any] = {}
    exec(block("python", "import"), names)  # noqa: S102 - our own document
    send: Callable[..., tuple[int, Any]] = names["send"]
    url = f"{house.address}/channels/wall"
    status, said = await asyncio.to_thread(send, url, SECRET, "msg_1", [item("A-1"), item("A-2")])
    assert status == 202
    assert [one["status"] for one in said["items"]] == ["new", "new"]
    status, said = await asyncio.to_thread(send, url, SECRET, "msg_2", item("A-2"))
    assert (status, said["items"][0]["status"]) == (200, "known")


@pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "curl", "openssl", "od"))), reason="no curl or openssl here"
)
async def test_the_shell_of_the_document_sends(house: House, tmp_path: Path) -> None:
    secret = tmp_path / ".juanchi" / "secrets" / "hotline-partner"
    secret.parent.mkdir(parents=True)
    secret.write_text(SECRET + "\n")
    script = block("sh", "secret=").replace("http://127.0.0.1:8311", house.address)
    script = script.replace("/channels/hotline", "/channels/wall")
    done = await asyncio.to_thread(
        subprocess.run, ["sh", "-c", script], cwd=tmp_path, capture_output=True, check=True
    )
    assert b'"external_id":"A-1","status":"new"' in done.stdout


def test_the_document_tells_every_code_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| ([^|]*) \|", DOCUMENT, re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    # What only a browser or a fault of ours brings is not for senders to plan for.
    unsaid = {Why.NO_SUCH_PLACE, Why.WRONG_METHOD, Why.BROKEN}
    assert told == {str(why): int(STATUS[why]) for why in Why if why not in unsaid}
