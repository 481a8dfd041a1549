import contextlib

from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_voucher import codes
from odoo.addons.aptic_voucher.acts import GIVEN_BACK
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL, format_date

from ..watch import LONGEST_REASON, MANAGERS

HOLDING = ("open", "confirmed")
AT_ONCE = 200  # scans cancelled by one click


class ApticAlert(models.Model):
    """Scans that look wrong together, by one rule and about one subject: owed, and not paid until it is decided.

    ``open → dismissed | confirmed | void``; a confirmed one may still be dismissed. A dismissed alert gives its scans
    back to the next settlement; a confirmed one keeps them, until the team cancels them. *Void*: all were cancelled
    before anybody decided.
    """

    _name = "aptic.alert"
    _description = "Alert"
    _inherit = ["aptic.todo.mixin", "aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"

    rule_id = fields.Many2one("aptic.alert.rule", required=True, index=True, ondelete="restrict", readonly=True)
    kind = fields.Selection(related="rule_id.kind")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", readonly=True)
    key = fields.Char(required=True, readonly=True, help="The subject within the rule: one open alert each.")
    found = fields.Integer(required=True, readonly=True, aggregator=None, help="What the rule counted, at most.")
    raised_at = fields.Datetime(string="Raised on", required=True, readonly=True)
    booklet_id = fields.Many2one("aptic.booklet", ondelete="restrict", readonly=True)
    place_id = fields.Many2one("aptic.place", ondelete="restrict", readonly=True)
    order_id = fields.Many2one("aptic.order", ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", string="Who scanned", ondelete="restrict", readonly=True)
    day = fields.Date(readonly=True)
    redemption_ids = fields.Many2many(
        "aptic.redemption",
        "aptic_alert_redemption_rel",
        "alert_id",
        "redemption_id",
        string="Scans",
        readonly=True,
    )
    state = fields.Selection(
        [("open", "To decide"), ("dismissed", "Dismissed"), ("confirmed", "Confirmed"), ("void", "Nothing left")],
        string="Status",
        required=True,
        default="open",
        readonly=True,
        tracking=True,
        index=True,
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", ondelete="restrict", readonly=True)
    decided_at = fields.Datetime(string="Decided on", readonly=True)
    reason = fields.Char(string="What was found out", readonly=True)
    story = fields.Char(string="What was seen", compute="_compute_story")
    redemption_count = fields.Integer(string="Scans left", compute="_compute_figures")
    held_count = fields.Integer(string="Scans that wait", compute="_compute_figures")
    currency_id = fields.Many2one(related="provider_id.currency_id")
    face = fields.Monetary(string="Amount", compute="_compute_figures", help="Of the scans that are not cancelled.")
    held = fields.Monetary(string="Amount that waits", compute="_compute_figures")

    _guarded_fields = frozenset(
        {
            *("rule_id", "provider_id", "company_id", "key", "found", "raised_at", "booklet_id", "place_id"),
            *("order_id", "user_id", "day", "redemption_ids", "state", "decided_by_id", "decided_at", "reason"),
        }
    )
    _todo_states = {"open": ("aptic_pos.activity_alert", (MANAGERS,))}

    _one_open = models.UniqueIndex("(rule_id, provider_id, company_id, key) WHERE state = 'open'")
    _decided_whole = models.Constraint(
        "CHECK(state NOT IN ('dismissed', 'confirmed') OR num_nulls(decided_by_id, decided_at, reason) = 0)",
        "Who decides on an alert says why.",
    )

    # ------------------------------------------------------------------ fields
    @api.depends("rule_id", "provider_id")
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = f"{alert.rule_id.name} – {alert.provider_id.name}"

    @api.depends("found", "rule_id", "booklet_id", "place_id", "order_id", "user_id", "day")
    @api.depends_context("lang")
    def _compute_story(self):
        for alert in self:
            alert.story = alert._story()

    def _story(self):
        """What was seen, in a sentence for the team."""
        rule, env = self.rule_id, self.env
        values = {"found": self.found, "minutes": rule.minutes, "place": self.place_id.name}
        if self.kind == "booklet":
            serial = codes.serial_digits(self.booklet_id.serial)
            return env._("%(found)s vouchers of booklet %(serial)s within minutes", serial=serial, **values)
        if self.kind == "hours":
            day = format_date(env, self.day)
            return env._("%(found)s scans outside the opening hours of %(place)s on %(day)s", day=day, **values)
        if self.kind == "share":
            order = self.order_id.display_name
            return env._("%(found)s %% of what order %(order)s redeemed, at %(place)s", order=order, **values)
        values["who"] = self.user_id.name
        if self.kind == "sponsors":
            return env._("Vouchers of %(found)s sponsors within minutes, scanned by %(who)s", **values)
        return env._("%(found)s serials in a row over several booklets, scanned by %(who)s", **values)

    @api.depends("redemption_ids.state")
    def _compute_figures(self):
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """SELECT rel.alert_id, count(*), count(*) FILTER (WHERE r.is_held), sum(r.face_cents),
                          COALESCE(sum(r.face_cents) FILTER (WHERE r.is_held), 0)
                     FROM aptic_alert_redemption_rel rel JOIN aptic_redemption r ON r.id = rel.redemption_id
                    WHERE rel.alert_id = ANY(%s) AND r.state NOT IN %s GROUP BY rel.alert_id""",
                self.ids,
                GIVEN_BACK,
            )
        )
        figures = {alert_id: values for alert_id, *values in rows}
        for alert in self:
            count, held, cents, held_cents = figures.get(alert.id, (0,) * 4)
            alert.redemption_count, alert.held_count = count, held
            alert.face, alert.held = int(cents) / 100, int(held_cents) / 100

    # ------------------------------------------------------------------- raise
    @api.model
    def _raise(self, rule, rows):
        """Raise what a rule has found, once: an open alert about the same subject grows, what is known is left alone.

        The payout of these scans waits from now on.

        :param rows: as the rule's ``_found`` gives them
        :return: the alerts that are new
        """
        new, now = self.browse(), fields.Datetime.now()
        for row in rows:
            ids = row.pop("redemption_ids")
            subject = [(name, "=", row[name]) for name in ("provider_id", "company_id", "key")]
            alert = self.search([("rule_id", "=", rule.id), ("state", "=", "open"), *subject])
            if not alert:
                alert = self._guarded_create([{"rule_id": rule.id, "raised_at": now, **row}])
                new |= alert
            else:
                alert._mark_changed()
                if row["found"] > alert.found:
                    alert._guarded_write({"found": row["found"]})
            alert._add(ids)
        return new

    def _add(self, redemption_ids):
        """Put scans into the alert and hold them."""
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_alert_redemption_rel (alert_id, redemption_id)
                   SELECT %s, unnest(%s) ON CONFLICT DO NOTHING""",
                self.id,
                redemption_ids,
            )
        )
        self.env["aptic.redemption"].sudo().browse(redemption_ids)._hold()
        self.invalidate_recordset()

    # ------------------------------------------------------------------ decide
    def _dismiss(self, reason):
        """Nothing is wrong: the scans are paid with the next run, unless another alert holds them.

        :param str reason: what was found out, kept
        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: without a reason, or when it was decided otherwise
        """
        self._decide(HOLDING, "dismissed", reason)
        self.env["aptic.redemption"].browse(self._held_by_these_alone())._release()
        self.invalidate_recordset()

    def _confirm(self, reason):
        """It is wrong: the scans stay unpaid until they are cancelled, or the alert is dismissed after all.

        Arguments and errors as in :meth:`_dismiss`.
        """
        self._decide(("open",), "confirmed", reason)

    def _decide(self, allowed, target, reason):
        self.ensure_one()
        self._check_any_group((MANAGERS,))
        self.check_access("read")
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            raise UserError(self.env._("Say in a few words what you found out."))
        alert = self.sudo()
        alert._lock_or_retry()
        if alert.state not in (*allowed, target):
            raise UserError(self.env._("Somebody has decided on this alert already: open it again."))
        if alert.state != target:
            now = fields.Datetime.now()
            alert._guarded_write({"decided_by_id": self.env.uid, "decided_at": now, "reason": reason})
            alert._set_state(allowed, target)
            alert.message_post(body=reason, author_id=self.env.user.partner_id.id)

    def _held_by_these_alone(self):
        self.env.flush_all()
        return [
            redemption_id
            for (redemption_id,) in self.env.execute_query(
                SQL(
                    """SELECT rel.redemption_id FROM aptic_alert_redemption_rel rel
                        WHERE rel.alert_id = ANY(%s) AND NOT EXISTS (
                              SELECT FROM aptic_alert_redemption_rel other JOIN aptic_alert a ON a.id = other.alert_id
                               WHERE other.redemption_id = rel.redemption_id AND a.state IN %s)""",
                    self.ids,
                    HOLDING,
                )
            )
        ]

    @api.model
    def _leave(self, redemption):
        """A scan was cancelled: what is left of the open alerts that it was in? Those with nothing left are void.

        :raise LockError: when another transaction holds one of them
        """
        alerts = self.sudo().search([("state", "=", "open"), ("redemption_ids", "in", redemption.ids)])
        if alerts:
            alerts._mark_changed(wait=False)
            alerts.filtered(lambda alert: not alert.redemption_count)._set_state(("open",), "void")

    def _mark_changed(self, wait=True):
        """Lock the alerts and give their rows a new version: who puts scans in or counts what is left does so in turn.

        A lock alone is not enough: a snapshot taken before the other one's end would not see what that one did.

        :param bool wait: False for who holds scans already, as who decides and who watches lock the alert first
        :raise LockError: when another transaction holds one of them and this one does not wait
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE aptic_alert SET state = state
                    WHERE id IN (SELECT id FROM aptic_alert WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE %s)""",
                self.ids,
                SQL() if wait else SQL("SKIP LOCKED"),
            ),
            log_exceptions=False,
        )
        if self.env.cr.rowcount != len(self):
            raise LockError(self.env._("Somebody decides on the alert of this scan at this very moment: try again."))
        self.invalidate_recordset()

    def _cancel_scans(self, reason):
        """Cancel the scans of a confirmed alert that are not settled: their vouchers can be used again.

        ``AT_ONCE`` of them at most; those that another transaction holds are passed over. The alert tells how many are
        left.

        :param str reason: why, kept in the ledger
        :raise UserError: before the alert is confirmed, or when another transaction holds all of them
        """
        self.ensure_one()
        self._check_any_group((MANAGERS,))
        self.check_access("read")
        if self.state != "confirmed":
            raise UserError(self.env._("Confirm the alert first: what is cancelled is not paid."))
        todo = self.redemption_ids.filtered(lambda redemption: redemption.state == "done")
        count = left = len(todo)
        for redemption in todo[:AT_ONCE]:
            with contextlib.suppress(LockError):
                redemption._cancel(reason)
                left -= 1
        if left and left == count:
            raise UserError(self.env._("Somebody else is working on these scans: try again in a moment."))
        told = self.env._("Scans cancelled: %(count)s (%(reason)s).", count=count - left, reason=reason)
        if left:
            told += " " + self.env._("Scans left to cancel: %s.", left)
        self.sudo().message_post(body=told, author_id=self.env.user.partner_id.id)

    # ----------------------------------------------------------------- actions
    def action_dismiss(self):
        """Button: ask what was found out, then release the scans."""
        return self.env["aptic.watch.answer"]._ask(self, "dismiss", self.env._("Nothing is wrong: pay these scans"))

    def action_confirm(self):
        """Button: ask what was found out, then keep the scans unpaid."""
        return self.env["aptic.watch.answer"]._ask(self, "confirm", self.env._("It is wrong: do not pay these scans"))

    def action_cancel_scans(self):
        """Button: ask why, then cancel the scans."""
        return self.env["aptic.watch.answer"]._ask(self, "cancel", self.env._("Cancel these scans"))
