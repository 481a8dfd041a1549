from odoo import api, fields, models
from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, ITEM, SMALL, TITLE, build, paragraph
from odoo.addons.aptic_base.write_once import protect
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import format_date, format_datetime, mute_logger
from psycopg2.errors import UniqueViolation

# To be raised with every change of what ``_clauses`` says: who agreed to another text has not agreed to this one.
VERSION = "2026-11"


class ApticSetoffAgreement(models.Model):
    """A provider's agreement in writing that its overdue subscription invoices are set against its counter-payments.

    It holds until it is withdrawn. A row is filled in and never rewritten.
    """

    _name = "aptic.setoff.agreement"
    _description = "Agreement to a set-off"
    _inherit = ["aptic.guarded.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "provider_id"

    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    version = fields.Char(string="Version of the text", required=True, readonly=True)
    body = fields.Text(string="Text", required=True, readonly=True, help="As it was on the screen, clause by clause.")
    name = fields.Char(string="Signed by", required=True, readonly=True)
    capacity = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Account used", required=True, readonly=True, ondelete="restrict")
    signed_at = fields.Datetime(string="Signed on", required=True, readonly=True)
    withdrawn_at = fields.Datetime(string="Withdrawn on", readonly=True)
    withdrawn_by_id = fields.Many2one("res.users", string="Withdrawn by", readonly=True, ondelete="restrict")
    offset_ids = fields.One2many("aptic.offset", "agreement_id", string="Invoices set off", readonly=True)

    _guarded_fields = frozenset(
        {"provider_id", "company_id", "version", "body", "name", "capacity", "user_id", "signed_at"}
        | {"withdrawn_at", "withdrawn_by_id"}
    )

    _once = models.UniqueIndex(
        "(provider_id, company_id) WHERE withdrawn_at IS NULL", "This provider has agreed already."
    )
    _withdrawn_by = models.Constraint(
        "CHECK(num_nonnulls(withdrawn_at, withdrawn_by_id) <> 1)", "Say who has withdrawn the agreement, and when."
    )

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse to rewrite or delete a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("An agreement is kept; it can be withdrawn."))

    # -------------------------------------------------------------------- text
    @api.model
    def _clauses(self):
        """What a provider agrees to, in the user's language: one sentence or two each."""
        return [
            self.env._(
                "Our subscription invoices that are posted, past their due date and not paid yet are set against our"
                " counter-payments: when a statement is approved, what is open of each is taken from what the statement"
                " pays, the oldest invoice first."
            ),
            self.env._("No more is taken than the statement pays; the rest of an invoice stays to be paid."),
            self.env._("An invoice that we dispute, or that is not due yet, is never taken."),
            self.env._("Each set-off is a line of its own on the statement, and we are told of it."),
            self.env._(
                "We may withdraw this agreement at any time on our #APTIC space, without giving a reason. From then on"
                " nothing more is set off; what was set off before stays so."
            ),
        ]

    # -------------------------------------------------------------------- sign
    @api.model
    def _of(self, provider):
        """The agreement of a provider with the current company that was not withdrawn, or an empty recordset (sudo)."""
        return self.sudo().search(
            [
                ("provider_id", "=", provider.id),
                ("company_id", "=", self.env.company.id),
                ("withdrawn_at", "=", False),
            ]
        )

    @api.model
    def _sign(self, provider, user, name, capacity, shown):
        """Agree for a provider. Asked for twice, it is one agreement.

        :param provider: ``aptic.provider`` record
        :param user: ``res.users`` record of the manager whose account signs
        :param str name: name of the person entitled to sign
        :param str capacity: in which capacity (president, mayor …)
        :param str shown: the version of the text that was on the screen
        :raise UserError: says what is missing
        """
        provider.ensure_one()
        name, capacity = self.env["aptic.signature.mixin"]._read_signer(name, capacity)
        company = self.env.company
        if not company.sudo().aptic_setoff_subscriptions:
            raise UserError(self.env._("%s does not set invoices off: there is nothing to sign.", company.name))
        if shown != VERSION:
            raise UserError(self.env._("The text has changed meanwhile: read it, then sign it."))
        provider._lock_or_retry()
        if earlier := self._of(provider):
            return earlier
        if blocker := provider._signing_blocker(user):
            raise UserError(blocker)
        agreement = self.sudo()._insert(
            {
                "provider_id": provider.id,
                "company_id": company.id,
                "version": VERSION,
                "body": "\n".join(self._clauses()),
                "name": name,
                "capacity": capacity,
                "user_id": user.id,
                "signed_at": clock.now(),
            }
        )
        theirs = provider._in_their_language()
        provider._tell_managers(
            theirs.env._("Set-off of subscription invoices: you have agreed"),
            theirs.env._(
                "%(name)s (%(capacity)s) has agreed that overdue subscription invoices are set against your"
                " counter-payments. You find the agreement on your #APTIC space, and may withdraw it there at any"
                " time.",
                name=name,
                capacity=capacity,
            ),
            ("manager", "accountant"),
        )
        return agreement

    def _insert(self, vals):
        """Write the row.

        :raise ConcurrencyError: where a session that this one's snapshot does not see has agreed meanwhile
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self._guarded_create([vals])
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

    def _withdraw(self):
        """Withdraw as the current user; the caller has checked that this user may. Withdrawn twice is once.

        Statements that are approved already keep what was set off.
        """
        self.ensure_one()
        agreement = self.sudo()
        agreement._lock_or_retry()
        if agreement.withdrawn_at:
            return
        agreement._guarded_write({"withdrawn_at": clock.now(), "withdrawn_by_id": self.env.uid})
        theirs = agreement.provider_id._in_their_language()
        agreement.provider_id._tell_managers(
            theirs.env._("Set-off of subscription invoices: agreement withdrawn"),
            theirs.env._(
                "%(user)s has withdrawn the agreement of %(day)s. Nothing more is set off: pay your subscription"
                " invoices by transfer.",
                user=self.env.user.name,
                day=format_date(theirs.env, agreement._day()),
            ),
            ("manager", "accountant"),
        )

    def action_withdraw(self):
        """Button: withdraw for a provider who has written so otherwise than on the portal."""
        self._check_any_group(("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"))
        for agreement in self:
            agreement._withdraw()

    # -------------------------------------------------------------- settlement
    @api.model
    def _in_force(self, providers, companies):
        """The agreements that hold, locked: whoever withdraws one at this moment comes before or after, never between.

        :return: ``{(provider, company): agreement}`` (sudo)
        """
        agreements = self.sudo().search(
            [
                ("provider_id", "in", providers.ids),
                ("company_id", "in", companies.ids),
                ("withdrawn_at", "=", False),
            ]
        )
        if agreements:
            agreements._lock_or_retry()
        return {(each.provider_id, each.company_id): each for each in agreements if not each.withdrawn_at}

    def _day(self):
        """The day of the signature in France."""
        return paris_day(self.signed_at)

    # ------------------------------------------------------------------- paper
    def action_open_pdf(self):
        """Button: the agreement on paper."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/my/aptic/setoff/{self.id}/pdf", "target": "download"}

    def _pdf_name(self):
        """The name of the PDF's file."""
        return f"accord-compensation-{self.provider_id.siret}-{self._day():%Y%m%d}.pdf"

    def _pdf(self):
        """The agreement on paper, drawn from the facts: bytes of a PDF, the same for the same facts."""
        self.ensure_one()
        agreement = self.sudo()
        provider = agreement.provider_id
        title = self.env._("Agreement to the set-off of subscription invoices")
        facts = [
            (self.env._("Organisation"), f"{provider.name} - SIRET {provider.siret}"),
            (self.env._("With"), agreement.company_id.name),
            (self.env._("Signed by"), f"{agreement.name} ({agreement.capacity})"),
            (self.env._("On"), self._moment(agreement.signed_at)),
        ]
        if agreement.withdrawn_at:
            facts.append((self.env._("Withdrawn on"), self._moment(agreement.withdrawn_at)))
            facts.append((self.env._("Withdrawn by"), agreement.withdrawn_by_id.name))
        version = self.env._("Text of version %s", agreement.version)
        story = [
            paragraph(title, TITLE),
            paragraph(version, SMALL),
            paragraph(self.env._("What we agree to"), HEADING),
            *(paragraph(f"{number}. {clause}", ITEM) for number, clause in enumerate(agreement.body.split("\n"), 1)),
            paragraph(self.env._("Signed electronically"), HEADING),
            *(paragraph(f"{label}: {value}", BODY) for label, value in facts),
        ]
        return build(title, f"{title} - {version}", story)

    def _moment(self, at):
        return format_datetime(self.env, at, tz="Europe/Paris")
