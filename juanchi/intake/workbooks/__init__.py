"""Workbooks (.xlsx) as they lie on disk: looked at before anything reads them, then read."""
