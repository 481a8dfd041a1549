from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import EligibilityCase

NOON = "12:00:00"


class TermsCase(EligibilityCase):
    """Provider A, active, with a monthly plan that a scan of 14 March 2026 woke."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls._french_company().ids})
        cls.Subscription = cls.env["aptic.subscription"]
        cls.provider = cls.provider_a.with_env(cls.env)
        cls.provider.email = "contact@acteur-a.example"

    def setUp(self):
        super().setUp()
        no_commit = patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf"))
        no_commit.start()
        self.addCleanup(no_commit.stop)

    def _start(self, day="2026-03-14", plan="monthly"):
        subscription = self.Subscription._choose(self.provider, plan)
        self.Subscription._wake(self.provider.id, fields.Date.to_date(day))
        with freeze_time(f"{day} {NOON}"):
            self.Subscription._cron_start()
        return subscription

    def _invoice(self, *days):
        """Run OCA's cron on these days."""
        for day in days:
            with freeze_time(f"{day} {NOON}"):
                self.env["contract.contract"].cron_recurring_create_invoice()

    def _on(self, day, verb, *arguments):
        with freeze_time(f"{day} {NOON}"):
            return verb(*arguments)


@tagged("post_install", "-at_install")
class TestChangeOfPlan(TermsCase):
    def test_it_takes_effect_at_the_next_term(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", self.Subscription._choose, self.provider, "yearly")
        self.assertRecordValues(
            subscription, [{"plan": "monthly", "next_plan": "yearly", "next_plan_on": date(2026, 4, 14)}]
        )
        self._invoice("2026-03-25", "2026-04-13")
        self.assertEqual(len(subscription.move_ids), 1)
        self._on("2026-04-14", self.Subscription._cron_terms)
        self.assertRecordValues(subscription, [{"plan": "yearly", "next_plan": False, "price_cents": 7700}])
        self._invoice("2026-04-14", "2026-05-14")
        self.assertEqual(subscription.move_ids.sorted("id").mapped("amount_untaxed"), [7.0, 77.0])
        self.assertEqual(subscription.contract_id.recurring_next_date, date(2027, 4, 14))

    def test_no_delay_of_a_cron_invoices_the_old_plan(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", self.Subscription._choose, self.provider, "yearly")
        self._invoice("2026-04-20")  # late, and before the plans were turned
        self.assertEqual(subscription.move_ids.sorted("id").mapped("amount_untaxed"), [7.0, 77.0])
        self._on("2026-04-20", self.Subscription._cron_terms)
        self.assertEqual(subscription.plan, "yearly")
        self.assertEqual(subscription.contract_id.recurring_next_date, date(2027, 4, 14))

    def test_it_can_be_withdrawn(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", self.Subscription._choose, self.provider, "yearly")
        self._on("2026-03-21", self.Subscription._choose, self.provider, "monthly")
        self.assertRecordValues(subscription, [{"plan": "monthly", "next_plan": False, "next_plan_on": False}])
        self.assertEqual(len(subscription.contract_id.contract_line_ids), 1)
        self._invoice("2026-04-14")
        self.assertEqual(subscription.move_ids.mapped("amount_untaxed"), [7.0, 7.0])

    def test_asked_for_twice_it_is_one(self):
        subscription = self._start()
        for day in ("2026-03-20", "2026-03-21"):
            self._on(day, self.Subscription._choose, self.provider, "yearly")
        self.assertEqual(len(subscription.contract_id.contract_line_ids), 2)

    def test_asked_for_before_the_contract_it_waits_for_the_term_too(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, date(2026, 3, 14))
        self._on("2026-03-14", self.Subscription._choose, self.provider, "yearly")
        self._on("2026-03-14", self.Subscription._cron_start)
        self._invoice("2026-03-14", "2026-04-14")
        self.assertEqual(subscription.move_ids.sorted("id").mapped("amount_untaxed"), [7.0, 77.0])

    def test_from_yearly_to_monthly_the_year_runs_to_its_end(self):
        subscription = self._start(plan="yearly")
        self._invoice("2026-03-14")
        self._on("2026-12-01", self.Subscription._choose, self.provider, "monthly")
        self.assertEqual(subscription.next_plan_on, date(2027, 3, 14))

    def test_a_running_plan_keeps_its_price(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        for plan, price in (("monthly", 9.0), ("yearly", 99.0)):
            self.Subscription._plan_product(plan).list_price = price
        self._invoice("2026-04-14")
        self.assertEqual(subscription.move_ids.mapped("amount_untaxed"), [7.0, 7.0])
        self._on("2026-04-20", self.Subscription._choose, self.provider, "yearly")
        self._invoice("2026-05-14")
        self.assertEqual(subscription.move_ids.sorted("id")[-1].amount_untaxed, 99.0)

    def test_the_price_is_the_one_agreed_when_it_was_chosen(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._plan_product("monthly").list_price = 9.0
        self.Subscription._wake(self.provider.id, date(2026, 3, 14))
        self._on("2026-03-14", self.Subscription._cron_start)
        self._invoice("2026-03-14")
        self.assertEqual(subscription.move_ids.amount_untaxed, 7.0)

    def test_invoices_start_at_the_first_scan_whatever_the_delay(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, date(2026, 3, 14))
        self._on("2026-03-19", self.Subscription._cron_start)
        self._invoice("2026-03-19")
        line = subscription.contract_id.contract_line_ids
        self.assertRecordValues(
            line, [{"date_start": date(2026, 3, 14), "last_date_invoiced": date(2026, 4, 13), "price_subtotal": 7.0}]
        )
        self.assertIn("14", subscription.move_ids.invoice_line_ids.name)
        self._invoice("2026-04-13")
        self.assertEqual(len(subscription.move_ids), 1)
        self._invoice("2026-04-14")
        self.assertEqual(len(subscription.move_ids), 2)


@tagged("post_install", "-at_install")
class TestTermination(TermsCase):
    def test_it_ends_with_the_period_and_scanning_with_it(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", subscription._terminate)
        self.assertEqual(subscription.ends_on, date(2026, 4, 13))
        self.assertIn(self.accountant_a.partner_id, self.provider.message_ids[0].partner_ids)
        self._on("2026-04-13", self.Subscription._cron_terms)
        self.assertEqual((subscription.state, self.provider.state), ("running", "active"))
        self._on("2026-04-14", self.Subscription._cron_terms)
        self.assertEqual((subscription.state, self.provider.state), ("ended", "suspended"))
        self.assertEqual(self.provider._open_measures().cause, "request")
        self._invoice("2026-04-14", "2026-05-14")
        self.assertEqual(len(subscription.move_ids), 1)

    def test_a_period_that_was_not_invoiced_in_time_is_still_invoiced(self):
        subscription = self._start()
        self._on("2026-03-20", subscription._terminate)
        self._on("2026-04-14", self.Subscription._cron_terms)
        self._invoice("2026-04-15", "2026-04-16")
        self.assertEqual(subscription.move_ids.mapped("amount_untaxed"), [7.0])

    def test_it_can_be_taken_back(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", subscription._terminate)
        self._on("2026-03-21", subscription._go_on)
        self.assertFalse(subscription.ends_on)
        self._on("2026-04-14", self.Subscription._cron_terms)
        self._invoice("2026-04-14")
        self.assertEqual(len(subscription.move_ids), 2)
        self.assertEqual(self.provider.state, "active")

    def test_once_ended_it_cannot_be_taken_back(self):
        subscription = self._start()
        self._on("2026-03-20", subscription._terminate)
        self._on("2026-04-14", self.Subscription._cron_terms)
        with self.assertRaisesRegex(UserError, "choose a plan"):
            self._on("2026-04-15", subscription._go_on)

    def test_the_end_takes_the_place_of_another_plan(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", self.Subscription._choose, self.provider, "yearly")
        self._on("2026-03-21", subscription._terminate)
        self.assertFalse(subscription.next_plan)
        self._invoice("2026-04-14")
        self.assertEqual(len(subscription.move_ids), 1)
        with self.assertRaisesRegex(UserError, "go on with it first"):
            self._on("2026-03-22", self.Subscription._choose, self.provider, "yearly")

    def test_asleep_it_ends_at_once_and_leaves_nothing_in_accounting(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        subscription._terminate()
        self.assertRecordValues(subscription, [{"state": "ended", "contract_id": False}])
        self.assertEqual(self.provider.state, "suspended")

    def test_a_new_subscription_gives_the_right_to_scan_back(self):
        subscription = self._start()
        self._on("2026-03-20", subscription._terminate)
        self._on("2026-04-14", self.Subscription._cron_terms)
        again = self._on("2026-06-01", self.Subscription._choose, self.provider, "yearly")
        self.assertNotEqual(again, subscription)
        self.assertEqual((again.state, self.provider.state), ("sleeping", "active"))

    def test_a_new_subscription_does_not_lift_what_others_decided(self):
        self.provider._suspend("request", "Fermeture pour travaux")
        subscription = self._start()
        self._on("2026-03-20", subscription._terminate)
        self._on("2026-04-14", self.Subscription._cron_terms)
        self._on("2026-06-01", self.Subscription._choose, self.provider, "yearly")
        self.assertEqual(self.provider.state, "suspended")

    def test_striking_off_ends_it(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self._on("2026-03-20", self.provider._strike_off, "conduct", "Motif")
        self.assertEqual((subscription.state, self.provider.state), ("ended", "struck_off"))
        self._invoice("2026-04-14", "2026-05-14")
        self.assertEqual(len(subscription.move_ids), 1)
        with self.assertRaisesRegex(UserError, "charter first"):
            self.Subscription._choose(self.provider, "monthly")

    def test_staff_act_from_the_form_and_nobody_else(self):
        subscription = self._start()
        with freeze_time(f"2026-03-20 {NOON}"):
            subscription.with_user(self.staff).action_change_plan()
            self.assertEqual(subscription.next_plan, "yearly")
            subscription.with_user(self.staff).action_change_plan()
            self.assertFalse(subscription.next_plan)
            subscription.with_user(self.staff).action_terminate()
            subscription.with_user(self.staff).action_go_on()
            self.assertFalse(subscription.ends_on)
            for verb in ("action_change_plan", "action_terminate", "action_go_on"):
                with self.assertRaises(AccessError):
                    getattr(subscription.with_user(self.manager_a).sudo(), verb)()
        for vals in ({"next_plan": "yearly"}, {"ends_on": "2026-04-01"}, {"price_cents": 1}):
            with self.assertRaises(UserError):
                subscription.with_user(self.staff_manager).sudo().write(vals)


@tagged("post_install", "-at_install")
class TestCancelledFirstScan(TermsCase):
    """The subscription's side; what aptic_pos asks for is tested there."""

    def _unwake(self, day=None):
        return self.Subscription._unwake(self.provider.id, lambda since: day)

    def test_nothing_invoiced_it_sleeps_again_and_the_contract_is_gone(self):
        subscription = self._start()
        contract = subscription.contract_id
        self.assertTrue(self._unwake())
        self.assertRecordValues(subscription, [{"state": "sleeping", "first_scan_day": False, "contract_id": False}])
        self.assertFalse(contract.exists())
        self._invoice("2026-03-14")
        self.assertFalse(subscription.move_ids)
        self.Subscription._wake(self.provider.id, date(2026, 4, 2))
        self._on("2026-04-02", self.Subscription._cron_start)
        self.assertEqual(subscription.contract_id.date_start, date(2026, 4, 2))

    def test_before_the_cron_it_sleeps_again_and_the_cron_does_nothing(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, date(2026, 3, 14))
        self.assertTrue(self._unwake())
        subscription._start()  # the cron had it on its list
        self._on("2026-03-14", self.Subscription._cron_start)
        self.assertRecordValues(subscription, [{"state": "sleeping", "contract_id": False}])

    def test_another_scan_that_day_changes_nothing(self):
        subscription = self._start()
        self.assertFalse(self._unwake(date(2026, 3, 14)))
        self.assertEqual(subscription.state, "running")

    def test_a_later_scan_moves_the_start(self):
        subscription = self._start()
        self.assertTrue(self._unwake(date(2026, 3, 16)))
        self.assertRecordValues(subscription, [{"state": "waking", "first_scan_day": date(2026, 3, 16)}])
        self._on("2026-03-16", self.Subscription._cron_start)
        self._invoice("2026-03-16")
        self.assertEqual(subscription.contract_id.date_start, date(2026, 3, 16))
        self.assertEqual(subscription.contract_id.contract_line_ids.last_date_invoiced, date(2026, 4, 15))

    def test_what_is_invoiced_stays_even_with_a_credit_note(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        self.assertFalse(self._unwake())
        subscription.move_ids._reverse_moves(cancel=True)
        self.assertFalse(self._unwake())
        self.assertEqual(subscription.state, "running")

    def test_a_cancelled_invoice_was_never_made(self):
        subscription = self._start()
        self._invoice("2026-03-14")
        subscription.move_ids.button_draft()
        self.assertFalse(self._unwake())
        subscription.move_ids.button_cancel()
        self.assertTrue(self._unwake())

    def test_what_was_asked_for_moves_along(self):
        subscription = self._start()
        self._on("2026-03-15", self.Subscription._choose, self.provider, "yearly")
        self._on("2026-03-16", self._unwake, date(2026, 3, 16))
        self.assertEqual(subscription.next_plan_on, date(2026, 4, 16))
        self._on("2026-03-16", self._unwake)
        self.assertRecordValues(subscription, [{"state": "sleeping", "plan": "yearly", "next_plan": False}])

    def test_an_end_that_was_asked_for_stays(self):
        subscription = self._start()
        self._on("2026-03-15", subscription._terminate)
        self._on("2026-03-16", self._unwake)
        self.assertRecordValues(subscription, [{"state": "sleeping", "ends_on": date(2026, 4, 13)}])
        self.Subscription._wake(self.provider.id, date(2026, 3, 20))
        self._on("2026-03-20", self.Subscription._cron_start)
        self.assertEqual(subscription.ends_on, date(2026, 4, 19))
        self._invoice("2026-03-20", "2026-04-20")
        self.assertEqual(subscription.move_ids.mapped("amount_untaxed"), [7.0])

    def test_an_ended_or_sleeping_one_is_left_alone(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.assertFalse(self._unwake())
        subscription._terminate()
        self.assertFalse(self._unwake())

    def test_scans_of_an_earlier_subscription_do_not_count(self):
        earlier = self._start()
        self._on("2026-03-20", earlier._terminate)
        self._on("2026-04-14", self.Subscription._cron_terms)
        self._on("2026-06-01", self.Subscription._choose, self.provider, "monthly")
        self.Subscription._wake(self.provider.id, date(2026, 6, 10))
        seen = []
        self.Subscription._unwake(self.provider.id, seen.append)
        self.assertEqual(seen, [earlier.ended_at])


@tagged("post_install", "-at_install")
class TestUnpaid(TermsCase):
    def setUp(self):
        super().setUp()
        self.subscription = self._start()
        self._invoice("2026-03-14")
        self.move = self.subscription.move_ids
        self.assertEqual(self.move.invoice_date_due, date(2026, 3, 14))
        self.move.company_id.write({"aptic_reminder_days": "7,15, 30", "aptic_unpaid_grace_days": 45})

    def _mails(self, day):
        messages = self.env["mail.message"]
        domain = [("model", "=", "aptic.provider"), ("res_id", "=", self.provider.id), ("subject", "!=", False)]
        before = messages.search_count(domain)
        self._on(day, self.Subscription._cron_unpaid)
        return messages.search(domain, order="id", offset=before)

    def _pay(self):
        with freeze_time(f"2026-05-02 {NOON}"):
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=self.move.ids
            ).create({})._create_payments()
        self.assertIn(self.move.payment_state, ("paid", "in_payment"))

    def test_reminders_then_no_scan_then_paid(self):
        self.assertFalse(self._mails("2026-03-20"))
        first = self._mails("2026-03-21")
        self.assertEqual(len(first), 1)
        self.assertIn(self.move.name, first.body)
        self.assertEqual(first.partner_ids, (self.manager_a | self.accountant_a).partner_id)
        self.assertFalse(self._mails("2026-03-21") | self._mails("2026-03-28"))
        self.assertEqual(len(self._mails("2026-03-29")), 1)
        self.assertEqual(len(self._mails("2026-04-13")), 1)
        self.assertFalse(self._mails("2026-04-27"))
        self.assertEqual(self.provider.state, "active")
        last = self._mails("2026-04-28")
        self.assertEqual(last.partner_ids, (self.manager_a | self.accountant_a).partner_id)
        self.assertIn(self.move.name, last[:1].body)
        self.assertEqual(self.provider.state, "suspended")
        self.assertEqual(self.provider._open_measures().cause, "unpaid")
        self.assertFalse(self._mails("2026-04-29"))
        self._pay()
        self._on("2026-05-02", self.Subscription._cron_unpaid)
        self.assertEqual(self.provider.state, "active")

    def test_a_cron_that_slept_reminds_once(self):
        self.assertEqual(len(self._mails("2026-04-20")), 1)
        self.assertEqual(self.move.aptic_reminded_days, 30)

    def test_a_payment_calls_the_cron_at_once(self):
        cron = self.env.ref("aptic_eligibility.cron_subscription_unpaid")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self._pay()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def _is_followed(self):
        return bool(self._mails("2026-06-30")) or self.provider.state != "active"

    def test_what_is_not_owed_is_never_counted(self):
        for name, verb in (
            ("disputed", self.move.action_toggle_block_payment),
            ("draft", self.move.button_draft),
            ("cancelled", self.move.button_cancel),
        ):
            with self.subTest(name):
                verb()
                self.assertFalse(self._is_followed())

    def test_a_credit_note_settles_it(self):
        self._on("2026-05-01", self.Subscription._cron_unpaid)
        self.assertEqual(self.provider.state, "suspended")
        with freeze_time(f"2026-05-02 {NOON}"):
            self.move._reverse_moves(cancel=True)
        self._on("2026-05-03", self.Subscription._cron_unpaid)
        self.assertEqual(self.provider.state, "active")

    def test_a_dispute_opened_after_the_suspension_lifts_it(self):
        self._on("2026-05-01", self.Subscription._cron_unpaid)
        self.move.action_toggle_block_payment()
        self._on("2026-05-02", self.Subscription._cron_unpaid)
        self.assertEqual(self.provider.state, "active")

    def test_invoices_of_something_else_are_not_its_business(self):
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.provider.partner_id.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [Command.create({"name": "Formation", "price_unit": 100})],
            }
        )
        other.action_post()
        self.move.action_toggle_block_payment()
        self.assertFalse(self._is_followed())

    def test_another_cause_stays_when_the_money_comes(self):
        self.provider._suspend("conduct", "Motif")
        self._on("2026-05-01", self.Subscription._cron_unpaid)
        self.assertEqual(set(self.provider._open_measures().mapped("cause")), {"conduct", "unpaid"})
        self._pay()
        self._on("2026-05-02", self.Subscription._cron_unpaid)
        self.assertEqual(self.provider.state, "suspended")
        self.assertEqual(self.provider._open_measures().cause, "conduct")

    def test_settings_are_checked(self):
        company = self.move.company_id
        self.assertEqual(company._aptic_reminder_days(), [7, 15, 30])
        for vals in (
            {"aptic_reminder_days": "7;15"},
            {"aptic_reminder_days": "0"},
            {"aptic_reminder_days": "7, 45"},
            {"aptic_unpaid_grace_days": 20},
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                company.write(vals)
        company.aptic_reminder_days = False
        self.assertFalse(self._mails("2026-04-01"))
