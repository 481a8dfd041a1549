from odoo import api, fields, models
from odoo.addons.aptic_base import immutable
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError
from odoo.tools import SQL


class ApticReceipt(models.Model):
    """A receipt that was handed out: when, how and by whom; never to whom. Rows are written once."""

    _name = "aptic.receipt"
    _description = "Receipt handed out"
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    redemption_id = fields.Many2one("aptic.redemption", required=True, index=True, ondelete="restrict", readonly=True)
    number = fields.Integer(
        string="Copy",
        readonly=True,
        aggregator=None,
        help="1 is the first one, then duplicates. Empty: the mail could not be sent.",
    )
    way = fields.Selection([("print", "Printed"), ("pdf", "PDF"), ("mail", "Mail")], required=True, readonly=True)
    at = fields.Datetime(string="Handed out at", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict", readonly=True)

    _number_unique = models.UniqueIndex("(redemption_id, number)")
    _mails_index = models.Index("(user_id, at) WHERE way = 'mail'")

    def init(self):  # pylint: disable=missing-return
        """Let PostgreSQL itself refuse to change or delete what was handed out."""
        super().init()
        immutable.protect(self.env.cr, self._table)

    @api.model
    def _add(self, redemption, way, counted=True):
        """Add a row, with the next number of its act.

        :param redemption: ``aptic.redemption``; the caller has checked that it is the user's
        :param str way: ``print``, ``pdf`` or ``mail``
        :param bool counted: False for a mail that could not be sent
        :return: the new row (sudo)
        :raise UserError: when somebody else hands out a receipt of this act at this moment
        """
        number = SQL("(SELECT COALESCE(max(number), 0) + 1 FROM aptic_receipt WHERE redemption_id = %s)", redemption.id)
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_receipt (redemption_id, number, way, at, user_id) VALUES (%s, %s, %s, %s, %s)
                   ON CONFLICT DO NOTHING RETURNING id""",
                redemption.id,
                number if counted else None,
                way,
                clock.now(),
                self.env.uid,
            ),
            log_exceptions=False,  # the second of two at once is retried, and that is no error
        )
        rows = self.env.cr.fetchall()
        if not rows:
            raise UserError(self.env._("Somebody else is handing out this receipt at this moment: try again."))
        self.invalidate_model()
        redemption.invalidate_recordset(["receipt_ids"])
        return self.sudo().browse(rows[0][0])
