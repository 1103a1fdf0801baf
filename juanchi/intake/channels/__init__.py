"""Where clues come from: one adapter for each kind of source, and what all of them promise."""
