"""The variable data of an outside printer: one line a voucher, and the checksum that says that nothing was lost.

A ZIP of ``NAME.csv`` (UTF-8, semicolons) and ``NAME.csv.sha256``, as ``sha256sum -c`` reads it. Numbers and codes only:
a spreadsheet finds no formula in it. The code stands there twice: its digits for the bars, and in groups of four as it
is printed, which no spreadsheet rounds.
"""

import csv
import hashlib
import zipfile
from collections.abc import Iterable
from datetime import date

from .codes import grouped, serial_digits

HEADER = (
    "carnet", "rang", "cheques_du_carnet", "numero", "code_barres", "code_imprime", "adresse_qr", "valeur_euros",
    "valable_jusqu_au",
)  # fmt: skip
LINES = 500  # that are in memory at once
EPOCH = (1980, 1, 1, 0, 0, 0)  # equal input gives equal bytes


class _Hashed:
    """Text lines to a binary stream, hashed on their way; some at a time, because each write has its price."""

    def __init__(self, stream):
        self.digest, self._stream, self._lines = hashlib.sha256(), stream, []

    def write(self, line):  # pylint: disable=method-required-super
        """Take one line, as ``csv.writer`` asks."""
        self._lines.append(line)
        if len(self._lines) >= LINES:
            self.flush()

    def flush(self):
        """Write the lines that wait."""
        data = "".join(self._lines).encode()
        self._lines.clear()
        self.digest.update(data)
        self._stream.write(data)


def write(stream, name: str, booklets: Iterable, face_cents: int, last_day: date, check: str) -> tuple[int, str]:
    """Write the ZIP into ``stream``, booklet by booklet.

    :param stream: a seekable file object open for writing bytes.
    :param name: name of the files inside, without extension.
    :param booklets: pairs of a booklet's serial and its ``[(serial, code)]``; read one by one.
    :param face_cents: value of one voucher, in cents.
    :param last_day: the last valid day, inclusive.
    :param check: address of the public check, before the serial.
    :return: how many vouchers were written, and the SHA-256 of the CSV file (hexadecimal).
    """
    count, value, until = 0, f"{face_cents / 100:.2f}".replace(".", ","), f"{last_day:%d/%m/%Y}"
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry(f"{name}.csv"), "w", force_zip64=True) as entry:
            hashed = _Hashed(entry)
            lines = csv.writer(hashed, delimiter=";", lineterminator="\r\n")
            lines.writerow(HEADER)
            for serial, pairs in booklets:
                booklet, size = serial_digits(serial), len(pairs)
                for rank, (number, code) in enumerate(pairs, 1):
                    digits = serial_digits(number)
                    lines.writerow((booklet, rank, size, digits, code, grouped(code), check + digits, value, until))
                count += size
            hashed.flush()
        sha256 = hashed.digest.hexdigest()
        archive.writestr(_entry(f"{name}.csv.sha256"), f"{sha256}  {name}.csv\n")
    return count, sha256


def _entry(name):
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
