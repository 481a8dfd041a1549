from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line, paragraphs
from odoo.addons.aptic_base.write_once import protect
from odoo.exceptions import UserError

from .. import rules, widening
from .aptic_rule import RULE_MODELS

RUNNING = ("confirmed", "proofed", "printed", "delivered", "active")
STAFF = ("aptic_base.group_aptic_user",)
LONGEST_REASON = 1000


class ApticAmendment(models.Model):
    """What was changed in an order after its confirmation: who asked, when, why, the rules before and after.

    Rules become wider only. A row is filled in when it is decided and never rewritten: the database itself refuses, and
    it lets the frozen rules of an order change exactly as an approved row says.
    """

    _name = "aptic.amendment"
    _description = "Amendment of an order"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(related="order_id.sponsor_id")
    changes = fields.Json(required=True, readonly=True, help="Rows of the rule engine: what is allowed besides.")
    reason = fields.Text(required=True, readonly=True)
    asked_by_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True, ondelete="restrict")
    asked_at = fields.Datetime(string="Asked on", required=True, readonly=True)
    decision = fields.Selection([("approved", "Approved"), ("declined", "Declined")], readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(string="Decided on", readonly=True)
    answer = fields.Text(readonly=True, help="Told to the sponsor.")
    rows_before = fields.Json(string="Rules before", readonly=True)
    rows_after = fields.Json(string="Rules after", readonly=True, help="Empty: no restriction is left.")
    stage = fields.Selection(
        [("asked", "To decide"), ("approved", "Approved"), ("declined", "Declined")],
        string="Status",
        compute="_compute_stage",
    )
    text_before = fields.Text(string="Rules before it", compute="_compute_texts", compute_sudo=True)
    text_after = fields.Text(string="Rules after it", compute="_compute_texts", compute_sudo=True)
    summary = fields.Text(string="Allowed besides", compute="_compute_summary", compute_sudo=True)

    _guarded_fields = frozenset(
        {
            "order_id", "changes", "reason", "asked_by_id", "asked_at", "decision", "decided_by_id", "decided_at",
            "answer", "rows_before", "rows_after",
        }
    )  # fmt: skip

    _one_to_decide = models.UniqueIndex(
        "(order_id) WHERE decided_at IS NULL", "An extension of this order waits for its decision already."
    )
    _decided_whole = models.Constraint(
        "CHECK(num_nulls(decision, decided_by_id, decided_at) IN (0, 3))",
        "An amendment is decided by somebody, on a day.",
    )
    _approved_whole = models.Constraint(
        "CHECK((decision IS NOT DISTINCT FROM 'approved') = (rows_before IS NOT NULL))",
        "An approved amendment says what the rules were.",
    )
    _declined_with_answer = models.Constraint(
        "CHECK(decision IS DISTINCT FROM 'declined' OR answer IS NOT NULL)", "Say why: the sponsor reads it."
    )

    def init(self):
        """Have PostgreSQL refuse to rewrite or delete a row."""
        protect(self.env.cr, self._table)

    @api.depends("order_id")
    def _compute_display_name(self):
        for amendment in self:
            amendment.display_name = self.env._("Amendment of %s", amendment.order_id.name or "")

    @api.depends("decision")
    def _compute_stage(self):
        for amendment in self:
            amendment.stage = amendment.decision or "asked"

    @api.depends("changes")
    def _compute_summary(self):
        for amendment in self:
            amendment.summary = "\n".join(self._row_sentences(amendment.changes or [], asked=True))

    @api.depends("rows_before", "rows_after", "decision")
    def _compute_texts(self):
        for amendment in self:
            is_approved = amendment.decision == "approved"
            everywhere = self.env._("No restriction is left.")
            after = self._row_sentences(amendment.rows_after or [])
            amendment.text_before = "\n".join(self._row_sentences(amendment.rows_before or []))
            amendment.text_after = "\n".join(after) or (everywhere if is_approved else "")

    @api.model
    def _row_sentences(self, rows, asked=False):
        """What rows of the rule engine say, for people: a sentence each.

        :param bool asked: the rows are changes: what they allow besides
        """
        kinds = dict(self.env["aptic.rule"]._fields["kind"]._description_selection(self.env))
        sentences = []
        for row in filter(rules.kind_of, rows):
            names = ()
            if row["kind"] in RULE_MODELS:
                names = self.env[RULE_MODELS[row["kind"]]].browse(row["ids"]).exists().mapped("display_name")
            text = self.env["aptic.rule"]._describe(row, names)
            if asked and row["kind"] == "no_copay":
                text = self.env._("given up: the beneficiary may add money")
            elif asked and row["kind"] == "excluded_provider":
                text = self.env._("no longer excluded: %s", ", ".join(names))
            sentences.append(self.env._("%(kind)s: %(what)s", kind=kinds[row["kind"]], what=text))
        return sentences

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An amendment is kept: ask for another one instead."))

    # ------------------------------------------------------------------- verbs
    @api.model
    def _ask(self, order, changes, reason):
        """Ask for wider rules of a confirmed order. The caller has checked that the user may.

        :param order: ``aptic.order``
        :param list changes: rows of the rule engine that say what is allowed besides (see ``widening.py``)
        :param str reason: why, in the person's words
        :raise UserError: when nothing becomes wider, no reason is given, or the order is not running
        """
        order = order.sudo()
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say why the rules are to be extended: the reason is kept."))
        order._lock_or_retry()
        self._check_running(order)
        self._widened(order, changes)
        if self.sudo().search_count([("order_id", "=", order.id), ("decided_at", "=", False)]):
            raise UserError(self.env._("An extension of this order waits for its decision already."))
        return self.sudo()._guarded_create(
            [
                {
                    "order_id": order.id,
                    "changes": changes,
                    "reason": reason,
                    "asked_by_id": self.env.uid,
                    "asked_at": fields.Datetime.now(),
                }
            ]
        )

    def _approve(self):
        """Widen the order's frozen rules, now; the ledger says so. Approving twice is once.

        :raise UserError: when it was declined, or nothing becomes wider any more
        """
        for amendment in self.sudo():
            amendment.order_id._lock_or_retry()
            amendment._lock_or_retry()
            if amendment.decision == "approved":
                continue
            amendment._check_undecided()
            order = amendment.order_id
            self._check_running(order)
            before = order.frozen_rules or []
            after = self._widened(order, amendment.changes)
            amendment._decide("approved", {"rows_before": before, "rows_after": after})
            order._amend(after, amendment.changes)
            event = {"kind": "amend", "order_id": order.id, "quantity": order.quantity, "amount_cents": 0}
            told = one_line(
                f"{' · '.join(self._row_sentences(amendment.changes, asked=True))} – {amendment.reason}", 1000
            )
            self.env["aptic.event"].sudo()._append([{**event, "reason": told}])
            amendment._tell()

    def _decline(self, answer):
        """Leave the rules as they are; the sponsor is told why.

        :param str answer: told to the sponsor
        :raise UserError: without an answer, or when it was approved
        """
        answer = one_line(answer, LONGEST_REASON)
        if not answer:
            raise UserError(self.env._("Say why: the sponsor reads it."))
        for amendment in self.sudo():
            amendment._lock_or_retry()
            if amendment.decision != "declined":
                amendment._check_undecided()
                amendment._decide("declined", {"answer": answer})
                amendment._tell()

    def _decide(self, decision, vals):
        self._guarded_write(
            {"decision": decision, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now(), **vals}
        )
        self.flush_recordset()

    def _check_undecided(self):
        if self.decision:
            raise UserError(self.env._("This amendment was decided already: ask for another one."))

    @api.model
    def _check_running(self, order):
        if order.state not in RUNNING:
            raise UserError(
                self.env._("Only the rules of a running order are extended: a draft can simply be changed.")
            )

    @api.model
    def _widened(self, order, changes):
        """The order's rules with the changes.

        :raise UserError: when a change allows nothing more
        """
        try:
            return widening.widened(order.frozen_rules or [], changes)
        except widening.NotWider as error:
            kinds = dict(self.env["aptic.rule"]._fields["kind"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(kind)s”: this allows nothing more than today. Rules can only become wider, and only those"
                    " that the order has.",
                    kind=kinds[error.kind],
                )
                if error.kind
                else self.env._("Choose what is to be allowed besides.")
            ) from None

    def _tell(self):
        """Tell the person who asked, on the order's page and by mail."""
        for amendment in self:
            asker = amendment.asked_by_id
            env = amendment.with_context(lang=asker.lang).env
            what = env["aptic.amendment"]._row_sentences(amendment.changes, asked=True)
            if amendment.decision == "approved":
                first = env._("The rules of the order are extended, from now on:")
            else:
                first = env._("The rules of the order stay as they are: %(answer)s", answer=amendment.answer)
            told = asker.partner_id if asker != self.env.user else asker.partner_id.browse()
            amendment.order_id.message_post(body=paragraphs(first, *what), partner_ids=told.ids)

    # ---------------------------------------------------------------- buttons
    def action_approve(self):
        """Approve, from the form."""
        self._check_any_group(STAFF)
        self.check_access("read")
        self._approve()
