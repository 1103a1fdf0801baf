"""Juanchi (卷尺): a durable engine for civic tickets."""
