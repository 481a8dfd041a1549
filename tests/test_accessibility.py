"""axe-core, all rules on, on every portal page that the addons declare: nothing serious or critical in what is ours.

A page is found by its declared address, so a new one is looked at when it is there.
"""

import re
from collections import defaultdict

import pytest
from playwright.sync_api import Error

from tests.support import axe, portal_pages

# Together they see every page in every state of a provider's way; the last is a visitor.
PEOPLE = (
    "fablab",
    "mediateur",
    "tresorier",
    "nouveau",
    "acteur09",
    "acteur10",
    "acteur11",
    "acteur12",
    "acteur13",
    "departement",
    "relais",
    None,
)
# Addresses that no browser shows as a page of ours, and why.
NO_PAGES = {
    "/my/aptic/communes": "JSON of the place's form",
    "/my/aptic/price": "JSON of the offer's form",
    "/my/aptic/scan/manifest.webmanifest": "JSON for the browser",
    "/my/aptic/scan/worker.js": "the service worker",
    "/my/aptic/orders/<int:order_id>/document/<string:kind>": "a file",
    "/my/aptic/closings/<int:closing_id>/pdf": "a file",
    "/my/aptic/orders/<int:order_id>/counts/<string:kind>": "a file",
    "/my/aptic/orders/counts/<string:kind>": "a file",
    "/my/aptic/orders/<int:order_id>/proofs/<int:proof_id>/pdf": "a file",
    "/my/aptic/orders/<int:order_id>/proofs/messages/<int:message_id>/file/<int:attachment_id>": "a file",
    "/my/aptic/distributor/<int:organisation_id>/members": "as a provider's members",
    "/my/aptic/invitation/<string:token>": "opened with an invitation by test_joining",
    "/my/aptic/redemptions/export/<string:kind>": "a file",
    "/my/aptic/sponsor-fees/<int:move_id>": "leads to Odoo's page of the invoice",
    "/my/aptic/setoff/<int:agreement_id>/pdf": "a file",
    "/my/aptic/statements/<int:statement_id>/<string:kind>": "a file",
    "/my/aptic/statements/<int:statement_id>/invoice": "leads to Odoo's page of the invoice",
    "/my/aptic/provider/<int:provider_id>/pathways/price": "JSON of the pathway's form",
    "/my/aptic/provider/<int:provider_id>/downloads/<string:key>": "a file",
    "/my/aptic/provider/<int:provider_id>/invoices/<int:move_id>/pdf": "a file",
    "/my/aptic/provider/<int:provider_id>/messages/<int:message_id>/file/<int:attachment_id>": "a file",
    "/my/aptic/provider/<int:provider_id>/offers/<int:offer_id>/messages"
    "/<int:message_id>/file/<int:attachment_id>": "a file",
    "/my/aptic/provider/<int:provider_id>/papers/<int:paper_id>/document": "a file",
    "/aptic/couverture/<string:month>.<string:kind>": "a file",
    "/my/aptic/coverage/<string:month>.<string:kind>": "a file",
    "/aptic/fonds/<int:fund_id>/<int:year>.<string:kind>": "a file",
    "/aptic/papers/<int:paper_id>/document": "a file for staff",
    "/aptic/conventions/<int:hosting_id>/document": "a file for staff",
    "/aptic/lots/<int:distribution_id>/note": "a file for staff",
    "/aptic/kits/labels": "a file for staff",
    "/aptic/kits/addresses": "a file for staff",
    "/aptic/order/<int:order_id>/sheets": "a file for staff",
    "/aptic/order/<int:order_id>/proof": "a file for staff",
    "/aptic/payment-order/<int:order_id>/file": "a file for staff",
    "/aptic/print/<int:wizard_id>": "a file for staff",
}
DOWNLOAD = "Download is starting"
UNLIKE = re.compile(r'value="[^"]*"|[0-9a-f]{8,}|\d+')  # what differs between two drawings of one page

