"""Models from the command line: trained from a file, shown, promoted, rolled back, moved."""

import csv
import json
from pathlib import Path

import pytest

from juanchi.domain.models import ModelKind
from tests.cli.conftest import Shell
from tests.lessons import examples


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A file of texts with their items."""
    path = tmp_path / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "item"])
        rows.writerows([n, one.text, one.item] for n, one in enumerate(examples(120)))
    return path


async def test_a_model_from_a_file_to_force_and_back(
    shell: Shell, labelled: Path, tmp_path: Path
) -> None:
    train = ("train", "--kind", "item", "--least", "30", "--file", str(labelled))
    told = await shell.ok(*train, "--dry-run")
    assert "nothing was kept" in told
    assert "macro F1" in told
    assert "No model has been trained yet" in await shell.ok("models", "list")

    told = await shell.ok(*train, "--promote")
    assert "is in force" in told
    (line,) = (await shell.ok("models", "list", "--json")).splitlines()
    model = json.loads(line)
    assert model["in_force"]
    id_ = str(model["id"])
    shown = await shell.ok("models", "show", id_)
    for words in ("file labelled.csv", "newest tickets", "the lists on these", "promised", "█"):
        assert words in shown
    listed = await shell.ok("models", "list")
    assert "in force" in listed
    assert "Its answers are right more often." in listed

    out = tmp_path / "model.bin"
    await shell.ok("models", "export", id_, str(out))
    assert "is there already" in (await shell("models", "export", id_, str(out))).err
    kept = await shell.ok("models", "import", "item", str(out))
    assert f"Kept as model {int(id_) + 1}" in kept
    assert "in force already" in (await shell("models", "promote", id_)).err
    await shell.ok("models", "promote", str(int(id_) + 1), "--by", "ada", "--why", "to see")
    assert f"model {id_} is again" in await shell.ok("models", "rollback", "item")
    assert "the lists' own words serve" in await shell.ok("models", "rollback", "item")
    refused = await shell("models", "rollback", "item")
    assert refused.code == 1
    assert "nothing to roll back" in refused.err
    assert "to see" in await shell.ok("models", "show", str(int(id_) + 1))


async def test_what_is_no_model_is_refused(shell: Shell, labelled: Path, tmp_path: Path) -> None:
    train = ("train", "--kind", "item", "--least", "30", "--file", str(labelled))
    id_ = (await shell.ok(*train)).partition("Kept as model ")[2].partition(".")[0]
    out = tmp_path / "model.bin"
    await shell.ok("models", "export", id_, str(out))
    out.write_bytes(out.read_bytes()[:-100])
    for words in (("item", str(out)), ("dispatch", str(out)), ("item", str(labelled))):
        refused = await shell("models", "import", *words)
        assert refused.code == 1
        assert "Traceback" not in refused.err
        assert refused.err.startswith("error: ")
    assert "cannot be read" in (await shell("models", "import", "item", str(tmp_path))).err
    assert "no model 4711" in (await shell("models", "show", "4711")).err


async def test_a_file_with_a_bad_row_teaches_nothing(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,item\na hole,road-hole\na whale,whale\n", "utf-8")
    refused = await shell("train", "--file", str(path))
    assert refused.code == 1
    assert "line 3, column “item”" in refused.out
    assert "“whale”" in refused.out
    assert "1 rows" in refused.err


async def test_a_ledger_that_teaches_nothing_is_no_error(shell: Shell) -> None:
    told = await shell.ok("train", "--period", "2026-01")
    assert told.count("not enough to learn from") == len(ModelKind)


async def test_every_night_and_no_more(shell: Shell) -> None:
    assert "02:30 (Europe/Lisbon)" in await shell.ok("train", "--nightly", "02:30")
    assert "03:00 (Europe/Lisbon) from now on" in await shell.ok("train", "--nightly", "03:00")
    assert "by night no more" in await shell.ok("train", "--nightly", "off")
    assert "no nightly training" in await shell.ok("train", "--nightly", "off")
    assert "02:30, or off" in (await shell("train", "--nightly", "late")).err
