import hashlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, http
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger
from psycopg2 import errors

from .. import clock
from .common import VoucherCase

WHO = {"name": "Ada Martin", "capacity": "Directrice", "ip": "192.0.2.7"}


class QuoteCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._order(
            state="draft", quantity=50, rules=[("territory", cls.bordeaux)], message="Merci", service_code="SRV-1",
            delivery_ids=[
                Command.create({"name": "Mairie", "street": "1 rue", "zip": "33000", "city": "Bordeaux", "booklets": 5})
            ],
        )  # fmt: skip

    def _sign(self, order=None, quote=None, user=None, **changes):
        order = order or self.draft
        quote = quote or order.quote_id
        return order._sign_quote(quote.id, user or self.sponsor_user_a, **{**WHO, **changes})


@tagged("post_install", "-at_install")
class TestQuote(QuoteCase):
    # ------------------------------------------------------------------- make
    def test_a_quote_says_every_amount_apart(self):
        quote = self.draft._make_quote(self.staff)
        self.assertEqual((quote.face_cents, quote.fee_cents, quote.tax_cents), (50_000, 500, 100))
        self.assertEqual(quote.total_amount, 506)
        self.assertEqual((quote.made_by_id, quote.number), (self.staff, 1))
        self.assertEqual(quote.valid_until, clock.today() + timedelta(days=30))
        pdf = quote.attachment_id.raw
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertEqual(quote.sha256, hashlib.sha256(pdf).hexdigest())
        self.assertEqual(self.draft.state, "draft")

    def test_the_documents_are_what_was_quoted_for_odd_prices_too(self):
        product = self.env.ref("aptic_voucher.product_fee")
        for price, quantity in ((1.37, 35), (0.333, 35), (12.005, 5)):
            product.list_price = price
            order = self._order(state="draft", quantity=quantity)
            quote = order._make_quote(self.staff)
            self._sign(order, quote)
            move = order.fee_move_id
            with self.subTest(price):
                self.assertEqual(quote.fee_cents, round(move.amount_untaxed * 100))
                self.assertEqual(quote.tax_cents, round(move.amount_tax * 100))

    def test_the_same_quote_asked_for_twice_is_one(self):
        quote = self.draft._make_quote(self.staff)
        self.assertEqual(self.draft._make_quote(self.sponsor_user_a), quote)
        self.draft.message = "Autre message"
        again = self.draft._make_quote(self.staff)
        self.assertEqual((again.number, again.name), (2, f"{self.draft.name}-D2"))
        self.assertEqual(self.draft.quote_id, again)

    def test_an_unfinished_draft_is_not_quoted(self):
        self.draft.delivery_ids.booklets = 4
        with self.assertRaisesRegex(UserError, "[Ww]ithout a delivery address"):
            self.draft._make_quote(self.staff)
        self.assertFalse(self.draft.quote_ids)

    def test_the_managers_are_told_with_a_link(self):
        self.draft._make_quote(self.staff)
        message = self.draft.message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.sponsor_user_a.partner_id)
        self.assertIn(f"/my/aptic/orders/{self.draft.id}/quote", message.body)

    def test_the_settings_say_how_long_it_is_good(self):
        self.env["ir.config_parameter"].set_param("aptic_voucher.quote_days", "7")
        self.assertEqual(self.draft._make_quote(self.staff).valid_until, clock.today() + timedelta(days=7))

    # ------------------------------------------------------------------- sign
    def test_the_signature_confirms_the_order(self):
        quote = self.draft._make_quote(self.staff)
        signature = self._sign()
        self.assertEqual(self.draft.state, "confirmed")
        self.assertEqual(self.draft.face_move_id.state, "posted")
        self.assertEqual(self.draft.frozen_rules, [{"kind": "territory", "ids": self.bordeaux.ids}])
        self.assertEqual((signature.name, signature.capacity, signature.ip), tuple(WHO.values()))
        self.assertEqual((signature.user_id, signature.quote_id), (self.sponsor_user_a, quote))
        pdf = signature.attachment_id.raw
        self.assertEqual(signature.sha256, hashlib.sha256(pdf).hexdigest())
        self.assertNotEqual(signature.sha256, quote.sha256)
        self.assertEqual(self.env["aptic.quote.signature"]._of_pdf(pdf), signature)

    def test_signing_twice_is_one_signature(self):
        self.draft._make_quote(self.staff)
        signature = self._sign()
        self.assertEqual(self._sign(name="Quelqu'un d'autre"), signature)
        moves = self.env["account.move"].search_count([("invoice_origin", "=", self.draft.name)])
        self.assertEqual(moves, 2)

    def test_a_session_that_comes_second_is_played_again(self):
        self.draft._make_quote(self.staff)
        signatures = self.env["aptic.quote.signature"]
        with (
            patch.object(type(signatures), "_guarded_create", side_effect=errors.UniqueViolation),
            self.assertRaises(ConcurrencyError),
        ):
            self._sign()
        self.assertEqual(self.draft.state, "draft")

    def test_a_quote_of_another_order_than_this_one_is_not_signed(self):
        quote = self.draft._make_quote(self.staff)
        changes = (
            {"quantity": 60, "delivery_ids": [Command.clear()]},
            {"face_value_cents": 500},
            {"last_day": fields.Date.today() + timedelta(days=400)},
            {"tolerance_months": 2},
            {"message": "Autre"},
            {"service_code": "SRV-2"},
            {"delivery_ids": [Command.update(self.draft.delivery_ids.id, {"city": "Talence"})]},
            {"point_ids": [Command.create({"name": "CCAS"})]},
            {"rule_ids": [Command.clear()]},
        )
        for vals in changes:
            with self.subTest(vals), self.assertRaisesRegex(UserError, "have changed"), self.env.cr.savepoint():
                self.draft.write(vals)
                self._sign(quote=quote)
            self.draft.invalidate_recordset()
        self.env.ref("aptic_voucher.product_fee").list_price = 2
        with self.assertRaisesRegex(UserError, "have changed"):
            self._sign(quote=quote)
        self.assertEqual((self.draft.state, self.draft.quote_signature_ids.ids), ("draft", []))

    def test_an_older_quote_is_not_signed(self):
        first = self.draft._make_quote(self.staff)
        self.draft.message = "Autre"
        self.draft._make_quote(self.staff)
        with self.assertRaisesRegex(UserError, "newer quote"):
            self._sign(quote=first)

    def test_a_quote_ends_with_its_last_day(self):
        quote = self.draft._make_quote(self.staff)
        with patch.object(clock, "today", return_value=quote.valid_until + timedelta(days=1)):
            with self.assertRaisesRegex(UserError, "was valid until"):
                self._sign()
            again = self.draft._make_quote(self.staff)
        self.assertEqual(again.number, 2)

    def test_a_quote_is_signed_on_its_last_day(self):
        quote = self.draft._make_quote(self.staff)
        with patch.object(clock, "today", return_value=quote.valid_until):
            self._sign()
        self.assertEqual(self.draft.state, "confirmed")

    def test_only_a_manager_of_the_sponsor_signs(self):
        accountant, _member = self._member(self.sponsor_a, "accountant", "sponsor_accountant")
        self.draft._make_quote(self.staff)
        for user in (self.sponsor_user_b, accountant, self.staff, self.manager_a, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._sign(user=user)
        with self.assertRaisesRegex(UserError, "name and the capacity"):
            self._sign(capacity="  ")
        self.assertEqual(self.draft.state, "draft")

    def test_a_cancelled_order_is_not_signed(self):
        self.draft._make_quote(self.staff)
        self.draft._cancel()
        with self.assertRaisesRegex(UserError, "no longer waits"):
            self._sign()

    def test_documents_that_disagree_undo_the_signature(self):
        self.draft._make_quote(self.staff)
        original = type(self.draft)._prepare_fee_lines
        lines = patch.object(type(self.draft), "_quote_fingerprint", lambda order: order.quote_id.fingerprint)
        dearer = patch.object(
            type(self.draft),
            "_prepare_fee_lines",
            lambda order: [{**line, "price_unit": 9} for line in original(order)],
        )
        with lines, dearer, self.assertRaisesRegex(UserError, "would not agree"), self.env.cr.savepoint():
            self._sign()
        self.draft.invalidate_recordset()
        self.assertEqual(self.draft.state, "draft")

    # ------------------------------------------------------------ immutability
    @mute_logger("odoo.sql_db")
    def test_quotes_and_signatures_never_change(self):
        quote = self.draft._make_quote(self.staff)
        signature = self._sign()
        for record, vals in ((quote, {"face_cents": 1}), (signature, {"name": "x"})):
            for user in (self.staff_manager, self.env.user):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    record.with_user(user).write(vals)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                record.unlink()
            table = SQL.identifier(record._table)
            for query in (
                SQL("UPDATE %s SET sha256 = 'x' WHERE id = %s", table, record.id),
                SQL("DELETE FROM %s WHERE id = %s", table, record.id),
                SQL("TRUNCATE %s CASCADE", table),
            ):
                with self.assertRaises(errors.IntegrityConstraintViolation), self.env.cr.savepoint():
                    self.env.cr.execute(query)

    def test_a_draft_that_was_quoted_is_given_up_not_deleted(self):
        quote = self.draft._make_quote(self.staff)
        self.draft._delete_draft()
        self.assertEqual(self.draft.state, "cancelled")
        self.assertTrue(quote.exists())

    # ----------------------------------------------------------------- access
    def test_quotes_are_read_by_staff_alone(self):
        quote = self.draft._make_quote(self.staff)
        signature = self._sign()
        for record in (quote, signature):
            for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    record.with_user(user).read(["name"])
            for user in (self.staff, self.reviewer, self.accountant):
                self.assertTrue(record.with_user(user).name)
                self.assertTrue(record.attachment_id.with_user(user).raw)
        with self.assertRaises(AccessError):
            self._order(state="draft").with_user(self.sponsor_user_a).action_send_quote()

    def test_staff_sends_the_quote(self):
        self.draft.with_user(self.staff).action_send_quote()
        self.assertEqual(self.draft.quote_id.made_by_id, self.staff)
        action = self.draft.quote_id.with_user(self.staff).action_open_pdf()
        self.assertIn(str(self.draft.quote_id.attachment_id.id), action["url"])


@tagged("post_install", "-at_install")
class TestQuotePortal(QuoteCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.manager_a):
            user.password = user.login
        cls.url = f"/my/aptic/orders/{cls.draft.id}"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, allow_redirects=False)

    def _typed(self, **changes):
        quote = str(self.draft.quote_id.id)
        return {"quote_id": quote, "name": "Ada Martin", "capacity": "Directrice", "agreed": "1", **changes}

    def test_a_sponsor_asks_reads_and_signs(self):
        self._as(self.sponsor_user_a)
        self.assertIn("/quote/ask", self.url_open(self.url).text)
        page = self._post(f"{self.url}/quote/ask")
        self.assertEqual(page.status_code, 303)
        text = self.url_open(page.headers["Location"]).text
        self.assertIn("o_aptic_sign", text)
        self.assertIn(self.draft.quote_id.name, text)
        self.assertEqual(self.url_open(f"{self.url}/quote/pdf").content, self.draft.quote_id.attachment_id.raw)
        self.assertEqual(self._post(f"{self.url}/quote/sign", **self._typed()).status_code, 303)
        self.assertEqual(self.draft.state, "confirmed")
        signature = self.draft.quote_signature_ids
        self.assertEqual((signature.user_id, signature.name), (self.sponsor_user_a, "Ada Martin"))
        self.assertTrue(signature.ip)
        self.assertIn("aptic_quote_signed", self.url_open(f"{self.url}/quote").text)
        self.assertEqual(self.url_open(f"{self.url}/quote/signed").content, signature.attachment_id.raw)
        self.assertIn("aptic_signed_quote", self.url_open(self.url).text)
        self.assertEqual(self._post(f"{self.url}/quote/sign", **self._typed(name="Bis")).status_code, 303)
        self.assertEqual(len(self.draft.quote_signature_ids), 1)

    def test_what_is_missing_is_said_and_nothing_is_signed(self):
        self.draft._make_quote(self.staff)
        self._as(self.sponsor_user_a)
        for changes in (
            {"agreed": ""}, {"name": " "}, {"capacity": ""}, {"quote_id": "0"}, {"quote_id": "x"},
            {"quote_id": "9" * 30}, {"quote_id": "²"},
        ):  # fmt: skip
            with self.subTest(changes):
                page = self._post(f"{self.url}/quote/sign", **self._typed(**changes))
                self.assertEqual(page.status_code, 422)
                self.assertIn("quote_error", page.text)
                self.assertEqual(self.draft.state, "draft")

    def test_a_changed_order_asks_for_a_new_quote(self):
        self.draft._make_quote(self.staff)
        self.draft.message = "Autre"
        self._as(self.sponsor_user_a)
        self.assertIn("aptic_quote_problem", self.url_open(f"{self.url}/quote").text)
        self.assertEqual(self._post(f"{self.url}/quote/sign", **self._typed()).status_code, 422)
        self.assertEqual(self._post(f"{self.url}/quote/ask").status_code, 303)
        self.assertEqual(self.draft.quote_id.number, 2)

    def test_an_unfinished_draft_says_why_it_is_not_quoted(self):
        self.draft.delivery_ids.booklets = 2
        self._as(self.sponsor_user_a)
        page = self._post(f"{self.url}/quote/ask")
        self.assertIn("alert-danger", page.text)
        self.assertFalse(self.draft.quote_ids)

    def test_others_neither_read_nor_sign(self):
        self.draft._make_quote(self.staff)
        for user in (self.sponsor_user_b, self.manager_a):
            self._as(user)
            for page in ("", "/pdf", "/signed"):
                self.assertEqual(self.url_open(f"{self.url}/quote{page}").status_code, 403)
        for user in (self.sponsor_user_b, self.manager_a, self.accountant_user):
            self._as(user)
            for verb in ("ask", "sign"):
                with self.subTest(user=user.login, verb=verb):
                    self.assertEqual(self._post(f"{self.url}/quote/{verb}", **self._typed()).status_code, 403)
        self.assertEqual(self.url_open(f"{self.url}/quote").status_code, 200)  # an accountant reads
        self.assertEqual(self.draft.state, "draft")
