"""The house rules: who may import whom, how long a module is, what is never written down."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
_SKIPPED = {"__pycache__", "build", "dist", "node_modules"}
# Spelt in pieces, so that this file passes its own rule.
_FORBIDDEN = {
    "a path of somebody's machine": re.compile("/wo" + r"rk/(?:main|shared|\.)"),
    "the folder beside the project": re.compile(r"\.\./sha" + "red"),
    "a package registry's host": re.compile(
        r"(?:files\.python" + r"hosted|py" + r"pi\.org|registry\.np" + r"mjs)"
    ),
}
# CI says where the real data is; nobody else needs to know.
_ALLOWED = {("the folder beside the project", ".ci/run")}


def files(*suffixes: str) -> list[Path]:
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        # Environments, caches and data are hidden directories; `.ci` is ours.
        hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        if hidden or not _SKIPPED.isdisjoint(parts) or not path.is_file():
            continue
        if not suffixes or path.suffix in suffixes:
            found.append(path)
    return found


def test_imports_point_one_way() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint, "--config", ROOT / "pyproject.toml", "--no-cache"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_too_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files(".py")}
    too_long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST}
    assert not too_long, f"split these: {too_long}"


def test_nothing_private_to_a_machine_is_written_down() -> None:
    found = []
    for path in files():
        name = str(path.relative_to(ROOT))
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}: {what}"
            for what, pattern in _FORBIDDEN.items()
            if (what, name) not in _ALLOWED and pattern.search(text)
        ]
    assert not found


def test_only_the_settings_read_the_environment() -> None:
    pattern = re.compile(r"\bos\.(?:environ|getenv)\b|\bfrom os import .*\b(?:environ|getenv)\b")
    readers = [
        str(path.relative_to(ROOT))
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] not in {"tests", "bench"}
        and pattern.search(path.read_text("utf-8"))
    ]
    assert not readers


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-bench.txt"])
def test_the_lock_names_no_place_and_every_package_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "index-url" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.split("\n", 2)[2])
    pinned = [entry for entry in entries if "==" in entry.splitlines()[0]]
    assert pinned
    assert all("--hash=sha256:" in entry for entry in pinned)
