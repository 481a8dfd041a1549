import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import paris_day

_logger = logging.getLogger(__name__)

PROVIDER = "aptic_base.demo_provider_05"
VOUCHERS = 6


class ApticAlertRule(models.Model):
    _inherit = "aptic.alert.rule"

    @api.model
    def _load_demo_alert(self):
        """One open alert: a desk scanned most of a booklet within a minute, half an hour ago; and a paused desk.

        The scans of the demonstration's past months are not looked at. Where there is nothing to scan yet, do nothing:
        who loads the demonstration's orders calls it again.
        """
        if self.env.ref("aptic_pos.demo_alert", raise_if_not_found=False):
            return
        provider = self.env.ref(PROVIDER)
        place, offer = provider.place_ids[:1], provider.offer_ids[:1]
        member = provider.member_ids.filtered(lambda member: member.role in ("manager", "mediator"))[:1]
        codes = self._demo_codes()
        if not (place and offer and member and codes):
            return
        self._skip_all()
        now = fields.Datetime.now()
        at = now - timedelta(minutes=30)
        if paris_day(at) != paris_day(now):  # days that are over are booked already
            at = now
        audience = (offer.audience_ids or self.env["aptic.audience"].search([]))[:1]
        for number, code in enumerate(codes):
            moment = at + timedelta(seconds=9 * number)
            answer = (
                self.env["aptic.redemption"]
                .sudo()
                ._redeem_locked(
                    member,
                    place,
                    offer,
                    audience,
                    [code],
                    offer.price_cents,
                    f"demo-alert-{number}",
                    moment,
                    now=moment,
                )
            )
            if answer["status"] != "done":
                _logger.info("demonstration: no alert, a scan was refused: %s", answer["status"])
        rule = self.env.ref("aptic_pos.alert_rule_booklet")
        rule._watch(limit=self._last_id())
        self._skip_all()
        if rule.alert_ids:
            self.env["ir.model.data"]._update_xmlids(
                [{"xml_id": "aptic_pos.demo_alert", "record": rule.alert_ids[:1], "noupdate": True}]
            )
        self._demo_pause(member, place)

    def _skip_all(self):
        """Begin after what was scanned so far."""
        self.search([])._guarded_write({"seen_id": self._last_id(), "seen_day": fields.Date.today()})

    def _demo_codes(self):
        """Most of a booklet that has hardly been used, of an order without restrictions."""
        orders = self.env["aptic.order"].search([("state", "=", "active"), ("rule_ids", "=", False)])
        for order in orders.sorted("last_day", reverse=True):
            codes = dict(self.env["aptic.booklet"]._codes(order))
            for booklet in order.booklet_ids.sorted("id", reverse=True):
                vouchers = self.env["aptic.voucher"].search([("booklet_id", "=", booklet.id), ("state", "=", "active")])
                if len(vouchers) > VOUCHERS:
                    return [codes[serial] for serial in vouchers.mapped("serial")[:VOUCHERS]]
        return []

    def _demo_pause(self, member, place):
        """Ten codes that are no vouchers', two hours ago."""
        at = fields.Datetime.now() - timedelta(hours=2)
        self.env.cr.execute_values(
            "INSERT INTO aptic_attempt (at, user_id, member_id, place_id) VALUES %s",
            [(at, member.user_id.id, member.id, place.id)] * self.env["aptic.attempt"]._limit("user"),
        )
        self.env["aptic.lockout"]._follow()
