"""The command line: every door of the engine for people at a terminal. Holds no rules."""
