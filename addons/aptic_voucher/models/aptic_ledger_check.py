import logging
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import seals

_logger = logging.getLogger(__name__)

SLICE = 20  # seconds of one go
MAY_CHECK = ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager")


class ApticLedgerCheck(models.Model):
    """A check of the ledger against its seals, from the first row on; it says the first row that does not agree."""

    _name = "aptic.ledger.check"
    _description = "Check of the ledger"
    _inherit = "aptic.guarded.mixin"
    _order = "id desc"
    _rec_name = "create_date"

    state = fields.Selection(
        [("draft", "To do"), ("running", "Running"), ("sound", "Intact"), ("broken", "Not intact")],
        string="Result", required=True, readonly=True, default="draft", copy=False,
    )  # fmt: skip
    anchor = fields.Char(
        string="What you kept",
        help="Number and SHA-256 of a seal, as an earlier check gave them: they show also that nobody made the whole"
        " chain anew.",
    )
    seal_number = fields.Integer(string="Seals", readonly=True, copy=False, aggregator=None)
    seal_hash = fields.Char(readonly=True, copy=False)
    last_id = fields.Integer(readonly=True, copy=False, aggregator=None)
    row_count = fields.Integer(string="Rows", readonly=True, copy=False, aggregator=None)
    unsealed_count = fields.Integer(string="Rows not sealed yet", readonly=True, copy=False, aggregator=None)
    ended_at = fields.Datetime(readonly=True, copy=False)
    active = fields.Boolean(default=True, help="Archive a finding once it is cleared up: it leaves the overview.")
    fault_kind = fields.Selection(
        [
            ("altered", "Row altered"),
            ("missing", "Row missing"),
            ("inserted", "Row inserted"),
            ("seal", "Seal altered"),
            ("chain", "Seal missing"),
            ("anchor", "Not the chain that you know"),
        ],
        string="What is wrong", readonly=True, copy=False,
    )  # fmt: skip
    fault_seal = fields.Integer(string="In seal", readonly=True, copy=False, aggregator=None)
    fault_row = fields.Integer(string="First row", readonly=True, copy=False, aggregator=None)
    keep = fields.Char(string="To be kept outside", compute="_compute_keep")
    finding = fields.Char(compute="_compute_finding")

    _guarded_fields = frozenset(
        {
            "state", "seal_number", "seal_hash", "last_id", "row_count", "unsealed_count", "ended_at",
            "fault_kind", "fault_seal", "fault_row",
        }
    )  # fmt: skip

    @api.constrains("anchor")
    def _check_anchor(self):
        for check in self.filtered("anchor"):
            if not check._parsed_anchor():
                raise ValidationError(
                    self.env._("Write the number and the SHA-256 of the seal as they were given, such as 12:3fa9…")
                )

    def _parsed_anchor(self):
        """``(number, hash)`` as it was typed, or None."""
        found = re.fullmatch(r"\s*(\d{1,9})\s*[: ]\s*([0-9a-fA-F]{64})\s*", self.anchor or "")
        return (int(found[1]), found[2].lower()) if found else None

    @api.depends("state", "seal_number", "seal_hash")
    def _compute_keep(self):
        for check in self:
            is_known = check.state == "sound" and check.seal_number
            check.keep = is_known and f"{check.seal_number}:{check.seal_hash}"

    @api.depends("state", "fault_kind", "fault_seal", "fault_row", "seal_number", "row_count", "unsealed_count")
    def _compute_finding(self):
        for check in self:
            check.finding = check._finding()

    def _finding(self):
        seal, row = self.fault_seal, self.fault_row
        if self.state == "sound":
            return self.env._(
                "%(rows)s rows in %(seals)s seals are as they were written; %(unsealed)s more wait for their seal.",
                rows=self.row_count, seals=self.seal_number, unsealed=self.unsealed_count,
            )  # fmt: skip
        if self.state != "broken":
            return False
        return {
            "altered": lambda: self.env._("Row %(row)s is not what it was (seal %(seal)s).", row=row, seal=seal),
            "missing": lambda: self.env._("Row %(row)s is missing (seal %(seal)s).", row=row, seal=seal),
            "inserted": lambda: self.env._("Row %(row)s was put in later (seal %(seal)s).", row=row, seal=seal),
            "seal": lambda: self.env._("Seal %(seal)s is not what it was; the rows before it are intact.", seal=seal),
            "chain": lambda: self.env._("Seal %(seal)s is missing; the rows before it are intact.", seal=seal),
            "anchor": lambda: self.env._(
                "The chain agrees with itself, but seal %(seal)s is not the one that you kept: rows were changed or"
                " removed, and sealed anew.",
                seal=self._parsed_anchor()[0] if self._parsed_anchor() else seal,
            ),
        }[self.fault_kind]()

    # --------------------------------------------------------------------- act
    def action_check(self):
        """Button of the back office: check for 20 seconds; a scheduled task goes on with what is left.

        :raise AccessError: for others than accountants and managers
        """
        self.ensure_one()
        self._check_any_group(MAY_CHECK)
        self.check_access("read")
        if self.state not in ("draft", "running"):
            raise UserError(self.env._("This check is done: make a new one."))
        if self.sudo()._advance().state == "running":
            self.env.ref("aptic_voucher.cron_ledger_check").sudo()._trigger()

    def _advance(self, seconds=SLICE):
        """Go on with the check for some seconds and note how far it came."""
        self._lock_or_retry()
        start = seals.Progress(self.seal_number, self.seal_hash or seals.FIRST, self.last_id, self.row_count)
        done = seals.check(self.env.cr, self._parsed_anchor(), start, seconds)
        fault = done.fault
        self._guarded_write(
            {
                "state": ("broken" if fault else "sound") if done.is_finished else "running",
                "seal_number": done.number,
                "seal_hash": done.hash,
                "last_id": done.id_to,
                "row_count": done.rows,
                "unsealed_count": done.unsealed,
                "ended_at": done.is_finished and fields.Datetime.now(),
                "fault_kind": fault and fault.kind,
                "fault_seal": fault and fault.seal,
                "fault_row": fault and fault.row,
            }
        )
        if fault:
            _logger.error("The ledger is not intact: %s", self._finding())
        return self

    @api.model
    def _cron_check(self):
        """Once a week a check of its own; any day, go on with those that are not finished."""
        week = fields.Date.subtract(fields.Date.today(), days=7)
        if not self.search([("create_date", ">=", week)], limit=1):
            self.create([{}])
        unfinished = self.search([("state", "in", ("draft", "running"))], order="id")
        progress = self.env["ir.cron"]._commit_progress
        left = progress(remaining=len(unfinished))
        for check in unfinished:
            while left and check._advance().state == "running":
                left = progress(1, remaining=len(unfinished))
            if not left:
                return
            left = progress(1)
