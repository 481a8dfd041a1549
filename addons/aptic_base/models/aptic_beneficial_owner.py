from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, float_round

from ..texts import one_line

LEAST_SHARE = 25


class ApticBeneficialOwner(models.Model):
    """A person who holds 25 % or more of a company, or who is declared in the absence of any (art. R. 561-1 CMF)."""

    _name = "aptic.beneficial.owner"
    _description = "Beneficial owner"
    _inherit = ["aptic.guarded.mixin"]
    _order = "ended_on DESC, id"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    name = fields.Char()
    birth_date = fields.Date()
    country_id = fields.Many2one("res.country", string="Nationality", ondelete="restrict")
    basis = fields.Selection(
        [
            ("share", "Holds 25 % or more"),
            ("representative", "Nobody holds 25 %: the legal representative is declared"),
        ],
        required=True,
        default="share",
    )
    share = fields.Float(string="Share (%)", digits=(5, 2), help="Of the capital or of the votes, in percent.")
    paper_ids = fields.One2many(
        "aptic.paper",
        "owner_id",
        string="Identity documents",
        groups="aptic_base.group_aptic_reviewer,aptic_base.group_aptic_manager",
    )
    ended_on = fields.Date(string="Withdrawn on", readonly=True, copy=False)
    erased_on = fields.Date(readonly=True, copy=False)

    _guarded_fields = frozenset({"provider_id", "ended_on", "erased_on"})

    _share = models.Constraint(
        "CHECK(erased_on IS NOT NULL OR CASE basis WHEN 'share' THEN share BETWEEN 25 AND 100 ELSE share = 0 END)",
        "Declare the persons who hold from 25 to 100 %.",
    )
    _whole = models.Constraint(
        "CHECK((erased_on IS NULL) = (name IS NOT NULL AND birth_date IS NOT NULL AND country_id IS NOT NULL))",
        "Give the name, the date of birth and the nationality of a beneficial owner.",
    )

    @api.depends("name", "share")
    def _compute_display_name(self):
        for owner in self:
            owner.display_name = owner.name or self.env._("(erased)")

    @api.constrains("provider_id", "share", "basis", "ended_on")
    def _check_provider(self):
        for provider in self.provider_id:
            owners = provider.sudo().owner_ids.filtered(lambda owner: not owner.ended_on and not owner.erased_on)
            if owners and provider.legal_form != "company":
                raise ValidationError(self.env._("Only companies declare beneficial owners."))
            if float_compare(sum(owners.mapped("share")), 100, precision_digits=2) > 0:
                raise ValidationError(self.env._("The shares add up to more than 100 %: look at them again."))
            if "representative" in owners.mapped("basis") and len(owners) > 1:
                raise ValidationError(
                    self.env._(
                        "Either persons hold 25 % or more, or nobody does: withdraw the other declaration first."
                    )
                )

    @api.constrains("birth_date")
    def _check_birth_date(self):
        today = fields.Date.context_today(self)
        for owner in self:
            if owner.birth_date and not 1900 <= owner.birth_date.year <= today.year - 1:
                raise ValidationError(self.env._("This date of birth cannot be right: look at it again."))

    # ------------------------------------------------------------------ verbs
    @api.model
    def _declare(self, provider, name, birth_date, country, share, basis="share"):
        """Declare a beneficial owner of a company.

        :param provider: ``aptic.provider``; the caller has checked that the user may act for it
        :param date birth_date: of the person
        :param country: ``res.country``
        :param float share: in percent, of the capital or the votes; 0 for the legal representative
        :raise ValidationError: says what is wrong
        """
        provider.sudo().lock_for_update()
        name = one_line(name, 120)
        if not name or not birth_date or not country:
            raise ValidationError(
                self.env._("Give the name, the date of birth and the nationality of a beneficial owner.")
            )
        share = float_round(share, precision_digits=2) if basis == "share" else 0
        if basis == "share" and not LEAST_SHARE <= share <= 100:
            raise ValidationError(self.env._("Declare the persons who hold from 25 to 100 %."))
        return self.sudo()._guarded_create(
            [
                {
                    "provider_id": provider.id,
                    "name": name,
                    "birth_date": birth_date,
                    "country_id": country.id,
                    "share": share,
                    "basis": basis,
                }
            ]
        )

    def _withdraw(self):
        """End a declaration: the person no longer holds the share; the identity documents are replaced."""
        live = self.sudo().filtered(lambda owner: not owner.ended_on and not owner.erased_on)
        live._guarded_write({"ended_on": fields.Date.context_today(self)})
        live.paper_ids.filtered(lambda paper: paper.state in ("received", "accepted"))._replaced()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Declarations are kept: withdraw this one instead."))