# A row is like another when all that axe judges by is alike: tags, attributes, what they point at, where text lacks.
THIN_OUT = """() => {
    const POINTERS = ["for", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"];
    const FREE = ["alt", "aria-label", "href", "name", "placeholder", "src", "title", "value"];
    const worth = ({ name, value }) => {
        if (name === "id") return document.querySelectorAll(`[id="${CSS.escape(value)}"]`).length;
        if (POINTERS.includes(name)) return value.split(" ").map((id) => Boolean(document.getElementById(id)));
        return FREE.includes(name) || name.startsWith("data-") ? Boolean(value.trim()) : value;
    };
    const traits = (part) => [
        part.tagName, Boolean(part.textContent.trim()), ...[...part.attributes].map((each) => [each.name, worth(each)])
    ];
    const shape = (node) => JSON.stringify([node, ...node.querySelectorAll("*")].map(traits));
    for (const list of document.querySelectorAll("main tbody, main ul, main ol, main .list-group")) {
        const seen = new Map();
        for (const row of [...list.children]) {
            const key = shape(row);
            seen.set(key, (seen.get(key) || 0) + 1);
            if (seen.get(key) > 2) row.remove();
        }
    }
}"""


@pytest.fixture(scope="module")
def sweep(refusing_server, browser):
    """A function that opens a person's pages and returns ``{address: {declared, violations}}``; once a person."""
    known, drawn = {}, set()

    def look(login):
        if login not in known:
            known[login] = _look(refusing_server, browser, login, drawn)
        return known[login]

    return look


def _look(server, browser, login, drawn):
    """Open all pages of a person; one that is ``drawn`` like another before it is not looked at again."""
    page = browser.page(server, login, viewport=axe.WIDTHS["desktop"])
    found = defaultdict(lambda: {"declared": set(), "violations": []})
    paths = [path for path in portal_pages.opened_by_get() if path not in NO_PAGES]
    for declared, addresses in portal_pages.addresses(server, login, paths).items():
        for address in addresses:
            shown = show(page, address)
            if not shown:
                continue
            seen = page.url.removeprefix(server.url)
            found[seen]["declared"].add(declared)
            if shown == "page":
                shape = UNLIKE.sub("", page.locator("main").first.inner_html())
                if shape not in drawn:
                    drawn.add(shape)
                    found[seen]["violations"] = at_both_widths(page)
    page.context.close()
    return dict(found)


def show(page, address):
    """Open an address; return ``page``, ``file`` or None (not for this person)."""
    try:
        answer = page.goto(address)
    except Error as error:
        if DOWNLOAD in str(error):
            return "file"
        raise
    assert answer.status < 500, f"{address}: {answer.status}"
    if answer.status != 200 or "/web/login" in page.url:
        return None
    if "text/html" not in answer.headers.get("content-type", ""):
        return "file"
    ready(page)
    return "page"


def ready(page):
    """Wait until the page's scripts have drawn what they draw."""
    page.wait_for_function("document.readyState === 'complete' && !document.querySelector('owl-component:empty')")


def at_both_widths(page):
    """Return what axe-core says at desktop and phone width; of a long list, of rows of each shape it sees two."""
    found = []
    for width, size in axe.WIDTHS.items():
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width}: the page is wider than the window")
    page.evaluate(THIN_OUT)
    for width, size in axe.WIDTHS.items():
        page.set_viewport_size(size)
        found += [f"{width}: {sentence}" for sentence in axe.violations(page)]
    page.set_viewport_size(axe.WIDTHS["desktop"])
    return found


@pytest.mark.parametrize("login", PEOPLE)
def test_no_grave_violation(sweep, login):
    problems = {address: seen["violations"] for address, seen in sweep(login).items() if seen["violations"]}
    assert not problems, "\n".join(f"{address}\n    " + "\n    ".join(found) for address, found in problems.items())


def test_every_declared_page_is_looked_at(sweep):
    seen = {declared for login in PEOPLE for page in sweep(login).values() for declared in page["declared"]}
    missing = set(portal_pages.opened_by_get()) - seen - set(NO_PAGES)
    assert not missing, f"nobody of {PEOPLE} opens {sorted(missing)}"


def test_of_a_long_list_no_shape_is_left_out(refusing_server, browser):
    page = browser.page(refusing_server, "fablab", viewport=axe.WIDTHS["desktop"])
    page.goto("/my/aptic")
    ready(page)
    right = "<img src='/logo.png' alt='logo'><a href='/my'>là</a><input type='text' aria-label='ici'><span>net</span>"
    rows = [f"<li>{at} {right}</li>" for at in range(300)]
    for at, (part, wrong) in {
        150: (" alt='logo'", ""),
        180: ("là", ""),
        220: ("aria-label='ici'", "aria-labelledby='nowhere'"),
        250: ("<span>", "<span style='color:#ccc;background:#fff'>"),
    }.items():
        assert part in rows[at]
        rows[at] = rows[at].replace(part, wrong)
    page.evaluate(
        "rows => document.querySelector('main #wrap').insertAdjacentHTML('beforeend', `<ul>${rows}</ul>`)",
        "".join(rows),
    )
    found = at_both_widths(page)
    rows = page.locator("main #wrap > ul:last-of-type > li").all_inner_texts()
    page.context.close()
    assert [row.split()[0] for row in rows] == ["0", "1", "150", "180", "220", "250"]
    for width in axe.WIDTHS:
        rules = sorted(sentence.split(" ")[1] for sentence in found if sentence.startswith(width))
        assert rules == ["color-contrast", "image-alt", "label", "link-name"]


