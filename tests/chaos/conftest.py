"""The storm's own option."""

import secrets

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--storm-seed", type=int, default=None, help="seed of the long storm; none: a new one"
    )


@pytest.fixture
def storm_seed(request: pytest.FixtureRequest) -> int:
    """The seed that was given, or one that nobody has tried."""
    # Not registered unless this directory is named on the command line.
    given: int | None = request.config.getoption("--storm-seed", default=None)
    return secrets.randbelow(10**6) if given is None else given
