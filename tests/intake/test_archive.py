"""How a model lies in bytes, and every way in which bytes are no model."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.models import Card, ModelKind
from juanchi.intake.learning import archive
from juanchi.intake.learning.archive import FORMAT, ModelUnreadable, Unreadable, pack, unpack
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import knows, say

CARD = Card(
    kind=ModelKind.ITEM,
    format=FORMAT,
    trained_at=datetime(2026, 11, 16, tzinfo=UTC),
    trained_on="三月",
    examples=3,
    held_out=1,
    classes=2,
)
ARRAYS: dict[str, np.ndarray] = {
    "a": np.arange(6, dtype=np.float16).reshape(2, 3),
    "none": np.empty(0, np.uint64),
}
WORDS = {"labels": ["路灯", "b"], "heat": 2.5}
DATA = pack(CARD, ARRAYS, WORDS)


def signed(inner: bytes, form: int = FORMAT) -> bytes:
    """Bytes with the head that belongs to them."""
    return b"JUANCHI MODEL %d\n" % form + hashlib.sha256(inner).digest() + inner


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name.replace("_", "."), content)
    return held.getvalue()


def code_of(data: bytes, kind: ModelKind | None = None) -> Unreadable:
    with pytest.raises(ModelUnreadable) as found:
        unpack(data, kind)
    return found.value.code


def test_what_was_packed_comes_back() -> None:
    card, arrays, words = unpack(DATA, ModelKind.ITEM)
    assert (card, words) == (CARD, WORDS)
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_the_same_model_gives_the_same_bytes() -> None:
    assert pack(CARD, dict(reversed(ARRAYS.items())), dict(reversed(WORDS.items()))) == DATA


def test_no_pickle_goes_in_or_out() -> None:
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="allow_pickle"):
        pack(CARD, {"a": objects}, {})
    held = io.BytesIO()
    np.save(held, objects, allow_pickle=True)
    card = CARD.model_dump_json().encode()
    bad = zipped(card_json=card, words_json=b"{}", a_npy=held.getvalue())
    assert code_of(signed(bad)) is Unreadable.INCOMPLETE


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"JUANCHI", "名称,路灯\n".encode(), b"\x80\x04."]
)
def test_what_is_no_model(data: bytes) -> None:
    assert code_of(data) is Unreadable.NOT_A_MODEL


def test_a_model_of_another_format_or_kind() -> None:
    assert code_of(signed(b"whatever", FORMAT + 1)) is Unreadable.OTHER_FORMAT
    assert code_of(DATA, ModelKind.DISPATCH) is Unreadable.OTHER_KIND
    assert unpack(DATA)[0].kind is ModelKind.ITEM


@given(st.integers(0, len(DATA) - 1))
def test_a_model_cut_short(length: int) -> None:
    assert code_of(DATA[:length]) in {Unreadable.NOT_A_MODEL, Unreadable.DAMAGED}


@given(at=st.integers(0, len(DATA) - 1), change=st.integers(1, 255))
def test_any_changed_byte_is_found(at: int, change: int) -> None:
    changed = bytearray(DATA)
    changed[at] ^= change
    code_of(bytes(changed))


@pytest.mark.parametrize(
    "inner",
    [
        b"no zip",
        zipped(),
        zipped(card_json=b"{}", words_json=b"{}"),
        zipped(card_json=CARD.model_dump_json().encode(), words_json=b"[]"),
        zipped(card_json=CARD.model_dump_json().encode(), words_json=b"{"),
        zipped(card_json=CARD.model_dump_json().encode(), words_json=b"{}", a_npy=b"\x93NUMPY"),
    ],
)
def test_a_right_checksum_of_the_wrong_things(inner: bytes) -> None:
    assert code_of(signed(inner)) is Unreadable.INCOMPLETE


def test_a_model_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    blown_up = signed(zipped(card_json=b"0" * 100_000))
    monkeypatch.setattr(archive, "MOST_BYTES", 10_000)
    assert code_of(blown_up) is Unreadable.TOO_LARGE
    assert code_of(bytes(20_000)) is Unreadable.TOO_LARGE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", Unreadable)
def test_every_reason_has_a_sentence(code: Unreadable, lang: str) -> None:
    assert knows(f"unreadable.{code}", lang)
    told = say(f"unreadable.{code}", lang, found="1", wanted="2", most="3")
    assert "?" not in told
