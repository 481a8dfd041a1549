import html
from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from odoo import fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import EligibilityCase


@tagged("post_install", "-at_install")
class TestSubscription(EligibilityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls._french_company().ids})

    def setUp(self):
        super().setUp()
        self.Subscription = self.env["aptic.subscription"]
        self.day = fields.Date.context_today(self.Subscription)
        self.provider._guarded_write({"state": "chartered"})

    def _cron(self):
        with patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")):
            self.Subscription._cron_start()

    def _invoices(self, subscription):
        return subscription.contract_id._get_related_invoices()

    # ----------------------------------------------------------------- choose
    def test_plans_carry_the_prices_of_the_guide(self):
        plans = {plan["plan"]: plan for plan in self.Subscription._plans()}
        self.assertEqual(plans["monthly"]["price"], 7.0)
        self.assertEqual(plans["yearly"]["price"], 77.0)
        self.assertAlmostEqual(plans["monthly"]["price_taxed"], 8.4)
        self.assertAlmostEqual(plans["yearly"]["price_taxed"], 92.4)

    def test_a_chosen_plan_sleeps_and_bills_nothing(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.assertEqual(subscription.state, "sleeping")
        self._cron()
        self.assertFalse(subscription.contract_id)

    def test_the_plan_may_change_while_it_sleeps(self):
        first = self.Subscription._choose(self.provider, "monthly")
        second = self.Subscription._choose(self.provider, "yearly")
        self.assertEqual(first, second)
        self.assertEqual(second.plan, "yearly")

    def test_no_plan_before_the_charter(self):
        early = self._provider("Trop tôt (test)", "44306184100047", state="eligible")
        with self.assertRaisesRegex(UserError, "charter first"):
            self.Subscription._choose(early, "monthly")

    def test_an_unknown_plan_is_refused(self):
        with self.assertRaisesRegex(UserError, "monthly or the yearly"):
            self.Subscription._choose(self.provider, "weekly")

    @mute_logger("odoo.sql_db")
    def test_one_live_subscription_by_provider(self):
        values = {"provider_id": self.provider.id, "plan": "monthly"}
        self.Subscription._guarded_create([values])
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.Subscription._guarded_create([values])

    # ------------------------------------------------------------------- wake
    def test_only_the_first_scan_wakes(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        cron = self.env.ref("aptic_eligibility.cron_subscription_start")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertTrue(self.Subscription._wake(self.provider.id, self.day))
        self.assertFalse(self.Subscription._wake(self.provider.id, self.day + timedelta(days=1)))
        self.assertEqual(subscription.state, "waking")
        self.assertEqual(subscription.first_scan_day, self.day)
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_a_scan_of_a_running_subscription_costs_one_query(self):
        self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, self.day)
        self._cron()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertFalse(self.Subscription._wake(self.provider.id, self.day))

    def test_the_scan_of_another_provider_wakes_nothing(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.assertFalse(self.Subscription._wake(self.provider_a.id + 10_000, self.day))
        self.assertEqual(subscription.state, "sleeping")

    # ------------------------------------------------------- contract, invoice
    def test_the_contract_starts_on_the_day_of_the_scan(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, date(2026, 3, 14))
        self._cron()
        self.assertEqual(subscription.state, "running")
        contract = subscription.contract_id
        self.assertEqual(contract.partner_id, self.provider.partner_id)
        self.assertEqual(contract.date_start, date(2026, 3, 14))
        self.assertEqual(contract.recurring_next_date, date(2026, 3, 14))

    def test_the_start_happens_once(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        self.Subscription._wake(self.provider.id, self.day)
        self._cron()
        contract = subscription.contract_id
        self._cron()
        subscription._start()
        self.assertEqual(subscription.contract_id, contract)
        self.assertEqual(
            self.env["contract.contract"].search_count([("partner_id", "=", self.provider.partner_id.id)]), 1
        )

    def _invoice_of(self, plan):
        subscription = self.Subscription._choose(self.provider, plan)
        self.Subscription._wake(self.provider.id, self.day)
        self._cron()
        self.env["contract.contract"].cron_recurring_create_invoice()
        return subscription, self._invoices(subscription)

    def test_the_monthly_invoice_is_seven_euros_and_twenty_percent(self):
        subscription, invoice = self._invoice_of("monthly")
        self.assertRecordValues(
            invoice,
            [
                {
                    "state": "posted",
                    "move_type": "out_invoice",
                    "partner_id": self.provider.partner_id.id,
                    "amount_untaxed": 7.0,
                    "amount_tax": 1.4,
                    "amount_total": 8.4,
                }
            ],
        )
        self.assertEqual(subscription.contract_id.recurring_next_date, self.day + relativedelta(months=1))
        self.assertEqual(invoice.invoice_line_ids.account_id.code[:3], "706")
        self.assertIn("40 €", html.unescape(str(invoice.narration)), "what the law wants it to say")

    def test_the_yearly_invoice_is_seventy_seven_euros_and_twenty_percent(self):
        _subscription, invoice = self._invoice_of("yearly")
        self.assertRecordValues(invoice, [{"amount_untaxed": 77.0, "amount_tax": 15.4, "amount_total": 92.4}])

    def test_vat_is_there_even_when_the_products_were_made_before_the_chart(self):
        for plan in ("monthly", "yearly"):
            self.Subscription._plan_product(plan).taxes_id = False
        self.assertAlmostEqual(self.Subscription._plans()[0]["price_taxed"], 8.4)
        _subscription, invoice = self._invoice_of("monthly")
        self.assertRecordValues(invoice, [{"amount_untaxed": 7.0, "amount_tax": 1.4, "amount_total": 8.4}])

    def test_a_second_scan_bills_nothing_more(self):
        subscription, invoice = self._invoice_of("monthly")
        self.Subscription._wake(self.provider.id, self.day)
        self._cron()
        self.env["contract.contract"].cron_recurring_create_invoice()
        self.assertEqual(self._invoices(subscription), invoice)

    # ----------------------------------------------------------------- access
    def test_nobody_writes_a_subscription_by_hand(self):
        subscription = self.Subscription._choose(self.provider, "monthly")
        with self.assertRaises(UserError):
            subscription.write({"state": "running"})
        with self.assertRaises(UserError):
            subscription.with_user(self.staff_manager).write({"plan": "yearly"})
        self.assertEqual(subscription.with_user(self.staff).plan, "monthly")
        for user in (self.manager_a, self.mediator_a, self.accountant_a, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                subscription.with_user(user).read(["plan"])
