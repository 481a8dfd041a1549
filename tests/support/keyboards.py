"""Scanners as the browser sees them: real key events, one layout and one pace each."""

AZERTY = "à&é\"'(-è_ç"
AZERTY_CAPS = "À&É\"'(-È_Ç"
SHIFTED_QWERTY = ")!@#$%^&*("
KEYPAD_ARROWS = (
    "Insert", "End", "ArrowDown", "PageDown", "ArrowLeft", "Clear", "ArrowRight", "Home", "ArrowUp", "PageUp",
)  # fmt: skip
BEFORE = 1  # second: a clock only stops in its future
SHIFT = 8  # the modifier's bit in the protocol


def _row(characters, modifiers=0):
    return lambda digit: (characters[int(digit)], f"Digit{digit}", modifiers)


# What a digit arrives as: its character, its key, the modifiers; by what scanner and computer believe of each other.
LAYOUTS = {
    "qwerty": _row("0123456789"),
    "azerty": _row("0123456789", SHIFT),
    "qwerty scanner on azerty": _row(AZERTY),
    "qwerty scanner on azerty with Caps Lock": _row(AZERTY_CAPS),
    "azerty scanner on qwerty": _row(SHIFTED_QWERTY, SHIFT),
    "keypad": lambda digit: (digit, f"Numpad{digit}", 0),
    "keypad without Num Lock": lambda digit: (KEYPAD_ARROWS[int(digit)], f"Numpad{digit}", 0),
    "digits without keys": lambda digit: (digit, "", 0),
    "azerty without keys": lambda digit: (AZERTY[int(digit)], "", 0),
    "shifted qwerty without keys": lambda digit: (SHIFTED_QWERTY[int(digit)], "", 0),
}


class Scanner:
    """A scanner plugged into a page that goes by a clock of ours (``page.clock.install()`` before it was opened).

    :param layout: a name of ``LAYOUTS``
    :param pause: milliseconds between two keys
    :param end: the key that it ends with, or None
    """

    def __init__(self, page, layout="qwerty", pause=20, end="Enter"):
        self.page, self.keys = page, page.context.new_cdp_session(page)
        self.layout, self.pause, self.end = LAYOUTS[layout], pause, end

    def scan(self, code):
        """Type a code; no time passes for the page but the scanner's pauses, however busy the machine is."""
        clock = self.page.clock
        clock.pause_at(self.page.evaluate("Date.now()") / 1000 + BEFORE)
        for digit in code:
            self._press(*self.layout(digit))
            clock.run_for(self.pause)
        if self.end:
            self._press(self.end, self.end, 0)
        clock.resume()

    def _press(self, key, code, modifiers):
        text = {"text": key, "unmodifiedText": key} if len(key) == 1 else {}
        if key == "Enter":
            text = {"text": "\r", "unmodifiedText": "\r"}
        event = {"key": key, "code": code, "modifiers": modifiers, **text}
        if key in ("Enter", "Tab"):
            event["windowsVirtualKeyCode"] = {"Enter": 13, "Tab": 9}[key]
        if modifiers & SHIFT:
            self.keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Shift", "code": "ShiftLeft"})
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyDown" if text else "rawKeyDown", **event})
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code, "modifiers": modifiers})
        if modifiers & SHIFT:
            self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Shift", "code": "ShiftLeft"})
