"""Contact data under a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from juanchi.runtime.encryption import KEY_FILE, Seal, new_key, seal_from
from juanchi.runtime.errors import NoReporterKey
from juanchi.runtime.settings import Settings

CONTACT = "张先生 13800138000"


def test_what_is_sealed_opens_again_and_is_not_readable() -> None:
    seal = Seal(new_key())
    token = seal.seal(CONTACT)

    assert seal.open(token) == CONTACT
    assert "13800138000" not in token
    assert token != seal.seal(CONTACT)


def test_an_old_key_still_opens_and_renewal_frees_it() -> None:
    old, new = new_key(), new_key()
    token = Seal(old).seal(CONTACT)
    both = Seal(f"{new}, {old}")

    assert both.open(token) == CONTACT
    renewed = both.renew(token)
    assert Seal(new).open(renewed) == CONTACT
    with pytest.raises(NoReporterKey, match="not sealed by any"):
        Seal(old).open(renewed)


def test_an_embedded_run_makes_its_key_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url=None, reporter_key=None)
    token = seal_from(settings).seal(CONTACT)

    assert seal_from(settings).open(token) == CONTACT
    assert (tmp_path / "home" / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_database_of_ones_own_needs_a_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr("postgresql://db/x"))
    with pytest.raises(NoReporterKey, match="JUANCHI_REPORTER_KEY"):
        seal_from(settings)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("key", ["", " , ", "not-a-key"])
def test_a_bad_key_is_said_clearly_and_not_repeated(key: str) -> None:
    with pytest.raises(NoReporterKey) as caught:
        Seal(key)
    assert "not-a-key" not in str(caught.value)
    assert caught.value.__cause__ is None
