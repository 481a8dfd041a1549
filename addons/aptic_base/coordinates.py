"""Coordinates of places: as typed, as a geocoder answers, and how far they lie apart. Plain Python."""

import math
import re

EARTH_KM = 6371.0
GOOD_SCORE = 0.5  # of the French address service; below, it has mostly found another street
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{1,12})?")
PRECISE = ("housenumber", "street", "locality")


class BadCoordinates(ValueError):
    """What is no latitude and longitude."""


def parse(latitude, longitude):
    """Return ``(latitude, longitude)`` as typed or sent by the map; None when both are empty.

    :raise BadCoordinates: when one is missing, is no number or lies outside the globe
    """
    texts = [(text or "").strip() for text in (latitude, longitude)]
    if texts == ["", ""]:
        return None
    if not all(text.isascii() and _NUMBER.fullmatch(text) for text in texts):
        raise BadCoordinates(texts)
    north, east = (round(float(text.replace(",", ".")), 7) for text in texts)
    if not (0 < abs(north) <= 90 and abs(east) <= 180):  # no place lies on the equator: 0 is « not given »
        raise BadCoordinates(texts)
    return north, east


def distance_km(one, other):
    """Return the great-circle distance of two ``(latitude, longitude)`` in kilometres."""
    (north, east), (other_north, other_east) = (map(math.radians, point) for point in (one, other))
    chord = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1, chord)))


def best(answer, insee_code):
    """Return the ``(latitude, longitude)`` of a geocoder's best answer in a municipality, or None.

    The answer is a GeoJSON FeatureCollection as the French address services (BAN, Géoplateforme, addok) give it. An
    answer that is only the municipality is none: we know its centre.

    :param answer: the decoded JSON; anything may have come
    :param str insee_code: of the municipality; those of arrondissements are accepted by their department's prefix
    """
    try:
        for feature in answer["features"]:
            facts = feature["properties"]
            if (
                facts.get("type") in PRECISE
                and float(facts.get("score", 0)) >= GOOD_SCORE
                and str(facts.get("citycode", insee_code))[:2] == insee_code[:2]
            ):
                longitude, latitude = feature["geometry"]["coordinates"][:2]
                return parse(f"{float(latitude):.7f}", f"{float(longitude):.7f}")
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return None
