from zoneinfo import ZoneInfo

import pytest

from tests.unit.conftest import load

zones = load("aptic_base", "time_zones")


@pytest.mark.parametrize(
    ("code", "zone"),
    [("33063", "Europe/Paris"), ("2A004", "Europe/Paris"), ("97411", "Indian/Reunion"), ("", "Europe/Paris")],
)
def test_zone_of_a_municipality(code, zone):
    assert zones.zone_of(code) == zone


def test_every_zone_exists():
    assert all(ZoneInfo(name) for name in zones.OVERSEAS.values())
