"""The characters of SEPA, in texts and in references. No ORM. Source: EPC217-08 and EPC132-08, section 1.4."""

import re

from unidecode import unidecode

ALLOWED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
REFERENCE = re.compile(r"[A-Za-z0-9\-?:().,'+ ]+(/[A-Za-z0-9\-?:().,'+ ]+)*")
REFERENCE_SIZE = 35
# As in both formats of the payment file (pain.001.001.03 is the stricter one).
BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")


def text(value: str, size: int = 0) -> str:
    """Return ``value`` in the characters of SEPA: without accents, ``+`` for ``&``, spaces for the rest.

    :param size: characters at most; 0 for any number
    """
    words = " ".join(ALLOWED.sub(" ", unidecode(value).replace("&", "+")).split())
    return words[:size].strip() if size else words


def is_reference(value: str) -> bool:
    """Whether ``value`` may be a reference: no slash at either end nor two in a row, 35 characters at most."""
    return len(value) <= REFERENCE_SIZE and value == value.strip() and bool(REFERENCE.fullmatch(value))


def is_bic(value: str) -> bool:
    """Whether a payment file may name this bank."""
    return bool(BIC.fullmatch(value))
