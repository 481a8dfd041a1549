"""What people type into a form, made fit to be kept. Plain Python."""

import unicodedata

from markupsafe import Markup


def one_line(text, longest=200):
    """Return a text on one line: spaces run together, nothing invisible (PostgreSQL takes no NUL), cut when too long.

    :param text: as it came; what is no text counts as empty
    :param int longest: in characters
    """
    if not isinstance(text, str):
        return ""
    kept = text[: 10 * longest]
    if not kept.isprintable():
        kept = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in kept)
    return " ".join(kept.split())[:longest].strip()


def paragraphs(*texts):
    """Return texts as HTML, escaped: each one paragraph, its line breaks kept; empty ones are left out."""
    return Markup().join(
        Markup("<p>%s</p>") % Markup("<br/>").join(text.splitlines()) for text in texts if (text or "").strip()
    )
