import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

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

    _guarded_fields = frozenset({"provider_id", "plan", "state", "first_scan_day", "contract_id"})

    _live_unique = models.UniqueIndex(
        "(provider_id) WHERE state != 'ended'", "This provider has a subscription already: change its plan instead."
    )
    _waking_idx = models.Index("(first_scan_day, id) WHERE state = 'waking'")
    _started = models.Constraint(
        "CHECK(state = 'sleeping' OR state = 'ended' OR first_scan_day IS NOT NULL)",
        "A subscription wakes on the day of a scan.",
    )

    @api.depends("provider_id", "plan")
    def _compute_display_name(self):
        labels = dict(self._fields["plan"]._description_selection(self.env))
        for subscription in self:
            subscription.display_name = f"{subscription.provider_id.name} ({labels.get(subscription.plan, '')})"

    # ------------------------------------------------------------------ plans
    @api.model
    def _plan_product(self, plan):
        """The product invoiced for a plan: its price before tax is the plan's, its tax that of the sale."""
        return self.env.ref(f"aptic_eligibility.product_subscription_{plan}")

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
        """Choose, or change while it sleeps, the plan of a provider; make it active when nothing is missing.

        :param provider: ``aptic.provider`` record whose charter is signed
        :param str plan: ``monthly`` or ``yearly``
        :return: the live subscription
        :raise UserError: before the charter, for an unknown plan, or once the subscription has started
        """
        provider.ensure_one()
        if plan not in dict(self._fields["plan"].selection):
            raise UserError(self.env._("Choose the monthly or the yearly plan."))
        if provider.state not in ("chartered", "active"):
            raise UserError(self.env._("Sign the #APTIC charter first: the plan is chosen after it."))
        provider.lock_for_update()
        subscription = self.search([("provider_id", "=", provider.id), ("state", "!=", "ended")])
        if not subscription:
            subscription = self._guarded_create([{"provider_id": provider.id, "plan": plan}])
        elif subscription.plan != plan:
            if subscription.state != "sleeping":
                raise UserError(
                    self.env._(
                        "The subscription has started: write to the #APTIC team to change the plan at its next term."
                    )
                )
            subscription._guarded_write({"plan": plan})
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

    def _prepare_contract_vals(self):
        """Values of the OCA contract: one line, invoiced in advance from the day of the first scan."""
        self.ensure_one()
        partner = self.provider_id.partner_id
        recurrence = {
            "date_start": self.first_scan_day,
            "recurring_next_date": self.first_scan_day,
            "recurring_rule_type": self.plan,
            "recurring_interval": 1,
            "recurring_invoicing_type": "pre-paid",
        }
        product = self._plan_product(self.plan).with_context(lang=partner.lang)
        return {
            "name": self.with_context(lang=partner.lang).env._("#APTIC subscription of %s", self.provider_id.name),
            "code": f"APTIC-{self.id}",
            "partner_id": partner.id,
            "contract_type": "sale",
            "line_recurrence": True,
            **recurrence,
            "contract_line_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "name": f"{product.name} #START# – #END#",
                        "quantity": 1,
                        "specific_price": product.list_price,
                        **recurrence,
                    }
                )
            ],
        }

    def _end(self):
        """End the subscription; one that never woke leaves no trace in accounting."""
        self._set_state(("sleeping", "running"), "ended")
