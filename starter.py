"""The front door: the command line, and the typed client by its short name.

python starter.py --help

from starter import open_client

async with open_client() as juanchi:
    await juanchi.report(clue)
"""

from juanchi.cli.app import app
from juanchi.cli.ledger_views import LedgerViews
from juanchi.cli.session import open_client
from juanchi.client import Juanchi

__all__ = ["Juanchi", "LedgerViews", "app", "open_client"]

if __name__ == "__main__":
    app(prog_name="starter.py")
