"""Recorded histories of every released version; each new version replays all of them."""
