"""The fast QR codes are the very ones that the plain way makes."""

import random

import pytest
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from tests.unit.conftest import load

qr = load("aptic_voucher", "qr")


@pytest.mark.parametrize(
    "prefix", ["https://aptic.fr/aptic/check/", "http://localhost:8069/aptic/check/", "https://" + "long." * 12 + "fr/"]
)
def test_every_module_is_right(prefix):
    series, chance = qr.Series(prefix), random.Random(prefix)
    for serial in [0, 1, 9_999_999_999, *(chance.randrange(10**10) for _n in range(50))]:
        plain = QRCode(series.version, ERROR_CORRECT_M, border=0, mask_pattern=qr.MASK)
        plain.add_data(f"{prefix}{serial:010d}", optimize=0)
        plain.make(fit=False)
        data = series.bitmap(f"{serial:010d}")
        wide = series.stride // 8
        rows = [data[start : start + wide] for start in range(0, len(data), wide)]
        drawn = [[bool(row[x // 8] >> 7 - x % 8 & 1) for x in range(series.size)] for row in rows]
        assert drawn == plain.get_matrix()
