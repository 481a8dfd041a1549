from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..bank_details import BadBankDetails, check

DECIDERS = ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager")


class ApticBankChange(models.Model):
    """A provider's new bank details: asked for by one, approved by another; payouts are frozen meanwhile."""

    _name = "aptic.bank.change"
    _description = "Change of bank details"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    iban = fields.Char(required=True, string="IBAN")
    bic = fields.Char(string="BIC")
    bank_name = fields.Char(string="Bank", readonly=True)
    holder_name = fields.Char(
        required=True, string="Account holder", help="As the bank knows it (verification of payee)."
    )
    state = fields.Selection(
        [("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused")],
        string="Status",
        required=True,
        default="requested",
        tracking=True,
        index=True,
        copy=False,
    )
    requested_by_id = fields.Many2one(
        "res.users", string="Requested by", required=True, default=lambda self: self.env.user, readonly=True, copy=False
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    reason = fields.Char(help="Told to the provider when the change is refused.")
    paper_state = fields.Selection(
        [("missing", "Not sent"), ("received", "Sent"), ("accepted", "Accepted"), ("refused", "Refused")],
        string="RIB document",
        compute="_compute_paper_state",
        compute_sudo=True,
        help="What reviewers know of the document that goes with this account; they alone open it.",
    )
    same_account_provider_ids = fields.Many2many(
        "aptic.provider",
        string="Other providers paid to this account",
        compute="_compute_same_account_provider_ids",
        compute_sudo=True,
    )

    _guarded_fields = frozenset({"state", "requested_by_id", "decided_by_id", "decided_on", "bank_name"})

    _one_pending = models.UniqueIndex(
        "(provider_id) WHERE state = 'requested'", "A change of bank details is waiting for a decision already."
    )
    _two_persons = models.Constraint(
        "CHECK(decided_by_id IS NULL OR decided_by_id <> requested_by_id)",
        "A change of bank details is decided by another person than the one who asked for it.",
    )

    @api.depends("provider_id", "iban")
    def _compute_display_name(self):
        for change in self:
            change.display_name = f"{change.provider_id.display_name} – {change._ending()}"

    @api.depends("iban", "provider_id")
    def _compute_same_account_provider_ids(self):
        numbers = [(change.iban or "").replace(" ", "") for change in self]
        providers = self.env["aptic.provider"].search([("bank_account_id.sanitized_acc_number", "in", numbers)])
        by_number = providers.grouped(lambda provider: provider.bank_account_id.sanitized_acc_number)
        for change, number in zip(self, numbers, strict=True):
            change.same_account_provider_ids = by_number.get(number, providers.browse()) - change.provider_id

    @api.depends("provider_id")
    def _compute_paper_state(self):
        papers = self.env["aptic.paper"].search(
            [
                ("provider_id", "in", self.provider_id.ids),
                ("type_id.bank_details", "=", True),
                ("state", "in", ("received", "accepted", "refused")),
            ],
            order="id",
        )
        latest = {paper.provider_id: paper.state for paper in papers}
        for change in self:
            change.paper_state = latest.get(change.provider_id, "missing")

    def _ending(self):
        """The last four characters of the IBAN: what may be shown to recognise it."""
        self.ensure_one()
        return (self.iban or "").replace(" ", "")[-4:]

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Check the account and write it in one form."""
        for vals in vals_list:
            details = self._check_details(vals.get("iban"), vals.get("bic"))
            vals.update(iban=details.grouped, bic=details.bic)
        changes = super().create(vals_list)
        for change in changes:
            change._guarded_write({"bank_name": self._check_details(change.iban, change.bic).bank_name})
        return changes

    def write(self, vals):
        """Refuse to rewrite what was asked for."""
        if {"iban", "bic", "holder_name", "provider_id"} & vals.keys():
            raise UserError(
                self.env._("A request is never rewritten: refuse it and let the provider make another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Requests are kept: refuse this one instead."))

    @api.model
    def _check_details(self, iban, bic):
        """Return the :class:`~..bank_details.BankDetails`, or raise ValidationError in the person's words."""
        try:
            return check(iban, bic)
        except BadBankDetails as error:
            sentences = {
                "iban": self.env._("This IBAN is not valid. Copy it again from your bank details (RIB)."),
                "bic": self.env._("This BIC is not valid: it has 8 or 11 characters. You may leave it out."),
                "mismatch": self.env._("This BIC is of another country than the IBAN. You may leave it out."),
                "sepa": self.env._(
                    "SEPA transfers cannot reach this account (New Caledonia, French Polynesia, Wallis and Futuna and"
                    " countries outside SEPA): give an account within SEPA."
                ),
            }
            raise ValidationError(sentences[error.code]) from error

    # ------------------------------------------------------------------ verbs
    @api.model
    def _request(self, provider, iban, holder_name, bic="", files=()):
        """Ask for new bank details; payouts are frozen until another person decides, and every manager is told.

        :param provider: ``aptic.provider``; the caller has checked that the current user manages it
        :param files: list of :class:`~..uploads.Upload`, the RIB itself; it goes into the dossier
        :return: the request
        :raise ValidationError: when the account cannot be paid by SEPA
        :raise UserError: when a request is waiting already, or the holder's name is missing
        """
        if not (holder_name or "").strip():
            raise UserError(self.env._("Say whose account it is, as the bank knows the holder."))
        if self.sudo().search_count([("provider_id", "=", provider.id), ("state", "=", "requested")], limit=1):
            raise UserError(
                self.env._("A change of bank details is waiting for a decision already; #APTIC will answer soon.")
            )
        change = self.sudo().create(
            [{"provider_id": provider.id, "iban": iban, "bic": bic, "holder_name": holder_name.strip()}]
        )
        kind = self.env["aptic.paper.type"].search(
            [("bank_details", "=", True), ("legal_form", "=", provider.legal_form)], limit=1
        )
        if files and kind:
            self.env["aptic.paper"]._receive(provider, kind, files)
        change._tell_managers()
        return change

    def _check_decider(self):
        self._check_any_group(DECIDERS)
        for change in self:
            if change.requested_by_id == self.env.user:
                raise UserError(self.env._("You asked for this change yourself: another person must decide about it."))

    def _decided(self):
        return {"decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()}

    def _approve(self):
        """Put the account into force: the second person's word.

        :raise AccessError: when the user is neither accountant nor manager of #APTIC
        :raise UserError: when the user asked for the change, or it is decided already
        """
        self._check_decider()
        for change in self._set_state(("requested",), "approved"):
            change._guarded_write(change._decided())
            provider = change.sudo().provider_id
            provider._guarded_write({"bank_account_id": change.sudo()._bank_account().id})
            change.sudo()._tell_managers()

    def _refuse(self):
        """Refuse the change; the account in force stays, payouts go on."""
        self._check_decider()
        for change in self._set_state(("requested",), "refused"):
            change._guarded_write(change._decided())
            change.sudo()._tell_managers()

    def _bank_account(self):
        """The account of the request as ``res.partner.bank``: found again or created."""
        self.ensure_one()
        model = self.env["res.partner.bank"].with_context(active_test=False)
        partner = self.provider_id.partner_id
        iban = self.iban.replace(" ", "")
        account = model.search([("partner_id", "=", partner.id), ("sanitized_acc_number", "=", iban)], limit=1)
        values = self._prepare_bank_account_vals()
        if account:
            account.write({name: values[name] for name in ("acc_holder_name", "bank_id")} | {"active": True})
            return account
        return model.create(values)

    def _prepare_bank_account_vals(self):
        return {
            "partner_id": self.provider_id.partner_id.id,
            "acc_number": self.iban,
            "acc_holder_name": self.holder_name,
            "bank_id": self._bank().id,
        }

    def _bank(self):
        banks = self.env["res.bank"]
        if not self.bic:
            return banks
        bank = banks.search([("bic", "in", [self.bic, self.bic.removesuffix("X" * 3)])], limit=1)
        return bank or banks.create({"name": self.bank_name or self.bic, "bic": self.bic})

    # ---------------------------------------------------------------- buttons
    def action_approve(self):
        """Approve, from the form."""
        self._approve()

    def action_refuse(self):
        """Refuse, from the form."""
        self._refuse()
