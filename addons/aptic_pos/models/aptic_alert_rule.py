import logging

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.aptic_base.texts import paragraphs
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..watch import MANAGERS, managers

_logger = logging.getLogger(__name__)

BATCH = 5000  # redemptions looked at in one transaction
# An act is visible, or will never be, so long after its receipt: no request lasts longer.
SETTLED_MINUTES = 3
LOOK_BACK_DAYS = 31


class ApticAlertRule(models.Model):
    """A pattern that the team wants to look into before it is paid: its kind and its figures, which staff tune.

    What each kind looks for is SQL over sets, in ``aptic_alert_rule_patterns.py``. A rule remembers the last redemption
    that it has looked at: interrupted, it goes on there.
    """

    _name = "aptic.alert.rule"
    _description = "Suspicious pattern"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        [
            ("booklet", "Many vouchers of one booklet in a short time"),
            ("hours", "Scans outside the opening hours of the place"),
            ("share", "One place takes most of an order"),
            ("sponsors", "Vouchers of many sponsors in a short time, by one person"),
            ("serials", "Serials in a row over several booklets, by one person"),
        ],
        required=True,
    )
    least = fields.Integer(
        string="At least",
        required=True,
        default=5,
        tracking=True,
        help="Vouchers, scans, sponsors or serials, as the kind of pattern counts them.",
    )
    minutes = fields.Integer(
        required=True, default=10, tracking=True, help="The time in which they come; around opening hours: the margin."
    )
    share = fields.Integer(
        string="Share (%)", required=True, default=60, tracking=True, help="Of what was redeemed of the order."
    )
    days = fields.Integer(required=True, default=30, tracking=True, help="How far back an order is looked at.")
    seen_id = fields.Integer(
        string="Looked at up to redemption",
        readonly=True,
        required=True,
        copy=False,
        default=lambda self: self._last_id(),
        aggregator=None,
    )
    seen_day = fields.Date(string="Looked at on", readonly=True, copy=False)
    failed_at = fields.Datetime(string="Does not work since", readonly=True, copy=False)
    alert_ids = fields.One2many("aptic.alert", "rule_id")
    open_count = fields.Integer(string="Open alerts", compute="_compute_open_count")

    _guarded_fields = frozenset({"seen_id", "seen_day", "failed_at"})

    _figures_make_sense = models.Constraint(
        "CHECK(least > 0 AND minutes BETWEEN 1 AND 1440 AND share BETWEEN 1 AND 100 AND days BETWEEN 1 AND 366)",
        "A pattern needs figures above zero, at most 1,440 minutes, 100 % and 366 days.",
    )

    @api.depends("alert_ids.state")
    def _compute_open_count(self):
        counts = dict(
            self.env["aptic.alert"]._read_group(
                [("rule_id", "in", self.ids), ("state", "=", "open")], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.open_count = counts.get(rule, 0)

    # ------------------------------------------------------------------ watch
    @api.model
    def _cron_watch(self):
        """Look at what was scanned since, rule by rule and batch by batch; another server's rule is left to it.

        A rule that fails does not keep the others from looking: the log and the managers are told, once.
        """
        progress = self.env["ir.cron"]._commit_progress
        rules = self.search([])  # pylint: disable=no-search-all
        progress(remaining=len(rules))
        for rule in rules:
            try:
                while rule.try_lock_for_update():
                    more = rule._watch()
                    if rule.failed_at:
                        rule._guarded_write({"failed_at": False})
                    if not more:
                        break
                    if not progress(remaining=more):
                        return
            except psycopg2.errors.SerializationFailure:
                # A scan of this batch is being cancelled or settled at this very moment: the next run looks again.
                self.env.cr.rollback()
                _logger.info("Pattern %s met another act and looks again", rule.id)
            except Exception:  # noqa: BLE001  (whatever it is, the next rule may be the one that matters)
                self.env.cr.rollback()
                rule._note_failure()
            if not progress(1):
                return

    def _note_failure(self):
        """Tell the log, and the managers the first time, of the error that is being handled."""
        _logger.exception("Pattern %s failed", self.id)
        if self.failed_at or not self.try_lock_for_update():
            return
        self._guarded_write({"failed_at": fields.Datetime.now()})
        for user, env in managers(self.env):
            name = self.with_env(env).name
            body = env._(
                "The pattern “%s” cannot look at the scans: an error stops it, which the server's log tells. Until it"
                " works again no settlement can be computed. Change its figures back, or switch it off and tell your"
                " administrator.",
                name,
            )
            self.message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("#APTIC: a pattern that is watched does not work"),
                body=paragraphs(body),
                model=self._name,
                res_id=self.id,
            )

    def _watch(self, limit=None):
        """Look at the next batch of redemptions, and raise what it shows.

        :param int limit: id of the last redemption to look at; default: the last one that is decided
        :return: how many batches may be left: 0 when all was looked at
        """
        self.ensure_one()
        limit = self._decided_id() if limit is None else limit
        self.env.flush_all()
        if self.kind == "share":
            return self._watch_daily()
        ((high,),) = self.env.execute_query(
            SQL(
                """SELECT max(id) FROM (SELECT id FROM aptic_redemption WHERE id > %s AND id <= %s
                                         ORDER BY id LIMIT %s) AS batch""",
                self.seen_id,
                limit,
                BATCH,
            )
        )
        if high is None:
            return 0
        self.env["aptic.alert"]._raise(self, self._found(self.seen_id, high))
        self._guarded_write({"seen_id": high})
        return (limit - high + BATCH - 1) // BATCH

    def _watch_daily(self):
        """An order as a whole is looked at once a day: what it has redeemed is summed up anew."""
        today = paris_day(self._decided_at())
        if self.seen_day != today:
            self.env["aptic.alert"]._raise(self, self._found_share())
            self._guarded_write({"seen_day": today})
        return 0

    def _watch_until(self, cutoff):
        """Look, in this transaction, at all that it sees of what was received before a cut-off and not looked at yet.

        What may come to sight later is left to :meth:`_watch`: it is not settled by this transaction either.

        :param datetime cutoff: naive UTC
        :raise UserError: when a rule fails, whose log tells why
        """
        self._lock_or_retry()  # or the scheduled action would raise the same alerts at this moment
        self.env.flush_all()
        last, decided = self._last_before(cutoff), self._decided_id()
        for rule in self:
            try:
                rule._watch_rest(cutoff, last, min(last, decided))
            except psycopg2.OperationalError:
                raise  # another act meets this one: Odoo plays it again
            except Exception as error:
                _logger.exception("Pattern %s failed", rule.id)
                raise UserError(
                    self.env._(
                        "The pattern “%s” cannot look at the scans, so nothing was settled. A manager can switch it"
                        " off (Watch > Patterns); tell your administrator.",
                        rule.name,
                    )
                ) from error

    def _watch_rest(self, cutoff, last, decided):
        self.ensure_one()
        alerts = self.env["aptic.alert"]
        if self.kind == "share":
            if not self.seen_day or self.seen_day < paris_day(cutoff):
                alerts._raise(self, self._found_share())
            return
        while self._watch(limit=decided):
            pass
        if self.seen_id < last:
            alerts._raise(self, self._found(self.seen_id, last))

    @api.model
    def _decided_at(self):
        """What was received before this moment is visible, or will never be."""
        return fields.Datetime.subtract(clock.now(), minutes=SETTLED_MINUTES)

    @api.model
    def _decided_id(self):
        """The highest redemption below which all are visible: ids are taken before their rows are committed."""
        return self._last_before(self._decided_at())

    @api.model
    def _last_before(self, moment):
        """The last redemption received before a moment, 0 when there is none."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM aptic_redemption WHERE received_at < %s ORDER BY id DESC LIMIT 1", moment)
        )
        return rows[0][0] if rows else 0

    @api.model
    def _last_id(self):
        ((last,),) = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM aptic_redemption"))
        return last

    def action_look_back(self):
        """Button: look at the last month again, after figures were changed. What was decided stays decided."""
        self._check_any_group((MANAGERS,))
        ((first,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(min(id) - 1, %s) FROM aptic_redemption WHERE day > %s",
                self._last_id(),
                fields.Date.subtract(clock.today(), days=LOOK_BACK_DAYS),
            )
        )
        self._guarded_write({"seen_id": first, "seen_day": False})
        self.env.ref("aptic_pos.cron_watch").sudo()._trigger()

    def action_open_alerts(self):
        """Button: the alerts of this pattern."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_pos.aptic_alert_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {"search_default_open": 1}}
