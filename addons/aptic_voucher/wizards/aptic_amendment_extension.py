from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import widening
from ..models.aptic_amendment import STAFF
from ..models.aptic_rule import FIELD_OF_KIND, WEEKDAYS


class ApticAmendmentExtension(models.TransientModel):
    """Staff say what an order's rules are to allow besides, see what it changes, and do it."""

    _name = "aptic.amendment.extension"
    _description = "Extend an order's rules"

    order_id = fields.Many2one("aptic.order", required=True, ondelete="cascade")
    kinds = fields.Char(compute="_compute_kinds")
    territory_ids = fields.Many2many("aptic.territory", relation="aptic_extension_territory_rel")
    place_type_ids = fields.Many2many("aptic.place.type", relation="aptic_extension_place_type_rel")
    level_ids = fields.Many2many("aptic.service.level", relation="aptic_extension_level_rel")
    category_ids = fields.Many2many("aptic.service.category", relation="aptic_extension_category_rel")
    service_ids = fields.Many2many("aptic.service", relation="aptic_extension_service_rel")
    audience_ids = fields.Many2many("aptic.audience", relation="aptic_extension_audience_rel")
    provider_ids = fields.Many2many("aptic.provider", relation="aptic_extension_provider_rel")
    admitted_ids = fields.Many2many(
        "aptic.provider", relation="aptic_extension_admitted_rel", string="No longer excluded"
    )
    date_from = fields.Date(string="From (earlier)")
    date_until = fields.Date(string="Until (later)")
    on_monday = fields.Boolean(string="Monday")
    on_tuesday = fields.Boolean(string="Tuesday")
    on_wednesday = fields.Boolean(string="Wednesday")
    on_thursday = fields.Boolean(string="Thursday")
    on_friday = fields.Boolean(string="Friday")
    on_saturday = fields.Boolean(string="Saturday")
    on_sunday = fields.Boolean(string="Sunday")
    currency_id = fields.Many2one(related="order_id.currency_id")
    max_price = fields.Monetary(string="Highest price of a service")
    max_count = fields.Integer(string="Vouchers of a booklet in a day")
    allow_copay = fields.Boolean(string="The beneficiary may add money")
    reason = fields.Text(required=True)
    places_now = fields.Integer(related="order_id.qualifying_place_count", string="Places today")
    places_then = fields.Integer(compute="_compute_places_then", string="Places then")

    @api.depends("order_id")
    def _compute_kinds(self):
        for wizard in self:
            kinds = wizard.order_id._rule_kinds() if wizard.order_id else ()
            wizard.kinds = "".join(f"[{kind}]" for kind in sorted(kinds))

    @api.depends("order_id", *set(FIELD_OF_KIND.values()), "admitted_ids", "date_from", "date_until",
                 *WEEKDAYS, "max_price", "max_count", "allow_copay")  # fmt: skip
    def _compute_places_then(self):
        for wizard in self:
            order = wizard.order_id
            rows = order._rule_rows() if order else []
            for change in wizard._changes():
                rows = widening.applied(rows, change)
            last_day = order.last_day and order._last_accepted_day()
            wizard.places_then = order._qualifying_counts(rows, last_day)["places"] if order else 0

    def _changes(self):
        """What is chosen, as rows of the rule engine."""
        self.ensure_one()
        rows = [
            {"kind": kind, "ids": sorted(self[name].ids)}
            for kind, name in {**FIELD_OF_KIND, "excluded_provider": "admitted_ids"}.items()
            if self[name]
        ]
        if self.date_from or self.date_until:
            first, last = (day.isoformat() if day else None for day in (self.date_from, self.date_until))
            rows.append({"kind": "dates", "from": first, "until": last})
        days = [number for number, name in enumerate(WEEKDAYS, 1) if self[name]]
        if days:
            rows.append({"kind": "weekdays", "days": days})
        if self.max_price > 0:
            rows.append({"kind": "max_price", "cents": round(self.max_price * 100)})
        if self.max_count > 0:
            rows.append({"kind": "max_per_day", "count": self.max_count})
        if self.allow_copay:
            rows.append({"kind": "no_copay"})
        return rows

    def action_extend(self):
        """Extend the rules, at once."""
        self.ensure_one()
        amendments = self.env["aptic.amendment"]
        self.order_id._check_any_group(STAFF)
        self.order_id.check_access("write")
        changes = self._changes()
        if not changes:
            raise UserError(self.env._("Choose what is to be allowed besides."))
        amendments._ask(self.order_id, changes, self.reason)._approve()
        return {"type": "ir.actions.act_window_close"}
