"""Words as they are compared, whoever wrote them and however."""

import unicodedata


def letters(text: str) -> str:
    """A text's letters and digits alone, in one case and one width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
