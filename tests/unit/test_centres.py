import csv
import struct

import pytest

from devtools import centres
from devtools.commands import cog

SQUARE = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]
ISLET = [(9, 9), (9.1, 9), (9.1, 9.1), (9, 9)]
CRESCENT = [(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (4, 3), (4, 4), (0, 4), (0, 0)]


def wkb(*polygons):
    parts = [struct.pack("<BII", 1, 6, len(polygons))]
    for rings in polygons:
        parts.append(struct.pack("<BII", 1, 3, len(rings)))
        for ring in rings:
            parts.append(struct.pack("<I", len(ring)))
            parts.extend(struct.pack("<2d", *point) for point in ring)
    return b"".join(parts).hex()


def test_outlines_are_read():
    assert centres.polygons(wkb([SQUARE], [ISLET])) == [[SQUARE], [ISLET]]
    with pytest.raises(ValueError, match="MultiPolygon"):
        centres.polygons(struct.pack("<BII", 1, 3, 0).hex())


def test_the_centre_is_of_the_largest_part_and_inside_it():
    assert centres.centre([[ISLET], [SQUARE]]) == pytest.approx((1, 1))
    x, y = centres.centre([[CRESCENT]])
    assert (x, y) == pytest.approx((0.5, 2))  # the centroid, x = 1.43, lies in the bay
    hole = [(0.1, 0.1), (0.1, 1.9), (1.9, 1.9), (1.9, 0.1), (0.1, 0.1)]
    x, y = centres.centre([[SQUARE, hole]])
    assert 0 <= x <= 0.1 or 1.9 <= x <= 2


def test_the_reach_is_to_the_farthest_corner():
    assert centres.reach_km((1, 1), [[SQUARE]]) == 158
    assert cog.centre_of(wkb([SQUARE])) == ("1.00000", "1.00000", 158)


def test_the_file_is_of_municipalities_in_their_places():
    with open(cog.CENTRES, encoding="utf-8", newline="") as stream:
        rows = {row["code"]: row for row in csv.DictReader(stream)}
    assert len(rows) == 34867
    for code, latitude, longitude in (("33063", 44.85, -0.58), ("75056", 48.86, 2.34), ("97411", -20.9, 55.45)):
        assert float(rows[code]["latitude"]) == pytest.approx(latitude, abs=0.05)
        assert float(rows[code]["longitude"]) == pytest.approx(longitude, abs=0.05)
    assert all(1 <= int(row["reach_km"]) <= 120 for row in rows.values())
    with open(cog.TARGET, encoding="utf-8", newline="") as stream:
        towns = {row["code"] for row in csv.DictReader(stream) if row["kind"] == "commune"}
    assert rows.keys() <= towns
