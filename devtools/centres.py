"""The centre of a municipality and how far it reaches, from its outline. Plain Python: outlines are few and small.

An outline is a MultiPolygon in hexadecimal WKB (OGC 06-103r4, little endian), longitude before latitude.
"""

import itertools
import math
import struct

EARTH_KM = 6371.0
KM_PER_DEGREE = math.pi * EARTH_KM / 180
_MULTI_POLYGON, _POLYGON = 6, 3


def polygons(wkb_hex):
    """Return the polygons of a MultiPolygon: lists of rings, the outer one first, each a list of ``(x, y)``.

    :raise ValueError: when it is something else
    """
    data = bytes.fromhex(wkb_hex)
    position = 0

    def take(form):
        nonlocal position
        values = struct.unpack_from(form, data, position)
        position += struct.calcsize(form)
        return values

    def head(kind):
        if take("<BI") != (1, kind):
            raise ValueError("not a little endian MultiPolygon without SRID")
        return take("<I")[0]

    shapes = []
    for _polygon in range(head(_MULTI_POLYGON)):
        rings = []
        for _ring in range(head(_POLYGON)):
            (count,) = take("<I")
            flat = take(f"<{2 * count}d")
            rings.append(list(zip(flat[::2], flat[1::2], strict=True)))
        shapes.append(rings)
    return shapes


def centre(shapes):
    """Return ``(longitude, latitude)`` of a point inside the largest polygon: its centroid, or a point beside it.

    The centroid of a crescent lies outside: then the middle of its widest stretch on the centroid's latitude is taken.
    """
    rings = max(shapes, key=lambda shape: abs(_moments(shape[0])[0]))
    total = x = y = 0.0
    for index, ring in enumerate(rings):
        area, ring_x, ring_y = _moments(ring)
        sign = 1 if index == 0 else -1  # holes
        size = sign * abs(area)
        total, x, y = total + size, x + size * ring_x, y + size * ring_y
    x, y = x / total, y / total
    crossings = sorted(
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for ring in rings
        for a, b in itertools.pairwise(ring)
        if (a[1] > y) != (b[1] > y)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=False))
    if not stretches or any(west <= x <= east for west, east in stretches):
        return x, y
    west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, y


def reach_km(point, shapes):
    """Return the distance in whole kilometres, rounded up, from a point to the farthest corner of the outline."""
    return math.ceil(
        max(
            math.hypot((x - point[0]) * math.cos(math.radians(point[1])), y - point[1]) * KM_PER_DEGREE
            for rings in shapes
            for x, y in rings[0]
        )
    )


def _moments(ring):
    """Return the signed area and the centroid of a ring."""
    area = x = y = 0.0
    x0, y0 = ring[0]  # computed around a corner: degrees are large beside a village
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        ax, ay, bx, by = ax - x0, ay - y0, bx - x0, by - y0
        cross = ax * by - bx * ay
        area, x, y = area + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    if not area:
        return 0.0, x0, y0
    return area / 2, x0 + x / (3 * area), y0 + y / (3 * area)
