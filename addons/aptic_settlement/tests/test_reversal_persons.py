"""Who asks for a reversal, who decides, who sees it."""

import csv
import html
import io

from odoo.addons.aptic_voucher import clock
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from pdfminer.high_level import extract_text
from psycopg2.errors import CheckViolation, UniqueViolation

from .test_reversal import ReversalCase


@tagged("post_install", "-at_install")
class TestReversalPages(HttpCase, ReversalCase):
    def _open(self, user, path=""):
        self.authenticate(user.login, user.login)
        page = self.url_open(f"/my/aptic/statements{path}")
        return page, html.unescape(page.text)

    def test_the_provider_sees_it_before_and_on_the_statement(self):
        act = self._spend(2)
        first = self._statement(self._first(), self.provider_a)
        reversal = self._ask(act)
        self.assertNotIn("aptic_corrections_coming", self._open(self.manager_a)[1])
        with clock.at(self.asked_at):
            reversal.with_user(self.accountant)._approve()
        for user in (self.manager_a, self.accountant_a):
            text = self._open(user)[1]
            for word in ("aptic_corrections_coming", "Atelier annulé", reversal._serials(), "19[,.]20"):
                self.assertRegex(text, word)
        self.assertNotIn("Atelier annulé", self._open(self.manager_b)[1])
        for user in (self.mediator_a, self.sponsor_user_a, self.stranger):
            page, text = self._open(user)
            self.assertEqual(page.status_code, 403)
            self.assertNotIn("Atelier annulé", text)
        self._spend(1, at=self.before)
        second = self._settled(0)
        statement = self._statement(second, self.provider_a)
        self.assertNotIn("aptic_corrections_coming", self._open(self.manager_a)[1])
        page, text = self._open(self.manager_a, f"/{statement.id}")
        self.assertEqual(page.status_code, 200)
        for word in (
            first.name,
            "Atelier annulé",
            reversal._serials(),
            "-?20[,.]00",
            "9[,.]60",
            "aptic_statement_carried",
        ):
            self.assertRegex(text, word)
        paper = extract_text(io.BytesIO(self._open(self.manager_a, f"/{statement.id}/pdf")[0].content))
        words = " ".join(paper.split())
        for word in (first.name, "Atelier annulé", reversal._serials(), "-\\D?20[,.]00", "0[,.]80", "9[,.]60"):
            self.assertRegex(words, word)
        untouched = self._open(self.manager_a, f"/{first.id}")[1]
        for word in ("Atelier annulé", "aptic_statement_carried", "aptic_statement_corrected"):
            self.assertNotIn(word, untouched)
        self.authenticate(self.accountant_a.login, self.accountant_a.login)
        table = self.url_open(f"/my/aptic/statements/{statement.id}/csv").content.decode("utf-8-sig")
        *rows, due = list(csv.reader(io.StringIO(table), delimiter=";"))[1:]
        amounts = [round(float(row[6].replace(",", ".")) * 100) for row in rows]
        self.assertEqual(amounts, [1000, -2000, -40, 80, 960])
        self.assertEqual((sum(amounts), due[6]), (0, "0,00"))
        self.assertIn("Atelier annulé", rows[1][7])
        for user in (self.manager_b, self.mediator_a, self.sponsor_user_a, self.stranger):
            for kind in ("csv", "xlsx", "pdf", "invoice"):
                page, text = self._open(user, f"/{statement.id}/{kind}")
                self.assertEqual(page.status_code, 403)
                self.assertNotIn("Atelier annulé", text)
        self.authenticate(None, None)
        page = self.url_open(f"/my/aptic/statements/{statement.id}/csv", allow_redirects=False)
        self.assertEqual(page.status_code, 303)


