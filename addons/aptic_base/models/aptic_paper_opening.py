from odoo import api, fields, models
from odoo.exceptions import UserError

from ..immutable import protect


class ApticPaperOpening(models.Model):
    """Who opened a document of a dossier, when and from where; written once."""

    _name = "aptic.paper.opening"
    _description = "Opening of a paper"
    _order = "id desc"
    _log_access = False

    paper_id = fields.Many2one("aptic.paper", required=True, index=True, ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", string="Opened by", required=True, ondelete="restrict", readonly=True)
    opened_at = fields.Datetime(string="Opened on", required=True, readonly=True)
    ip = fields.Char(string="IP address", required=True, readonly=True)

    def init(self):
        """Have PostgreSQL refuse any change of a row."""
        protect(self.env.cr, self._table)

    @api.depends("paper_id", "user_id")
    def _compute_display_name(self):
        for opening in self:
            opening.display_name = f"{opening.user_id.name} – {opening.paper_id.display_name}"

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("What is written down about openings stays."))

    @api.model
    def _write_down(self, paper, ip):
        return self.sudo().create(
            [{"paper_id": paper.id, "user_id": self.env.uid, "opened_at": fields.Datetime.now(), "ip": ip or "?"}]
        )
