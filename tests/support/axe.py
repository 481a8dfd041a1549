"""axe-core on a page, all rules on: what is serious or critical in what is ours."""

from axe_playwright_python.base import AXE_SCRIPT

# What Odoo draws around our pages, and why it is not ours to mend: selector → reason.
FRAME = {
    "#wrapwrap > header": "portal's menu bar: company logo, account menu",
    "#wrapwrap > footer": "portal's foot: language selector, « Powered by Odoo »",
    ".o_portal_navbar": "portal's breadcrumb bar and its home icon",
}
GRAVE = ("serious", "critical")
WIDTHS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def violations(page, frame=tuple(FRAME)):
    """Run every rule of axe-core that is on by default on the page; return sentences on what is serious or critical.

    :param frame: selectors of what is not looked at.
    """
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE_SCRIPT)
    report = page.evaluate(
        "frame => axe.run({exclude: frame}, {resultTypes: ['violations']})", [[selector] for selector in frame]
    )
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {node['target']} {node['html'][:160]}"
        f" {' '.join(reason['message'] for kind in ('any', 'all', 'none') for reason in node[kind])[:200]}"
        for found in report["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
