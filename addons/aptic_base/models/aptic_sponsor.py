from odoo import fields, models


class ApticSponsor(models.Model):
    """An organisation that orders and funds vouchers (« commanditaire »)."""

    _name = "aptic.sponsor"
    _description = "Sponsor"
    _inherit = ["aptic.siret.mixin", "mail.thread", "mail.activity.mixin"]
    _inherits = {"res.partner": "partner_id"}
    _order = "id desc"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict", index=True, readonly=True)
    member_ids = fields.One2many("aptic.member", "sponsor_id")
    kind = fields.Selection(
        [
            ("local_authority", "Local authority"),
            ("ccas", "CCAS"),
            ("administration", "Administration"),
            ("foundation", "Foundation"),
            ("company", "Company"),
            ("chamber", "Chamber"),
        ],
        required=True,
        default="local_authority",
    )
    siret = fields.Char(string="SIRET")
    territory_id = fields.Many2one("aptic.territory", index="btree_not_null", ondelete="restrict")
