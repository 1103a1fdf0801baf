"""The example package of the docs: found by the entry point that its own metadata names."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from juanchi.intake.channels.conformance import CHECKS, Check
from juanchi.intake.channels.kinds import faults, kind, kinds

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "juanchi-channel-example"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the metadata that setuptools makes of its pyproject."""
    copy = tmp_path_factory.mktemp("example") / "package"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    made = subprocess.run(
        [sys.executable, "-c", "import setuptools; setuptools.setup()", "-q", "egg_info"],
        check=False,
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    return copy


@pytest.fixture
def installed(package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package on the path."""
    monkeypatch.syspath_prepend(str(package))
    yield package
    sys.modules.pop("juanchi_board", None)


@pytest.mark.usefixtures("installed")
def test_an_installed_package_adds_its_kind() -> None:
    assert "board" in kinds()
    assert faults() == {}
    kind("board").check({"url": "http://127.0.0.1/"})


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_its_own_test_passes(installed: Path, check: Check) -> None:
    own = loaded(installed / "tests" / "test_board.py")
    assert own.BoardTrial.kind is kind("board"), "what is tried is what the entry point names"
    await own.test_the_board_conforms(check)


def loaded(path: Path) -> Any:
    """A module by its file: the package's tests are none of ours to import."""
    spec = spec_from_file_location(f"example_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
