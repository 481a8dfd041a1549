from odoo import fields, models


class ApticAllotment(models.Model):
    """A rule of distribution of an order: a distributor, or those of a territory, and at most so many booklets.

    Without a rule any distributor may have any number. Rules freeze with the order's confirmation.
    """

    _name = "aptic.allotment"
    _description = "Rule of distribution"
    _inherit = ["aptic.order.rule"]
    _order = "order_id, id"
    _rec_name = "order_id"

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
