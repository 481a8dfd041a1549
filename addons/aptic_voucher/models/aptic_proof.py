from odoo import api, fields, models
from odoo.tools import format_date

from .. import clock


class ApticProof(models.Model):
    """A version of the proof (« bon à tirer ») of an order: the PDF of one booklet, and what the sponsor said of it."""

    _name = "aptic.proof"
    _description = "Proof"
    _inherit = ["aptic.guarded.mixin", "aptic.ending.mixin"]
    _order = "id desc"

    name = fields.Char(required=True)
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict")
    sponsor_name = fields.Char(required=True, help="As it is printed.")
    number = fields.Integer(string="Version", required=True)
    state = fields.Selection(
        [
            ("waiting", "With the sponsor"),
            ("returned", "Sent back"),
            ("replaced", "Replaced by another version"),
            ("approved", "Approved by the sponsor"),
            ("cancelled", "Given up with the order"),
        ],
        string="Status",
        required=True,
        default="waiting",
        index=True,
    )
    note = fields.Text(string="What changed", help="Told to the sponsor with this version.")
    message = fields.Char()
    logo = fields.Binary(attachment=True)
    sent_at = fields.Datetime(string="Sent on", required=True)
    due_on = fields.Date(string="Answer by", required=True)
    decided_at = fields.Datetime(string="Answered on")
    decided_by_id = fields.Many2one("res.users", string="Answered by", ondelete="restrict")
    reason = fields.Text(string="Why it was sent back")
    sha256 = fields.Char(string="SHA-256 of the PDF", required=True)
    attachment_id = fields.Many2one("ir.attachment", string="PDF", required=True, ondelete="restrict")
    waiting_days = fields.Integer(
        string="Days", compute="_compute_waiting_days", help="Since it was sent, or sent back."
    )
    is_late = fields.Boolean(compute="_compute_waiting_days")

    _guarded_fields = frozenset(
        {
            "name", "order_id", "sponsor_name", "number", "state", "note", "message", "logo", "sent_at", "due_on",
            "decided_at", "decided_by_id", "reason", "sha256", "attachment_id",
        }
    )  # fmt: skip
    _end_field = "due_on"
    _end_stages = (3, 0)
    _end_order = "order_id, id"

    _number_once = models.UniqueIndex("(order_id, number)", "This version of the proof was made already.")
    _one_open = models.UniqueIndex(
        "(order_id) WHERE state IN ('waiting', 'returned', 'approved')", "Only one version of a proof counts."
    )

    @api.depends("state", "sent_at", "decided_at", "due_on")
    def _compute_waiting_days(self):
        today = clock.today()
        for proof in self:
            since = proof.decided_at if proof.state == "returned" else proof.sent_at
            open_ = proof.state in ("waiting", "returned")
            proof.waiting_days = max(0, (today - since.date()).days) if open_ and since else 0
            proof.is_late = proof.state == "waiting" and today > proof.due_on

    @api.model
    def _cron_remind(self):
        """Remind the sponsors of the proofs that wait for them, three days before their day and on it."""
        self._remind_in_time([("state", "=", "waiting")])

    def _remind(self, stage):
        for proof in self:
            order = proof.order_id
            env = order._in_their_language().env
            day = format_date(env, proof.due_on)
            if proof.due_on < clock.today():
                body = env._(
                    "The proof %(name)s still waits for your answer, which was due by %(day)s: nothing is printed "
                    "before.",
                    name=proof.name, day=day,
                )  # fmt: skip
            else:
                body = env._("The proof %(name)s waits for your answer by %(day)s: nothing is printed before.",
                             name=proof.name, day=day)  # fmt: skip
            order._tell_sponsor(env._("Proof %s: your answer is awaited", proof.name), body, page="/proofs")

    def action_open_pdf(self):
        """Button of the back office: the PDF of this version."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.attachment_id.id}", "target": "new"}
