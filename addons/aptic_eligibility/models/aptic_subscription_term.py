from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import terms

STAFF = ("aptic_base.group_aptic_user",)


class ApticSubscription(models.Model):
    """What happens at a term: another plan, or the end. Both are written into the contract when they are asked for, so
    that no delay of a cron can invoice anything else."""

    _inherit = "aptic.subscription"

    next_plan = fields.Selection(
        [("monthly", "Monthly"), ("yearly", "Yearly")], string="Plan from the next term", tracking=True, readonly=True
    )
    next_plan_on = fields.Date(string="Takes effect on", readonly=True, copy=False)
    next_price_cents = fields.Integer(string="Price from the next term (cents)", readonly=True, copy=False)
    next_price = fields.Monetary(string="Price from the next term", compute="_compute_next_price")
    ends_on = fields.Date(string="Ends on", tracking=True, readonly=True, copy=False, help="The last day, inclusive.")
    ended_at = fields.Datetime(readonly=True, copy=False)
    stopped_scanning = fields.Boolean(
        readonly=True, copy=False, help="The provider was suspended because its subscription ended."
    )

    _guarded_fields = frozenset(
        {
            "next_plan",
            "next_plan_on",
            "next_price_cents",
            "ends_on",
            "ended_at",
            "stopped_scanning",
        }
    )

    _next_plan_whole = models.Constraint(
        "CHECK((next_plan IS NULL) = (next_plan_on IS NULL))", "Another plan takes effect on a day."
    )
    _one_future = models.Constraint(
        "CHECK(next_plan IS NULL OR ends_on IS NULL)", "What is about to end does not change its plan."
    )
    _ended_whole = models.Constraint("CHECK((state = 'ended') = (ended_at IS NOT NULL))", "What has ended says when.")
    _ends_idx = models.Index("(ends_on) WHERE ends_on IS NOT NULL AND state != 'ended'")

    @api.depends("next_price_cents")
    def _compute_next_price(self):
        for subscription in self:
            subscription.next_price = subscription.next_price_cents / 100

    # ------------------------------------------------------------------ terms
    def _term_end(self):
        """The last day of the period that runs today; False while asleep."""
        self.ensure_one()
        if not self.first_scan_day or self.state not in ("waking", "running"):
            return False
        start = self.first_scan_day
        line = self._line() if self.contract_id else self.env["contract.line"]
        if line:
            start = line.date_start
        invoiced = line.last_date_invoiced
        return terms.term_end(invoiced or terms.period_end(start, self.plan), self.plan, self._today())

    def _lines(self):
        return self.contract_id.sudo().contract_line_ids.sorted("date_start")

    def _line(self):
        """The contract's line that runs today; the one of the next plan waits for its day."""
        lines = self._lines()
        today = self._today()
        return lines.filtered(lambda line: line.date_start <= today)[-1:] or lines[:1]

    def _apply_terms(self):
        """Write what was asked for into the contract: the end, or the line of the next plan."""
        self.ensure_one()
        if self.state != "running":
            return
        line = self._line()
        self._lines().filtered(lambda other: other.date_start > line.date_start).unlink()
        if self.ends_on:
            first_end = terms.period_end(self.first_scan_day, self.plan)
            if self.ends_on < first_end:
                self._guarded_write({"ends_on": first_end})
            line.date_end = self.ends_on
        elif self.next_plan:
            line.date_end = self.next_plan_on - timedelta(days=1)
            vals = self._prepare_contract_line_vals(self.next_plan, self.next_price_cents, self.next_plan_on)
            line.create({**vals, "contract_id": self.contract_id.id})
        else:
            line.date_end = False

    def _terms_after_unwake(self, day):
        """Values that change with the first day: asleep, another plan is taken at once; later, its day moves."""
        self.ensure_one()
        vals = {}
        if self.next_plan and not day:
            vals = {"plan": self.next_plan, "price_cents": self.next_price_cents}
            vals |= {"next_plan": False, "next_plan_on": False, "next_price_cents": 0}
        elif day:
            end = terms.term_end(terms.period_end(day, self.plan), self.plan, self._today())
            if self.next_plan:
                vals["next_plan_on"] = end + timedelta(days=1)
            if self.ends_on:
                vals["ends_on"] = end
        return vals

    # ----------------------------------------------------------- another plan
    def _change_plan(self, plan):
        """Take another plan: at once while asleep, at the next term otherwise; the present plan takes a change back.

        No prorata: what is paid for runs to its end. The price is that of the day on which it was asked for.

        :param str plan: ``monthly`` or ``yearly``
        :raise UserError: when the subscription is about to end
        """
        self.ensure_one()
        self._lock()
        if plan == (self.next_plan or self.plan):
            return
        if self.ends_on:
            raise UserError(
                self.env._(
                    "The subscription ends on %(day)s: go on with it first, then change the plan.",
                    day=format_date(self.env, self.ends_on),
                )
            )
        price = self._plan_price_cents(plan)
        if self.state == "sleeping":
            self._guarded_write({"plan": plan, "price_cents": price})
        elif plan == self.plan:
            self._guarded_write({"next_plan": False, "next_plan_on": False, "next_price_cents": 0})
            self._apply_terms()
        else:
            day = self._term_end() + timedelta(days=1)
            self._guarded_write({"next_plan": plan, "next_plan_on": day, "next_price_cents": price})
            self._apply_terms()

    def _lock(self):
        """Lock, forget what was read before, and take what is due first."""
        self.lock_for_update()
        self.invalidate_recordset()
        self._turn()

    def _turn(self):
        """Plans whose day has come are in force."""
        today = self._today()
        for subscription in self:
            if subscription.next_plan and subscription.next_plan_on <= today:
                subscription._guarded_write(
                    {
                        "plan": subscription.next_plan,
                        "price_cents": subscription.next_price_cents,
                        "next_plan": False,
                        "next_plan_on": False,
                        "next_price_cents": 0,
                    }
                )

    # -------------------------------------------------------------------- end
    def _terminate(self):
        """Ask for the end: at the end of the period that runs, at once while asleep; asking twice is once.

        What was scanned is still paid. With the last day the right to scan ends: the subscription is what gives it. A
        new subscription gives it back.
        """
        self.ensure_one()
        self._lock()
        if self.ends_on or self.state == "ended":
            return
        if self.state == "sleeping":
            self._end_now()
            return
        self._guarded_write(
            {"ends_on": self._term_end(), "next_plan": False, "next_plan_on": False, "next_price_cents": 0}
        )
        self._apply_terms()
        provider = self.provider_id._in_their_language()
        provider._tell_managers(
            provider.env._("Your #APTIC subscription ends"),
            provider.env._(
                "Your subscription ends on %(day)s. Until then nothing changes; what you scanned is paid as usual. You"
                " can still go on with it, on the page “Subscription”.",
                day=format_date(provider.env, self.ends_on),
            ),
            roles=("manager", "accountant"),
        )

    def _go_on(self):
        """Take the end back, as long as it has not come."""
        self.ensure_one()
        self._lock()
        if self.state == "ended":
            raise UserError(self.env._("This subscription has ended: choose a plan to come back."))
        self._guarded_write({"ends_on": False})
        self._apply_terms()

    def _end_now(self):
        """End, and with it the right to scan of a provider that had it."""
        for subscription in self:
            if subscription.state == "ended":
                continue
            provider = subscription.provider_id
            may_scan = provider.state in ("active", "suspended")
            suspended = "request" in provider._open_measures().mapped("cause")
            subscription._guarded_write(
                {
                    "state": "ended",
                    "ended_at": fields.Datetime.now(),
                    "ends_on": subscription.ends_on or subscription._today(),
                    "next_plan": False,
                    "next_plan_on": False,
                    "next_price_cents": 0,
                    "stopped_scanning": may_scan and not suspended,
                }
            )
            if may_scan:
                theirs = provider._in_their_language()
                provider._suspend(
                    "request", theirs.env._("The subscription has ended. Choose a plan to scan vouchers again.")
                )

    def _stop(self):
        """End at once, for a provider that leaves #APTIC: nothing is invoiced beyond the period that runs."""
        for subscription in self:
            subscription._lock()
            if subscription.state == "ended":
                continue
            end = subscription._term_end()
            if end and subscription.state == "running":
                subscription._guarded_write(
                    {"ends_on": end, "next_plan": False, "next_plan_on": False, "next_price_cents": 0}
                )
                subscription._apply_terms()
            subscription._end_now()

    def _come_back(self):
        """A new subscription gives the right to scan back, where an end had taken it."""
        self.ensure_one()
        provider = self.provider_id
        before = self.search([("provider_id", "=", provider.id), ("state", "=", "ended")], limit=1)
        if provider.state == "suspended" and before.stopped_scanning:
            provider._lift("request", self.env._("A new subscription was chosen."))

    @api.model
    def _cron_terms(self):
        """Put the plans into force whose day has come, and end what has reached its last day."""
        today = self._today()
        domain = fields.Domain("state", "!=", "ended") & (
            fields.Domain("next_plan_on", "<=", today) | fields.Domain("ends_on", "<", today)
        )
        cron = self.env["ir.cron"]
        todo = self.search(domain)
        cron._commit_progress(remaining=len(todo))
        for subscription in todo:
            locked = subscription.try_lock_for_update()
            locked._turn()
            locked.filtered(lambda one: one.ends_on and one.ends_on < today)._end_now()
            if not cron._commit_progress(1):
                break

    # ---------------------------------------------------------------- actions
    def action_change_plan(self):
        """Take the other plan, or take that back, from the form."""
        self._check_any_group(STAFF)
        subscription = self.sudo()
        present = subscription.next_plan or subscription.plan
        subscription._change_plan("monthly" if present == "yearly" else "yearly")

    def action_terminate(self):
        """Note the end at the provider's request, from the form."""
        self._check_any_group(STAFF)
        self.sudo()._terminate()

    def action_go_on(self):
        """Take the end back, from the form."""
        self._check_any_group(STAFF)
        self.sudo()._go_on()

    def action_view_invoices(self):
        """Open the invoices of this subscription."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("aptic_subscription_id", "=", self.id)], "context": {"create": False}}
