"""The territorial funds: what comes in, calls, grants by two persons, payments, and what anyone may read."""

import io
from datetime import timedelta

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from pdfminer.high_level import extract_text
from psycopg2.errors import CheckViolation

from ..bank_answers import Reason
from .money import Entry
from .test_money_story import MoneyStoryCase


class FundCase(MoneyStoryCase):
    """``_fill`` settles vouchers so that the fund of the place has 1 % of them; ``_applied`` makes an application."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vouchers = cls._order(quantity=1000)

    def _fill(self, vouchers=500, approved=True):
        self._redeem(vouchers=vouchers, order=self.vouchers, at=self.before)
        self.settlement = self._settlement(self.today, approved=approved)
        self.fund = self.env["aptic.fund"].search([("territory_id.code", "=", "75")])
        return self.fund

    def _call(self, published=True, **vals):
        call = self.env["aptic.fund.call"].create(
            {
                "name": "Ateliers mobiles",
                "fund_id": self.fund.id,
                "text": "Aller vers les habitants",
                "closes_on": self.today + timedelta(days=30),
                **vals,
            }
        )
        if published:
            call.with_user(self.staff_manager).action_publish()
        return call

    def _applied(self, call=None, user=None, cents=3000, provider=None):
        grants = self.env["aptic.fund.grant"].with_user(user or self.manager_a)
        return grants._apply(call or self._call(), provider or self.provider_a, "Bus numérique", "Un bus", cents)

    def _tracked(self):
        """Changes are told at the end of the transaction: now."""
        self.env.flush_all()
        self.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestGrant(FundCase):
    def test_from_the_share_to_the_paid_grant_to_the_cent(self):
        fund = self._fill()
        self._owed(active=500_000, payable=480_000, fund=5000, fees_out=15_000)
        grant = self._applied()
        self.assertEqual((grant.state, grant.asked_cents, grant.asked_by_id), ("applied", 3000, self.manager_a))
        grant.with_user(self.accountant)._grant(3000)
        self.assertEqual((grant.state, grant.payment_state), ("granted", "waiting"))
        self.assertEqual((fund.received, fund.granted, fund.balance), (50, 30, 20))
        self._owed(active=500_000, payable=483_000, fund=2000, fees_out=15_000)
        self.assertEqual(grant.move_id.state, "posted")
        self.assertEqual(grant._grant_item().amount_residual, -30)
        self.assertIn("Bus numérique", self.provider_a.message_ids[0].body)
        grant.with_user(self.accountant)._grant(3000)
        self.assertEqual(fund.granted, 30, "granting twice is once")
        action = grant.with_user(self.second_accountant).action_pay()
        order = self.env["account.payment.order"].browse(action["res_id"])
        self.assertEqual(order.payment_line_ids.mapped("aptic_end_to_end"), [grant.name])
        self.assertEqual(order.state, "generated")
        self.assertEqual(grant.payment_state, "ordered")
        with self.assertRaisesRegex(UserError, "None of these grants"):
            grant.with_user(self.second_accountant).action_pay()
        order.generated2uploaded()
        self.assertEqual(grant.payment_state, "sent")
        self._owed(active=500_000, payable=483_000, fund=2000, fees_out=15_000)
        with self.assertRaisesRegex(UserError, "payment return"):
            order.action_cancel()
        self._bank(*self._paid_by_the_bank(order.payment_ids))
        self.assertEqual(grant.payment_state, "paid")
        self._owed(active=500_000, payable=480_000, fund=2000, fees_out=15_000)

    def test_a_fund_never_promises_more_than_it_holds(self):
        fund = self._fill()
        call = self._call()
        first = self._applied(call, cents=4000)
        self.place_b.territory_id = self.bordeaux
        second = self._applied(call, user=self.manager_b, provider=self.provider_b, cents=1001)
        first.with_user(self.accountant)._grant(4000)
        with self.assertRaisesRegex(UserError, "holds 10,00"), self.cr.savepoint():
            second.with_user(self.accountant)._grant(1001)
        self.assertEqual((second.state, fund.granted), ("applied", 40))
        second.with_user(self.accountant)._grant(1000)
        self.assertEqual((fund.balance, second.granted_cents), (0, 1000))

    def test_what_is_computed_and_not_approved_is_not_there_yet(self):
        fund = self._fill(approved=False)
        self.assertEqual((fund.received, fund.balance), (0, 0))
        with self.assertRaisesRegex(UserError, "holds"):
            self._applied(cents=1).with_user(self.accountant)._grant(1)

    def test_two_persons(self):
        self._fill()
        by_staff = self._applied(user=self.accountant)
        for decide in (lambda grant: grant._grant(100), lambda grant: grant._decline("Non")):
            with self.assertRaisesRegex(UserError, "another person"):
                decide(by_staff.with_user(self.accountant))
            with self.assertRaises(AccessError):
                decide(by_staff.with_user(self.staff))
            with self.assertRaises(AccessError):
                decide(by_staff.with_user(self.manager_a))
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.cr.execute(
                "UPDATE aptic_fund_grant SET decided_by_id = asked_by_id, state = 'declined', day = now()"
                " WHERE id = %s",
                [by_staff.id],
            )
        wizard = self.env["aptic.fund.decision"].with_user(self.second_accountant)
        wizard = wizard.with_context(**by_staff.with_user(self.second_accountant).action_decide()["context"]).create({})
        self.assertEqual((wizard.amount, wizard.balance), (30, 50))
        wizard.amount = 20
        wizard.action_grant()
        self.assertEqual((by_staff.granted, by_staff.decided_by_id), (20, self.second_accountant))

    def test_who_handed_it_in_may_change_it_and_nobody_who_may_decide(self):
        self._fill()
        call = self._call()
        self.place_b.territory_id = self.bordeaux
        grant = self._applied(call, user=self.staff, cents=1000)
        changes = (
            {"asked": 30},
            {"asked_cents": 3000},
            {"provider_id": self.provider_b.id},
            {"call_id": self._call(name="Autre appel").id},
            {"title": "Autre projet"},
            {"project": "Autre chose"},
        )
        for user in (self.accountant, self.staff_manager):
            for vals in changes:
                for record in (grant.with_user(user), grant.with_user(user).sudo()):
                    with self.subTest(user=user.login, vals=vals), self.assertRaisesRegex(UserError, "handed"):
                        record.write(vals)
        self.assertEqual((grant.asked_cents, grant.provider_id, grant.call_id), (1000, self.provider_a, call))
        self._tracked()
        grant.with_user(self.staff).write({"asked": 20, "title": "Bus numérique, deux arrêts"})
        self._tracked()
        self.assertEqual((grant.asked_cents, grant.asked_by_id), (2000, self.staff))
        told = {
            (value.old_value_char or value.old_value_float, value.new_value_char or value.new_value_float)
            for value in grant.message_ids[0].sudo().tracking_value_ids
        }
        self.assertEqual(told, {(10, 20), ("Bus numérique", "Bus numérique, deux arrêts")})
        grant.with_user(self.accountant)._grant(2000)
        with self.assertRaisesRegex(UserError, "decided"):
            grant.with_user(self.staff).write({"asked": 10})

    def test_a_call_that_was_applied_to_stays_its_fund_s(self):
        self._fill()
        call = self._call()
        other = self.env["aptic.fund"].create({"territory_id": self.lyon.id})
        call.write({"fund_id": other.id})
        call.write({"fund_id": self.fund.id})
        self._applied(call)
        call.write({"fund_id": self.fund.id, "text": "Aller vers tous les habitants"})
        for user in (self.staff, self.accountant, self.env.user):
            with self.assertRaisesRegex(UserError, "another one for the other fund"):
                call.with_user(user).write({"fund_id": other.id})

    def test_a_decision_stays(self):
        self._fill()
        grant = self._applied()
        with self.assertRaisesRegex(UserError, "Say why"):
            grant.with_user(self.accountant)._decline(" ")
        grant.with_user(self.accountant)._decline("Déjà aidé")
        grant.with_user(self.accountant)._decline("Déjà aidé")
        self.assertIn("Déjà aidé", self.provider_a.message_ids[0].body)
        for change in (
            lambda: grant.with_user(self.accountant)._grant(100),
            lambda: grant.write({"asked": 1}),
            grant.unlink,
        ):
            with self.assertRaises(UserError):
                change()
        with self.assertRaisesRegex(UserError, "own actions"):
            grant.write({"state": "granted"})
        again = self._applied(grant.call_id)
        self.assertEqual(again.state, "applied", "who was declined may apply again")

    def test_who_may_apply_to_which_call(self):
        self._fill()
        call = self._call()
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                self._applied(call, user=user)
        with self.assertRaisesRegex(UserError, "with a place in"):
            self._applied(call, user=self.manager_b, provider=self.provider_b)
        with self.assertRaisesRegex(UserError, "how much"):
            self._applied(call, cents=0)
        with self.assertRaisesRegex(UserError, "no applications"):
            self._applied(self._call(published=False))
        with clock.at(fields.Datetime.now() + timedelta(days=40)), self.assertRaisesRegex(UserError, "no applications"):
            self._applied(call)
        self._applied(call)
        with self.assertRaisesRegex(UserError, "already"):
            self._applied(call)

    def test_roles(self):
        self._fill()
        grant = self._applied()
        self.assertTrue(grant.with_user(self.staff).title)
        with self.assertRaises(AccessError):
            grant.call_id.with_user(self.staff).action_publish()
        with self.assertRaises(AccessError):
            grant.with_user(self.staff).unlink()
        for user in (self.manager_a, self.sponsor_user_a, self.stranger, self.env.ref("base.public_user")):
            for record in (grant, grant.call_id, self.fund):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
        with self.assertRaisesRegex(UserError, "accountant role"):
            grant.with_user(self.staff_manager).action_pay()

    def test_a_grant_that_the_bank_returns_is_owed_again(self):
        self._fill()
        grant = self._applied()
        grant.with_user(self.accountant)._grant(3000)
        order = self.env["account.payment.order"].browse(grant.with_user(self.accountant).action_pay()["res_id"])
        order.generated2uploaded()
        payment = order.payment_ids
        self._bank(*self._paid_by_the_bank(payment))
        returned = self.env["payment.return"].create(
            {
                "journal_id": self.journal.id,
                "line_ids": [fields.Command.create({"reference": payment.aptic_end_to_end, "amount": payment.amount})],
            }
        )
        returned.button_match()
        returned.action_confirm()
        self.assertEqual((grant.state, grant.payment_state), ("granted", "waiting"))
        self.assertFalse(self.provider_a.bank_account_id)
        self.assertTrue(grant.payout_blocker)
        self._bank(Entry(3000, text="Retour"))
        self.assertEqual(self.fund.balance, 20)

    def test_a_grant_that_is_said_to_be_back_waits_for_the_money(self):
        self._fill()
        grant = self._applied()
        grant.with_user(self.accountant)._grant(3000)
        grants = grant.with_user(self.second_accountant)
        order = self.env["account.payment.order"].browse(grants.action_pay()["res_id"])
        order.generated2uploaded()
        payment = order.payment_ids
        self._bank(*self._paid_by_the_bank(payment))
        payment._aptic_come_back({payment: Reason("AM04", "", account=False)}, source="R", day=self.today)
        self.assertEqual(grant.payment_state, "waiting")
        with self.assertRaisesRegex(UserError, "not on the account yet"):
            grants.action_pay()
        self._bank(Entry(3000, text="Retour", end_to_end=payment.aptic_end_to_end))
        self.env.invalidate_all()
        self.assertFalse(grant.payout_blocker)
        self.assertTrue(grants.action_pay()["res_id"])

    def test_each_reads_the_fund_s_name_in_its_language(self):
        fund = self._fill(approved=False)
        self.env["res.lang"]._activate_lang("fr_FR")
        self.assertEqual(fund.with_context(lang="en_US").name, "Fund of Nouvelle-Aquitaine")
        self.assertEqual(fund.with_context(lang="fr_FR").name, "Fonds de Nouvelle-Aquitaine")
        self.assertIn(fund.id, [found for found, _name in self.env["aptic.fund"].name_search("Aquitaine")])


@tagged("post_install", "-at_install")
class TestFundPages(HttpCase, FundCase):
    def test_the_year_adds_up_on_paper_and_in_the_table(self):
        fund = self._fill()
        grant = self._applied()
        grant.with_user(self.accountant)._grant(3000)
        year = self.today.year
        statement = fund._year(year)
        self.assertEqual(
            [statement[name] for name in ("opening", "received", "taken_back", "granted", "closing")],
            [0, 5000, 0, 3000, 2000],
        )
        self.assertEqual([movement["balance_cents"] for movement in statement["movements"]], [5000, 2000])
        self.assertEqual(fund._year(year + 1)["opening"], 2000)
        self.assertEqual(fund._years(), [year])
        self.authenticate(None, None)
        paper = self.url_open(f"/aptic/fonds/{fund.id}/{year}.pdf")
        text = extract_text(io.BytesIO(paper.content))
        for word in ("Nouvelle-Aquitaine", str(year), "50,00", "20,00", grant.name):
            self.assertIn(word, text)
        table = self.url_open(f"/aptic/fonds/{fund.id}/{year}.csv")
        self.assertIn("text/csv", table.headers["Content-Type"])
        self.assertIn("-30,00", table.content.decode("utf-8-sig"))
        for path in (f"{fund.id}/{year}.exe", f"{fund.id}/1.pdf", f"0/{year}.pdf", f"999999999999/{year}.csv", "0"):
            self.assertEqual(self.url_open(f"/aptic/fonds/{path}").status_code, 404, path)

    def test_anyone_reads_funds_calls_and_grants_and_no_application(self):
        fund = self._fill()
        granted = self._applied()
        granted.with_user(self.accountant)._grant(3000)
        self._applied(self._call(name="Autre appel")).write({"title": "Projet secret"})
        self._call(published=False, name="Appel en préparation")
        self.authenticate(None, None)
        for path in ("", f"/{fund.id}"):
            page = self.url_open(f"/aptic/fonds{path}")
            self.assertEqual(page.status_code, 200)
            self.assertIn("Bus numérique", page.text)
            self.assertNotIn("Projet secret", page.text)
            self.assertNotIn("Appel en préparation", page.text)
        self.assertIn("Autre appel", self.url_open("/aptic/fonds").text)

    def test_a_manager_applies_in_its_space(self):
        self._fill()
        call = self._call()
        url = f"/my/aptic/provider/{self.provider_a.id}/funds"
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertIn(url, self.url_open("/my/aptic").text)
        page = self.url_open(url)
        self.assertIn("Ateliers mobiles", page.text)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"csrf_token": token, "call_id": call.id, "title": "Bus", "project": "Un bus", "amount": "douze"}
        refused = self.url_open(url, data=form)
        self.assertIn('id="error_grant"', refused.text)
        self.assertIn("Un bus", refused.text, "what was typed is still there")
        form |= {"amount": "1 250,50 €", "form_token": "once"}
        for _time in range(2):
            self.assertTrue(self.url_open(url, data=form).url.endswith("saved=1"))
        grant = self.env["aptic.fund.grant"].search([("call_id", "=", call.id)])
        self.assertEqual((grant.asked_cents, grant.asked_by_id), (125_050, self.manager_a))
        for user in (self.manager_b, self.sponsor_user_a):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(url).status_code, 403)
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        self.assertNotIn('name="amount"', self.url_open(url).text)
