from odoo import api, fields, models
from odoo.exceptions import UserError


class ApticAllotment(models.Model):
    """A rule of distribution of an order: a distributor, or those of a territory, and at most so many booklets.

    Without a rule any distributor may have any number. Rules freeze with the order's confirmation.
    """

    _name = "aptic.allotment"
    _description = "Rule of distribution"
    _order = "order_id, id"
    _rec_name = "order_id"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="cascade")
    distributor_id = fields.Many2one("aptic.distributor", ondelete="restrict", index="btree_not_null")
    territory_id = fields.Many2one(
        "aptic.territory", ondelete="restrict", index="btree_not_null", help="Any distributor of this territory."
    )
    booklet_limit = fields.Integer(string="Booklets at most", aggregator=None, help="0: no limit.")

    _one_target = models.Constraint(
        "CHECK(num_nonnulls(distributor_id, territory_id) = 1)",
        "Choose either a distributor or a territory.",
    )
    _limit_not_negative = models.Constraint("CHECK(booklet_limit >= 0)", "A limit is not negative.")

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse a new rule on a confirmed order."""
        made = super().create(vals_list)
        made._check_not_frozen()
        return made

    def write(self, vals):
        """Refuse to change a frozen rule."""
        self._check_not_frozen()
        result = super().write(vals)
        self._check_not_frozen()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_not_frozen()

    def _check_not_frozen(self):
        frozen = self.sudo().order_id.filtered(lambda order: order.state != "draft")
        if frozen:
            raise UserError(
                self.env._("The rules of %(name)s are frozen since its confirmation.", name=frozen[0].display_name)
            )

    # --------------------------------------------------------------- evaluate
    def _covers(self, distributor):
        """Whether this rule is about a distributor."""
        self.ensure_one()
        if self.distributor_id:
            return self.distributor_id == distributor
        return self.territory_id.id in ((distributor.territory_id and distributor.territory_id._ancestor_ids()) or ())

    def _room(self):
        """Booklets that this rule still permits; None without a limit. What was returned or lost can come again."""
        self.ensure_one()
        if not self.booklet_limit:
            return None
        lots = self.order_id.lot_ids.filtered(lambda lot: lot.part_ids and self._covers(lot.distributor_id))
        kept = sum(part.booklet_count for part in lots.part_ids if part.place not in ("returned", "lost"))
        return max(0, self.booklet_limit - kept)
