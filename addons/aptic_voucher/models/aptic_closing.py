from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_base.write_once import protect
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import clock
from ..days import paris_day

COUNTS = ("ordered", "printed", "activated", "redeemed", "expired", "blocked", "replaced")
CENTS = ("face", "received", "activated", "redeemed", "unused", "surplus")
DAYS_TO_ANSWER = 30
LONGEST_CONTEST = 2000  # characters


class ApticClosing(models.Model):
    """The joint statement of an order that is over: what became of its vouchers and its money, agreed by the sponsor.

    Its figures are those of the ledger when it was drawn; a row is filled in and never rewritten.
    """

    _name = "aptic.closing"
    _description = "Joint statement"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"

    name = fields.Char(string="Reference", required=True, readonly=True)
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(related="order_id.sponsor_id", store=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    drawn_at = fields.Datetime(string="Drawn on", required=True, readonly=True)
    drawn_by_id = fields.Many2one("res.users", string="Drawn by", required=True, readonly=True, ondelete="restrict")
    last_day = fields.Date(string="Last valid day", required=True, readonly=True)
    accepted_until = fields.Date(required=True, readonly=True)
    ordered_count = fields.Integer(string="Ordered", readonly=True)
    printed_count = fields.Integer(string="Printed", readonly=True)
    activated_count = fields.Integer(string="Activated", readonly=True)
    redeemed_count = fields.Integer(string="Redeemed", readonly=True)
    expired_count = fields.Integer(string="Expired", readonly=True)
    blocked_count = fields.Integer(string="Blocked", readonly=True)
    replaced_count = fields.Integer(string="Replaced", readonly=True)
    face_cents = fields.Integer(readonly=True, help="Face value of the order, in cents.")
    received_cents = fields.Integer(readonly=True, help="Received by the segregated account, in cents.")
    activated_cents = fields.Integer(readonly=True, help="Face value of activated vouchers, in cents.")
    redeemed_cents = fields.Integer(readonly=True, help="Face value of redeemed vouchers, in cents.")
    unused_cents = fields.Integer(readonly=True, help="Activated and not redeemed: goes back to the sponsor, in cents.")
    surplus_cents = fields.Integer(
        readonly=True, help="Received for vouchers that were never activated: goes back too, in cents."
    )
    returned_amount = fields.Monetary(string="Goes back to the sponsor", compute="_compute_returned_amount")
    signed_at = fields.Datetime(string="Signed on", readonly=True)
    signed_by_id = fields.Many2one("res.users", string="Signed by", readonly=True, ondelete="restrict")
    contested_at = fields.Datetime(string="Contested on", readonly=True)
    contested_by_id = fields.Many2one("res.users", string="Contested by", readonly=True, ondelete="restrict")
    contest = fields.Text(string="What is contested", readonly=True)
    tacit_at = fields.Datetime(string="Taken as agreed on", readonly=True)
    tacit_by_id = fields.Many2one("res.users", string="Taken as agreed by", readonly=True, ondelete="restrict")
    tacit_reason = fields.Char(string="Why without a signature", readonly=True)
    stage = fields.Selection(
        [("waiting", "To be signed"), ("signed", "Signed"), ("contested", "Contested"), ("tacit", "Taken as agreed")],
        string="Status",
        compute="_compute_stage",
    )

    _guarded_fields = frozenset(
        {
            "name", "order_id", "drawn_at", "drawn_by_id", "last_day", "accepted_until",
            *(f"{name}_count" for name in COUNTS), *(f"{name}_cents" for name in CENTS),
            "signed_at", "signed_by_id", "contested_at", "contested_by_id", "contest",
            "tacit_at", "tacit_by_id", "tacit_reason",
        }
    )  # fmt: skip

    _one_answer = models.Constraint(
        "CHECK(num_nonnulls(signed_at, contested_at, tacit_at) <= 1)", "A joint statement is answered once."
    )

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse to rewrite a joint statement."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("unused_cents", "surplus_cents")
    def _compute_returned_amount(self):
        for closing in self:
            closing.returned_amount = (closing.unused_cents + closing.surplus_cents) / 100

    @api.depends("signed_at", "contested_at", "tacit_at")
    def _compute_stage(self):
        for closing in self:
            closing.stage = (
                "signed" if closing.signed_at
                else "contested" if closing.contested_at
                else "tacit" if closing.tacit_at
                else "waiting"
            )  # fmt: skip

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A joint statement is kept."))

    # ----------------------------------------------------------------- answers
    def _sign(self):
        """The sponsor agrees; the caller has checked that the current user may sign for it. Signing twice is once."""
        self.ensure_one()
        self._lock_or_retry()
        if self.stage == "signed":
            return
        self._check_waiting()
        self._guarded_write({"signed_at": clock.now(), "signed_by_id": self.env.uid})
        self.order_id.message_post(
            body=self.env._("%(name)s was signed by %(user)s.", name=self.name, user=self.env.user.name)
        )

    def _contest(self, text):
        """The sponsor does not agree, and says why; staff looks at it and draws another statement.

        :param str text: what is wrong, in the person's words
        :raise UserError: without a text, or when it was answered already
        """
        self.ensure_one()
        self._lock_or_retry()
        text = (text or "").replace("\x00", "").strip()[:LONGEST_CONTEST]
        if not text:
            raise UserError(self.env._("Say what is wrong with the statement."))
        self._check_waiting()
        self._guarded_write({"contested_at": clock.now(), "contested_by_id": self.env.uid, "contest": text})
        self.order_id.message_post(
            body=self.env._("%(name)s is contested: %(text)s", name=self.name, text=text),
            subtype_xmlid="mail.mt_note",
        )

    def _agree_tacitly(self, reason):
        """Staff takes the statement as agreed, when the sponsor has not answered in time.

        :param str reason: how the sponsor was asked, in a person's words
        :raise UserError: before the time is over, without a reason, or when it was answered
        """
        self.ensure_one()
        self._lock_or_retry()
        reason = one_line(reason, 300)
        if not reason:
            raise UserError(self.env._("Say how the sponsor was asked to sign."))
        self._check_waiting()
        due = paris_day(self.drawn_at) + timedelta(days=DAYS_TO_ANSWER)
        if clock.today() <= due:
            raise UserError(self.env._("The sponsor has until %s to answer.", format_date(self.env, due)))
        self._guarded_write({"tacit_at": clock.now(), "tacit_by_id": self.env.uid, "tacit_reason": reason})

    def _check_waiting(self):
        if self.stage != "waiting":
            raise UserError(
                self.env._(
                    "%(name)s was answered already: %(stage)s.",
                    name=self.name,
                    stage=dict(self._fields["stage"]._description_selection(self.env))[self.stage],
                )
            )
        if self != self.order_id.closing_id:
            raise UserError(self.env._("%s was replaced by a newer statement: open that one.", self.name))

    def _is_agreed(self):
        return self.stage in ("signed", "tacit")
