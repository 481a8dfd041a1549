from odoo import api, models


class ApticBlocking(models.Model):
    _inherit = "aptic.blocking"

    @api.model
    def _load_demo_blockings(self):
        """A booklet that a car thief took was replaced; one that was found again is unblocked. It may run again."""
        order = self.env.ref("aptic_voucher.demo_order_printed")
        if order.blocking_ids:
            return
        maker = self.env.ref("aptic_base.demo_user_camille")
        checker = self.env.ref("aptic_base.demo_user_approbation")
        stolen, found = order.booklet_ids[2:4]
        blockings = self.with_user(maker)
        last = found.serial + found.size - 1
        blockings._block(stolen.serial, stolen.serial, "stolen", "Voiture fracturée sur le parking de la médiathèque")
        blockings._block(found.serial, last, "lost", "Carton introuvable à l'arrivée de la tournée")
        gone, back = self.search([("order_id", "=", order.id)], order="id")
        gone.with_user(maker)._replace()
        back.with_user(checker)._lift("Carton retrouvé au dépôt, scellés intacts")
