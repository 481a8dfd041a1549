from odoo import models
from odoo.fields import Command


class ApticOrder(models.Model):
    """The documents of an order are about its sponsor: face value, what the order costs, and what is given back."""

    _inherit = "aptic.order"

    def _analysed(self, vals):
        """Have the lines of a document say whose they are.

        :param vals: values of an ``account.move`` with new lines, or None
        """
        if vals:
            [told] = self.company_id._aptic_distributions([{(None, self.sponsor_id.id): 1}])
            if told:
                vals["invoice_line_ids"] = [
                    Command.create({**line, "analytic_distribution": told})
                    for _command, _id, line in vals["invoice_line_ids"]
                ]
        return vals

    def _prepare_face_move(self):
        return self._analysed(super()._prepare_face_move())

    def _prepare_fee_move(self):
        return self._analysed(super()._prepare_fee_move())

    def _prepare_credit_note(self, name, cents, account):
        return self._analysed(super()._prepare_credit_note(name, cents, account))
