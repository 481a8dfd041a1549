from datetime import date, datetime, timedelta

from odoo.addons.aptic_voucher import clock
from odoo.tests import tagged

from .test_fec import FecCase


@tagged("post_install", "-at_install")
class TestYear(FecCase):
    """A year ends with vouchers in hands and scans to be settled; the next one opens with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.year = cls.today.year - 1
        cls.last = date(cls.year, 12, 31)
        cls.new = date(cls.year + 1, 1, 1)
        cls.order = cls._old_order()
        for days, place, vouchers in ((40, cls.place_a, 5), (1, cls.place_a, 3), (0, cls.place_b, 2)):
            at = datetime.combine(cls.last - timedelta(days=days), datetime.min.time()) + timedelta(hours=10)
            cls._redeem(place, vouchers=vouchers, order=cls.order, at=at)

    @classmethod
    def _old_order(cls):
        with clock.at(datetime(cls.year, 10, 1, 9)):
            order = cls._order(quantity=50, state="delivered", last_day=cls.today + timedelta(days=30))
        cls._bank(cls._pays(order), day=date(cls.year, 10, 5))
        with clock.at(datetime(cls.year, 10, 6, 9)):
            order._activate()
        return order

    def _settle_year(self):
        """December settled and approved in January; its payouts wait."""
        settlement = self.env["aptic.settlement"].create({"cutoff_day": self.new})
        settlement.with_user(self.accountant)._take(at=datetime(self.year + 1, 1, 4, 9))
        settlement.with_user(self.second_accountant)._approve(at=datetime(self.year + 1, 1, 5, 9))
        return settlement

    def _of(self, account, lines):
        return self._sums(lines).get(account.code, 0)

    def test_the_new_year_opens_with_what_the_old_one_closed_with(self):
        self._settle_year()
        old = self._fec(date(self.year, 1, 1), self.last)
        new = self._fec(self.new, self.today)
        opening = [line for line in new if line["JournalCode"] == "OUV"]
        self.assertEqual(sum(self._sums(opening).values()), 0)
        closing = self._sums(old)
        result = sum(closing.pop(account) for account in list(closing) if account[0] in "67")
        self.assertTrue(result)
        self.assertEqual(self._sums(opening), {**closing, self.result.code: result})
        company = self.company
        self.assertEqual(
            self._of(company.aptic_scans_due_account_id, opening), -10000, "scans of the old year, unsettled"
        )
        self.assertEqual(self._of(company.aptic_funds_account_id, opening), -40000, "vouchers in hands")
        self.assertEqual(self._of(company.aptic_payable_account_id, opening), 0, "approved in the new year")
        self.assertEqual(self._of(company.aptic_scans_due_account_id, new), 0)
        self.assertEqual(self._of(company.aptic_payable_account_id, new), -9600)

    def test_fees_are_income_of_the_year_that_settles(self):
        settlement = self._settle_year()
        invoices = settlement.statement_ids.fee_move_id
        self.assertEqual(set(invoices.mapped("date")), {date(self.year + 1, 1, 5)})
        income = invoices.line_ids.filtered(lambda line: line.account_id.account_type == "income").account_id
        self.assertEqual(self._of(income, self._fec(date(self.year, 1, 1), self.last)), 0)
        self.assertEqual(self._of(income, self._fec(self.new, self.today)), -(267 + 67), "320 and 80 less VAT")

    def test_a_closed_year_stays_as_it_is(self):
        self._settle_year()
        old = (date(self.year, 1, 1), self.last)
        before = self._fec(*old, test_file=False)
        self.assertEqual(self.company.fiscalyear_lock_date, self.last)
        late = datetime.combine(self.last, datetime.min.time()) + timedelta(hours=20)
        self._redeem(vouchers=4, order=self.order, at=late)
        # The nightly run looks back a month from its last day; this is the first one after the year was closed.
        moves = self.env["aptic.posting"]._post_until(self.today)
        self.assertEqual(moves.mapped("date"), [self.new], "what comes late is booked in the open year")
        self.assertEqual(self._fec(*old), before)
        opening = self._fec(self.new, self.today)
        self.assertEqual(self._of(self.company.aptic_funds_account_id, opening), -36000)

    def test_the_proof_holds_over_the_turn_of_the_year(self):
        coverage = self.env["aptic.coverage"]
        self.env["aptic.posting"]._post_until(self.last)
        self._bank(day=self.last)
        for day in (self.last, self.new):
            proof = coverage._prove(day)
            self.assertEqual((proof.state, proof.gap_cents), ("ok", 0), day)
        self._settle_year()
        self._bank(day=self.today)
        self._owed(active=40000, payable=9600, fund=100, fees_out=300)
