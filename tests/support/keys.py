"""Hands that have no pointer."""

MOST = 150  # Tab presses before a control counts as out of reach
LOOK = """selector => {
    const node = document.activeElement;
    const outside = node === document.body;
    const box = node.getBoundingClientRect();
    const ring = [node, node.closest("label")].filter(Boolean).map((shown) => getComputedStyle(shown)).some((style) =>
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none");
    return {
        there: node.matches(selector),
        seen: outside || ring,
        sized: outside || box.width > 0 && box.height > 0,
        name: node.outerHTML.slice(0, 120),
    };
}"""


class Keys:
    """A page under hands that have no pointer."""

    def __init__(self, page):
        self.page = page

    def reach(self, selector, back=False):
        """Walk with Tab to the first control that matches; each stop on the way shows where it is.

        :param back: with Shift+Tab.
        """
        for _press in range(MOST):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            here = self.page.evaluate(LOOK, selector)
            if not here["seen"]:  # shadows fade in
                here = self.look_again(selector)
            assert here["seen"], f"the focus is not to be seen on {here['name']}"
            assert here["sized"], f"the focus is on nothing: {here['name']}"
            if here["there"]:
                return
        raise AssertionError(f"{selector} is out of the keyboard's reach on {self.page.url}")

    def look_again(self, selector):
        """Look until the focus is to be seen; a busy machine is given three seconds."""
        for _turn in range(10):
            self.page.wait_for_timeout(300)
            here = self.page.evaluate(LOOK, selector)
            if here["seen"]:
                break
        return here

    def type(self, selector, text):
        """Walk to a field and write into it, in the place of what is there."""
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, selector, key="Enter"):
        """Walk to a control and press a key on it."""
        self.reach(selector)
        self.page.keyboard.press(key)

    def go(self, selector, key="Enter"):
        """Press a control that leads to another page."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.page.wait_for_selector("body[is-ready=true]")
