import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .. import terms

_logger = logging.getLogger(__name__)

BATCH = 50


class ApticSubscription(models.Model):
    """A provider's plan: asleep until its first scan, then an OCA contract that starts that day."""

    _name = "aptic.subscription"
    _description = "Subscription"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    plan = fields.Selection([("monthly", "Monthly"), ("yearly", "Yearly")], required=True, tracking=True, readonly=True)
    price_cents = fields.Integer(
        string="Price before tax (cents)",
        required=True,
        readonly=True,
        help="Agreed when the plan was chosen: a change of the product's price does not change a plan already chosen.",
    )
    currency_id = fields.Many2one(related="provider_id.currency_id")
    price = fields.Monetary(string="Price before tax", compute="_compute_price")
    state = fields.Selection(
        [
            ("sleeping", "Asleep until the first scan"),
            ("waking", "First scan done"),
            ("running", "Running"),
            ("ended", "Ended"),
        ],
        string="Status",
        required=True,
        default="sleeping",
        tracking=True,
        readonly=True,
        copy=False,
    )
    first_scan_day = fields.Date(
        readonly=True, copy=False, help="Day of the first scan, in France: the contract starts on it."
    )
    contract_id = fields.Many2one(
        "contract.contract", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    move_ids = fields.One2many("account.move", "aptic_subscription_id", string="Invoices")

    _guarded_fields = frozenset({"provider_id", "plan", "price_cents", "state", "first_scan_day", "contract_id"})

    _live_unique = models.UniqueIndex(
        "(provider_id) WHERE state != 'ended'", "This provider has a subscription already: change its plan instead."
    )
    _waking_idx = models.Index("(first_scan_day, id) WHERE state = 'waking'")
    _started = models.Constraint(
        "CHECK(state = 'sleeping' OR state = 'ended' OR first_scan_day IS NOT NULL)",
        "A subscription wakes on the day of a scan.",
    )

    @api.depends("price_cents")
    def _compute_price(self):
        for subscription in self:
            subscription.price = subscription.price_cents / 100

    @api.depends("provider_id", "plan")
    def _compute_display_name(self):
        labels = dict(self._fields["plan"]._description_selection(self.env))
        for subscription in self:
            subscription.display_name = f"{subscription.provider_id.name} ({labels.get(subscription.plan, '')})"

    @api.model_create_multi
    def create(self, vals_list):
        """The price is the one of the day."""
        for vals in vals_list:
            if vals.get("plan") in terms.PERIODS:
                vals.setdefault("price_cents", self._plan_price_cents(vals["plan"]))
        return super().create(vals_list)

    def _today(self):
        return fields.Date.context_today(self.with_context(tz="Europe/Paris"))

    # ------------------------------------------------------------------ plans
    @api.model
    def _plan_product(self, plan):
        """The product invoiced for a plan: its price before tax is the plan's, its tax that of the sale."""
        return self.env.ref(f"aptic_eligibility.product_subscription_{plan}")

    @api.model
    def _plan_price_cents(self, plan):
        return round(self._plan_product(plan).sudo().list_price * 100)

    @api.model
    def _product_taxes(self, product, company):
        """Taxes of a plan: the product's own, else the company's default sale tax (VAT 20 % in the French chart)."""
        return product.taxes_id._filter_taxes_by_company(company) or company.account_sale_tax_id

    @api.model
    def _plans(self):
        """What a provider may choose from.

        :return: list of dicts ``plan``, ``label``, ``price`` (euros before tax), ``price_taxed``
        """
        company = self.env.company
        plans = []
        for plan, label in self._fields["plan"]._description_selection(self.env):
            product = self._plan_product(plan)
            taxes = self._product_taxes(product, company).compute_all(
                product.list_price, company.currency_id, product=product
            )
            plans.append(
                {"plan": plan, "label": label, "price": product.list_price, "price_taxed": taxes["total_included"]}
            )
        return plans

    @api.model
    def _choose(self, provider, plan):
        """Choose a plan, or change it: at once while it sleeps, at the next term once it runs; a provider is made
        active when nothing is missing any more.

        :param provider: ``aptic.provider`` record whose charter is signed
        :param str plan: ``monthly`` or ``yearly``
        :return: the live subscription
        :raise UserError: before the charter, for an unknown plan, or when the subscription is about to end
        """
        provider.ensure_one()
        if plan not in terms.PERIODS:
            raise UserError(self.env._("Choose the monthly or the yearly plan."))
        if provider.state not in ("chartered", "active", "suspended"):
            raise UserError(self.env._("Sign the #APTIC charter first: the plan is chosen after it."))
        provider.lock_for_update()
        subscription = self.search([("provider_id", "=", provider.id), ("state", "!=", "ended")])
        if subscription:
            subscription._change_plan(plan)
        else:
            subscription = self._guarded_create([{"provider_id": provider.id, "plan": plan}])
            subscription._come_back()
        provider._activate_if_complete()
        return subscription

    # ------------------------------------------------------------------- wake
    @api.model
    def _wake(self, provider_id, day):
        """Note the first scan of a provider; later scans cost one query and change nothing.

        :param int provider_id: id of the ``aptic.provider`` that scanned
        :param date day: day of the scan in France, on which the contract will start
        :return: True when a subscription really woke
        """
        self.flush_model(["provider_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """UPDATE aptic_subscription
                      SET state = 'waking', first_scan_day = %s, write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                    WHERE provider_id = %s AND state = 'sleeping'
                RETURNING id""",
                day,
                self.env.uid,
                provider_id,
            )
        )
        if not rows:
            return False
        self.browse([row[0] for row in rows]).invalidate_recordset()
        self.env.ref("aptic_eligibility.cron_subscription_start").sudo()._trigger()
        _logger.info("aptic.subscription %s: woken by a scan on %s", rows[0][0], day)
        return True

    @api.model
    def _unwake(self, provider_id, first_day_since):
        """The scan that woke a subscription may have been cancelled: as long as nothing is invoiced, it goes back to
        sleep, or starts on the day of the first scan that is left.

        Waits for the row: the cron that starts contracts, or makes invoices, may be at work on it. What has changed
        under our snapshot makes the whole cancellation run again (SerializationFailure), on what is true then.

        :param int provider_id: id of the ``aptic.provider``
        :param first_day_since: function of a datetime (or None) that gives the day of the provider's first scan after
            it that is not cancelled, or None
        :return: True when the subscription has changed
        """
        self.flush_model(["provider_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM aptic_subscription
                    WHERE provider_id = %s AND state IN ('waking', 'running') FOR UPDATE""",
                provider_id,
            )
        )
        subscription = self.browse([row[0] for row in rows])
        subscription.invalidate_recordset()
        if not subscription or subscription._is_invoiced():
            return False
        day = first_day_since(subscription._previous_end())
        if day and day <= subscription.first_scan_day:
            return False
        contract = subscription.contract_id
        if day:
            vals = {"contract_id": False, "state": "waking", "first_scan_day": day}
            self.env.ref("aptic_eligibility.cron_subscription_start").sudo()._trigger()
        else:
            vals = {"contract_id": False, "state": "sleeping", "first_scan_day": False}
        subscription._guarded_write({**vals, **subscription._terms_after_unwake(day)})
        contract.unlink()
        _logger.info("aptic.subscription %s: %s after a cancelled scan", subscription.id, vals["state"])
        return True

    def _previous_end(self):
        """When the provider's subscription before this one ended, or None."""
        ended = self.search([("provider_id", "=", self.provider_id.id), ("state", "=", "ended")], limit=1)
        return ended.ended_at or None

    def _is_invoiced(self):
        """Whether an invoice was made that is not cancelled; one settled by a credit note was made."""
        return bool(
            self.env["account.move"]
            .sudo()
            .search_count([("aptic_subscription_id", "in", self.ids), ("state", "!=", "cancel")], limit=1)
        )

    # ------------------------------------------------------------------ start
    @api.model
    def _cron_start(self):
        """Give each woken subscription its contract, one transaction each; OCA's own cron makes the invoice."""
        domain = [("state", "=", "waking")]
        todo = self.search(domain, order="first_scan_day, id", limit=BATCH)
        if not todo:
            return
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        for subscription in todo:
            subscription.try_lock_for_update()._start()
            if not cron._commit_progress(1):
                break
        self.env.ref("contract.contract_cron_for_invoice").sudo()._trigger()

    def _start(self):
        """Create the contracts of woken subscriptions; those that have one, or do not wait for it, are left alone."""
        for subscription in self:
            subscription.invalidate_recordset(["state", "contract_id"])
            if subscription.state != "waking" or subscription.contract_id:
                continue
            contract = self.env["contract.contract"].create(subscription._prepare_contract_vals())
            subscription._guarded_write({"contract_id": contract.id, "state": "running"})
            subscription._apply_terms()

    def _prepare_contract_vals(self):
        """Values of the OCA contract: one line, invoiced in advance from the day of the first scan."""
        self.ensure_one()
        partner = self.provider_id.partner_id
        line = self._prepare_contract_line_vals(self.plan, self.price_cents, self.first_scan_day)
        return {
            "name": self.with_context(lang=partner.lang).env._("#APTIC subscription of %s", self.provider_id.name),
            "code": f"APTIC-{self.id}",
            "partner_id": partner.id,
            "contract_type": "sale",
            "line_recurrence": True,
            "date_start": self.first_scan_day,
            "recurring_next_date": self.first_scan_day,
            "recurring_rule_type": self.plan,
            "recurring_interval": 1,
            "recurring_invoicing_type": "pre-paid",
            "contract_line_ids": [Command.create(line)],
        }

    def _prepare_contract_line_vals(self, plan, price_cents, start):
        """Values of the line of a plan that is invoiced in advance from ``start`` on."""
        product = self._plan_product(plan).with_context(lang=self.provider_id.lang)
        return {
            "product_id": product.id,
            "name": f"{product.name} #START# – #END#",
            "quantity": 1,
            "specific_price": price_cents / 100,
            "date_start": start,
            "recurring_next_date": start,
            "recurring_rule_type": plan,
            "recurring_interval": 1,
            "recurring_invoicing_type": "pre-paid",
        }
