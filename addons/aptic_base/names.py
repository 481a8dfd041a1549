"""Names that mean the same: compared without case, accents, punctuation and small words. Plain Python."""

import unicodedata
from difflib import SequenceMatcher

CLOSE = 0.8
_SMALL = frozenset(
    {"a", "au", "aux", "avec", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "on", "pour", "sa"}
    | {"ses", "son", "sur", "the", "to", "un", "une"}
)


def words(name):
    """Return the words of a name that carry its meaning, plain: ``["aider", "impots"]``."""
    flat = unicodedata.normalize("NFKD", (name or "").casefold())
    text = "".join(sign if sign.isalnum() else " " for sign in flat if not unicodedata.combining(sign))
    found = text.split()
    return [word for word in found if word not in _SMALL] or found


def are_alike(one, other):
    """Whether two names are so near that a person should look: the same words, or almost the same letters."""
    first, second = words(one), words(other)
    if not first or not second:
        return False
    shorter, longer = sorted((set(first), set(second)), key=len)
    if shorter == longer or (len(shorter) > 1 and shorter <= longer):
        return True
    return SequenceMatcher(None, " ".join(first), " ".join(second)).ratio() >= CLOSE