@tagged("post_install", "-at_install")
class TestReversalPersons(ReversalCase):
    def setUp(self):
        super().setUp()
        self.act = self._spend(1)
        self.settlement = self._first()

    def test_who_asks_does_not_approve(self):
        reversal = self._ask(self.act, user=self.accountant)
        for verb, arguments in (("_approve", ()), ("_refuse", ("Non",))):
            with self.assertRaisesRegex(UserError, "another person"):
                getattr(reversal.with_user(self.accountant), verb)(*arguments)
        self.assertEqual(self.act.state, "settled")
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.cr.execute(
                "UPDATE aptic_reversal SET decision = 'approved', decided_by_id = asked_by_id, decided_at = now()"
                " WHERE id = %s",
                [reversal.id],
            )
        reversal.with_user(self.second_accountant)._approve()
        self.assertEqual(self.act.state, "reversed")

    def test_staff_ask_accountants_and_managers_decide(self):
        reversal = self._ask(self.act)
        other = self._user("other_staff", "aptic_base.group_aptic_user")
        for user in (other, self.reviewer):
            with self.assertRaises(AccessError):
                reversal.with_user(user)._approve()
            with self.assertRaises(AccessError):
                reversal.with_user(user)._refuse("Non")
        reversal.with_user(self.staff_manager)._approve()
        self.assertEqual(reversal.decided_by_id, self.staff_manager)

    def test_nobody_else_asks_or_reads(self):
        reversal = self._ask(self.act)
        public = self.env.ref("base.public_user")
        for user in (
            self.manager_a, self.accountant_a, self.mediator_a, self.manager_b, self.sponsor_user_a, self.stranger,
            public,
        ):  # fmt: skip
            with self.assertRaises(AccessError):
                self.env["aptic.reversal"].with_user(user)._ask(self.act, "Non")
            with self.assertRaises(AccessError):
                reversal.with_user(user).read(["reason"])
            with self.assertRaises(AccessError):
                reversal.with_user(user)._approve()
        for user in (self.staff, self.accountant, self.staff_manager):
            self.assertEqual(reversal.with_user(user).reason, "Atelier annulé")
            with self.assertRaises(UserError):
                reversal.with_user(user).write({"reason": "Autre"})
            with self.assertRaises(AccessError):
                reversal.with_user(user).unlink()
            with self.assertRaises(UserError):
                self.env["aptic.reversal"].with_user(user).create({"redemption_id": self.act.id})

    def test_staff_of_another_company_neither_read_nor_act(self):
        reversal = self._ask(self.act)
        elsewhere = self.env["res.company"].create({"name": "Autre opérateur"})
        foreigner = new_test_user(
            self.env, "foreigner", "aptic_base.group_aptic_accountant",
            company_id=elsewhere.id, company_ids=elsewhere.ids,
        )  # fmt: skip
        self.assertFalse(self.env["aptic.reversal"].with_user(foreigner).search([]))
        for verb, arguments in (("_approve", ()), ("_refuse", ("Non",)), ("read", (["reason"],))):
            with self.assertRaises(AccessError):
                getattr(reversal.with_user(foreigner), verb)(*arguments)
        reversal.with_user(self.accountant)._refuse("Erreur")
        with self.assertRaises(AccessError):
            self.env["aptic.reversal"].with_user(foreigner)._ask(self.act, "Non")

    def test_a_second_reversal_is_refused(self):
        reversal = self._reverse(self.act)
        with self.assertRaisesRegex(UserError, "already"):
            self._ask(self.act)
        reversal.with_user(self.accountant)._approve()
        self.assertEqual(len(self.act.event_ids), 2, "approving twice is once")
        with self.assertRaisesRegex(UserError, "decided already"):
            reversal.with_user(self.accountant)._refuse("Non")
        with self.assertRaisesRegex(UserError, "settled already"):
            self.act.with_user(self.staff)._cancel("Non")

    def test_the_database_keeps_one_reversal(self):
        reversal = self._ask(self.act)
        columns = (
            "redemption_id, provider_id, company_id, statement_id, reason, asked_by_id, asked_at, face_cents,"
            " fee_cents, fund_cents, fund_id"
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.cr.execute(
                f"INSERT INTO aptic_reversal ({columns}) SELECT {columns} FROM aptic_reversal WHERE id = %s",
                [reversal.id],
            )

    def test_a_refused_one_changes_nothing_and_may_be_asked_again(self):
        reversal = self._ask(self.act)
        with self.assertRaisesRegex(UserError, "Say why"):
            reversal.with_user(self.accountant)._refuse("  ")
        reversal.with_user(self.accountant)._refuse("La feuille d'émargement est signée")
        self.assertEqual((reversal.stage, self.act.state), ("refused", "settled"))
        self.assertIn("émargement", reversal.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "decided already"):
            reversal.with_user(self.accountant)._approve()
        self.assertFalse(self._second().statement_ids)
        self.assertEqual(self._ask(self.act).stage, "asked")

    def test_only_what_was_paid_by_an_approved_statement(self):
        fresh = self._spend(1, at=self.before)
        with self.assertRaisesRegex(UserError, "statement is approved"):
            self._ask(fresh)
        self._second(approved=False)
        with self.assertRaisesRegex(UserError, "statement is approved"):
            self._ask(fresh)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._ask(self.act, reason=" \x00 ")
        self.assertTrue(self.act.may_be_reversed)
        self.assertFalse(fresh.may_be_reversed)

    def test_the_second_person_gets_an_activity_and_the_provider_a_mail(self):
        reversal = self._ask(self.act, user=self.accountant)
        todo = reversal.activity_ids
        self.assertNotIn(todo.user_id, self.accountant | self.env["res.users"])
        queues = self.env["aptic.queue"].with_user(self.accountant)
        self.assertEqual(queues.open_queue("reversal_asked")["res_model"], "aptic.reversal")
        reversal.with_user(self.second_accountant)._approve()
        self.assertFalse(reversal.activity_ids)
        told = self.provider_a.message_ids[0]
        self.assertEqual(told.partner_ids, (self.manager_a | self.accountant_a).partner_id)
        for word in ("Atelier annulé", reversal.statement_id.name, reversal._serials(), "9,60"):
            self.assertIn(word, told.body)

    def test_buttons_and_forms(self):
        action = self.act.with_user(self.staff).action_ask_reversal()
        wizard = self.env[action["res_model"]].with_user(self.staff).with_context(**action["context"])
        opened = wizard.create({"reason": "Doublon"}).action_ask()
        reversal = self.env[opened["res_model"]].browse(opened["res_id"])
        self.assertEqual((reversal.asked_by_id, reversal.reason), (self.staff, "Doublon"))
        refusals = self.env["aptic.reversal.refusal"]
        refusals.with_user(self.accountant).create({"reversal_id": reversal.id, "answer": "Non"}).action_refuse()
        self.assertEqual(reversal.answer, "Non")
        self.assertTrue(self.act.with_user(self.staff).action_open_reversal())

    def test_the_forms_are_for_those_who_may(self):
        reversal = self._ask(self.act)
        outside = (
            self.manager_a, self.accountant_a, self.mediator_a, self.manager_b, self.sponsor_user_a, self.stranger,
            self.env.ref("base.public_user"),
        )  # fmt: skip
        asks, refusals = self.env["aptic.reversal.ask"], self.env["aptic.reversal.refusal"]
        ask = asks.with_user(self.staff).create({"redemption_id": self.act.id, "reason": "Doublon"})
        refusal = refusals.with_user(self.accountant).create({"reversal_id": reversal.id, "answer": "Non"})
        for user in outside:
            for form, vals, verb in (
                (ask, {"redemption_id": self.act.id, "reason": "Non"}, "action_ask"),
                (refusal, {"reversal_id": reversal.id, "answer": "Non"}, "action_refuse"),
            ):
                with self.assertRaises(AccessError):
                    form.with_user(user).create(vals)
                with self.assertRaises(AccessError):
                    getattr(form.with_user(user), verb)()
        for user in (self.staff, self.reviewer):
            with self.assertRaises(AccessError):
                refusals.with_user(user).create({"reversal_id": reversal.id, "answer": "Non"})
            with self.assertRaises(AccessError):
                refusal.with_user(user).action_refuse()
        self.assertFalse(reversal.decision)

    def test_staff_answer_on_the_reversal(self):
        reversal = self._ask(self.act)
        for user in (self.staff, self.reviewer):
            message = reversal.with_user(user).message_post(body="La feuille d'émargement est jointe")
            self.assertIn("émargement", message.body)
        with self.assertRaises(AccessError):
            reversal.with_user(self.manager_a).message_post(body="Non")

    def test_the_todo_is_for_somebody_else_of_the_company(self):
        elsewhere = self.env["res.company"].create({"name": "Autre opérateur"})
        foreigner = new_test_user(
            self.env, "foreigner", "aptic_base.group_aptic_accountant",
            company_id=elsewhere.id, company_ids=elsewhere.ids,
        )  # fmt: skip
        groups = [self.env.ref(f"aptic_base.group_aptic_{name}") for name in ("accountant", "manager")]
        everybody = groups[0].all_user_ids | groups[1].all_user_ids
        (everybody - self.accountant - self.second_accountant - foreigner).sudo().active = False
        reversal = self._ask(self.act, user=self.accountant)
        self.assertEqual(reversal.activity_ids.user_id, self.second_accountant)
        reversal.with_user(self.second_accountant)._refuse("Non")
        self.assertFalse(reversal.activity_ids)
