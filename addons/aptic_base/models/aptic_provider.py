from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .aptic_siret_mixin import is_siret

MANAGERS = ("aptic_base.group_aptic_manager",)
REVIEWERS = ("aptic_base.group_aptic_reviewer", "aptic_base.group_aptic_manager")


class ApticProvider(models.Model):
    """An actor of digital mediation (« acteur de la médiation numérique »): one per SIRET."""

    _name = "aptic.provider"
    _description = "Provider"
    _inherit = ["aptic.siret.mixin", "aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _inherits = {"res.partner": "partner_id"}
    _order = "id desc"

    partner_id = fields.Many2one("res.partner", required=True, ondelete="restrict", index=True, readonly=True)
    siret = fields.Char(string="SIRET", required=True, tracking=True, copy=False)
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
    place_ids = fields.One2many("aptic.place", "provider_id", string="Places")
    offer_ids = fields.One2many("aptic.offer", "provider_id", string="Offers")
    pathway_ids = fields.One2many("aptic.pathway", "provider_id", string="Pathways")
    place_count = fields.Integer(string="Number of places", compute="_compute_counts")
    offer_count = fields.Integer(string="Number of offers", compute="_compute_counts")
    member_ids = fields.One2many("aptic.member", "provider_id", string="Members")
    bank_change_ids = fields.One2many(
        "aptic.bank.change", "provider_id", string="Changes of bank details", groups="base.group_user"
    )
    blockers = fields.Text(string="Before activation", compute="_compute_blockers", compute_sudo=True)
    bank_account_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account in force",
        readonly=True,
        copy=False,
        groups="base.group_user",  # a many2one's name is read past record rules: the IBAN would go to every member
        help="Where counter-payments go. Changed only by an approved change of bank details.",
    )
    payout_frozen = fields.Boolean(
        string="Payouts frozen",
        compute="_compute_payout_frozen",
        compute_sudo=True,
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

    @api.depends("place_ids.active", "offer_ids.active")
    def _compute_counts(self):
        counts = {
            model: dict(self.env[model]._read_group([("provider_id", "in", self.ids)], ["provider_id"], ["__count"]))
            for model in ("aptic.place", "aptic.offer")
        }
        for provider in self:
            provider.place_count = counts["aptic.place"].get(provider._origin, 0)
            provider.offer_count = counts["aptic.offer"].get(provider._origin, 0)

    @api.depends("state", "representative_name", "place_ids.active", "offer_ids.active", "member_ids.active")
    def _compute_blockers(self):
        for provider in self:
            provider.blockers = "\n".join(provider._activation_blockers()) if provider.state == "chartered" else False

    # ------------------------------------------------------------------ SIRET
    @api.model_create_multi
    def create(self, vals_list):
        """Providers are organisations."""
        for vals in vals_list:
            vals.setdefault("is_company", True)
        return super().create(vals_list)

    @api.constrains("siret")
    def _check_siret(self):
        for provider in self:
            if not is_siret(provider.siret):
                raise ValidationError(
                    self.env._(
                        "%(siret)s is not a valid SIRET: it has 14 digits, and their check digits must agree.",
                        siret=provider.siret,
                    )
                )

    # ------------------------------------------------------------ transitions
    def _apply(self):
        """A provider asks for its eligibility, for the first time or again after a diagnosis."""
        return self._set_state(("draft", "declined"), "applied")

    def _declare_eligible(self):
        """The questionnaire was passed and staff confirmed it."""
        return self._set_state(("applied",), "eligible")

    def _decline(self):
        """Not eligible yet: the diagnosis says where there is room for progress."""
        return self._set_state(("applied",), "declined")

    def _charter_signed(self):
        """The legal representative has signed the charter in force."""
        return self._set_state(("eligible",), "chartered")

    def _activation_blockers(self):
        """What is still missing before this provider may take vouchers; other addons add theirs.

        :return: list of sentences for the provider, empty when nothing is missing
        """
        self.ensure_one()
        sentences = []
        if not self.representative_name:
            sentences.append(self.env._("Name the legal representative."))
        if not self.sudo().member_ids.filtered(lambda member: member.active and member.role == "manager"):
            sentences.append(self.env._("Name a manager who has an account."))
        if not self.place_ids:
            sentences.append(self.env._("Add at least one place where services are given."))
        if not self.offer_ids:
            sentences.append(self.env._("Choose at least one service and its price."))
        return sentences

    def _activate(self):
        """Let providers take vouchers for the first time; a suspension is lifted by ``_lift``.

        :raise UserError: says everything that is missing
        """
        for provider in self:
            if provider.state != "active" and (blockers := provider._activation_blockers()):
                raise UserError(
                    self.env._("%(name)s cannot be activated yet:", name=provider.name)
                    + "".join(f"\n– {sentence}" for sentence in blockers)
                )
        return self._set_state(("chartered",), "active")

    # ---------------------------------------------------------------- buttons
    def action_apply(self):
        """Record an application received outside the portal."""
        self._check_any_group(("aptic_base.group_aptic_user",))
        self._apply()

    def action_declare_eligible(self):
        """Staff's word on an application."""
        self._check_any_group(REVIEWERS)
        self._declare_eligible()

    def action_decline(self):
        """Staff's word on an application."""
        self._check_any_group(REVIEWERS)
        self._decline()

    def action_activate(self):
        """Activate, from the form."""
        self._check_any_group(MANAGERS)
        self._activate()

    def _action_view(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"aptic_base.{name}")
        return {
            **action,
            "domain": [("provider_id", "=", self.id)],
            "context": {"default_provider_id": self.id},
        }

    def action_view_places(self):
        """Open the places of this provider."""
        return self._action_view("aptic_place_action")

    def action_view_offers(self):
        """Open the offers of this provider."""
        return self._action_view("aptic_offer_action")
