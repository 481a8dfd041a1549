"""A sponsor of the demonstration on its screen: the details of an order, its quote, its proof."""

from tests.support import backoffice, papers


def fill_in_details(page):
    """Fill in two delivery addresses, a distribution point and a commitment number of an order of two booklets."""
    page.wait_for_selector(".o_aptic_rows .o_aptic_add:visible")
    _deliver(page, 1, "Maison du Département", "33000", "Bordeaux", "1")
    page.wait_for_selector(".o_aptic_sum.text-danger:has-text('1')")  # a booklet without an address
    page.locator(".o_aptic_rows").first.locator(".o_aptic_add").click()
    _deliver(page, 2, "Médiathèque", "33500", "Libourne", "1")
    page.wait_for_selector(".o_aptic_sum:not(.text-danger):not(:empty)")
    page.fill("#point_name_1", "CCAS de Libourne")
    page.fill("#engagement_number", "EJ-2026-0042")


def _deliver(page, row, name, postal_code, town, booklets):
    """Fill in a delivery address of the order's form."""
    for field, text in (
        ("name", name),
        ("street", "1 rue des Lilas"),
        ("zip", postal_code),
        ("city", town),
        ("booklets", booklets),
    ):
        page.fill(f"#delivery_{field}_{row}", text)


def sign(walk, order):
    """Ask for the quote of a draft, read it and sign it."""
    page = walk.page("departement")
    page.goto(f"/my/aptic/orders/{order}")
    page.click("#aptic_quote_next form button")
    page.wait_for_selector(".o_aptic_sign")
    answer = page.request.get(f"/my/aptic/orders/{order}/quote/pdf")
    words = papers.text(answer.body())
    assert "Devis" in words and "200,00" in words and "EJ-2026-0042" in words, words[:2000]
    page.fill("#signer_name", "Hélène Garonne")
    page.fill("#signer_capacity", "Directrice des solidarités")
    page.check("#signer_agreed")
    walk.shot(page, "11-devis")
    page.click(".o_aptic_sign button[type=submit]")
    page.wait_for_selector(".o_aptic_approve")
    assert walk.state("aptic_order", order) == "confirmed"
    signature = walk.server.query("SELECT name, capacity FROM aptic_quote_signature WHERE order_id = %s", (order,))
    assert signature == [("Hélène Garonne", "Directrice des solidarités")]
    answer = page.request.get(f"/my/aptic/orders/{order}/quote/signed")
    assert "Hélène Garonne" in papers.text(answer.body())


def answer_the_proof(walk, order):
    """Send the first version of the proof back, and approve the second one."""
    page = walk.page("departement")
    page.goto(f"/my/aptic/orders/{order}")
    page.click(".o_aptic_approve a")
    page.wait_for_selector(".o_aptic_return_form")
    with page.context.expect_page() as proof:
        page.click("#aptic_proof_versions a")
    proof.value.close()
    page.fill("#proof_reason", "Il manque un point d'exclamation dans le message.")
    walk.shot(page, "12-bon-a-tirer")
    page.click(".o_aptic_return_form button")
    page.wait_for_selector("[data-version='1'] .text-bg-warning")
    staff = walk.page("camille")
    backoffice.open_record(staff, "aptic.order", order)
    walk.shot(staff, "11-commande-confirmee", full=False)
    assert backoffice.press(staff, "action_new_proof", confirm=False) is None
    staff.click(".modal button[name=action_send]")
    staff.wait_for_selector(".modal", state="detached")
    backoffice.settle(staff)
    page.reload()
    page.wait_for_selector("[data-version='2']")
    page.click(".o_aptic_approve_form button")
    page.wait_for_selector(".o_aptic_payment")
    walk.shot(page, "13-a-payer")
    assert walk.state("aptic_order", order) == "proofed"
    assert walk.server.query("SELECT quantity FROM aptic_event WHERE order_id = %s AND kind = 'proof'", (order,)) == [
        (20,)
    ]
