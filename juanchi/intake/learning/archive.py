"""How a model lies in bytes: a signature, a checksum, and a zip of JSON and of numpy arrays.

Never pickle: what is read can only be numbers and text. The checksum finds damage; it proves
nothing about who wrote the file. The same model always gives the same bytes.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from juanchi.domain.models import Card, ModelKind

FORMAT: Final = 1
"""The version of the format that this code writes, and the only one that it reads."""

MOST_BYTES: Final = 256 * 2**20
"""The largest file that is looked at, and as much again as it may hold when it is unpacked."""

_SIGNATURE: Final = b"JUANCHI MODEL "
_HEAD: Final = re.compile(re.escape(_SIGNATURE) + rb"(\d{1,6})\n")
_DIGEST: Final = hashlib.sha256().digest_size
_CARD: Final = "card.json"
_WORDS: Final = "words.json"
_ARRAY: Final = ".npy"
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)


class Unreadable(StrEnum):
    """Why bytes are no model for us; ``juanchi/words`` has a sentence for each."""

    NOT_A_MODEL = "not_a_model"
    OTHER_FORMAT = "other_format"
    OTHER_KIND = "other_kind"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    INCOMPLETE = "incomplete"


class ModelUnreadable(Exception):
    """Bytes that cannot be used as a model. ``code`` is stable; ``facts`` fill its sentence."""

    def __init__(self, code: Unreadable, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(f"{code} {facts or ''}".strip())


def pack(card: Card, arrays: Mapping[str, np.ndarray], words: Mapping[str, Any]) -> bytes:
    """A model as bytes: its card, its numbers by name, and what else it knows, as JSON.

    Raises ``ValueError`` for an array of Python objects, which only pickle could hold.
    """
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        _add(file, _CARD, card.model_dump_json().encode())
        _add(file, _WORDS, json.dumps(words, ensure_ascii=False, sort_keys=True).encode())
        for name in sorted(arrays):
            held = io.BytesIO()
            np.lib.format.write_array(held, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            _add(file, name + _ARRAY, held.getvalue())
    inner = body.getvalue()
    return _SIGNATURE + b"%d\n" % FORMAT + hashlib.sha256(inner).digest() + inner


def unpack(
    data: bytes, kind: ModelKind | None = None
) -> tuple[Card, dict[str, np.ndarray], dict[str, Any]]:
    """The card, the arrays and the words. Raises ``ModelUnreadable``; ``kind`` None takes any."""
    inner = _checked(data)
    try:
        with zipfile.ZipFile(io.BytesIO(inner)) as file:
            if sum(one.file_size for one in file.infolist()) > MOST_BYTES:
                raise ModelUnreadable(Unreadable.TOO_LARGE, most=MOST_BYTES // 2**20)
            card = Card.model_validate_json(file.read(_CARD))
            words = json.loads(file.read(_WORDS))
            arrays = {
                name.removesuffix(_ARRAY): np.lib.format.read_array(
                    io.BytesIO(file.read(name)), allow_pickle=False
                )
                for name in file.namelist()
                if name.endswith(_ARRAY)
            }
    except (zipfile.BadZipFile, KeyError, ValidationError, ValueError, TypeError, EOFError) as why:
        # The checksum was right, so these bytes were written so: by hand, or by another program.
        raise ModelUnreadable(Unreadable.INCOMPLETE) from why
    if not isinstance(words, dict):
        raise ModelUnreadable(Unreadable.INCOMPLETE)
    if kind is not None and card.kind is not kind:
        raise ModelUnreadable(Unreadable.OTHER_KIND, found=card.kind.value, wanted=kind.value)
    return card, arrays, words


def _checked(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise ModelUnreadable(Unreadable.TOO_LARGE, most=MOST_BYTES // 2**20)
    head = _HEAD.match(data)
    if head is None:
        raise ModelUnreadable(Unreadable.NOT_A_MODEL)
    if int(head[1]) != FORMAT:
        raise ModelUnreadable(Unreadable.OTHER_FORMAT, found=int(head[1]), wanted=FORMAT)
    digest, inner = data[head.end() :][:_DIGEST], data[head.end() + _DIGEST :]
    if hashlib.sha256(inner).digest() != digest:
        raise ModelUnreadable(Unreadable.DAMAGED)
    return inner


def _add(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    # A fixed day, so that the same model gives the same bytes.
    about = zipfile.ZipInfo(name, _FIRST_DAY)
    file.writestr(about, content, zipfile.ZIP_DEFLATED, compresslevel=1)
