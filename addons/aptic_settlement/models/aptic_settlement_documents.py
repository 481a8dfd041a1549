import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError

from ..batches import PASSING, in_halves

_logger = logging.getLogger(__name__)

# Statements of one transaction, and of what is made at once when a settlement is approved: half a minute at most.
BATCH = 50
BATCH_PARAMETER = "aptic_settlement.documents_batch"
TOLD = 20  # troubles in a message; the list has them all
ACTIVITY = "aptic_settlement.mail_activity_documents"


class ApticSettlement(models.Model):
    """The documents of an approved settlement: entries, fee invoices and credit notes, and the rows of the ledger.

    They are made in batches of statements, one transaction each, so that after each of them ledger and accounts say
    the same, and whoever is killed leaves whole batches. A batch takes what is a draft still: nothing is made twice. A
    statement whose documents cannot be made stays a draft with the reason, and the others go on.
    """

    _inherit = "aptic.settlement"

    documents_state = fields.Selection(
        [("making", "Being made"), ("failed", "Not all could be made"), ("made", "Made")],
        string="Documents",
        readonly=True,
        copy=False,
        index=True,
        help="Entries, invoices and credit notes of an approved settlement.",
    )
    documents_sponsor = fields.Integer(
        readonly=True, copy=False, aggregator=None, help="The last sponsor whose documents were dealt with."
    )
    documents_trouble = fields.Text(string="Sponsors in trouble", readonly=True, copy=False)
    documents_told = fields.Text(readonly=True, copy=False, help="What was last told of troubles.")
    documents_made = fields.Integer(string="Statements with their documents", compute="_compute_documents")
    documents_failed = fields.Integer(string="Statements in trouble", compute="_compute_documents")
    documents_progress = fields.Float(
        string="Progress", compute="_compute_documents", help="Statements dealt with, in % of all."
    )

    _guarded_fields = frozenset({"documents_state", "documents_sponsor", "documents_trouble", "documents_told"})

    @api.depends("statement_ids.state", "statement_ids.documents_error")
    def _compute_documents(self):
        groups = self.env["aptic.statement"]._read_group(
            [("settlement_id", "in", self.ids)], ["settlement_id", "state"], ["__count", "documents_error:count"]
        )
        counts = {}
        for settlement, state, count, failed in groups:
            made, of_them, total = counts.get(settlement.id, (0, 0, 0))
            counts[settlement.id] = (made + (state != "draft") * count, of_them + failed, total + count)
        for settlement in self:
            made, failed, total = counts.get(settlement.id, (0, 0, 0))
            settlement.documents_made = made
            settlement.documents_failed = failed
            settlement.documents_progress = 100 * (made + failed) / total if total else 0

    # ------------------------------------------------------------------ start
    def _start_documents(self):
        """Make the documents: those of a batch in this transaction, those of more in the background."""
        self.ensure_one()
        self._guarded_write({"documents_state": "making", "documents_sponsor": 0, "documents_trouble": False})
        if len(self.statement_ids) <= self._documents_batch():
            while self._make_documents():
                pass
        else:
            self._wake_documents()

    def _wake_documents(self):
        self.env.ref("aptic_settlement.cron_documents").sudo()._trigger()

    @api.model
    def _documents_batch(self):
        """How many statements a transaction takes: a slow server may want less."""
        return self.env["ir.config_parameter"]._get_number(BATCH_PARAMETER, BATCH, least=1)

    def action_try_documents(self):
        """Button: try again to make what could not be made, or go on at once with what is being made."""
        self._check_accountant()
        for settlement in self.sudo():
            settlement._try_documents()

    def _try_documents(self):
        """Deal once more with the statements and sponsors in trouble."""
        self.ensure_one()
        self._lock_or_retry()
        if self.documents_state == "failed":
            self._drafts([("documents_error", "!=", False)])._guarded_write({"documents_error": False})
            self._guarded_write({"documents_state": "making", "documents_sponsor": 0, "documents_trouble": False})
        if self.documents_state == "making":
            self._wake_documents()

    # ------------------------------------------------------------------ batch
    def _drafts(self, domain, limit=None):
        drafts = [("settlement_id", "=", self.id), ("state", "=", "draft"), *domain]
        return self.env["aptic.statement"].search(drafts, order="id", limit=limit)

    def _make_documents(self):
        """Deal with the next batch: of statements, then of sponsors; behind the last one the making is over.

        :return: how many statements or sponsors it was about; 0 when all have been dealt with
        """
        self.ensure_one()
        self._lock_or_retry()
        if self.documents_state != "making":
            return 0
        run = self._as_approver()
        size = run._documents_batch()
        statements = run._drafts([("documents_error", "=", False)], limit=size)
        if statements:
            statements.lock_for_update()
            in_halves(statements, run._make_statements, run._note_statement)
            _logger.info("%s %s: documents of %s statements dealt with", self._name, self.id, len(statements))
            return len(statements)
        sponsors = run._sponsors_with_documents().filtered(lambda sponsor: sponsor.id > run.documents_sponsor)[:size]
        if sponsors:
            in_halves(sponsors, run._make_sponsors, run._note_sponsor)
            run._guarded_write({"documents_sponsor": sponsors[-1].id})
            return len(sponsors)
        run._end_documents()
        return 0

    def _as_approver(self):
        """The approver's environment: the documents are that person's act, whoever's process makes them."""
        approver = self.approved_by_id
        return (
            self.with_user(approver)
            .sudo()
            .with_context(lang=approver.lang, tz=approver.tz)
            .with_company(self.company_id)
        )

    def _make_statements(self, statements):
        """The documents of these statements and their rows of the ledger, which are on the same day."""
        at = self._documents_at()
        day = paris_day(at)
        waiting = statements.carried_from_id.filtered(lambda earlier: earlier.state == "draft")
        if waiting:
            raise UserError(
                self.env._("The documents of statement %s, which carries a balance over, come first.", waiting[0].name)
            )
        self._refresh_balances(statements)
        self._append_ledger(statements, at)
        statements._post_documents(day)
        statements._guarded_write({"booked_day": day})
        statements._set_state(("draft",), "approved")
        statements._close_unpaid()
        self._offset_carried(statements, day)
        statements.filtered(lambda one: one.state == "approved")._set_off_invoices(day)._tell()

    def _documents_at(self):
        """The moment of the approval; where its day has been closed by a lock date since, now."""
        company = self.company_id
        locks = [
            company._get_user_fiscal_lock_date(journal, ignore_exceptions=True)
            for journal in (company.aptic_ledger_journal_id, company._aptic_fee_journal())
        ]
        return self.approved_on if max(locks) < paris_day(self.approved_on) else fields.Datetime.now()

    def _note_statement(self, statement, reason):
        statement._guarded_write({"documents_error": reason})

    # ---------------------------------------------------------------- sponsors
    def _make_sponsors(self, sponsors):
        self._post_sponsor_documents(sponsors, paris_day(self._documents_at()))

    def _note_sponsor(self, sponsor, reason):
        told = f"{sponsor.name}: {reason}"
        self._guarded_write({"documents_trouble": "\n".join(filter(None, [self.documents_trouble, told]))})

    # -------------------------------------------------------------------- end
    def _end_documents(self):
        """All have been dealt with: say what is there, and what is not."""
        self.statement_ids._net_fees_to_transfer()
        drafts = self._drafts([])
        self._guarded_write({"documents_state": "failed" if drafts or self.documents_trouble else "made"})
        self._update_state()
        troubles = [f"{each.name}, {each.provider_id.display_name}: {each.documents_error}" for each in drafts]
        troubles += (self.documents_trouble or "").splitlines()
        if troubles:
            self._tell_troubles(troubles)
            return
        self._guarded_write({"documents_told": False})
        self._note_set_off()
        self.activity_feedback([ACTIVITY], feedback=self.env._("All documents are made."))
        if len(self.statement_ids) > self._documents_batch():
            self.message_post(
                body=self.env._("The documents of all %s statements are made.", len(self.statement_ids)),
                author_id=self.env.ref("base.partner_root").id,
                partner_ids=self.approved_by_id.partner_id.ids,
            )

    def _tell_troubles(self, troubles):
        """Tell both accountants of the settlement what could not be made, once each time that it changes."""
        told = "\n".join(troubles)
        if told == self.documents_told:
            return
        self._guarded_write({"documents_told": told})
        rows = Markup().join(Markup("<li>%s</li>") % trouble for trouble in troubles[:TOLD])
        if len(troubles) > TOLD:
            rows += Markup("<li>%s</li>") % self.env._("and %s more, in the list of statements", len(troubles) - TOLD)
        body = Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("These documents could not be made; all others are there. Mend the cause, then try again:"),
            rows,
        )
        self.message_post(body=body)
        open_for = self.activity_search([ACTIVITY]).user_id
        for user in (self.approved_by_id | self.computed_by_id).filtered("active") - open_for:
            self.activity_schedule(
                ACTIVITY,
                summary=self.with_context(lang=user.lang).env._("Documents that could not be made"),
                user_id=user.id,
            )

    # -------------------------------------------------------------------- pay
    def _check_documents(self):
        """Nobody is paid while documents are being made, so that one order pays the month; who is in trouble waits."""
        making = self.sudo().search(
            [("company_id", "=", self.company_id.id), ("documents_state", "=", "making")], limit=1
        )
        if making:
            raise UserError(
                self.env._(
                    "The documents of settlement %(name)s are being made, %(made)s of %(total)s: make the payment order"
                    " once all are there.",
                    name=making.name,
                    made=making.documents_made,
                    total=making.statement_count,
                )
            )

    # ------------------------------------------------------------------- cron
    def _documents_left(self):
        """How much is left to be dealt with, the end included."""
        self.ensure_one()
        drafts = self.env["aptic.statement"].search_count(
            [("settlement_id", "=", self.id), ("state", "=", "draft"), ("documents_error", "=", False)]
        )
        sponsors = self._sponsors_with_documents().filtered(lambda sponsor: sponsor.id > self.documents_sponsor)
        return drafts + len(sponsors) + 1

    @api.model
    def _cron_make_documents(self):
        """Make documents until all are made or the time of this run is over; then another run goes on."""
        cron = self.env["ir.cron"]
        making = self.search([("documents_state", "=", "making")], order="cutoff_day, id")
        cron._commit_progress(remaining=sum(settlement._documents_left() for settlement in making))
        for settlement in making:
            try:
                while count := settlement._make_documents():
                    if not cron._commit_progress(count):
                        return
            except PASSING as error:
                self.env.cr.rollback()
                _logger.info("%s %s: the batch is made again later (%s)", self._name, settlement.id, error)
                continue
            cron._commit_progress(1)

    @api.model
    def _cron_try_documents(self):
        """Deal again with what was in trouble: the cause may be mended."""
        for settlement in self.search([("documents_state", "=", "failed")], order="cutoff_day, id"):
            settlement._try_documents()
