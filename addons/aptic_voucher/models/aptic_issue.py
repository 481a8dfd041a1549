import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

BATCH = 50_000  # vouchers of one transaction: two seconds or so
STAFF = ("aptic_base.group_aptic_user",)


class ApticIssue(models.Model):
    """The making of a large order's vouchers in the background: batches, one transaction each.

    The serials are reserved once. What a batch made and how far it came are written together, so that a killed server
    leaves whole batches, and the next run goes on behind the last one. The order becomes *printed* with the last batch.
    """

    _name = "aptic.issue"
    _description = "Issue of a large order"
    _inherit = "aptic.guarded.mixin"
    _order = "id desc"

    order_id = fields.Many2one("aptic.order", required=True, index=True, readonly=True, ondelete="restrict")
    serial_from = fields.Integer(string="From serial", required=True, readonly=True, aggregator=None)
    quantity = fields.Integer(string="Vouchers", required=True, readonly=True)
    done = fields.Integer(string="Made", required=True, readonly=True, default=0)
    progress = fields.Float(compute="_compute_progress", help="Vouchers made, in % of those to make.")
    key_version = fields.Integer(required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done")],
        string="Status",
        required=True,
        default="running",
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True, ondelete="restrict")

    _guarded_fields = frozenset({"state", "done", "serial_from", "quantity", "key_version", "order_id"})

    _order_unique = models.Constraint("UNIQUE(order_id)", "The vouchers of this order are being made already.")
    _within = models.Constraint(
        "CHECK(done BETWEEN 0 AND quantity AND (state = 'done') = (done = quantity))",
        "Batches end with the last voucher.",
    )

    @api.depends("order_id")
    def _compute_display_name(self):
        for issue in self:
            issue.display_name = issue.order_id.name

    @api.depends("done", "quantity")
    def _compute_progress(self):
        for issue in self:
            issue.progress = 100 * issue.done / issue.quantity if issue.quantity else 0

    # ------------------------------------------------------------------ verbs
    @api.model
    def _start(self, order, key_version):
        """Begin the issue of a proofed order, or go on with it; the work is the cron's.

        :param order: one order, locked by the caller
        :param int key_version: of the codes
        """
        issue = self.search([("order_id", "=", order.id)])
        if not issue:
            issue = self._guarded_create(
                [
                    {
                        "order_id": order.id,
                        "serial_from": self.env["aptic.voucher"]._reserve(order.quantity),
                        "quantity": order.quantity,
                        "key_version": key_version,
                        "user_id": self.env.uid,
                    }
                ]
            )
        issue._resume()
        return issue

    def _stop(self):
        """Stop after the batch that is being made, if any."""
        self._check_any_group(STAFF)
        for issue in self.sudo():
            issue._lock_or_retry()
            issue._set_state(("running",), "stopped")

    def _resume(self):
        """Go on where the last batch ended."""
        self._check_any_group(STAFF)
        for issue in self.sudo():
            issue._lock_or_retry()
            if issue.order_id.state != "proofed":
                raise UserError(
                    self.env._("%(name)s no longer waits for its vouchers.", name=issue.order_id.display_name)
                )
            issue._set_state(("running", "stopped"), "running")
        self.env.ref("aptic_voucher.cron_issue").sudo()._trigger()

    def _make_batch(self, size=None):
        """Make the next vouchers; with the last ones the order is printed, and one row enters the ledger.

        :param int size: at most so many, rounded down to whole booklets; default ``BATCH``
        :return: how many were made; 0 when stopped, done, or when the order no longer waits for them
        """
        self.ensure_one()
        self._lock_or_retry()
        order = self.order_id
        if self.state != "running":
            return 0
        if order.state != "proofed":
            self._set_state(("running",), "stopped")
            return 0
        size = size or BATCH
        count = min(size - size % order.booklet_size, self.quantity - self.done)
        order._insert_vouchers(self.serial_from + self.done, count, self.key_version)
        last = self.done + count == self.quantity
        self._guarded_write({"done": self.done + count, **({"state": "done"} if last else {})})
        if last:
            order._set_state(("proofed",), "printed")
            order.with_user(self.user_id).sudo()._append_issue(self.serial_from)
        _logger.info("%s %s: %s of %s vouchers made", order._name, order.id, self.done, self.quantity)
        return count

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_issue(self):
        """Make batches until all is made or the time of this run is over; then another run goes on."""
        cron = self.env["ir.cron"]
        running = self.search([("state", "=", "running")], order="id")
        cron._commit_progress(remaining=sum(issue.quantity - issue.done for issue in running))
        for issue in running:
            while count := issue._make_batch():
                if not cron._commit_progress(count):
                    return
