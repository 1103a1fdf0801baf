"""The front door: the command line, and the typed client by its short name.

python starter.py --help

from starter import open_client

async with open_client() as juanchi:
    await juanchi.report(clue)
"""

import logging
import os
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

from juanchi.cli.app import app
from juanchi.cli.session import open_client
from juanchi.client import Juanchi
from juanchi.ledger.reading import LedgerViews

__all__ = ["Juanchi", "LedgerViews", "app", "main", "open_client"]


def main() -> NoReturn:
    """Run the command line and end the process."""
    code = 1
    try:
        app(prog_name="starter.py")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    # Not an ordinary exit: threads of Temporal's client that outlive the loop may call into an
    # interpreter that is being torn down, and then the process aborts (temporalio/sdk-python#300).
    os._exit(code)


if __name__ == "__main__":
    main()
