import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.acts import MAY_SCAN
from odoo.addons.aptic_voucher.days import paris_day

_logger = logging.getLogger(__name__)

VOUCHERS = 5


class ApticAlertRule(models.Model):
    _inherit = "aptic.alert.rule"

    @api.model
    def _load_demo_alert(self):
        """One open alert: a desk scanned five vouchers of a booklet within a minute; and a paused desk.

        The scans of the demonstration's past months are not looked at. Where there is nothing to scan yet, do nothing:
        who loads the demonstration's orders calls it again.
        """
        if self.env.ref("aptic_pos.demo_alert", raise_if_not_found=False):
            return
        self._skip_all()
        codes, place = self._demo_booklet()
        provider = place.provider_id
        offer = provider.offer_ids.filtered(lambda offer: place in (offer.place_ids or place))[:1]
        member = provider.member_ids.filtered(lambda member: member.role in MAY_SCAN)[:1]
        if not (codes and offer and member):
            return
        now = fields.Datetime.now()
        at = now - timedelta(minutes=30)
        if paris_day(at) != paris_day(now):  # days that are over are booked already
            at = now
        audience = (offer.audience_ids or self.env["aptic.audience"].search([], limit=1))[:1]
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
        rules = self.search([])  # pylint: disable=no-search-all
        rules._guarded_write({"seen_id": self._last_id(), "seen_day": clock.today()})

    def _demo_booklet(self):
        """Vouchers of an unused booklet, and a place that takes it: ``(codes, place)``, empty where there is none."""
        busiest = self.env.ref("aptic_base.demo_provider_01")  # whose desk the guide and the tests use
        places = self.env["aptic.place"].search(
            [("provider_id.state", "=", "active"), ("provider_id", "!=", busiest.id)], order="id desc"
        )
        for order in self.env["aptic.order"].search([("state", "=", "active")], order="id"):
            territories = order.rule_ids.territory_ids
            taken = places.filtered_domain([("territory_id", "child_of", territories.ids)]) if territories else places
            unused = self.env["aptic.voucher"]._read_group(
                [("order_id", "=", order.id), ("state", "=", "active")],
                ["booklet_id"],
                ["serial:array_agg"],
                [("__count", ">=", VOUCHERS)],
                order="booklet_id desc",
                limit=1,
            )
            if taken and unused:
                codes = dict(self.env["aptic.booklet"]._codes(order))
                return [codes[serial] for serial in sorted(unused[0][1])[:VOUCHERS]], taken[0]
        return [], places.browse()

    def _demo_pause(self, member, place):
        """Ten codes that are no vouchers', two hours ago."""
        at = fields.Datetime.now() - timedelta(hours=2)
        self.env.cr.execute_values(
            "INSERT INTO aptic_attempt (at, user_id, member_id, place_id) VALUES %s",
            [(at, member.user_id.id, member.id, place.id)] * self.env["aptic.attempt"]._limit("user"),
        )
        self.env["aptic.lockout"]._follow()
