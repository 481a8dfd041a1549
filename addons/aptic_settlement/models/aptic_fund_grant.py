from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import AccessError, UserError

from .aptic_reversal import DECIDERS

STAFF = ("aptic_base.group_aptic_user",)
APPLICATION = {"call_id", "provider_id", "title", "project", "asked_cents", "asked"}


class ApticFundGrant(models.Model):
    """An application to a call, decided by another person than who handed it in; a grant is owed and paid from then on.

    The decision books it (territorial fund → due to providers) and takes it out of what the fund holds, in one
    transaction: a fund never promises more than it has.
    """

    _name = "aptic.fund.grant"
    _description = "Grant of a territorial fund"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    call_id = fields.Many2one("aptic.fund.call", required=True, index=True, ondelete="restrict", tracking=True)
    fund_id = fields.Many2one(related="call_id.fund_id", store=True, index=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", tracking=True)
    title = fields.Char(string="Project", required=True, help="Published with the grant.", tracking=True)
    project = fields.Text(string="Description", required=True, tracking=True)
    asked_cents = Cents(required=True, default=0)
    asked = fields.Monetary(string="Asked for", compute="_compute_amounts", inverse="_inverse_asked", tracking=True)
    asked_by_id = fields.Many2one(
        "res.users", string="Handed in by", required=True, readonly=True, ondelete="restrict",
        default=lambda self: self.env.uid,
    )  # fmt: skip
    asked_on = fields.Date(string="Handed in on", required=True, readonly=True, default=lambda self: clock.today())
    state = fields.Selection(
        [("applied", "To decide"), ("granted", "Granted"), ("declined", "Declined")],
        string="Status",
        required=True,
        default="applied",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    granted_cents = Cents(required=True, readonly=True, default=0, copy=False)
    granted = fields.Monetary(compute="_compute_amounts")
    answer = fields.Char(readonly=True, copy=False, help="Read by who applied.")
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False, ondelete="restrict")
    day = fields.Date(string="Decided on", readonly=True, copy=False, help="Accounting day of the decision.")
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _guarded_fields = frozenset(
        {"name", "company_id", "asked_by_id", "asked_on", "state", "granted_cents", "answer", "decided_by_id", "day"}
        | {"move_id", "payout_count"}
    )

    _once = models.UniqueIndex(
        "(call_id, provider_id) WHERE state <> 'declined'", "This provider has applied to this call already."
    )
    _two_persons = models.Constraint(
        "CHECK(decided_by_id IS NULL OR decided_by_id <> asked_by_id)",
        "An application is decided by another person than the one who handed it in.",
    )
    _amounts = models.Constraint(
        "CHECK(asked_cents > 0 AND granted_cents BETWEEN 0 AND asked_cents"
        " AND (state = 'granted') = (granted_cents > 0))",
        "A grant is above zero and not more than what was asked for.",
    )
    _decided_whole = models.Constraint(
        "CHECK((state = 'applied') = (decided_by_id IS NULL) AND (state = 'granted') = (move_id IS NOT NULL)"
        " AND (day IS NULL) = (decided_by_id IS NULL))",
        "A decision is somebody's, on a day; a grant is booked.",
    )

    @api.depends("asked_cents", "granted_cents")
    def _compute_amounts(self):
        for grant in self:
            grant.asked = grant.asked_cents / 100
            grant.granted = grant.granted_cents / 100

    def _inverse_asked(self):
        for grant in self:
            grant.asked_cents = round(grant.asked * 100)

    @api.depends("name", "title")
    def _compute_display_name(self):
        for grant in self:
            grant.display_name = f"{grant.name} {grant.title}"

    @api.model_create_multi
    def create(self, vals_list):
        """Number the applications."""
        vals_list = [
            {**vals, "asked_cents": round(vals["asked"] * 100) if vals.get("asked") else vals.get("asked_cents", 0)}
            for vals in vals_list
        ]
        grants = super().create(vals_list)
        for grant in grants:
            grant._guarded_write({"name": self.env["ir.sequence"].sudo().next_by_code("aptic.fund.grant")})
        return grants

    def write(self, vals):
        """Refuse to change an application that is decided, or that somebody else handed in: they might decide.

        :raise UserError: also under ``sudo()``: what counts is who asks
        """
        if vals.keys() & APPLICATION:
            if any(grant.state != "applied" for grant in self):
                raise UserError(self.env._("This application is decided: it stays as it was."))
            if not self.env.user._is_superuser() and self.asked_by_id - self.env.user:
                raise UserError(
                    self.env._("Only who handed an application in may change it: decline it with what is wrong.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_undecided(self):
        if any(grant.state != "applied" for grant in self):
            raise UserError(self.env._("A decided application is kept."))

    # ------------------------------------------------------------------- verbs
    @api.model
    def _apply(self, call, provider, title, project, cents):
        """Hand an application in, as a manager of the provider or as staff for it.

        :param call: ``aptic.fund.call``
        :param provider: ``aptic.provider``
        :param int cents: what is asked for
        :return: the application (sudo)
        :raise AccessError: for others
        :raise UserError: for a call that is not open or not for this provider, and for what is missing
        """
        if not self.env["aptic.member"]._find(provider, ("manager",)) and not self.env.user.has_group(STAFF[0]):
            raise AccessError(self.env._("Only a manager of the provider may apply: ask one."))
        call, provider = call.sudo(), provider.sudo()
        title, project = one_line(title, 150), (project or "").strip()[:5000]
        if not call._takes_applications():
            raise UserError(self.env._("This call takes no applications today."))
        if provider.state != "active" or not call._is_for(provider):
            raise UserError(
                self.env._("This call is for active providers with a place in %s.", call.fund_id.territory_id.name)
            )
        if not title or not project:
            raise UserError(self.env._("Give the project a title and describe it."))
        if cents <= 0:
            raise UserError(self.env._("Say how much you ask for, in euros."))
        if self.sudo().search_count(
            [("call_id", "=", call.id), ("provider_id", "=", provider.id), ("state", "!=", "declined")], limit=1
        ):
            raise UserError(self.env._("You have applied to this call already."))
        return self.sudo().create(
            {
                "call_id": call.id,
                "provider_id": provider.id,
                "title": title,
                "project": project,
                "asked_cents": cents,
            }
        )

    def _grant(self, cents, answer=""):
        """Decide for the project as the second person: booked, told, owed. Granting twice is once.

        :param int cents: what is granted, at most what was asked for
        :param str answer: a word to who applied
        :raise AccessError: for others than accountants and managers of #APTIC
        :raise UserError: for who handed it in, when it was declined, or when the fund holds less
        """
        self._check_decider()
        self.ensure_one()
        grant = self.sudo()
        grant._lock_or_retry()
        if grant.state == "granted":
            return
        grant._check_undecided()
        if not 0 < cents <= grant.asked_cents:
            raise UserError(self.env._("A grant is above zero and not more than what was asked for."))
        company = grant.company_id
        company._aptic_check_settlement_accounts()
        grant.fund_id._spend(cents)
        day = self.env["aptic.posting"]._open_day(company, clock.today())
        move = self.env["account.move"].sudo().create(grant._prepare_grant_move_vals(cents, day))
        grant._guarded_write(
            {
                "state": "granted",
                "granted_cents": cents,
                "answer": one_line(answer, 300) or False,
                "decided_by_id": self.env.uid,
                "day": day,
                "move_id": move.id,
            }
        )
        move._post(soft=False)
        grant._tell_decision()

    def _decline(self, answer):
        """Decide against the project as the second person. Declining twice is once.

        :param str answer: why; who applied reads it
        :raise AccessError: for others than accountants and managers of #APTIC
        :raise UserError: without an answer, for who handed it in, or when it was granted
        """
        self._check_decider()
        answer = one_line(answer, 300)
        if not answer:
            raise UserError(self.env._("Say why: who applied reads it."))
        for grant in self.sudo():
            grant._lock_or_retry()
            if grant.state == "declined":
                continue
            grant._check_undecided()
            grant._guarded_write(
                {"state": "declined", "answer": answer, "decided_by_id": self.env.uid, "day": clock.today()}
            )
            grant._tell_decision()

    def _check_decider(self):
        self._check_any_group(DECIDERS)
        self.check_access("read")

    def _check_undecided(self):
        self.ensure_one()
        if self.state != "applied":
            raise UserError(self.env._("This application is decided already."))
        if self.asked_by_id == self.env.user:
            raise UserError(self.env._("You handed this application in yourself: another person must decide about it."))

    def _prepare_grant_move_vals(self, cents, day):
        """What leaves the fund is due to the provider, on the same account as its counter-payments."""
        company, partner = self.company_id, self.provider_id.partner_id
        [told] = company._aptic_distributions([{(self.fund_id.territory_id.id, None): cents}])
        return self.env["account.move"]._prepare_aptic_entry_vals(
            company,
            self.name,
            day,
            [
                (company.aptic_fund_account_id, cents, False, told),
                (company.aptic_payable_account_id, -cents, partner),
            ],
            name=f"{self.name} {self.title}",
        )

    def _tell_decision(self):
        provider = self.provider_id._in_their_language()
        env, spoken = provider.env, self.with_env(provider.env)
        if self.state == "granted":
            subject = env._("Your project is helped by the territorial fund")
            body = env._(
                "%(fund)s gives %(amount)s to “%(title)s” (%(number)s). It is paid to your bank account with the next"
                " payments, and published with the grants of the fund.",
                fund=spoken.fund_id.name,
                amount=spoken.currency_id.format(self.granted_cents / 100),
                title=self.title,
                number=self.name,
            )
        else:
            subject = env._("Your project is not helped by the territorial fund")
            body = env._(
                "%(fund)s does not help “%(title)s” (%(number)s): %(answer)s",
                fund=spoken.fund_id.name,
                title=self.title,
                number=self.name,
                answer=self.answer,
            )
        provider._tell_managers(subject, body, ("manager", "accountant"))

    # ----------------------------------------------------------------- buttons
    def action_decide(self):
        """Button: the window in which the second person decides."""
        self.ensure_one()
        self._check_decider()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision"),
            "res_model": "aptic.fund.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_grant_id": self.id, "default_amount": self.asked},
        }
