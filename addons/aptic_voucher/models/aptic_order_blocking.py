from odoo import api, fields, models

from .. import codes
from .aptic_blocking import CIRCULATING


class ApticOrder(models.Model):
    """Lost and stolen booklets of an order."""

    _inherit = "aptic.order"

    blocking_ids = fields.One2many("aptic.blocking", "order_id", groups="aptic_base.group_aptic_user")
    blocking_count = fields.Integer(compute="_compute_blocking_count", groups="aptic_base.group_aptic_user")
    may_be_blocked = fields.Boolean(compute="_compute_may_be_blocked")

    @api.depends("blocking_ids")
    def _compute_blocking_count(self):
        counts = dict(self.env["aptic.blocking"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"]))
        for order in self:
            order.blocking_count = counts.get(order, 0)

    @api.depends("state")
    def _compute_may_be_blocked(self):
        for order in self:
            order.may_be_blocked = order.state in CIRCULATING

    def _tell_of_blocking(self, blockings):
        """Say in the order's thread what was blocked, and to the distributors that have it in stock."""
        self.ensure_one()
        causes = dict(blockings._fields["cause"]._description_selection(self.env))
        self.sudo().message_post(
            body=self.env._(
                "Blocked: vouchers %(first)s to %(last)s, %(count)s of them unspent. %(cause)s: %(reason)s",
                first=codes.serial_digits(blockings[0].serial_from),
                last=codes.serial_digits(blockings[0].serial_to),
                count=sum(blockings.mapped("quantity")),
                cause=causes[blockings[0].cause],
                reason=blockings[0].reason,
            )
        )
        for lot in blockings._lots():
            lot._tell_of_blocking(blockings)

    def _tell_of_loss(self, lot, blockings, first, last):
        """Write to the sponsor that a distributor has lost booklets, and what was blocked.

        :param lot: the lot that they were in
        :param blockings: what was blocked; nothing where all was blocked or spent already
        :param int first: first serial
        :param int last: last serial
        """
        self.ensure_one()
        act = lot.event_ids.filtered(lambda event: event.kind == "lose").sorted("id")[-1:]

        def words(env):
            body = env._(
                "%(distributor)s has lost %(count)s booklets, vouchers %(first)s to %(last)s: %(reason)s",
                distributor=lot.distributor_id.name,
                count=lot._count_booklets(first, last),
                first=codes.serial_digits(first),
                last=codes.serial_digits(last),
                reason=act.reason,
            )
            if blockings:
                body += " " + env._(
                    "%(count)s vouchers that were not used were blocked at once: whoever presents them is refused. The"
                    " #APTIC team issues new ones.",
                    count=sum(blockings.mapped("quantity")),
                )
            return env._("Order %s: booklets lost at a distributor", self.name), body

        self._announce_to_sponsor(words)

    def action_open_blockings(self):
        """Smart button: what was blocked of this order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_blocking_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {"default_order_id": self.id}}

    def action_block(self):
        """Button of the back office: block lost or stolen booklets."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_blocking_take_action")
        return {**action, "context": {"default_order_id": self.id}}
