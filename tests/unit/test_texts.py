import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.addons import load

texts = load("aptic_base", "texts")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Lieu   du\nbourg ", "Lieu du bourg"),
        ("a\0b", "a b"),
        ("\u202e\0", ""),
        ("Été 😀", "Été 😀"),
        (None, ""),
        (5, ""),
        ({"x": 1}, ""),
    ],
)
def test_one_line(typed, kept):
    assert texts.one_line(typed) == kept


@given(st.text(), st.integers(1, 50))
def test_a_line_is_short_clean_and_stable(typed, longest):
    line = texts.one_line(typed, longest)
    assert len(line) <= longest
    assert "\0" not in line
    assert line == line.strip()
    assert texts.one_line(line, longest) == line
