from odoo import api, fields, models
from odoo.exceptions import UserError


class ApticCharter(models.Model):
    """A version of the charter; one is in force, and what was signed never changes."""

    _name = "aptic.charter"
    _description = "Charter"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "version"

    title = fields.Char(required=True, default="Charte #APTIC")
    version = fields.Char(required=True, copy=False, tracking=True)
    body = fields.Html(string="Text", required=True, help="The text in French, which alone is signed.")
    in_force = fields.Boolean(readonly=True, copy=False, tracking=True)
    in_force_since = fields.Datetime(readonly=True, copy=False)
    signature_ids = fields.One2many("aptic.charter.signature", "charter_id")
    signature_count = fields.Integer(compute="_compute_signature_count")

    _guarded_fields = frozenset({"in_force", "in_force_since"})

    _version_unique = models.Constraint("UNIQUE(version)", "This version exists already.")
    _in_force_unique = models.UniqueIndex("(in_force) WHERE in_force", "Only one charter is in force.")

    @api.depends("signature_ids")
    def _compute_signature_count(self):
        counts = dict(
            self.env["aptic.charter.signature"]._read_group(
                [("charter_id", "in", self.ids)], ["charter_id"], ["__count"]
            )
        )
        for charter in self:
            charter.signature_count = counts.get(charter._origin, 0)

    def write(self, vals):
        """Refuse to change a text that somebody has signed."""
        if vals.keys() & {"title", "version", "body"} and self.sudo().signature_ids:
            raise UserError(self.env._("This charter is signed already: make a new version instead."))
        return super().write(vals)

    @api.model
    def _current(self):
        """The charter in force, or an empty recordset."""
        return self.sudo().search([("in_force", "=", True)], limit=1)

    def _put_in_force(self):
        """Put this version in force in place of the former one."""
        self.ensure_one()
        if self.in_force:
            return
        former = self.search([("in_force", "=", True)])
        former._guarded_write({"in_force": False})
        former.flush_recordset()
        self._guarded_write({"in_force": True, "in_force_since": fields.Datetime.now()})

    def action_put_in_force(self):
        """Put in force, from the form."""
        self.check_access("write")
        self._put_in_force()
