"""What people type into a form, made fit to be kept. Plain Python."""

import unicodedata


def one_line(text, longest=200):
    """Return a text on one line: spaces run together, nothing invisible (PostgreSQL takes no NUL), cut when too long.

    :param text: as it came; what is no text counts as empty
    :param int longest: in characters
    """
    if not isinstance(text, str):
        return ""
    kept = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text[: 10 * longest])
    return " ".join(kept.split())[:longest].strip()
