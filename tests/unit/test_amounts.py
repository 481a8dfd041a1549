"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

amounts = load("aptic_settlement", "amounts")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1500", 150_000),
        ("12,5", 1250),
        ("1 250,00 €", 125_000),
        ("0.01", 1),
        ("12,345", 0),
        ("-5", 0),
        ("١٢", 0),
        ("1e3", 0),
        ("", 0),
        (None, 0),
        ("99999999", 0),
    ],
)
def test_what_is_typed(text, cents):
    assert amounts.parse(text) == cents


@given(st.integers(1, 10**9 - 1))
def test_what_is_written_is_read(cents):
    assert amounts.parse(f"{cents // 100},{cents % 100:02d} €") == cents


@given(st.text(max_size=20))
def test_nothing_typed_raises(text):
    assert amounts.parse(text) >= 0
