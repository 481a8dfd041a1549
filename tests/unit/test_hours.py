from datetime import date, datetime

import pytest

from tests.unit.conftest import load

hours = load("aptic_base", "hours")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Mo-Fr 09:00-12:00,14:00-18:00", "Mo-Fr 09:00-12:00,14:00-18:00"),
        ("Mo-Fr 9:00-12:00 ; Sa 10:00-12:00;", "Mo-Fr 09:00-12:00; Sa 10:00-12:00"),
        ("Tu-Sa 10:00-19:00; We off", "Tu 10:00-19:00; Th-Sa 10:00-19:00"),
        ("Sa-Mo 10:00-12:00", "Mo 10:00-12:00; Sa-Su 10:00-12:00"),
        ("Mo,We,Fr 10:00-12:00", "Mo 10:00-12:00; We 10:00-12:00; Fr 10:00-12:00"),
        ("10:00-12:00", "Mo-Su 10:00-12:00"),
        ("24/7", "Mo-Su 00:00-24:00"),
    ],
)
def test_a_week_is_read_and_written(text, written):
    week = hours.read(hours.check(text))
    assert hours.write(week) == written
    assert hours.write(hours.read(hours.check(written))) == written


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 09:00-12:00; PH off",
        'Mo 09:00-12:00 "sur rendez-vous"',
        "Jul-Aug Mo-Fr 09:00-12:00",
        "Fr 22:00-02:00",
        "Mo[1] 10:00-12:00",
        "Mo-Fr",
    ],
)
def test_what_a_week_does_not_tell_is_kept_as_it_is(text):
    assert hours.read(hours.check(text)) is None


@pytest.mark.parametrize("text", ["", "9h-12h", "lundi", "Mo-Fr 25:00-26:00", "x" * 500, "Mo-Fr 09:00\0", "Mo 10h"])
def test_what_is_no_opening_hours_is_refused(text):
    with pytest.raises(hours.BadHours):
        hours.check(text)


@pytest.mark.parametrize(
    ("typed", "time"),
    [("9", "09:00"), ("9h", "09:00"), ("9h30", "09:30"), ("14 h 05", "14:05"), ("9.15", "09:15"), ("24:00", "24:00"),
     ("", ""), (None, "")],
)  # fmt: skip
def test_times_as_people_type_them(typed, time):
    assert hours.time(typed) == time


@pytest.mark.parametrize("typed", ["25", "9h60", "24:01", "neuf", "-1", "9:3", "٩"])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(hours.BadHours):
        hours.time(typed)


def test_a_day_is_in_order():
    assert hours.day([("14", "18h"), ("9", "12")]) == [("09:00", "12:00"), ("14:00", "18:00")]
    assert hours.day([("", ""), ("", "")]) == []
    for wrong in ([("9", "")], [("", "12")], [("12", "9")], [("9", "9")], [("9", "14"), ("12", "18")]):
        with pytest.raises(hours.BadHours):
            hours.day(wrong)


def test_days_with_the_same_hours_are_told_together():
    week = hours.read("Mo-We,Fr 09:00-12:00; Sa 10:00-11:00")
    assert [(first, last) for first, last, _stretches in hours.spans(week)] == [(0, 2), (4, 4), (5, 5)]
    assert hours.spans(hours.read("")) == []


def test_three_stretches_a_day_do_not_fit_the_form():
    assert hours.fits_form(hours.read("Mo 09:00-12:00,14:00-18:00"))
    assert not hours.fits_form(hours.read("Mo 09:00-10:00,11:00-12:00,14:00-18:00"))
    assert not hours.fits_form(hours.read("Mo-Fr 09:00-12:00; PH off"))


@pytest.mark.parametrize(
    ("text", "zone", "spans"),
    [
        ("Mo 09:00-12:00,14:00-18:00", "Europe/Paris", [((8, 0), (11, 0)), ((13, 0), (17, 0))]),
        ("Mo 09:00-12:00", "Indian/Reunion", [((5, 0), (8, 0))]),
        ('Mo 09:00-12:00 "sur rendez-vous"', "Europe/Paris", [((8, 0), (11, 0))]),
        ("Mo 09:00-12:00 unknown", "Europe/Paris", [((8, 0), (11, 0))]),
        ("Tu-Su 09:00-12:00", "Europe/Paris", []),
    ],
)
def test_when_a_place_is_open_in_utc(text, zone, spans):
    monday = date(2026, 11, 30)
    found = hours.open_spans(hours.check(text), monday, monday, zone)
    assert found == [tuple(datetime(2026, 11, 30, *moment) for moment in span) for span in spans]


def test_always_open_and_past_midnight():
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    assert hours.open_spans("24/7", friday, sunday) == [(datetime(2026, 11, 26, 23), datetime(2026, 11, 29, 23))]
    assert hours.open_spans("Fr 22:00-02:00", friday, sunday) == [
        (datetime(2026, 11, 27, 21), datetime(2026, 11, 28, 1))
    ]
