from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import format_date, formatLang

from .. import widening

# Kinds whose values are records, with their field; the others have plain values.
FIELD_OF_KIND = {
    "territory": "territory_ids",
    "place_type": "place_type_ids",
    "level": "level_ids",
    "category": "category_ids",
    "service": "service_ids",
    "audience": "audience_ids",
    "provider": "provider_ids",
    "excluded_provider": "provider_ids",
}
RULE_MODELS = {
    "territory": "aptic.territory",
    "place_type": "aptic.place.type",
    "level": "aptic.service.level",
    "category": "aptic.service.category",
    "service": "aptic.service",
    "audience": "aptic.audience",
    "provider": "aptic.provider",
    "excluded_provider": "aptic.provider",
}
WEEKDAYS = ("on_monday", "on_tuesday", "on_wednesday", "on_thursday", "on_friday", "on_saturday", "on_sunday")
VALUES = (*dict.fromkeys(FIELD_OF_KIND.values()), *WEEKDAYS, "date_from", "date_until", "max_price_cents", "max_count")

# Identity of this object is the permission: it cannot arrive through RPC, where a context is plain JSON.
_AMENDING = object()


class ApticRule(models.Model):
    """One restriction of an order, frozen when the order is confirmed; evaluated by ``rules.py``."""

    _name = "aptic.rule"
    _description = "Voucher rule"
    _inherit = ["aptic.order.rule"]
    _order = "order_id, kind, id"

    currency_id = fields.Many2one(related="order_id.currency_id")
    kind = fields.Selection(
        [
            ("territory", "Territory"),
            ("place_type", "Place type"),
            ("level", "Service level"),
            ("category", "Service category"),
            ("service", "Service"),
            ("audience", "Audience"),
            ("provider", "Provider"),
            ("excluded_provider", "Excluded provider"),
            ("dates", "Dates of use"),
            ("weekdays", "Days of the week"),
            ("max_price", "Highest price"),
            ("no_copay", "Nothing left to pay"),
            ("max_per_day", "Vouchers of a booklet in a day"),
        ],
        required=True,
    )
    territory_ids = fields.Many2many("aptic.territory")
    place_type_ids = fields.Many2many("aptic.place.type")
    level_ids = fields.Many2many("aptic.service.level")
    category_ids = fields.Many2many("aptic.service.category")
    service_ids = fields.Many2many("aptic.service")
    audience_ids = fields.Many2many("aptic.audience")
    provider_ids = fields.Many2many("aptic.provider")
    date_from = fields.Date(string="From", help="First day on which the vouchers are taken; empty: no bound.")
    date_until = fields.Date(
        string="Until",
        help="Last day on which the vouchers are taken, inclusive, whatever their validity; empty: no bound.",
    )
    on_monday = fields.Boolean(string="Monday")
    on_tuesday = fields.Boolean(string="Tuesday")
    on_wednesday = fields.Boolean(string="Wednesday")
    on_thursday = fields.Boolean(string="Thursday")
    on_friday = fields.Boolean(string="Friday")
    on_saturday = fields.Boolean(string="Saturday")
    on_sunday = fields.Boolean(string="Sunday")
    max_price_cents = fields.Integer(
        string="Highest price (cents)", help="Services that cost more are not paid with these vouchers, in cents."
    )
    max_price = fields.Monetary(
        string="Highest price of a service", compute="_compute_max_price", inverse="_inverse_max_price"
    )
    max_count = fields.Integer(string="At most", help="How many vouchers of one booklet may be spent on the same day.")
    summary = fields.Char(string="Allowed", compute="_compute_summary", compute_sudo=True)

    _numbers_not_negative = models.Constraint(
        "CHECK(max_price_cents >= 0 AND max_count >= 0)", "A maximum is a number above zero."
    )

    @api.depends("max_price_cents")
    def _compute_max_price(self):
        for rule in self:
            rule.max_price = rule.max_price_cents / 100

    def _inverse_max_price(self):
        for rule in self:
            rule.max_price_cents = round(rule.max_price * 100)

    @api.model
    def _in_cents(self, vals):
        """Values with the price in cents: what is checked must be there before any inverse has run."""
        if "max_price" not in vals:
            return vals
        cents = round((vals["max_price"] or 0) * 100)
        return {"max_price_cents": cents, **{name: value for name, value in vals.items() if name != "max_price"}}

    @api.depends("kind", *VALUES)
    def _compute_summary(self):
        for rule in self:
            rule.summary = rule._sentence()

    @api.constrains("kind", *VALUES)
    def _check_allowed(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for rule in self:
            if rule.kind == "dates" and rule.date_from and rule.date_until and rule.date_from > rule.date_until:
                raise ValidationError(self.env._("The last day of a rule cannot come before its first one."))
            if not rule._says_something():
                raise ValidationError(
                    self.env._(
                        "Choose at least one value for the rule “%(kind)s”, or remove it.", kind=kinds[rule.kind]
                    )
                )

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Take prices in cents; refuse a new rule on a confirmed order."""
        return super().create(list(map(self._in_cents, vals_list)))

    def write(self, vals):
        """Take prices in cents; refuse to change a frozen rule."""
        return super().write(self._in_cents(vals))

    def _check_open(self):
        return None if self.env.context.get("aptic_amending") is _AMENDING else super()._check_open()

    # ------------------------------------------------------------------ values
    def _allowed(self):
        """The records that the rule names (OR between them); none for a kind with plain values."""
        self.ensure_one()
        return self[FIELD_OF_KIND[self.kind]] if self.kind in FIELD_OF_KIND else self.browse()

    def _weekdays(self):
        """The chosen days of the week as ISO numbers: 1 is Monday."""
        self.ensure_one()
        return [number for number, name in enumerate(WEEKDAYS, 1) if self[name]]

    def _row(self):
        """The rule in the plain form that the rule engine takes (see ``KINDS`` of ``rules.py``)."""
        self.ensure_one()
        values = {}
        if self.kind in FIELD_OF_KIND:
            values = {"ids": sorted(self._allowed().ids)}
        elif self.kind == "dates":
            values = {
                "from": self.date_from.isoformat() if self.date_from else None,
                "until": self.date_until.isoformat() if self.date_until else None,
            }
        elif self.kind == "weekdays":
            values = {"days": self._weekdays()}
        elif self.kind == "max_price":
            values = {"cents": self.max_price_cents}
        elif self.kind == "max_per_day":
            values = {"count": self.max_count}
        return {"kind": self.kind, **values}

    @api.model
    def _vals_of(self, row):
        """The values of a rule that has this row: the reverse of :meth:`_row`."""
        kind = row["kind"]
        if kind in FIELD_OF_KIND:
            model = self.env[RULE_MODELS[kind]]
            return {"kind": kind, FIELD_OF_KIND[kind]: [Command.set(model.browse(row["ids"]).exists().ids)]}
        if kind == "dates":
            return {"kind": kind, "date_from": row["from"], "date_until": row["until"]}
        if kind == "weekdays":
            return {"kind": kind, **{name: number in row["days"] for number, name in enumerate(WEEKDAYS, 1)}}
        if kind == "max_price":
            return {"kind": kind, "max_price_cents": row["cents"]}
        return {"kind": kind, "max_count": row["count"]} if kind == "max_per_day" else {"kind": kind}

    def _follow(self, changes):
        """Show what an approved amendment made of the frozen rules; those are the law, these are for the eye.

        :param changes: as in ``widening.py``
        """
        for rule in self.with_context(aptic_amending=_AMENDING):
            row = rule._row()
            for change in changes:
                row = row and widening.widened_row(row, change)
            if row is None:
                rule.unlink()
            elif row != rule._row():
                rule.write(self._vals_of(row))

    def _freeze(self):
        """The rules as the engine's rows: ``[{"kind": …, "ids": […]}, …]``, sorted."""
        return sorted((rule._row() for rule in self), key=lambda row: (row["kind"], str(sorted(row.items()))))

    def _says_something(self):
        """Whether the rule has a value of its kind; one without any would refuse everything."""
        return self.kind == "no_copay" or any(value for name, value in self._row().items() if name != "kind")

    # ------------------------------------------------------------------- words
    def _sentence(self):
        """What the rule allows, for people."""
        self.ensure_one()
        return self._describe(self._row(), self._allowed().mapped("display_name")) if self.kind else ""

    def _full_sentences(self):
        """Each rule with the name of its kind, for people."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return [self.env._("%(kind)s: %(what)s", kind=kinds[rule.kind], what=rule.summary) for rule in self]

    @api.model
    def _describe(self, row, names=()):
        """What a row of the engine allows, for people.

        :param dict row: a row that the engine understands
        :param names: of the records whose ids the row carries
        """
        kind = row["kind"]
        if kind == "dates":
            first, last = (row[name] and format_date(self.env, row[name]) for name in ("from", "until"))
            if first and last:
                return self.env._("from %(first)s to %(last)s", first=first, last=last)
            if first:
                return self.env._("from %(first)s on", first=first)
            return self.env._("until %(last)s", last=last) if last else ""
        if kind == "weekdays":
            days = self.env["aptic.place"]._day_names()
            return ", ".join(days[number - 1] for number in row["days"])
        if kind == "max_price":
            return self.env["aptic.offer"]._euros(row["cents"])
        if kind == "no_copay":
            return self.env._("the vouchers cover the whole price")
        if kind == "max_per_day":
            return formatLang(self.env, row["count"], digits=0)
        if kind == "excluded_provider":
            return self.env._("all but %s", ", ".join(names))
        return ", ".join(names)
