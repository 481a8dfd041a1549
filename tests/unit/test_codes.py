"""Codes and keys: plain Python."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

codes = load("aptic_voucher", "codes")
keyring = load("aptic_voucher", "keyring")

KEY, SALT = bytes(range(32)), bytes(range(16))
SERIALS = st.integers(1, 10**10 - 1)
SALTS = st.binary(min_size=16, max_size=16)
KEYS = st.binary(min_size=32, max_size=32)


def test_a_known_code():
    """Fixed for ever: booklets in circulation depend on it."""
    assert codes.make(1, SALT, KEY) == KNOWN
    assert codes.grouped(KNOWN) == "0000 0000 0121 7929 7123 1903"


KNOWN = "000000000121792971231903"


@given(SERIALS, SALTS, KEYS)
def test_round_trip(serial, salt, key):
    text = codes.make(serial, salt, key)
    assert len(text) == 24 and text.isdecimal()
    code = codes.parse(text)
    assert code.serial == serial
    assert codes.matches(code, salt, key)
    assert codes.parse(codes.grouped(text)) == code
    assert int(text) % 97 == 1  # ISO 7064


@given(SERIALS, SALTS, st.integers(0, 23), st.integers(1, 9))
def test_every_wrong_digit_is_refused(serial, salt, place, shift):
    text = codes.make(serial, salt, KEY)
    wrong = text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :]
    with pytest.raises(codes.BadCode) as caught:
        codes.parse(wrong)
    assert caught.value.reason == "check"


@given(SERIALS, SALTS, st.integers(0, 22))
def test_every_swap_of_neighbours_is_refused(serial, salt, place):
    text = codes.make(serial, salt, KEY)
    wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if wrong == text:
        return
    with pytest.raises(codes.BadCode):
        codes.parse(wrong)


def test_all_errors_of_one_code():
    text = codes.make(4_711, SALT, KEY)
    wrong = {text[:i] + digit + text[i + 1 :] for i in range(24) for digit in "0123456789"} - {text}
    assert len(wrong) == 24 * 9
    for typed in wrong:
        with pytest.raises(codes.BadCode):
            codes.parse(typed)


@given(SERIALS, SALTS, st.binary(min_size=16, max_size=16), KEYS)
def test_another_salt_or_key_does_not_match(serial, salt, other_salt, other_key):
    code = codes.parse(codes.make(serial, salt, KEY))
    assert codes.matches(code, other_salt, KEY) == (other_salt == salt)
    assert codes.matches(code, salt, other_key) == (other_key == KEY)


def test_every_digit_of_the_tag_counts():
    code = codes.parse(codes.make(12, SALT, KEY))
    for place in range(12):
        tag = code.tag[:place] + str((int(code.tag[place]) + 1) % 10) + code.tag[place + 1 :]
        assert not codes.matches(codes.Code(12, tag), SALT, KEY)
    assert not codes.matches(codes.Code(13, code.tag), SALT, KEY)


def test_tags_look_random():
    """Neighbours share nothing: no tag twice, and each digit at each place about as often as the others."""
    tags = [codes.parse(codes.make(serial, SALT, KEY)).tag for serial in range(1, 20_001)]
    assert len(set(tags)) == len(tags)
    for place in range(12):
        counts = [sum(tag[place] == digit for tag in tags) for digit in "0123456789"]
        chi = sum((count - 2000) ** 2 / 2000 for count in counts)
        assert chi < 33.7, (place, counts)  # one in ten thousand, and the sample is fixed


@pytest.mark.parametrize(
    ("layout", "row"),
    [
        ("AZERTY", "à&é\"'(-è_ç"),
        ("AZERTY, accents decomposed", "à&é\"'(-è_ç"),
        ("AZERTY, Caps Lock on Linux", "À&É\"'(-È_Ç"),
        ("AZERTY, macOS", "à&é\"'(§è!ç"),
        ("QWERTY, shifted", ")!@#$%^&*("),
    ],
)
@given(serial=SERIALS, salt=SALTS)
def test_misread_keyboards(layout, row, serial, salt):
    text = codes.make(serial, salt, KEY)
    keys = unicodedata.normalize("NFC", row)
    typed = "".join(keys[int(digit)] for digit in text)
    if "decomposed" in layout:
        typed = unicodedata.normalize("NFD", typed)
    if layout.startswith("QWERTY") and set(typed) <= set("!&("):
        return
    assert codes.normalise(typed) == text
    assert codes.parse(typed + "\r\n") == codes.parse(text)


@given(SERIALS, SALTS)
def test_groups_may_be_set_apart(serial, salt):
    text = codes.make(serial, salt, KEY)
    for separator in (" ", "\u00a0", "-", ".", "\t", "\u202f"):
        assert codes.normalise(separator.join(codes.grouped(text).split())) == text


@given(st.text())
def test_any_text_is_refused_or_read(text):
    try:
        code = codes.parse(text)
    except codes.BadCode as error:
        assert error.reason in ("characters", "length", "check")
    else:
        assert 0 <= code.serial < 10**10 and len(code.tag) == 12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "length"),
        ("1234", "length"),
        ("x" * 24, "characters"),
        ("٣" * 24, "characters"),
        ("²" * 24, "characters"),
        ("1" * 23 + "é", "characters"),
        (KNOWN + "0", "length"),
        (KNOWN[:-2] + f"{(int(KNOWN[-2:]) + 97) % 100:02d}", "check"),
    ],
)
def test_refusals(text, reason):
    with pytest.raises(codes.BadCode) as caught:
        codes.parse(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize("serial", [0, -1, 10**10])
def test_serials_have_bounds(serial):
    with pytest.raises(ValueError):
        codes.make(serial, SALT, KEY)


def test_a_salt_has_its_length():
    with pytest.raises(ValueError):
        codes.make(1, SALT[:-1], KEY)


def test_no_tag_in_repr():
    code = codes.parse(codes.make(1, SALT, KEY))
    assert code.tag not in repr(code) and "serial=1" in repr(code)


# ----------------------------------------------------------------------- keys
ONE, TWO = "11" * 32, "22" * 32


def ring(folder, text):
    path = folder / "odoo.conf"
    path.write_text(text)
    return keyring.load(path)


def test_two_versions(tmp_path):
    loaded = ring(
        tmp_path,
        "[options]\ndb_password = 100%\n[aptic]\nvoucher_key_current = 2\n"
        f"voucher_key_1 = {ONE}\nvoucher_key_2 = {TWO}\n",
    )
    assert loaded.current == 2
    assert loaded.key(1) == bytes.fromhex(ONE) and loaded.key(2) == bytes.fromhex(TWO)
    assert ONE not in repr(loaded) and "\\x11" not in repr(loaded)
    with pytest.raises(keyring.KeyRingError) as caught:
        loaded.key(3)
    assert (caught.value.kind, caught.value.values["option"]) == ("version", "voucher_key_3")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "none"),
        ("[aptic]\nvoucher_key_current = 1\nvoucher_key_1 =\n", "none"),
        (f"[aptic]\nvoucher_key_1 = {ONE}\n", "current"),
        (f"[aptic]\nvoucher_key_current = 2\nvoucher_key_1 = {ONE}\n", "current"),
        (f"[aptic]\nvoucher_key_current = one\nvoucher_key_1 = {ONE}\n", "current"),
        (f"[aptic]\nvoucher_key_current = 1\nvoucher_key_one = {ONE}\n", "name"),
        (f"[aptic]\nvoucher_key_current = 1\nvoucher_key_1 = {ONE[:-2]}\n", "length"),
        ("[aptic]\nvoucher_key_current = 1\nvoucher_key_1 = hunter2\n", "length"),
        (f"{ONE}\n", "malformed"),
    ],
)
def test_bad_rings(tmp_path, text, kind):
    with pytest.raises(keyring.KeyRingError) as caught:
        ring(tmp_path, text)
    assert caught.value.kind == kind
    assert ONE not in str(caught.value.values) and "hunter2" not in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(keyring.KeyRingError) as caught:
        keyring.load(tmp_path / "none.conf")
    assert caught.value.kind == "unreadable"
