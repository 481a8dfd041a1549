from unittest.mock import patch

from lxml import html
from odoo import http
from odoo.exceptions import LockError, UserError
from odoo.tests import HttpCase, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestRedemptions(DeskCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.by_mediator = self._scan(self.mediator_a, 0)
        self.by_manager = self._scan(self.manager_a, 1)

    def _scan(self, user, n):
        self.authenticate(user.login, user.login)
        answer = self._redeem(self.codes[n : n + 1])
        self.assertEqual(answer["status"], "done")
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def _page(self, user, query=""):
        self.authenticate(user.login, user.login)
        return self.url_open(f"/my/aptic/redemptions{query}")

    def _shown(self, page):
        tree = html.fromstring(page.text)
        rows = {int(row.get("data-redemption")) for row in tree.xpath("//*[@data-redemption]")}
        figures = {
            node.get("data-figure"): "".join(node.itertext()).strip() for node in tree.xpath("//*[@data-figure]")
        }
        return rows, figures

    def _cancel(self, redemption, reason="Wrong service", user=None):
        if user:
            self.authenticate(user.login, user.login)
        form = {
            "reason": reason,
            "csrf_token": http.Request.csrf_token(self),
            "period": "today",
            "page": "1",
            "q": "test",
        }
        return self.url_open(f"/my/aptic/redemptions/{redemption.id}/cancel", data=form)

    def test_who_sees_which(self):
        rows, figures = self._shown(self._page(self.mediator_a))
        self.assertEqual((rows, figures["scans"], figures["vouchers"]), ({self.by_mediator.id}, "1", "1"))
        for user in (self.manager_a, self.accountant_a):
            rows, figures = self._shown(self._page(user))
            self.assertEqual(rows, {self.by_mediator.id, self.by_manager.id})
            self.assertIn("20", figures["face"])
        rows, _figures = self._shown(self._page(self.manager_b))
        self.assertEqual(rows, set())
        for user, query in (
            (self.stranger, ""),
            (self.sponsor_user_a, ""),
            (self.manager_b, f"?provider_id={self.provider_a.id}"),
            (self.manager_a, "?provider_id=x"),
        ):
            self.assertEqual(self._page(user, query).status_code, 403)

    def test_periods(self):
        self.env.cr.execute("UPDATE aptic_redemption SET day = day - 400 WHERE id = %s", self.by_manager.ids)
        for period, expected in (
            ("today", {self.by_mediator.id}),
            ("week", {self.by_mediator.id}),
            ("last_month", set()),
            ("all", {self.by_mediator.id, self.by_manager.id}),
            ("nonsense", {self.by_mediator.id}),
        ):
            rows, _figures = self._shown(self._page(self.manager_a, f"?period={period}"))
            self.assertEqual(rows, expected, period)

    def test_a_manager_cancels(self):
        self.assertIn('/cancel"', self._page(self.manager_a).text)
        page = self._cancel(self.by_mediator)
        self.assertIn("Le scan est annulé", page.text)
        rows, figures = self._shown(page)
        self.assertEqual((len(rows), figures["scans"], figures["vouchers"]), (2, "1", "1"))
        self.by_mediator.invalidate_recordset()
        self.assertEqual(self.by_mediator.state, "cancelled")
        self.assertEqual(self.by_mediator.event_ids.sorted("id")[-1].reason, "Wrong service")

    def test_others_do_not(self):
        self.assertNotIn('/cancel"', self._page(self.mediator_a).text)
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.stranger):
            with self.subTest(user=user.login):
                self.assertEqual(self._cancel(self.by_mediator, user=user).status_code, 403)
        self.by_mediator.invalidate_recordset()
        self.assertEqual(self.by_mediator.state, "done")

    def test_messages(self):
        self.assertIn("dites pourquoi", self._cancel(self.by_mediator, " ", self.manager_a).text)
        self.assertIn("dites pourquoi", self._cancel(self.by_mediator, "\0", self.manager_a).text)
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", self.by_mediator.ids)
        self.assertIn("déjà réglé", self._cancel(self.by_mediator, "Late", self.manager_a).text)

    def test_under_verification_it_stays(self):
        self.by_mediator._hold()
        self.assertIn("en cours de vérification", self._cancel(self.by_mediator, "Erreur", self.manager_a).text)
        self.env.invalidate_all()
        self.assertEqual((self.by_mediator.state, self.by_mediator.is_held), ("done", True))

    def test_what_fails_late_changes_nothing_and_says_why(self):
        for error, told in (
            (LockError("Held"), "réessayez dans un instant"),
            (UserError("Demain, non."), "Demain, non."),
        ):
            with patch.object(self.env.registry["aptic.redemption"], "_after_cancel", side_effect=error):
                page = self._cancel(self.by_mediator, "Erreur", self.manager_a)
            self.assertIn(told, page.text)
            self.assertNotIn("déjà réglé", page.text)
            self.assertIn(str(self.by_mediator.id), str(self._shown(page)[0]))
            self.env.invalidate_all()
            self.assertEqual((self.by_mediator.state, len(self.by_mediator.event_ids)), ("done", 1))
            self.assertEqual(
                self.env["aptic.voucher"].search([("redemption_id", "=", self.by_mediator.id)]).state, "redeemed"
            )
