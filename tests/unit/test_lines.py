import pytest

from tests.unit.conftest import load

line_of = load("aptic_base", "lines").line_of


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::5", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:f::9", "2001:db8:1:2::/64"),
        ("", ""),
        (None, ""),
        ("proxy.example.org", ""),
    ],
)
def test_one_text_for_a_line(address, line):
    assert line_of(address) == line
