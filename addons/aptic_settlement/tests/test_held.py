"""What is under verification: neither paid nor lost."""

import random
from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import html2plaintext, mute_logger
from psycopg2.errors import CheckViolation

from .common import SettlementCase
from .test_payout import luhn

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install")
class TestHeld(SettlementCase):
    def test_a_run_leaves_what_is_held_and_says_so(self):
        paid, held = self._redeem(vouchers=2), self._redeem(vouchers=3)
        others = self._redeem(self.place_b)
        (held | others)._hold()
        settlement = self._settlement(approved=True)
        self.assertEqual(settlement.statement_ids.provider_id, self.provider_a)
        self.assertEqual(settlement.statement_ids.redemption_ids, paid)
        self.assertEqual(settlement.statement_ids.gross_cents, 2000)
        self.assertRecordValues(
            settlement.held_ids,
            [
                {"provider_id": self.provider_a.id, "redemption_count": 1, "voucher_count": 3, "amount_cents": 3000},
                {"provider_id": self.provider_b.id, "redemption_count": 1, "voucher_count": 1, "amount_cents": 1000},
            ],
        )
        self.assertEqual((settlement.held_count, settlement.held), (2, 40.0))
        self.assertEqual((held.state, others.state), ("done", "done"))
        self.assertEqual(settlement.statement_ids._held_beside().amount_cents, 3000)

    def test_what_is_released_goes_with_the_next_run(self):
        self._redeem()
        held = self._redeem(vouchers=3)
        held._hold()
        held._hold()
        self._settlement()
        held._release()
        settlement = self._settlement(APRIL)
        self.assertEqual(settlement.statement_ids.redemption_ids, held)
        self.assertFalse(settlement.held_ids)
        held._hold()
        self.assertFalse(held.is_held, "settled: too late")
        self.assertFalse(self._settlement(MAY).statement_ids)

    def test_the_team_of_another_company_does_not_read_what_waits(self):
        self._redeem()._hold()
        held = self._settlement().held_ids
        self.assertTrue(held.with_user(self.staff).amount_cents)
        other = self.env["res.company"].create({"name": "Ailleurs (test)"})
        self.staff.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        theirs = self.env[held._name].with_user(self.staff).with_context(allowed_company_ids=other.ids)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.browse(held.ids).read(["amount_cents"])

    def test_at_the_approval_each_is_told_once_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.provider_a.lang, self.provider_b.lang = "en_US", "fr_FR"
        self._redeem(vouchers=2)
        (self._redeem(vouchers=3) | self._redeem(self.place_b) | self._redeem(self.place_b))._hold()
        other = self._provider("Acteur C (test)", luhn(luhn("91234567") + "0001"))
        self._offer(other, self.service, 1000)
        released = self._redeem(self._place(other, "Lieu C", self.bordeaux, self.library))
        released._hold()
        everyone = self.provider_a | self.provider_b | other
        before = everyone.message_ids
        settlement = self._settlement()
        self.assertEqual(settlement.held_ids.provider_id, everyone)
        self.assertEqual(everyone.message_ids, before, "who computes may err: nobody is told yet")
        released._release()
        for _time in range(2):
            settlement.with_user(self.second_accountant)._approve()
        told = everyone.message_ids - before
        about = {message.res_id: message for message in told}
        self.assertEqual((len(told), set(about)), (2, {self.provider_a.id, self.provider_b.id}))
        ours, theirs = about[self.provider_a.id], about[self.provider_b.id]
        self.assertEqual(ours.partner_ids, (self.manager_a | self.accountant_a).partner_id)
        self.assertIn("One scan is under verification", ours.body)
        self.assertRegex(ours.body, "30[.,]00")
        self.assertIn("stays owed to you", ours.body)
        self.assertIn("2 scans sont en cours de vérification", theirs.body)
        self.assertIn("vous restent dus", theirs.body)
        self.assertNotIn("fraud", (ours.body + theirs.body).lower())

    def test_only_what_came_before_the_cutoff_is_noted(self):
        self._redeem(at=datetime(2026, 3, 2))._hold()
        self.assertFalse(self._settlement().held_ids)

    def test_what_watches_holds_before_anything_is_taken(self):
        paid, doubtful = self._redeem(), self._redeem()
        told = []

        def watch(_redemptions, cutoff):
            told.append(cutoff)
            doubtful._hold()

        self.startPatcher(patch.object(self.env.registry["aptic.redemption"], "_check_watched", watch))
        settlement = self._settlement()
        self.assertEqual(told, [datetime(2026, 2, 28, 23)])
        self.assertEqual(settlement.statement_ids.redemption_ids, paid)
        settlement.with_user(self.accountant)._take()
        self.assertEqual(len(told), 1, "computed once")

    def test_the_database_refuses_to_settle_what_is_held(self):
        held = self._redeem()
        held._hold()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", (held.id,))

    def test_a_cancelled_scan_is_held_no_more(self):
        held = self._redeem()
        held._hold()
        held._cancel("Fraude")
        self.assertEqual((held.state, held.is_held), ("cancelled", False))
        held._hold()
        self.assertFalse(held.is_held)

    def test_held_scans_stay_owed_in_the_ledger(self):
        self._redeem()._hold()
        self._redeem(vouchers=4)
        self._settlement(approved=True)
        self.env.cr.execute(
            """SELECT SUM(CASE kind WHEN 'redeem' THEN amount_cents ELSE -amount_cents END) FROM aptic_event
                WHERE kind IN ('redeem', 'cancel', 'settle') AND order_id = %s""",
            (self.order.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (1000,))

    def test_never_lost_never_paid_twice(self):
        """Scans, holds, releases, cancellations and runs in any order: each cent is in one place."""
        for seed in range(6):
            self._live_through(2018 + seed, random.Random(seed))

    def _live_through(self, year, dice):
        scans, runs = self.env["aptic.redemption"], self.env["aptic.settlement"]
        for month in range(1, 5):
            for _step in range(12):
                some = scans.filtered(lambda scan: scan.state == "done" and dice.random() < 0.3)
                act = dice.choice(("scan", "scan", "hold", "release", "cancel"))
                if act == "scan":
                    place = dice.choice((self.place_a, self.place_b))
                    scans |= self._redeem(place, dice.randint(1, 4), datetime(year, month, 5))
                elif act == "cancel":
                    for scan in some[:1]:
                        scan._cancel("Erreur")
                else:
                    some._hold() if act == "hold" else some._release()
            runs |= self._settlement(date(year, month + 1, 1), approved=dice.random() < 0.5)
            self._check_every_cent(scans, runs)
        scans._release()
        runs |= self._settlement(date(year, 6, 1))
        self._check_every_cent(scans, runs)
        self.assertLessEqual(set(scans.mapped("state")), {"settled", "cancelled"})

    def _check_every_cent(self, scans, runs):
        self.env.invalidate_all()
        owed = scans.filtered(lambda scan: scan.state != "cancelled")
        settled = owed.filtered(lambda scan: scan.state == "settled")
        waiting = owed - settled
        self.assertEqual(sum(runs.statement_ids.mapped("gross_cents")), sum(settled.mapped("face_cents")))
        self.assertEqual(sorted(runs.statement_ids.redemption_ids.ids), sorted(settled.ids))
        self.assertTrue(all(waiting.mapped("is_held")), "a run left nothing that it could pay")
        last = runs.sorted("cutoff_day")[-1:]
        self.assertEqual(sum(last.held_ids.mapped("amount_cents")), sum(waiting.mapped("face_cents")))

    def test_roles(self):
        held = self._redeem()
        held._hold()
        line = self._settlement().held_ids
        for user in (self.staff, self.accountant, self.staff_manager):
            self.assertTrue(line.with_user(user).redemption_count)
            self.assertTrue(held.with_user(user).is_held)
            self.assertEqual(self.provider_a.with_user(user).held_count, 1)
            with self.assertRaises(AccessError):
                line.with_user(user).write({"redemption_count": 0})
            with self.assertRaises(AccessError):
                held.with_user(user).write({"is_held": False})
        for user in (
            self.manager_a,
            self.accountant_a,
            self.mediator_a,
            self.manager_b,
            self.sponsor_user_a,
            self.stranger,
        ):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["redemption_count"])
            with self.assertRaises(AccessError):
                held.with_user(user).read(["is_held"])
            with self.assertRaises(AccessError):
                self.provider_a.with_user(user).read(["held_count"])


@tagged("post_install", "-at_install")
class TestHeldPortal(SettlementCase, HttpCase):
    def test_the_provider_reads_how_much_and_nobody_elses(self):
        self._redeem()
        (self._redeem(vouchers=3) | self._redeem())._hold()
        statement = self._settlement(approved=True).statement_ids
        told = html2plaintext(self.provider_a.message_ids[0].body).split("). ")[1].strip()
        for user, sees in ((self.manager_a, True), (self.accountant_a, True), (self.manager_b, False)):
            user.password = user.login
            self.authenticate(user.login, user.login)
            text = self.url_open("/my/aptic/statements").text
            self.assertEqual('data-held="2"' in text, sees, user.login)
            self.assertEqual(told in " ".join(text.split()), sees, "the mail says what the screen says")
            page = self.url_open(f"/my/aptic/statements/{statement.id}")
            self.assertEqual(page.status_code, 200 if sees else 403)
            self.assertEqual("aptic_statement_held" in page.text, sees)
