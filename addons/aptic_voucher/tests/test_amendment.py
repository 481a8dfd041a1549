"""Rules extended after the confirmation: wider only, by an approved amendment only, with its trace."""

from datetime import timedelta

import psycopg2
from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import SQL, mute_logger

from .test_redemption import RedemptionCase


class AmendmentCase(RedemptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limited = cls._order(quantity=5, rules=[("territory", cls.pau), ("max_price", {"max_price_cents": 1000})])
        cls.limited_codes = cls._codes(cls.limited)
        cls.amendments = cls.env["aptic.amendment"]
        cls.bordeaux_too = {"kind": "territory", "ids": cls.bordeaux.ids}
        cls.dearer = {"kind": "max_price", "cents": 1500}

    def _ask(self, changes=None, order=None, user=None, reason="Demandé par la mairie"):
        amendments = self.amendments.with_user(user or self.sponsor_user_a)
        return amendments._ask(order or self.limited, changes or [self.bordeaux_too, self.dearer], reason)


@tagged("post_install", "-at_install")
class TestAmendment(AmendmentCase):
    def test_nothing_changes_before_the_approval(self):
        before = self.limited.frozen_rules
        amendment = self._ask()
        self.assertEqual((amendment.stage, self.limited.frozen_rules), ("asked", before))
        self._refused("territory", self.limited_codes[:1])

    def test_an_approved_amendment_counts_at_once_and_leaves_its_trace(self):
        before = self.limited.frozen_rules
        self._refused("territory", self.limited_codes[:1])
        amendment = self._ask()
        amendment.with_user(self.staff)._approve()
        after = [
            {"kind": "max_price", "cents": 1500},
            {"kind": "territory", "ids": sorted((self.pau | self.bordeaux).ids)},
        ]
        self.assertEqual(self.limited.frozen_rules, after)
        self.assertEqual(self.limited.rule_ids._freeze(), after)
        self.assertRecordValues(
            amendment,
            [
                {
                    "rows_before": before,
                    "rows_after": after,
                    "asked_by_id": self.sponsor_user_a.id,
                    "decided_by_id": self.staff.id,
                    "decision": "approved",
                    "reason": "Demandé par la mairie",
                }
            ],
        )
        event = self.env["aptic.event"].search([("order_id", "=", self.limited.id), ("kind", "=", "amend")])
        self.assertRecordValues(event, [{"user_id": self.staff.id, "quantity": 5, "amount_cents": 0}])
        self.assertIn("Bordeaux", event.reason)
        self.assertIn("Demandé par la mairie", event.reason)
        self.assertEqual(self._scan(self.limited_codes[:1])["status"], "done")
        self.assertIn("Bordeaux", self.limited.message_ids[0].body)

    def test_approving_twice_is_once(self):
        amendment = self._ask()
        amendment.with_user(self.staff)._approve()
        amendment.with_user(self.staff)._approve()
        self.assertEqual(
            self.env["aptic.event"].search_count([("order_id", "=", self.limited.id), ("kind", "=", "amend")]), 1
        )
        with self.assertRaises(UserError):
            amendment._decline("Trop tard")

    def test_figures_do_not_move(self):
        before = self.limited._figures()
        self._ask().with_user(self.staff)._approve()
        self.assertEqual(self.limited._figures(), before)

    def test_a_declined_one_changes_nothing_and_says_why(self):
        before = self.limited.frozen_rules
        amendment = self._ask()
        with self.assertRaises(UserError):
            amendment._decline("  ")
        amendment.with_user(self.staff)._decline("Hors convention")
        amendment._decline("Hors convention")
        self.assertEqual(
            (amendment.stage, amendment.answer, self.limited.frozen_rules), ("declined", "Hors convention", before)
        )
        self.assertIn("Hors convention", self.limited.message_ids[0].body)
        with self.assertRaises(UserError):
            amendment._approve()
        self._ask().with_user(self.staff)._approve()

    def test_only_wider(self):
        for changes in (
            [{"kind": "territory", "ids": self.pau.ids}],
            [{"kind": "max_price", "cents": 800}],
            [self.bordeaux_too, {"kind": "max_price", "cents": 900}],
            [{"kind": "audience", "ids": self.seniors.ids}],
            [{"kind": "moon", "ids": [1]}],
            [{}],
        ):
            with self.subTest(changes=changes), self.assertRaises(UserError):
                self._ask(changes)
        with self.assertRaises(UserError):
            self.amendments._ask(self.limited, [], "Rien")
        with self.assertRaises(UserError):
            self._ask(reason=" ")

    def test_one_waits_at_a_time(self):
        self._ask()
        with self.assertRaises(UserError):
            self._ask([self.dearer])

    def test_of_running_orders_only(self):
        for state in ("draft", "cancelled"):
            order = self._order(state=state, rules=[("territory", self.pau)])
            with self.subTest(state), self.assertRaises(UserError):
                self._ask([self.bordeaux_too], order)
        order = self._order(state="confirmed", rules=[("territory", self.pau)])
        amendment = self._ask([self.bordeaux_too], order)
        order._cancel()
        with self.assertRaises(UserError):
            amendment._approve()

    def test_the_last_restriction_may_go(self):
        order = self._order(state="confirmed", rules=[("no_copay", {})])
        self._ask([{"kind": "no_copay"}], order).with_user(self.staff)._approve()
        self.assertFalse(order.frozen_rules)
        self.assertFalse(order.rule_ids)

    def test_dates_are_extended(self):
        today = fields.Date.today()
        order = self._order(quantity=5, rules=[("dates", {"date_until": today - timedelta(days=1)})])
        code = self._codes(order)[:1]
        self._refused("dates", code)
        later = str(today + timedelta(days=30))
        self._ask([{"kind": "dates", "from": None, "until": later}], order).with_user(self.staff)._approve()
        self.assertEqual(self._scan(code)["status"], "done")

    # ------------------------------------------------------------------ guards
    @mute_logger("odoo.sql_db")
    def test_the_database_lets_frozen_rules_change_exactly_as_an_amendment_says(self):
        amendment = self._ask()
        self.env.flush_all()

        def rewrite(column, value):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("UPDATE aptic_order SET %s = %s WHERE id = %s", SQL.identifier(column), value, self.limited.id)
                )

        for rows in ("[]", None, '[{"kind": "max_price", "cents": 1500}]'):
            with self.subTest(rows=rows), self.assertRaises(psycopg2.Error):
                rewrite("frozen_rules", rows)
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(
                SQL(
                    """UPDATE aptic_amendment
                          SET decision = 'approved', decided_by_id = %s, decided_at = now(), rows_after = '[]',
                              rows_before = (SELECT frozen_rules FROM aptic_order WHERE id = order_id)
                        WHERE id = %s""",
                    self.env.uid,
                    amendment.id,
                )
            )
            with self.assertRaises(psycopg2.Error):
                rewrite("frozen_rules", '[{"kind": "max_price", "cents": 9900}]')
            rewrite("frozen_rules", "[]")
            savepoint.rollback()
        amendment._approve()
        self.env.flush_all()
        before = self.env.execute_query(
            SQL("SELECT rows_before::text FROM aptic_amendment WHERE id = %s", amendment.id)
        )
        for column, value in (("frozen_rules", before[0][0]), ("frozen_rules", "[]"), ("quantity", 1000)):
            with self.subTest(column=column, value=value), self.assertRaises(psycopg2.Error):
                rewrite(column, value)

    @mute_logger("odoo.sql_db")
    def test_a_declined_one_opens_nothing(self):
        amendment = self._ask([self.dearer])
        amendment._decline("Non")
        self.env.flush_all()
        with self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE aptic_order SET frozen_rules = NULL WHERE id = %s", self.limited.ids)

    @mute_logger("odoo.sql_db")
    def test_rows_are_written_once(self):
        amendment = self._ask()
        amendment._approve()
        self.env.flush_all()
        for query in (
            "UPDATE aptic_amendment SET reason = 'x' WHERE id = %s",
            "UPDATE aptic_amendment SET rows_after = '[]' WHERE id = %s",
            "UPDATE aptic_amendment SET decision = NULL WHERE id = %s",
            "DELETE FROM aptic_amendment WHERE id = %s",
        ):
            with self.subTest(query), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(query, amendment.ids)
        for vals in ({"reason": "x"}, {"decision": "approved"}, {"rows_after": []}):
            with self.subTest(**vals), self.assertRaises(UserError):
                amendment.write(vals)
        with self.assertRaises(UserError):
            amendment.unlink()

    def test_rules_of_a_confirmed_order_still_cannot_change_by_hand(self):
        with self.assertRaises(UserError):
            self.limited.rule_ids.with_context(aptic_amending=True)[0].write({"max_price_cents": 99999})

    # ------------------------------------------------------------------- staff
    def test_staff_extend_in_one_step_and_see_what_it_changes(self):
        action = self.limited.with_user(self.staff).action_extend_rules()
        form = Form(self.env[action["res_model"]].with_user(self.staff).with_context(**action["context"]))
        before = form.places_then
        self.assertEqual(before, form.places_now)
        form.territory_ids.add(self.bordeaux)
        form.max_price = 20
        form.reason = "Par téléphone"
        self.assertGreater(form.places_then, before)
        form.save().action_extend()
        self.assertEqual(self.limited.frozen_rules[0], {"kind": "max_price", "cents": 2000})
        self.assertEqual(self.limited.with_user(self.staff).amendment_ids.asked_by_id, self.staff)
        wizard = self.env["aptic.amendment.extension"].create({"order_id": self.limited.id, "reason": "Rien"})
        with self.assertRaises(UserError):
            wizard.action_extend()

    def test_every_kind_of_the_form_is_a_change(self):
        wizard = self.env["aptic.amendment.extension"].create(
            {
                "order_id": self.limited.id,
                "reason": "Tout",
                "service_ids": [Command.set(self.service.ids)],
                "admitted_ids": [Command.set(self.provider_a.ids)],
                "date_until": "2027-05-01",
                "on_sunday": True,
                "max_count": 3,
                "allow_copay": True,
            }
        )
        self.assertEqual(
            wizard._changes(),
            [
                {"kind": "service", "ids": self.service.ids},
                {"kind": "excluded_provider", "ids": self.provider_a.ids},
                {"kind": "dates", "from": None, "until": "2027-05-01"},
                {"kind": "weekdays", "days": [7]},
                {"kind": "max_per_day", "count": 3},
                {"kind": "no_copay"},
            ],
        )

    def test_who_may(self):
        amendment = self._ask()
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.mediator_a, self.stranger):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    amendment.with_user(user).action_approve()
                with self.assertRaises(AccessError):
                    amendment.with_user(user).read(["reason"])
                with self.assertRaises(AccessError):
                    self.env["aptic.amendment.refusal"].with_user(user).create(
                        {"amendment_id": amendment.id, "answer": "x"}
                    )
        for user in (self.staff, self.staff_manager):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.amendments.with_user(user).create({"order_id": self.limited.id})
        self.assertEqual(amendment.with_user(self.staff).read(["reason"])[0]["reason"], "Demandé par la mairie")
        refusal = {"amendment_id": amendment.id, "answer": "Hors convention"}
        self.env["aptic.amendment.refusal"].with_user(self.staff).create(refusal).action_decline()
        self.assertEqual(amendment.stage, "declined")


