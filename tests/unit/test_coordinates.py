import pytest

from tests.unit.conftest import load

coordinates = load("aptic_base", "coordinates")


def answer(**facts):
    properties = {"type": "housenumber", "score": 0.9, "citycode": "33063", **facts}
    return {"features": [{"geometry": {"coordinates": [-0.5805, 44.84044]}, "properties": properties}]}


def test_coordinates_as_typed():
    assert coordinates.parse("44,84044", " -0.5805 ") == (44.84044, -0.5805)
    assert coordinates.parse("", None) is None
    assert coordinates.parse("51.47", "0") == (51.47, 0.0)  # the Greenwich meridian crosses France
    for wrong in (
        ("44.8", ""),
        ("", "1"),
        ("x", "1"),
        ("91", "1"),
        ("45", "181"),
        ("0", "0"),
        ("4e1", "1"),
        ("nan", "1"),
    ):
        with pytest.raises(coordinates.BadCoordinates):
            coordinates.parse(*wrong)


def test_distance():
    assert 497 < coordinates.distance_km((44.84, -0.58), (48.8566, 2.3522)) < 501
    assert coordinates.distance_km((44.84, -0.58), (44.84, -0.58)) == 0


def test_the_best_answer_of_a_geocoder():
    assert coordinates.best(answer(), "33063") == (44.84044, -0.5805)
    assert coordinates.best(answer(type="municipality"), "33063") is None  # its centre is known better
    assert coordinates.best(answer(score=0.2), "33063") is None
    assert coordinates.best(answer(citycode="59350"), "33063") is None
    assert coordinates.best(answer(citycode="75111"), "75056") is not None


@pytest.mark.parametrize(
    "wrong",
    [None, [], {}, {"features": None}, {"features": []}, {"features": [{}]}, {"features": ["x"]}, "text",
     {"features": [{"properties": {"type": "street", "score": "high"}}]},
     {"features": [{"properties": {"type": "street", "score": 1}, "geometry": {"coordinates": [1]}}]},
     {"features": [{"properties": {"type": "street", "score": 1}, "geometry": {"coordinates": [500, 500]}}]}],
)  # fmt: skip
def test_whatever_comes_is_survived(wrong):
    assert coordinates.best(wrong, "33063") is None