@pytest.mark.parametrize("kind", ("alert", "field", "colour"))
def test_what_is_planted_is_found(refusing_server, browser, kind):
    """The frame's selectors do not swallow ours: a mistake in the page itself is seen."""
    planted = {
        "alert": ("<img src='/logo.png'>", "image-alt"),
        "field": ("<input type='text' name='planted'>", "label"),
        "colour": ("<p style='color:#ccc;background:#fff'>pâle</p>", "color-contrast"),
    }
    markup, rule = planted[kind]
    page = browser.page(refusing_server, "fablab", viewport=axe.WIDTHS["phone"])
    page.goto("/my/aptic")
    ready(page)
    assert not axe.violations(page)
    for place in ("main", "main #wrap", "#aptic_hub_cards .card-body"):
        page.evaluate(
            "([place, markup]) => document.querySelector(place).insertAdjacentHTML('beforeend', markup)",
            [place, markup],
        )
    found = [sentence for sentence in axe.violations(page) if sentence.startswith(rule)]
    page.context.close()
    assert len(found) == 3, found


def test_the_frame_is_odoos(refusing_server, browser):
    """What is subtracted holds no page of ours: no heading, no form, nothing of an address of ours but the crumbs."""
    page = browser.page(refusing_server, "fablab")
    page.goto("/my/aptic")
    ready(page)
    for selector in axe.FRAME:
        parts = page.locator(selector)
        assert parts.count() <= 1, selector
        assert not parts.locator("h1, h2, form, #wrap, [id^=aptic_], [class*=o_aptic]").count(), selector
    page.context.close()


# ------------------------------------------------------------------- errors
FORMS = "main form[method=post]:has([required])"


@pytest.mark.parametrize("login", ("fablab", "nouveau", "acteur09", "acteur10"))
def test_forms_sent_empty_are_refused_in_words(refusing_server, browser, login):
    """Each form with a required field, sent empty past the browser's own checks: refused in words on that page."""
    page = browser.page(refusing_server, login, viewport=axe.WIDTHS["desktop"])
    page.on("dialog", lambda dialog: dialog.accept())
    paths = [path for path in portal_pages.opened_by_get() if path not in NO_PAGES]
    problems, sent = [], 0
    for addresses in portal_pages.addresses(refusing_server, login, paths).values():
        for address in addresses[:1]:
            if show(page, address) != "page":
                continue
            for number in range(page.locator(FORMS).count()):
                sent += 1
                problems += [f"{address} form {number}: {text}" for text in send_empty(page, address, number)]
    page.context.close()
    assert sent, "no form was sent"
    assert not problems, "\n".join(problems)


def send_empty(page, address, number):
    """Send a form with its required fields emptied; return what is wrong with the answer."""
    show(page, address)
    form = page.locator(FORMS).nth(number)
    if not form.locator("button[type=submit], button:not([type])").count():
        return []
    form.evaluate("""form => {
        form.noValidate = true;
        for (const field of form.querySelectorAll("[required]")) {
            if (field.type === "radio" || field.type === "checkbox") field.checked = false;
            else field.value = "";
        }
    }""")
    with page.expect_navigation() as answer:
        form.evaluate("form => form.requestSubmit()")
    ready(page)
    status = answer.value.status
    if status >= 500:
        return [f"answers {status}"]
    told = page.locator("main .alert-danger, main .invalid-feedback, main .alert-warning")
    if not told.count():
        return ["nothing is said"]
    page.wait_for_selector("body[is-ready=true]")  # the page's scripts tie the sentences to their fields
    loose = page.locator("main .is-invalid").evaluate_all("""fields => fields.filter(field => {
        const told = (field.getAttribute("aria-describedby") || "").split(" ").map(id => document.getElementById(id));
        return field.getAttribute("aria-invalid") !== "true" || !told.some(node => node && node.textContent.trim());
    }).map(field => field.outerHTML.slice(0, 120))""")
    return [f"no sentence is tied to {field}" for field in loose] + at_both_widths(page)
