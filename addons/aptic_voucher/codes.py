"""The code of a voucher: 24 digits = serial (10) + tag (12) + check (2).

The tag is ``HMAC-SHA-256(key, salt ‖ serial) mod 10^12``: without the server's key and the booklet's salt nobody can
make it. The two check digits (ISO 7064 MOD 97-10) refuse typing errors before anything is looked up; they are no
protection against fraud.
"""

import hmac
import unicodedata
from dataclasses import dataclass, field

DIGITS = "0123456789"
SERIAL_DIGITS, TAG_DIGITS, CHECK_DIGITS = 10, 12, 2
LENGTH = SERIAL_DIGITS + TAG_DIGITS + CHECK_DIGITS
SALT_BYTES = 16

# What the upper row of a keyboard gives when the scanner and the computer do not agree on its layout or on Caps Lock.
AZERTY = str.maketrans(
    "à&é\"'(-è_ç" + "ÀÉÈÇ" + "§!’",  # the row, the same with Caps Lock on Linux, what macOS and Belgium have instead
    DIGITS + "0279" + "684",
)
SHIFTED_QWERTY = str.maketrans(")!@#$%^&*(", DIGITS)
SEPARATORS = str.maketrans("", "", "-–.·")


class BadCode(ValueError):
    """The text is no code.

    :ivar reason: ``characters``, ``length`` or ``check``.
    """

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Code:
    """A well-formed code. Its tag is left out of ``repr`` so that no log shows it."""

    serial: int
    tag: str = field(repr=False)


def make(serial: int, salt: bytes, key: bytes) -> str:
    """Return the 24 digits of a voucher.

    :param serial: the public serial, 1 to 9,999,999,999.
    :param salt: the booklet's 16 random bytes.
    :param key: the secret key of the booklet's key version.
    """
    if not 0 < serial < 10**SERIAL_DIGITS:
        raise ValueError(f"a serial has at most {SERIAL_DIGITS} digits")
    body = serial_digits(serial) + _tag(serial, salt, key)
    return body + _check_digits(body)


def normalise(text: str) -> str:
    """Return what the keys mean: spaces dropped, the row of a misread keyboard turned back into digits.

    A hyphen or a dot between digits separates groups; where no digit is, the hyphen is AZERTY's 6.
    Characters that mean nothing stay, for :func:`parse` to refuse.
    """
    text = "".join(unicodedata.normalize("NFC", text).split())
    if any(character in DIGITS for character in text):
        return text.translate(SEPARATORS)
    for layout in (AZERTY, SHIFTED_QWERTY):
        if all(ord(character) in layout for character in text):
            return text.translate(layout)
    return text


def parse(text: str) -> Code:
    """Read what was scanned or typed.

    :raises BadCode: when it is no code: other characters, not 24 digits, wrong check digits.
    """
    digits = normalise(text)
    if any(character not in DIGITS for character in digits):
        raise BadCode("characters")
    if len(digits) != LENGTH:
        raise BadCode("length")
    body, check = digits[:-CHECK_DIGITS], digits[-CHECK_DIGITS:]
    if check != _check_digits(body):
        raise BadCode("check")
    return Code(int(body[:SERIAL_DIGITS]), body[SERIAL_DIGITS:])


def read_serial(text: str) -> int:
    """Return the serial of what was typed or scanned: a serial alone, or a whole code, whose tag is not looked at.

    :raises BadCode: when it is neither.
    """
    digits = normalise(text)
    if len(digits) == LENGTH:
        return parse(digits).serial
    if any(character not in DIGITS for character in digits):
        raise BadCode("characters")
    if not 0 < len(digits) <= SERIAL_DIGITS or not int(digits):
        raise BadCode("length")
    return int(digits)


def matches(code: Code, salt: bytes, key: bytes) -> bool:
    """Tell in constant time whether the tag is the one of this serial, salt and key."""
    return hmac.compare_digest(code.tag, _tag(code.serial, salt, key))


def serial_digits(serial: int) -> str:
    """Return a serial as it is printed: ten digits."""
    return f"{serial:0{SERIAL_DIGITS}d}"


def grouped(code: str) -> str:
    """Return the code in six groups of four, as it is printed."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _tag(serial: int, salt: bytes, key: bytes) -> str:
    # A fixed length keeps salt ‖ serial free of two readings.
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    digest = hmac.digest(key, salt + serial.to_bytes(8, "big"), "sha256")
    return f"{int.from_bytes(digest, 'big') % 10**TAG_DIGITS:0{TAG_DIGITS}d}"


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"
