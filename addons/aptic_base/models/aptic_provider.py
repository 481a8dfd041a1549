from odoo import api, fields, models


class ApticProvider(models.Model):
    """An actor of digital mediation (« acteur de la médiation numérique »): one per SIRET."""

    _name = "aptic.provider"
    _description = "Provider"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _inherits = {"res.partner": "partner_id"}
    _order = "id desc"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict", index=True, readonly=True)
    siret = fields.Char(required=True, tracking=True)
    legal_form = fields.Selection(
        [("company", "Company"), ("public", "Public body"), ("association", "Association")],
        required=True,
        default="association",
        tracking=True,
    )
    supplier_kind = fields.Selection(
        [
            ("place", "Has its own place"),
            ("convention", "No place: convention with a host place"),
            ("priming", "Comes to start the offer at a host place (en amorçage)"),
        ],
        required=True,
        default="place",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("applied", "Applied"),
            ("eligible", "Eligible"),
            ("declined", "Not eligible yet"),
            ("chartered", "Charter signed"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("struck_off", "Struck off"),
        ],
        string="Status",
        required=True,
        default="draft",
        index=True,
        tracking=True,
        copy=False,
    )
    representative_name = fields.Char(string="Legal representative", tracking=True)
    representative_capacity = fields.Char(string="Capacity of the representative")
    place_ids = fields.One2many("aptic.place", "provider_id")
    offer_ids = fields.One2many("aptic.offer", "provider_id")
    member_ids = fields.One2many("aptic.member", "provider_id")
    bank_change_ids = fields.One2many("aptic.bank.change", "provider_id")
    paper_ids = fields.One2many("aptic.paper", "provider_id")
    bank_account_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account in force",
        readonly=True,
        copy=False,
        help="Where counter-payments go. Changed only by an approved change of bank details.",
    )
    payout_frozen = fields.Boolean(
        compute="_compute_payout_frozen",
        help="A change of bank details waits for its second person: nothing is paid meanwhile.",
    )

    _guarded_fields = frozenset({"state", "bank_account_id"})

    _siret_unique = models.Constraint("UNIQUE(siret)", "This SIRET is registered already: ask its manager for access.")

    @api.depends("bank_change_ids.state")
    def _compute_payout_frozen(self):
        pending = self.env["aptic.bank.change"]._read_group(
            [("provider_id", "in", self.ids), ("state", "=", "requested")], ["provider_id"]
        )
        frozen = {provider.id for (provider,) in pending}
        for provider in self:
            provider.payout_frozen = provider.id in frozen
