"""QR codes of addresses that differ in their serial alone, as fast as print wants them.

With a fixed mask a QR code is linear: its data, its Reed-Solomon words and so its modules. What changing one digit does
to the picture is the same whatever the other digits are: it is computed once, and a code is a few XORs of integers.
"""

import functools

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from .codes import SERIAL_DIGITS

MASK = 2  # any would do; the decoder is told which


class Series:
    """The codes of ``prefix`` followed by ten digits.

    :ivar size: modules of a side.
    :ivar stride: bits of a row in :meth:`bitmap`, a multiple of eight.
    """

    def __init__(self, prefix: str):
        self.prefix = prefix
        code = self._code(prefix + "0" * SERIAL_DIGITS)
        self.version, self.size = code.version, code.modules_count
        self.stride = -(-self.size // 8) * 8
        self.base = self._bits(code)

    def bitmap(self, digits: str) -> bytes:
        """Return the modules from top to bottom, 1 for black, each row filled up to whole bytes.

        :param digits: a serial as it is printed.
        """
        bits = self.base
        for place, digit in enumerate(digits):
            if digit != "0":
                bits ^= self._change(place, digit)
        return bits.to_bytes(self.size * self.stride // 8, "big")

    @functools.cache  # noqa: B019 (a series lives as long as its document)
    def _change(self, place, digit):
        digits = "0" * place + digit + "0" * (SERIAL_DIGITS - place - 1)
        return self.base ^ self._bits(self._code(self.prefix + digits, self.version))

    def _code(self, text, version=None):
        code = QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
        code.add_data(text, optimize=0)  # all in one run of bytes, or digits would be packed by threes
        code.make(fit=version is None)
        return code

    def _bits(self, code):
        bits = 0
        for row in code.get_matrix():
            for module in row:
                bits = bits << 1 | module
            bits <<= self.stride - self.size
        return bits
