"""What a database error means to the caller: later, never, or look at it."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from juanchi.ledger.errors import LedgerUnavailable

_BAD_DATA = ("22", "23")  # classes of SQLSTATE: data exception, constraint violation
_AWAY = ("08", "53", "57")  # connection, resources, shutdown


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's five-character code, or nothing if it never answered."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def away(error: BaseException) -> bool:
    """Whether the database could not be reached or asked at all: no item is to blame."""
    if isinstance(error, LedgerUnavailable | OSError | TimeoutError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or sqlstate(error).startswith(_AWAY)
    return False


def bad_data(error: BaseException) -> bool:
    """Whether the values themselves were refused: trying again will not help."""
    if not isinstance(error, SQLAlchemyError):
        return False
    code = sqlstate(error)
    # Without a code the driver refused the value before it was sent.
    return code.startswith(_BAD_DATA) or (not code and not away(error))


def told(error: BaseException) -> str:
    """The first line of an error, without the statement and its parameters: they hold data."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0][:500]
