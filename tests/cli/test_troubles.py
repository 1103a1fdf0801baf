"""What a person reads when something that the commands stand on is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from typer.testing import CliRunner

from juanchi.cli import display
from juanchi.cli.keeping import Proved, _without, print_audit
from juanchi.cli.session import run
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.audit import AuditReport
from juanchi.ledger.errors import NoCity
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.encryption import new_key
from juanchi.runtime.settings import Settings
from starter import app


@pytest.fixture
def nowhere(no_environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A home without servers."""
    no_environment.setenv("JUANCHI_HOME", str(tmp_path))
    no_environment.setenv("JUANCHI_LANG", "en")
    display.settings.cache_clear()
    yield no_environment
    display.settings.cache_clear()


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["show", "TT-1"],
        ["inbox", "roads"],
        ["audit"],
        ["rebuild"],
        ["migrate"],
        ["report", "--channel", "phone", "--text", "x"],
        ["act", "TT-1", "sign"],
    ],
)
def test_without_servers_every_command_says_how_to_start_them(
    nowhere: pytest.MonkeyPatch, words: list[str]
) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Cannot reach the embedded PostgreSQL")
    assert "make up" in result.stderr


def test_in_chinese(nowhere: pytest.MonkeyPatch) -> None:
    nowhere.setenv("JUANCHI_LANG", "zh")
    display.settings.cache_clear()
    assert CliRunner().invoke(app, ["list"]).stderr.startswith("错误：")


def test_a_ledger_without_tables(nowhere: pytest.MonkeyPatch, database_url: str) -> None:
    nowhere.setenv("DATABASE_URL", database_url)
    display.settings.cache_clear()
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 1
    assert "starter.py migrate" in result.stderr
    assert "SELECT" not in result.stderr


def test_a_ledger_that_is_away_keeps_its_password(nowhere: pytest.MonkeyPatch) -> None:
    nowhere.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    display.settings.cache_clear()
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: The ledger did not answer: ")
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("trouble", "code", "told"),
    [
        (Refused(Code.MISSING_REASON), 2, "refused: missing_reason - Say why"),
        (NoCity(), 1, "error: No city is loaded."),
        (OSError("disk full"), 1, "error: The ledger did not answer: disk full"),
        (ApplicationError("it ended before"), 1, "error: Temporal did not do what was asked: "),
        (
            RPCError("try later", RPCStatusCode.UNAVAILABLE, b""),
            1,
            "error: Temporal did not do what was asked: UNAVAILABLE: try later",
        ),
    ],
)
def test_trouble_is_told_in_a_sentence(
    nowhere: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: Exception,
    code: int,
    told: str,
) -> None:
    async def work(_: Settings) -> None:
        raise trouble

    with pytest.raises(typer.Exit) as ended:
        run(work)
    assert ended.value.exit_code == code
    assert capsys.readouterr().err.startswith(told)


def test_a_mistake_of_the_program_is_not_dressed_up(nowhere: pytest.MonkeyPatch) -> None:
    async def work(_: Settings) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(work)


def test_pack_check_needs_no_servers(nowhere: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["pack", "check", str(tmp_path / "nothing")])
    assert result.exit_code == 1
    assert "there is no such folder" in result.stdout


def test_help_names_every_command() -> None:
    told = CliRunner().invoke(app, ["--help"]).stdout
    for name in (
        "up",
        "report",
        "act",
        "show",
        "list",
        "inbox",
        "import",
        "audit",
        "rebuild",
        "pack",
    ):
        assert f"\n  {name} " in told


def report(*problems: str) -> AuditReport:
    return AuditReport(
        tickets=2,
        events=9,
        open=1,
        closed=0,
        archived=1,
        rungs=0,
        problems_found=len(problems),
        problems=problems,
        seconds=0.1,
    )


def test_an_audit_does_not_blame_what_moved_meanwhile() -> None:
    lost = "ticket/a/1: it is not over but has no open workflow"
    wrong = "ticket/a/1: its row in tickets is missing"
    assert _without(report(lost), {"ticket/a/1"}).ok
    assert _without(report(lost, wrong), {"ticket/a/1"}).problems == (wrong,)
    assert _without(report(lost), {"ticket/a/2"}).problems == (lost,)


def test_an_audit_tells_every_problem(capsys: pytest.CaptureFixture[str]) -> None:
    print_audit(Proved(report("ticket/a/1: something"), None))
    told = capsys.readouterr().out
    assert "✗ ticket/a/1: something" in told


def test_one_person_has_one_pseudonym_whatever_key_is_in_front(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    before = contacts_from(Settings(home=tmp_path, reporter_key=SecretStr(old)))
    after = contacts_from(Settings(home=tmp_path, reporter_key=SecretStr(f"{new},{old}")))
    assert before.pseudonym("138 0000 0000") == after.pseudonym("13800000000")
    assert before.pseudonym("13800000001") != after.pseudonym("13800000000")
    assert "13800000000" not in before.pseudonym("13800000000") + before.seal("13800000000")
    assert old not in repr(before)
