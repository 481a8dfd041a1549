from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_base.write_once import protect
from odoo.addons.aptic_voucher import clock, codes
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError

STAFF = ("aptic_base.group_aptic_user",)
DECIDERS = ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager")
LONGEST_REASON = 300  # characters


class ApticReversal(models.Model):
    """A settled redemption undone: asked for by one person, approved by another, taken back by the next statement.

    The original statement is never touched. A row is filled in when it is decided and when a statement takes it, and
    never rewritten: the database itself refuses.
    """

    _name = "aptic.reversal"
    _description = "Reversal of a settled redemption"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"

    redemption_id = fields.Many2one("aptic.redemption", required=True, readonly=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    statement_id = fields.Many2one(
        "aptic.statement", string="Paid by the statement", required=True, readonly=True, index=True, ondelete="restrict"
    )
    reason = fields.Char(required=True, readonly=True, help="Told to the provider.")
    asked_by_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True, ondelete="restrict")
    asked_at = fields.Datetime(string="Asked on", required=True, readonly=True)
    decision = fields.Selection([("approved", "Approved"), ("refused", "Refused")], readonly=True, tracking=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(string="Decided on", readonly=True)
    answer = fields.Char(readonly=True, help="Why it was refused.")
    correction_statement_id = fields.Many2one(
        "aptic.statement",
        string="Taken back by the statement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    refund_move_id = fields.Many2one(
        "account.move", string="Credit note of the fee", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    stage = fields.Selection(
        [("asked", "To decide"), ("approved", "Approved"), ("taken", "On a statement"), ("refused", "Refused")],
        string="Status",
        compute="_compute_stage",
    )
    face_cents = fields.Integer(required=True, readonly=True, help="Face value taken back, in cents.")
    fee_cents = fields.Integer(required=True, readonly=True, help="Fee given back, VAT included, in cents.")
    fund_cents = fields.Integer(required=True, readonly=True, help="Taken back from the territorial fund, in cents.")
    fund_id = fields.Many2one("aptic.fund", required=True, readonly=True, ondelete="restrict")
    face = fields.Monetary(string="Face value taken back", compute="_compute_amounts")
    fee = fields.Monetary(string="Fee given back", compute="_compute_amounts")
    net = fields.Monetary(string="Taken from the provider", compute="_compute_amounts")
    fund = fields.Monetary(string="Taken from the territorial fund", compute="_compute_amounts")
    serials = fields.Char(string="Vouchers", related="redemption_id.serials")
    day = fields.Date(compute="_compute_day", help="Day of the approval: the accounting day.")

    _guarded_fields = frozenset(
        {
            "redemption_id", "provider_id", "company_id", "statement_id", "reason", "asked_by_id", "asked_at",
            "decision", "decided_by_id", "decided_at", "answer", "correction_statement_id", "refund_move_id",
            "face_cents", "fee_cents", "fund_cents", "fund_id",
        }
    )  # fmt: skip

    _once = models.UniqueIndex(
        "(redemption_id) WHERE decision IS DISTINCT FROM 'refused'", "This redemption has its reversal already."
    )
    _waits = models.Index("(company_id, provider_id) WHERE decision = 'approved' AND correction_statement_id IS NULL")
    _two_persons = models.Constraint(
        "CHECK(decided_by_id IS NULL OR decided_by_id <> asked_by_id)",
        "A reversal is decided by another person than the one who asked for it.",
    )
    _decided_whole = models.Constraint(
        "CHECK(num_nulls(decision, decided_by_id, decided_at) IN (0, 3))",
        "A reversal is decided by somebody, on a day.",
    )
    _refused_with_answer = models.Constraint(
        "CHECK(decision IS DISTINCT FROM 'refused' OR answer IS NOT NULL)", "Say why: who asked reads it."
    )
    _corrects_when_approved = models.Constraint(
        "CHECK(correction_statement_id IS NULL"
        " OR decision IS NOT DISTINCT FROM 'approved' AND correction_statement_id <> statement_id)",
        "An approved reversal is taken back by a later statement.",
    )
    _amounts = models.Constraint(
        "CHECK(face_cents > 0 AND fee_cents BETWEEN 0 AND face_cents AND fund_cents >= 0)",
        "A reversal takes back what was paid, no more.",
    )

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse to rewrite or delete a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("redemption_id")
    def _compute_display_name(self):
        for reversal in self:
            reversal.display_name = self.env._("Reversal of redemption %s", reversal.redemption_id.id)

    @api.depends("decision", "correction_statement_id")
    def _compute_stage(self):
        for reversal in self:
            taken = reversal.sudo().correction_statement_id
            reversal.stage = "taken" if taken else reversal.decision or "asked"

    @api.depends("face_cents", "fee_cents", "fund_cents")
    def _compute_amounts(self):
        for reversal in self:
            reversal.face = reversal.face_cents / 100
            reversal.fee = reversal.fee_cents / 100
            reversal.net = (reversal.face_cents - reversal.fee_cents) / 100
            reversal.fund = reversal.fund_cents / 100

    @api.depends("decided_at")
    def _compute_day(self):
        for reversal in self:
            reversal.day = reversal.decided_at and paris_day(reversal.decided_at)

    def _serials(self):
        """The public serials of its vouchers, as they are printed."""
        self.ensure_one()
        return " ".join(codes.serial_digits(int(serial)) for serial in self.redemption_id.serials.split())

    @api.model
    def _coming_domain(self):
        """Those that are approved, and taken back by no statement that is approved."""
        return [
            ("decision", "=", "approved"),
            "|", ("correction_statement_id", "=", False), ("correction_statement_id.state", "=", "draft"),
        ]  # fmt: skip

    # ------------------------------------------------------------------- verbs
    @api.model
    def _ask(self, redemption, reason):
        """Ask that a settled redemption be reversed; nothing changes before another person has approved it.

        :param redemption: ``aptic.redemption``
        :param str reason: why; the provider reads it
        :return: the reversal
        :raise AccessError: for others than staff, and for what another company has settled
        :raise UserError: without a reason, for what no approved statement has paid, and when one was asked for already
        :raise LockError: when another transaction holds the redemption
        """
        self._check_any_group(STAFF)
        redemption.check_access("read")
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say why this redemption is reversed: the provider reads it."))
        act = redemption.sudo().ensure_one()
        act.lock_for_update()
        act.invalidate_recordset(["state"])
        if self.sudo().search_count([("redemption_id", "=", act.id), ("decision", "!=", "refused")], limit=1):
            raise UserError(self.env._("This redemption has its reversal already: open it instead."))
        self._check_reversible(act)
        reversal = self.sudo()._guarded_create([self._prepare_reversal_vals(act, reason)])
        reversal.sudo(False).check_access("read")
        return reversal.sudo(False)

    def _prepare_reversal_vals(self, act, reason):
        shares = self.env["aptic.fee.share"].sudo().search([("redemption_id", "=", act.id)])
        return {
            "redemption_id": act.id,
            "provider_id": act.provider_id.id,
            "company_id": act.statement_id.company_id.id,
            "statement_id": act.statement_id.id,
            "reason": reason,
            "asked_by_id": self.env.uid,
            "asked_at": clock.now(),
            "face_cents": sum(shares.mapped("face_cents")),
            "fee_cents": sum(shares._withheld_cents()),
            "fund_cents": sum(shares.mapped("fund_cents")),
            "fund_id": shares[:1].fund_id.id,
        }

    @api.model
    def _check_reversible(self, act):
        """Refuse what no approved statement has paid, and what the sponsor has its final account of.

        Once the unused value of an order was returned, both sides have signed its account: the vouchers could neither
        be used again nor be returned with the others.
        """
        if act.state != "settled" or act.statement_id.state == "draft":
            raise UserError(
                self.env._(
                    "Only a redemption whose statement is approved can be reversed. Before its settlement it is"
                    " cancelled; while its statement is computed, wait for the approval."
                )
            )
        for order in self._orders(act):
            if order.state == "closed" or order.return_move_id or order.surplus_move_id:
                raise UserError(
                    self.env._(
                        "The unused value of order %(order)s was returned to its sponsor by a joint statement: this"
                        " redemption can no longer be reversed.",
                        order=order.name,
                    )
                )

    @api.model
    def _orders(self, act):
        """The orders of the vouchers that paid."""
        return act.sudo().event_ids.filtered(lambda event: event.kind == "redeem").order_id

    def _approve(self):
        """Reverse as the second person: vouchers and ledger now, the provider's money on its next statement.

        Approving twice is once.

        :raise AccessError: for others than accountants and managers of #APTIC
        :raise UserError: for who asked, when it was refused, or when it can no longer be reversed
        :raise LockError: when another transaction holds the redemption or an order
        """
        self._check_any_group(DECIDERS)
        self.check_access("read")
        for reversal in self.sudo():
            act = reversal.redemption_id
            act.lock_for_update()
            reversal._lock_or_retry()
            if reversal.decision == "approved":
                continue
            reversal._check_undecided()
            self._orders(act).lock_for_update(allow_referencing=True)
            self.env.invalidate_all()
            reversal._check_reversible(act)
            reversal._decide("approved")
            given = act._return_vouchers("reverse", "reversed", reversal.reason, reversal.decided_at)
            if given != act.voucher_count:
                raise UserError(
                    self.env._(
                        "Only %(given)s of the %(count)s vouchers of this redemption could be given back: nothing was"
                        " reversed. Tell the administrator.",
                        given=given,
                        count=act.voucher_count,
                    )
                )
            reversal._tell()

    def _refuse(self, answer):
        """Leave the redemption as it is. Refusing twice is once.

        :param str answer: why; who asked reads it
        :raise AccessError: for others than accountants and managers of #APTIC
        :raise UserError: without an answer, for who asked, or when it was approved
        """
        self._check_any_group(DECIDERS)
        self.check_access("read")
        answer = one_line(answer, LONGEST_REASON)
        if not answer:
            raise UserError(self.env._("Say why: who asked reads it."))
        for reversal in self.sudo():
            reversal._lock_or_retry()
            if reversal.decision != "refused":
                reversal._check_undecided()
                reversal._decide("refused", answer)

    def _check_undecided(self):
        self.ensure_one()
        if self.decision:
            raise UserError(self.env._("This reversal was decided already."))
        if self.asked_by_id == self.env.user:
            raise UserError(self.env._("You asked for this reversal yourself: another person must decide about it."))

    def _decide(self, decision, answer=None):
        self._guarded_write(
            {"decision": decision, "decided_by_id": self.env.uid, "decided_at": clock.now(), "answer": answer}
        )
        self.flush_recordset()

    # ----------------------------------------------------------------- buttons
    def action_approve(self):
        """Button: approve as the second person."""
        self._approve()

    def action_open_redemption(self):
        """Smart button: what is reversed."""
        self.ensure_one()
        return self.redemption_id._get_records_action(name=self.env._("Redemption"))
