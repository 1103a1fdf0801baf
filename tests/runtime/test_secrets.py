"""Secrets by name: one file each, and never anything else of the file system."""

from pathlib import Path

import pytest

from juanchi.runtime.secrets import LARGEST, NoSecret, Secrets
from juanchi.runtime.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "secrets"
    inside.mkdir()
    (tmp_path / "outside").write_text("not yours")
    return inside


def test_a_secret_is_its_file_without_the_line_s_end(folder: Path) -> None:
    (folder / "street.token").write_text(" s3cret \n", "utf-8")
    secrets = Secrets(folder)
    assert secrets("street.token") == " s3cret "
    (folder / "street.token").write_text("changed", "utf-8")
    assert secrets("street.token") == "changed"


@pytest.mark.parametrize("name", ["", "../outside", "a/b", "/etc/passwd", ".", "a\0b", "x" * 65])
def test_names_that_are_none(folder: Path, name: str) -> None:
    with pytest.raises(NoSecret, match="no name of a secret"):
        Secrets(folder)(name)


def test_what_is_wrong_is_told_without_what_is_in_it(folder: Path) -> None:
    secrets = Secrets(folder)
    (folder / "empty").write_text("\n")
    (folder / "binary").write_bytes(b"\xff\xfe\x00hush")
    (folder / "huge").write_text("h" * (LARGEST + 1))
    (folder / "nested").mkdir()
    for name, told in (
        ("missing", "write the secret into it"),
        ("empty", "is empty"),
        ("binary", "cannot be read"),
        ("huge", "too large"),
        ("nested", "cannot be read"),
    ):
        with pytest.raises(NoSecret, match=told) as raised:
            secrets(name)
        assert "hush" not in str(raised.value)


def test_the_folder_is_a_setting(no_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings(home=tmp_path).secrets == tmp_path / "secrets"
    no_environment.setenv("JUANCHI_SECRETS_DIR", "/run/secrets")
    assert Settings(home=tmp_path).secrets == Path("/run/secrets")
