from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError

from .aptic_provider import REVIEWERS


class ApticPaper(models.Model):
    """A document of a provider's dossier."""

    _name = "aptic.paper"
    _description = "Paper"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    type_id = fields.Many2one("aptic.paper.type", required=True, ondelete="restrict")
    document = fields.Binary(attachment=True, required=True)
    filename = fields.Char()
    issued_on = fields.Date()
    expires_on = fields.Date()
    state = fields.Selection(
        [("received", "Received"), ("accepted", "Accepted"), ("refused", "Refused")],
        string="Status",
        required=True,
        default="received",
        tracking=True,
        copy=False,
    )
    reason = fields.Char(help="Told to the provider when the document is refused.")

    @api.depends("type_id", "provider_id")
    def _compute_display_name(self):
        for paper in self:
            paper.display_name = f"{paper.type_id.name} – {paper.provider_id.display_name}"

    def _is_in_force(self):
        """Whether the document was accepted and has not expired."""
        self.ensure_one()
        return self.state == "accepted" and (not self.expires_on or self.expires_on >= fields.Date.context_today(self))

    def _is_too_old(self):
        """Whether the document is older today than its type allows."""
        self.ensure_one()
        months = self.type_id.max_age_months
        return bool(
            months
            and (not self.issued_on or self.issued_on < fields.Date.context_today(self) - relativedelta(months=months))
        )

    def _accept(self):
        """Accept documents.

        :raise UserError: when a document is older than its type allows
        """
        for paper in self:
            if paper._is_too_old():
                raise UserError(
                    self.env._(
                        "“%(type)s” must be less than %(months)s months old: give its date, or ask for a newer one.",
                        type=paper.type_id.name,
                        months=paper.type_id.max_age_months,
                    )
                )
        return self._set_state(("received", "refused"), "accepted")

    def _refuse(self):
        """Refuse documents; the reason is told to the provider."""
        return self._set_state(("received", "accepted"), "refused")

    def action_accept(self):
        """Accept, from the form."""
        self._check_any_group(REVIEWERS)
        self._accept()

    def action_refuse(self):
        """Refuse, from the form."""
        self._check_any_group(REVIEWERS)
        self._refuse()
