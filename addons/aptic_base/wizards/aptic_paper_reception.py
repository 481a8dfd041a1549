import base64
import binascii

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.aptic_provider import REVIEWERS


class ApticPaperReception(models.TransientModel):
    """A document that came by post or by another way than the portal: it passes the same checks."""

    _name = "aptic.paper.reception"
    _description = "Add a document to a dossier"

    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True)
    legal_form = fields.Selection(related="provider_id.legal_form")
    type_id = fields.Many2one("aptic.paper.type", required=True, domain="[('legal_form', '=', legal_form)]")
    per_owner = fields.Boolean(related="type_id.per_owner")
    max_age_months = fields.Integer(related="type_id.max_age_months")
    has_expiry = fields.Boolean(related="type_id.has_expiry")
    owner_id = fields.Many2one(
        "aptic.beneficial.owner",
        string="Beneficial owner",
        domain="[('provider_id', '=', provider_id), ('ended_on', '=', False)]",
    )
    upload = fields.Binary(string="File", required=True, attachment=False)
    upload_name = fields.Char()
    issued_on = fields.Date(string="Date of issue")
    expires_on = fields.Date(string="Valid until")
    replace = fields.Boolean(string="Replaces those sent before", default=True)

    def action_receive(self):
        """Check the file and put it into the dossier; nothing of it stays here."""
        self.ensure_one()
        self._check_reviewer()
        try:
            data = base64.b64decode(self.upload or b"", validate=True)
        except binascii.Error as error:
            raise UserError(self.env._("Choose the file to send.")) from error
        self.env["aptic.paper"]._receive(
            self.provider_id,
            self.type_id,
            [self.env["aptic.upload"]._checked(data, self.upload_name)],
            owner=self.owner_id if self.per_owner else None,
            issued_on=self.issued_on,
            expires_on=self.expires_on,
            replace=self.replace,
        )
        self.sudo().unlink()
        return {"type": "ir.actions.act_window_close"}

    def _check_reviewer(self):
        self.env["aptic.paper"]._check_any_group(REVIEWERS)
