"""How fast, at what cost, how right: `python -m bench`."""
