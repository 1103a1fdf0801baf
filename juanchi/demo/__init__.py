"""The demo: a city in a minute. Real servers, a real worker, and people who use the real doors.

Nothing here is part of the engine, and nothing of the engine knows that it is a demo: the pace
comes from the pack's ``policy-demo.toml``.
"""
