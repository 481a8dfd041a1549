from odoo import fields, models
from odoo.addons.aptic_base.write_once import protect

KINDS = [("sheets", "A4 booklets"), ("singles", "Single vouchers"), ("data", "Printer's data file")]


class ApticPrinting(models.Model):
    """A range of serials that was put on paper: each serial once, as the database itself sees to.

    What was printed is printed again as new serials (:meth:`aptic.order._reprint`), but for the person whose printer
    jams: see :meth:`aptic.order._print`.
    """

    _name = "aptic.printing"
    _description = "Printing"
    _log_access = False
    _order = "id desc"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(KINDS, string="Format", required=True, readonly=True)
    serial_from = fields.Integer(string="From serial", required=True, readonly=True, aggregator=None)
    serial_to = fields.Integer(string="To serial", required=True, readonly=True, aggregator=None)
    quantity = fields.Integer(string="Vouchers", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Printed by", required=True, ondelete="restrict", readonly=True)
    at = fields.Datetime(string="Printed on", required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="In the operator's time zone.")

    def init(self):  # pylint: disable=missing-return
        """Let no serial be printed a first time twice, whatever happens at once."""
        super().init()
        self.env.cr.execute("SELECT FROM pg_constraint WHERE conname = 'aptic_printing_once'")
        if not self.env.cr.rowcount:
            self.env.cr.execute(
                """ALTER TABLE aptic_printing ADD CONSTRAINT aptic_printing_once
                   EXCLUDE USING gist (int4range(serial_from, serial_to, '[]') WITH &&)"""
            )
        protect(self.env.cr, self._table)
