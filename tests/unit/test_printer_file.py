"""The printer's file: whole, checked, equal for equal input, in flat memory."""

import csv
import hashlib
import io
import zipfile
from datetime import date

from tests.unit.conftest import load
from tests.unit.test_sheet import CHECK, booklets, codes

printer_file = load("aptic_voucher", "printer_file")


def written(count=3, size=10):
    stream = io.BytesIO()
    result = printer_file.write(stream, "CMD-1", booklets(count, size), 1000, date(2027, 3, 1), CHECK)
    return stream.getvalue(), result


def test_lines_and_checksum():
    data, (count, sha256) = written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["CMD-1.csv", "CMD-1.csv.sha256"]
        content = archive.read("CMD-1.csv")
        assert archive.read("CMD-1.csv.sha256") == f"{sha256}  CMD-1.csv\n".encode()
    assert hashlib.sha256(content).hexdigest() == sha256
    header, *rows = csv.reader(io.StringIO(content.decode()), delimiter=";")
    assert tuple(header) == printer_file.HEADER
    wanted = [(serial, code) for _start, pairs in booklets(3) for serial, code in pairs]
    assert count == len(rows) == 30
    for row, (serial, code) in zip(rows, wanted, strict=True):
        digits = codes.serial_digits(serial)
        assert row[3:7] == [digits, code, codes.grouped(code), CHECK + digits]
        assert row[7:] == ["10,00", "01/03/2027"]
    assert [row[1] for row in rows[:10]] == [str(rank) for rank in range(1, 11)]


def test_equal_bytes():
    assert written() == written()
    assert written()[1] != written(2)[1]
