"""A desk's clock that is wrong: bounded both ways, and never the accounting's."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .test_redemption import RedemptionCase

LAST_MOMENT = datetime(2030, 1, 31, 22, 59)  # in Paris the last minute of the order's last day


@tagged("post_install", "-at_install")
class TestClockSkew(RedemptionCase):
    def _act(self, code, received, shown, **change):
        answer = self._scan([code], now=received, client_time=shown, **change)
        return answer["status"], self.env["aptic.redemption"].browse(answer["redemption_id"] or ())

    def test_accounting_looks_at_the_receipt_whatever_the_desk_says(self):
        received = datetime(2026, 3, 10, 9)
        for code, shown in zip(
            self.codes,
            (datetime(2000, 1, 1), received - timedelta(days=3), received + timedelta(days=3), datetime(9999, 12, 31)),
            strict=False,
        ):
            status, act = self._act(code, received, shown)
            self.assertEqual(status, "done")
            self.assertEqual((act.received_at, act.day, act.client_time), (received, date(2026, 3, 10), shown))
            self.assertEqual((act.event_ids.at, act.event_ids.day), (received, date(2026, 3, 10)))

    def test_a_clock_behind_gains_a_day_at_most(self):
        codes = self._codes(self._order(quantity=5, last_day=date(2030, 1, 31), tolerance_months=0))
        late = LAST_MOMENT + timedelta(minutes=1)
        self.assertEqual(self._act(codes[0], late, late)[0], "expired")
        self.assertEqual(self._act(codes[0], late, LAST_MOMENT)[0], "done", "taken in time, sent late")
        self.assertEqual(self._act(codes[1], late + timedelta(hours=25), LAST_MOMENT)[0], "expired")
        self.assertEqual(self._act(codes[1], late + timedelta(hours=25), datetime(2000, 1, 1))[0], "expired")

    def test_a_clock_ahead_gains_nothing(self):
        today = self.now.date()
        codes = self._codes(self._order(quantity=5, rules=[("dates", {"date_from": today + timedelta(days=2)})]))
        for ahead in (timedelta(hours=2), timedelta(days=3), timedelta(days=3000)):
            self.assertEqual(self._act(codes[0], self.now, self.now + ahead)[0], "dates")

    def test_a_clock_ahead_loses_nothing(self):
        codes = self._codes(self._order(quantity=5, last_day=date(2030, 1, 31), tolerance_months=0))
        self.assertEqual(self._act(codes[0], LAST_MOMENT, LAST_MOMENT + timedelta(days=40))[0], "done")

    def test_days_are_not_stretched_by_a_clock_ahead(self):
        codes = self._codes(self._order(quantity=5, rules=[("max_per_day", {"max_count": 1})]))
        self.assertEqual(self._act(codes[0], self.now, self.now)[0], "done")
        self.assertEqual(self._act(codes[1], self.now, self.now + timedelta(days=1))[0], "max_per_day")

    def test_a_setting_that_is_no_number_is_the_usual_one(self):
        redemptions = self.env["aptic.redemption"]
        for text, hours in (("48", 48), ("0", 0), ("-5", 24), ("soon", 24), ("", 24)):
            self.env["ir.config_parameter"].set_param("aptic.client_time_hours", text)
            self.assertEqual(redemptions._client_time_hours(), hours, text)
