"""The characters of SEPA, in texts and in references. No ORM. Source: EPC217-08 and EPC132-08, section 1.4."""

import re

from unidecode import unidecode

ALLOWED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
REFERENCE = re.compile(r"[A-Za-z0-9\-?:().,'+ ]+(/[A-Za-z0-9\-?:().,'+ ]+)*")
REFERENCE_SIZE = 35


def text(value: str, size: int = 0) -> str:
    """Return ``value`` in the characters of SEPA: without accents, ``+`` for ``&``, spaces for the rest.

    :param size: characters at most; 0 for any number
    """
    words = " ".join(ALLOWED.sub(" ", unidecode(value).replace("&", "+")).split())
    return words[:size].strip() if size else words


def is_reference(value: str) -> bool:
    """Whether ``value`` may be a reference: no slash at either end nor two in a row, 35 characters at most."""
    return len(value) <= REFERENCE_SIZE and value == value.strip() and bool(REFERENCE.fullmatch(value))
