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
    given: int | None = request.config.getoption("--storm-seed")
    return secrets.randbelow(10**6) if given is None else given
