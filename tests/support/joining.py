"""How an organisation becomes #APTIC in its manager's browser, step by step, from the sign-up to the kit."""

import re
from datetime import date, timedelta

from tests.support import axe, papers
from tests.support.walk import Walk

SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "device_scale_factor": 2},
}
MANY_COMMUNES = "51300"  # 46 of them
BEST_ANSWERS = """
    SELECT DISTINCT ON (a.question_id) a.id
      FROM survey_question_answer a
      JOIN survey_question q ON q.id = a.question_id
      JOIN survey_survey s ON s.id = q.survey_id
     WHERE s.survey_type = 'aptic_eligibility'
  ORDER BY a.question_id, a.answer_score DESC, a.id
"""


def luhn(digits):
    """Return the digits with the one that makes their Luhn sum a multiple of ten."""
    total = sum(sum(divmod(int(digit) * (1 + position % 2), 10)) for position, digit in enumerate(reversed(digits), 1))
    return f"{digits}{-total % 10}"


def siret(number):
    """Return a valid SIRET that no demonstration has."""
    return luhn(f"{luhn(f'9871{number:04d}')}0001")


def french_iban(bank, branch="00001", account="00000000017"):
    """Return an IBAN with right keys for a bank code."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    bban = f"{bank}{branch}{account}{key:02d}"
    return f"FR{98 - int(f'{bban}152700') % 97:02d}{bban}"


def answer_theme(page, number, best):
    """Give the best answers of the theme that is shown, and leave it on the screen."""
    page.wait_for_selector(f".breadcrumb li:nth-child({number}).active")
    for value in page.locator(".o_survey_form input[type=radio], .o_survey_form input[type=checkbox]").evaluate_all(
        "boxes => boxes.filter(box => !box.checked).map(box => box.value)"
    ):
        if value in best:
            page.locator(f".o_survey_form label:has(input[value='{value}'])").first.click()


class Joining(Walk):
    """One organisation on its way.

    :param form: ``company``, ``association`` or ``public``.
    :param width: ``desktop`` or ``phone``.
    """

    def __init__(self, server, browser, form, width, number):
        super().__init__(server, browser)
        self.form, self.width, self.siret = form, width, siret(number)
        self.login = f"{form}.{width}.{number}@exemple.example"
        self.name = {
            "company": "Clic et Déclic SARL",
            "association": "Les Doigts Agiles",
            "public": "Commune de Vitry",
        }[form] + f" {number}"
        self.me = browser.page(server, **SIZES[width])
        self.pages[self.login] = self.me
        self.best = {str(value) for (value,) in server.query(BEST_ANSWERS)}

    def picture(self, name):
        """Photograph the page for the guide under a name that says the width."""
        self.shot(self.me, f"{name}-telephone" if self.width == "phone" else name)

    def open(self, page=""):
        """Open a page of the organisation."""
        self.me.goto(f"{self.base}/{page}" if page else self.base)

    def ready(self):
        """Wait until the page's scripts listen."""
        self.me.wait_for_selector("body[is-ready=true]")

    def fits(self):
        """Say that nothing sticks out of the window and that nothing grave is wrong for whom uses other senses."""
        assert self.me.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{self.me.url} sticks out"
        found = axe.violations(self.me)
        assert not found, "\n".join([self.me.url, *found])

    @property
    def state(self):
        """The provider's state as the database has it."""
        return self.one("SELECT state FROM aptic_provider WHERE id = %s", self.provider)

    # ---------------------------------------------------------------- account
    def sign_up(self):
        """Create the account."""
        page = self.me
        page.goto("/web/signup")
        for name, value in (
            ("login", self.login), ("name", "Dominique Marchand"), ("password", self.login),
            ("confirm_password", self.login),
        ):  # fmt: skip
            page.fill(f"input[name={name}]", value)
        page.click("form.oe_signup_form button[type=submit]")
        page.wait_for_url("**/my**")

    def join(self):
        """Create the dossier; a wrong SIRET first, and away from the form in between."""
        page = self.me
        page.goto("/my/aptic/join")
        page.fill("input[name=siret]", self.siret[:-1] + str((int(self.siret[-1]) + 1) % 10))
        page.select_option("select[name=legal_form]", self.form)
        page.fill("input[name=name]", self.name)
        page.fill("input[name=representative_name]", "Dominique Marchand" if self.form != "public" else "Claude Maire")
        page.fill(
            "input[name=representative_capacity]", {"company": "Gérant", "public": "Maire"}.get(self.form, "Présidente")
        )
        page.check("#acts_as_agent" if self.form == "public" else "#acts_as_representative")
        page.click("form:has(input[name=siret]) button[type=submit]")
        page.wait_for_selector(".alert-danger")
        self.fits()
        page.goto("/my")
        page.goto("/my/aptic/join")
        assert page.input_value("input[name=name]") == self.name, "what was typed is kept"
        page.fill("input[name=siret]", self.siret)
        page.click("form:has(input[name=siret]) button[type=submit]")
        page.wait_for_selector("#aptic_steps")
        self.provider = self.one("SELECT id FROM aptic_provider WHERE siret = %s", self.siret)
        self.base = f"/my/aptic/provider/{self.provider}"

    # ------------------------------------------------------------ eligibility
    def answer(self, leave=False, expire=False):
        """Answer the questionnaire.

        :param leave: go away after the first theme and come back.
        :param expire: lose the session in the middle of a theme and log in again.
        """
        page = self.me
        self.resume()
        for theme in range(1, 6):
            answer_theme(page, theme, self.best)
            if theme == 1:
                self.fits()
            if theme == 2 and leave:
                self.open()
                page.wait_for_selector("#aptic_steps")
                self.resume()
                answer_theme(page, theme, self.best)
            if theme == 3 and expire:
                page.context.clear_cookies()
                page.click(".o_survey_form button[type=submit]:visible")
                page.wait_for_timeout(1500)
                self.browser.login(page, self.login)
                given = self.given()
                assert given, "what was answered before is kept"
                self.resume()
                answer_theme(page, self.theme(), self.best)
                if self.theme() == theme + 1:
                    continue
            page.click(".o_survey_form button[type=submit]:visible")
        page.click(".modal .btn-primary")
        page.wait_for_selector(".o_survey_finished, :text('merci')")
        self.open("eligibility")
        page.wait_for_selector("#aptic_under_review")

    def resume(self):
        """Start the questionnaire, or go on with it."""
        page = self.me
        self.open("eligibility")
        page.click("main form button[type=submit]")
        page.wait_for_selector(".o_survey_form")
        page.wait_for_load_state("networkidle")
        if page.locator(".o_survey_form button[value=start]").count():
            page.click(".o_survey_form button[value=start]")

    def theme(self):
        """The number of the theme that is shown."""
        crumbs = self.me.locator(".breadcrumb li").evaluate_all("items => items.map(item => item.className)")
        return next(number for number, name in enumerate(crumbs, 1) if "active" in name)

    def given(self):
        """How many answers the database has."""
        return self.one(
            "SELECT count(*) FROM survey_user_input_line l JOIN aptic_application a USING (user_input_id)"
            " WHERE a.provider_id = %s",
            self.provider,
        )

    def reviewed(self):
        """A reviewer confirms the eligibility."""
        application = self.one("SELECT id FROM aptic_application WHERE provider_id = %s", self.provider)
        assert not self.press("camille", "aptic.application", application, "action_confirm")
        assert self.state == "eligible"

    # ---------------------------------------------------------------- charter
    def mandate(self):
        """Who acts for another person downloads the mandate, has it signed, sends it; no signature before."""
        page = self.me
        self.draw_signature()
        page.click(".aptic_charter_form button[type=submit]")
        page.wait_for_selector(".aptic_charter_form .alert-danger:has-text('mandat')")
        assert self.state == "eligible", "no signature without a mandate"
        self.open("account")
        with page.expect_download() as form:
            page.click("#account_mandate a[href$=mandate]")
        assert self.name in papers.text(form.value.path())
        self.send_paper("public_signatory")
        self.rpc("camille").call("aptic.paper", "action_accept", [self.paper("public_signatory")])
        self.open("account")
        page.wait_for_selector("#account_mandate[data-state=accepted]")

    def sign_charter(self):
        """Sign the charter in force."""
        self.draw_signature()
        self.picture("06-charte")
        self.me.click(".aptic_charter_form button[type=submit]")
        self.me.wait_for_selector("#aptic_signed")
        assert self.state == "chartered"

    def draw_signature(self):
        """Draw with the mouse, or with a finger on a phone."""
        page = self.me
        self.open("charter")
        canvas = page.locator(".aptic_charter_form canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        points = [
            (box["x"] + box["width"] * (0.1 + 0.07 * step), box["y"] + box["height"] * (0.6 - 0.25 * (step % 3)))
            for step in range(11)
        ]
        if self.width == "phone":
            finger = page.context.new_cdp_session(page)
            for kind, point in [("touchStart", points[0]), *(("touchMove", point) for point in points)]:
                touch = [{"x": point[0], "y": point[1]}]
                finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
            finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points:
                page.mouse.move(*point)
            page.mouse.up()

    # -------------------------------------------------------------- catalogue
    def declare_place(self):
        """A place in one of the 46 communes of a postal code; the form asks which."""
        page = self.me
        self.open("places/new")
        page.fill("#place_name", "La Fabrique du clic")
        page.select_option("#place_type", index=1)
        page.fill("#place_street", "3 rue du Port")
        page.fill("#place_zip", MANY_COMMUNES)
        page.wait_for_function("document.querySelectorAll('#place_territory option').length === 47")
        page.click(".o_aptic_place_form button[type=submit]")
        page.wait_for_selector("#error_territory_id")
        assert page.input_value("#place_street") == "3 rue du Port", "what was typed is kept"
        self.fits()
        page.select_option("#place_territory", label="Vitry-le-François")
        self.picture("07-lieu")
        page.click(".o_aptic_place_form button[type=submit]")
        page.wait_for_url(re.compile(r"/places(\?|$)"))
        self.place = self.one("SELECT id FROM aptic_place WHERE provider_id = %s", self.provider)
        commune = "SELECT t.code FROM aptic_place p JOIN aptic_territory t ON t.id = p.territory_id WHERE p.id = %s"
        assert self.one(commune, self.place) == "51649"

    def declare_offers(self):
        """At 10 €, above (what the beneficiary adds is said) and below (it is explained)."""
        page = self.me
        for number, (price, words) in enumerate((("10", ""), ("12,50", "2,50"), ("8", ""))):
            self.open("offers/choose")
            page.locator("#aptic_levels a.list-group-item:visible").nth(number).click()
            page.wait_for_selector("#offer_price")
            self.ready()
            page.fill("#offer_price", price)
            if words:
                page.wait_for_selector(f".o_aptic_share:has-text('{words}')")
            if price == "8":
                page.wait_for_selector(".o_aptic_share.text-danger")
            page.click(".o_aptic_offer_form button[type=submit]")
            page.wait_for_url(re.compile(r"/offers(\?|$)"))
        prices = "SELECT array_agg(price_cents ORDER BY id) FROM aptic_offer WHERE provider_id = %s"
        assert self.one(prices, self.provider) == [1000, 1250, 800]

    def declare_pathway(self):
        """Five sessions of the services declared."""
        page = self.me
        self.open("pathways/new")
        page.fill("#pathway_name", "Premiers pas")
        page.check("#pathway_length_5")
        for number in range(1, 6):
            page.select_option(f"#pathway_offer_{number}", index=1 + number % 3)
        self.picture("07-parcours")
        page.click(".o_aptic_pathway_form button[type=submit]")
        page.wait_for_url(re.compile(r"/pathways(\?|$)"))
        assert self.one("SELECT count(*) FROM aptic_pathway WHERE provider_id = %s", self.provider) == 1

    # ----------------------------------------------------------------- papers
    def declare_owner(self):
        """A company names who holds it."""
        page = self.me
        self.open("papers/owners")
        page.fill("#owner_name", "Dominique Marchand")
        page.fill("#owner_birth_date", "1975-04-12")
        page.select_option("#owner_country", label="France")
        page.check("#owner_basis_share")
        page.fill("#owner_share", "12")
        page.click(".o_aptic_owner_form button[type=submit]")
        page.wait_for_selector("#owner_share.is-invalid")
        page.fill("#owner_share", "60")
        self.picture("07-beneficiaires")
        page.click(".o_aptic_owner_form button[type=submit]")
        page.wait_for_selector("#aptic_owners")

    def paper(self, code):
        """The last paper sent of a type."""
        return self.one(
            "SELECT max(p.id) FROM aptic_paper p JOIN aptic_paper_type t ON t.id = p.type_id"
            " WHERE p.provider_id = %s AND t.code = %s",
            self.provider,
            code,
        )

    def send_paper(self, code, issued=None, received=True):
        """Send a small PDF as a paper of a type.

        :param issued: its date of issue; yesterday when left out and asked for.
        :param received: whether it is taken.
        """
        page = self.me
        self.open("papers")
        card = page.locator(f"section[data-type={code}]").first
        if not card.locator("input[type=file]").is_visible():
            card.locator("summary").click()
        card.locator("input[type=file]").set_input_files(
            {"name": f"{code}.pdf", "mimeType": "application/pdf", "buffer": papers.example(f"{code} {self.name}")}
        )
        for name, day in (
            ("issued_on", issued or date.today() - timedelta(days=1)),
            ("expires_on", date.today() + timedelta(days=900)),
        ):
            if card.locator(f"input[name={name}]").count():
                card.locator(f"input[name={name}]").fill(day.isoformat())
        card.locator("form.o_aptic_upload_form button[type=submit]").click()
        page.wait_for_selector(
            f"section[data-type={code}][data-state=received]" if received else f"section[data-type={code}] .is-invalid"
        )

    def send_papers(self):
        """Send all that is asked for; an old K-bis is refused at once, one paper by the reviewer and sent again."""
        page, camille = self.me, self.rpc("camille")
        if self.form == "company":
            self.declare_owner()
            self.send_paper("company_kbis", issued=date.today() - timedelta(days=125), received=False)
            told = " ".join(page.locator("section[data-type=company_kbis] .invalid-feedback").all_inner_texts())
            assert "3 mois" in told, told
        self.open("papers")
        missing = page.locator("section[data-state=missing]").evaluate_all(
            "cards => cards.map(card => card.dataset.type)"
        )
        assert missing, "papers are asked for"
        self.picture("07-pieces")
        for code in missing:
            self.send_paper(code)
        first = self.paper(missing[0])
        camille.call("aptic.paper", "write", [first], {"reason": "Le document est illisible : scannez-le de nouveau."})
        camille.call("aptic.paper", "action_refuse", [first])
        self.open("papers")
        assert "illisible" in page.locator(f"section[data-type={missing[0]}][data-state=refused]").inner_text()
        self.picture("07-piece-refusee")
        self.send_paper(missing[0])
        for code in missing:
            camille.call("aptic.paper", "action_accept", [self.paper(code)])
        self.open("papers")
        assert not page.locator("#aptic_papers_lacking").count()

    def give_bank_details(self):
        """Banks that SEPA does not reach are refused in words; a second person approves the rest."""
        page = self.me
        self.open("bank")
        page.fill("#bank_holder", self.name)
        for iban in ("MA64011519000001205000534921", french_iban("17939")):
            page.fill("#bank_iban", iban)
            page.click("main form button[type=submit]:has-text('demande')")
            page.wait_for_selector(".alert-danger, .is-invalid")
            assert "SEPA" in page.locator("main").inner_text(), page.locator("main").inner_text()
            assert page.input_value("#bank_holder") == self.name, "what was typed is kept"
        page.fill("#bank_iban", "FR76 3000 6000 0112 3456 7890 189")
        page.click("main form button[type=submit]:has-text('demande')")
        change = self.wait_for("SELECT id FROM aptic_bank_change WHERE provider_id = %s", self.provider)
        self.rpc("camille").call("aptic.bank.change", "action_approve", [change])
        assert self.one("SELECT bank_account_id IS NOT NULL FROM aptic_provider WHERE id = %s", self.provider)

    # ----------------------------------------------------------------- active
    def choose_plan(self):
        """The last step: the organisation is active and its kit is being prepared."""
        page = self.me
        self.open("subscription")
        page.check("#plan_yearly" if self.form == "public" else "#plan_monthly")
        page.click("main form button[type=submit]:has-text('Choisir')")
        page.wait_for_selector("#aptic_plan")
        assert self.one("SELECT state FROM aptic_subscription WHERE provider_id = %s", self.provider) == "sleeping"
        assert self.state == "active"
        self.open()
        self.fits()
        self.picture("08-dossier-complet")

    def see_kit(self):
        """The kit waits to be sent, and what can be downloaded opens."""
        assert self.one("SELECT state FROM aptic_kit WHERE provider_id = %s", self.provider) == "to_prepare"
        self.open("kit")
        self.fits()
        self.picture("09-kit")

    def invite(self):
        """A mediator is invited, signs up by the link of the mail, scans, and manages nothing."""
        page, email = self.me, f"mediation.{self.login}"
        self.open("members")
        page.fill("#invite_email", email)
        page.fill("#invite_name", "Alix Passeur")
        page.select_option("#invite_role", "mediator")
        page.click("main form.o_aptic_form button[type=submit]")
        page.wait_for_selector("#members_notice")
        self.picture("09-membres")
        body = self.wait_for("SELECT body_html FROM mail_mail WHERE email_to LIKE %s ORDER BY id DESC", f"%{email}%")
        address = re.search(r'href="([^"]*(?:signup|invitation)[^"]*)"', body)[1].replace("&amp;", "&")
        address = re.sub(r"^https?://[^/]+", "", address)
        other = self.browser.page(self.server, **SIZES[self.width])
        self.pages[email] = other
        other.goto(address)
        other.fill("input[name=password]", email)
        other.fill("input[name=confirm_password]", email)
        other.click("form.oe_signup_form button[type=submit]")
        other.wait_for_selector("form[action*='/my/aptic/invitation/']")
        assert not axe.violations(other), "the invitation"
        other.click("form[action*='/my/aptic/invitation/'] button[type=submit]")
        other.wait_for_url(re.compile(r"/my/aptic$"))
        other.goto("/my/aptic/scan")
        other.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
        for closed in ("members", "papers", "account"):
            assert other.goto(f"{self.base}/{closed}").status == 403, closed