@tagged("post_install", "-at_install")
class TestAmendmentPortal(AmendmentCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.accountant_user, _member = self._member(self.sponsor_a, "accountant", "sponsor_accountant")
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.accountant_user, self.manager_a, self.stranger):
            user.password = user.login
        self.url = f"/my/aptic/orders/{self.limited.id}"

    def _post(self, user=None, **data):
        user = user or self.sponsor_user_a
        self.authenticate(user.login, user.login)
        data = {"csrf_token": http.Request.csrf_token(self), "reason": "Plus de lieux", **data}
        return self.url_open(f"{self.url}/extend", data=data, allow_redirects=False)

    def test_a_sponsor_asks_and_staff_approve(self):
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        self.assertIn(f"{self.url}/extend", self.url_open(self.url).text)
        page = self.url_open(f"{self.url}/extend").text
        self.assertIn('name="max_price"', page)
        self.assertNotIn('name="weekday"', page)
        page = self._post(territory=str(self.bordeaux.id), max_price="15,00", form_token="twice")
        self.assertEqual(page.status_code, 303)
        amendment = self.amendments.search([("order_id", "=", self.limited.id)])
        self.assertEqual(amendment.changes, [self.bordeaux_too, self.dearer])
        self.assertEqual(amendment.asked_by_id, self.sponsor_user_a)
        self.assertEqual(self._post(territory=str(self.bordeaux.id), form_token="twice").status_code, 303)
        self.assertEqual(self.amendments.search_count([("order_id", "=", self.limited.id)]), 1)
        amendment.with_user(self.staff)._approve()
        text = self.url_open(self.url).text
        self.assertIn("Bordeaux", text)
        self.assertIn("o_aptic_amendments", text)

    def test_what_is_wrong_gets_a_sentence_and_keeps_what_was_typed(self):
        for data in (
            {},
            {"max_price": "cher"},
            {"max_price": "5"},
            {"territory": "99999999"},
            {"weekday": "3"},
            {"max_price": "15", "reason": "  "},
        ):
            with self.subTest(**data):
                page = self._post(**data)
                self.assertEqual(page.status_code, 422)
                self.assertIn("alert-danger", page.text)
        self.assertIn('value="5"', self._post(max_price="5").text)
        self.assertFalse(self.amendments.search([("order_id", "=", self.limited.id)]))

    def test_others_ask_nothing(self):
        for user in (self.sponsor_user_b, self.accountant_user, self.manager_a, self.stranger):
            with self.subTest(user=user.login):
                self.assertEqual(self._post(user, max_price="15").status_code, 403)
                self.assertEqual(self.url_open(f"{self.url}/extend").status_code, 403)
        self.assertFalse(self.amendments.search([("order_id", "=", self.limited.id)]))
