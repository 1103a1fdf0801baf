"""Alembic's revisions of the ledger's tables; run by ``juanchi.ledger.migrate``."""
