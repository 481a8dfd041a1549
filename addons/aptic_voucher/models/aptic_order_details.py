from odoo import api, fields, models
from odoo.addons.aptic_base import prices
from odoo.addons.aptic_base.models.aptic_siret_mixin import is_siret, normalised_siret
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import formatLang

from .. import clock, purchase

LEAST_FACE_CENTS, MOST_FACE_CENTS = 100, 10_000
REFERENCES = ("buyer_siret", "service_code", "engagement_number", "contract_reference")
DELIVERY = ("name", "street", "zip", "city", "contact", "booklets")
POINT = ("name", "city")
# What the portal's form carries beside the first request: one text a field, one list of texts a column of rows.
DETAIL_TEXTS = ("face_value", *REFERENCES)
DETAIL_ROWS = {"delivery": DELIVERY, "point": POINT}


class ApticOrder(models.Model):
    """Where the booklets go, who hands them out, the value of a voucher and the references of a public purchase."""

    _inherit = "aptic.order"

    face_value = fields.Monetary(
        string="Value of a voucher",
        compute="_compute_face_value",
        inverse="_inverse_face_value",
        help="10 € unless the sponsor asks for another value.",
    )
    delivery_ids = fields.One2many("aptic.order.delivery", "order_id", string="Delivery addresses", copy=True)
    point_ids = fields.One2many("aptic.order.point", "order_id", string="Distribution points", copy=True)
    unplaced_booklets = fields.Integer(
        string="Booklets without an address",
        compute="_compute_unplaced_booklets",
        help="Negative when the addresses ask for more booklets than were ordered.",
    )
    buyer_siret = fields.Char(string="SIRET of the buyer", help="The public body to invoice, as Chorus Pro knows it.")
    service_code = fields.Char(string="Service code", help="“Code service” of Chorus Pro, where the buyer uses one.")
    engagement_number = fields.Char(
        string="Commitment number",
        copy=False,
        help="“Numéro d'engagement juridique” of Chorus Pro: one for each order.",
    )
    contract_reference = fields.Char(string="Contract reference", help="“Numéro de marché” of the public contract.")

    @api.depends("face_value_cents")
    def _compute_face_value(self):
        for order in self:
            order.face_value = order.face_value_cents / 100

    def _inverse_face_value(self):
        for order in self:
            order.face_value_cents = round(order.face_value * 100)

    @api.depends("quantity", "booklet_size", "delivery_ids.booklets")
    def _compute_unplaced_booklets(self):
        for order in self:
            booklets = order.quantity // order.booklet_size if order.booklet_size else 0
            order.unplaced_booklets = purchase.unplaced(booklets, order.delivery_ids.mapped("booklets"))

    # ------------------------------------------------------------------ checks
    @api.constrains(*REFERENCES)
    def _check_references(self):
        for order in self:
            for name in REFERENCES:
                _value, problem = order._read_reference(name, order[name])
                if problem:
                    raise ValidationError(problem)

    @api.constrains("delivery_ids", "quantity", "booklet_size", "state")
    def _check_placed(self):
        for order in self:
            if order.state not in ("draft", "cancelled") and (sentence := order._unplaced_sentence()):
                raise ValidationError(sentence)

    @api.model_create_multi
    def create(self, vals_list):
        """Write the SIRET as 14 digits."""
        return super().create([self._with_plain_siret(vals) for vals in vals_list])

    def write(self, vals):
        """Refuse to change the references once the invoices bear them."""
        references = set(REFERENCES) & vals.keys()
        if references:
            self._check_not_frozen(references)
        return super().write(self._with_plain_siret(vals))

    @api.model
    def _with_plain_siret(self, vals):
        return {**vals, "buyer_siret": normalised_siret(vals["buyer_siret"])} if vals.get("buyer_siret") else vals

    def _unplaced_sentence(self):
        """What the delivery addresses lack, in words; None when every booklet has one."""
        self.ensure_one()
        if self.unplaced_booklets > 0:
            return self.env._(
                "Booklets without a delivery address: %(count)s. The addresses must receive %(all)s in all.",
                count=self.unplaced_booklets, all=self.quantity // self.booklet_size,
            )  # fmt: skip
        if self.unplaced_booklets < 0:
            return self.env._(
                "Booklets too many in the delivery addresses: %(count)s. The order has %(all)s of them.",
                count=-self.unplaced_booklets, all=self.quantity // self.booklet_size,
            )  # fmt: skip
        return None

    def _booklet_words(self, count):
        """A number of booklets, in words."""
        if count == 1:
            return self.env._("1 booklet")
        return self.env._("%s booklets", formatLang(self.env, count, digits=0))

    def _check_confirmable(self):
        result = super()._check_confirmable()
        for sentence in self._unfinished():
            raise UserError(sentence)
        return result

    def _unfinished(self):
        """What a draft still lacks before it can be quoted or confirmed: a list of sentences."""
        self.ensure_one()
        sentence = self._unplaced_sentence()
        return [sentence] if sentence else []

    # -------------------------------------------------------------- the request
    @api.model
    def _read_request(self, form, logo=None):
        vals, errors = super()._read_request(form, logo)
        if "face_value" in form:
            vals["face_value_cents"] = self._read_face_value(form["face_value"], errors)
        for name in REFERENCES:
            if name in form:
                vals[name], problem = self._read_reference(name, form[name])
                if problem:
                    errors[name] = problem
        for kind, names, read in (
            ("delivery", DELIVERY, purchase.deliveries),
            ("point", POINT, purchase.points),
        ):
            if f"{kind}_name" in form:
                columns = {name: [one_line(text, 120) for text in form.get(f"{kind}_{name}") or ()] for name in names}
                vals[f"{kind}_ids"] = self._read_rows(kind, read(columns), errors)
        return vals, errors

    def _read_face_value(self, text, errors):
        try:
            cents = prices.parse(text)
        except prices.BadPrice:
            cents = 0
        if not LEAST_FACE_CENTS <= cents <= MOST_FACE_CENTS:
            errors["face_value"] = self.env._(
                "Write the value of a voucher between %(least)s and %(most)s €, for example 10.",
                least=LEAST_FACE_CENTS // 100, most=MOST_FACE_CENTS // 100,
            )  # fmt: skip
        return cents

    def _read_reference(self, name, text):
        """Return ``(value, problem)`` of one purchase reference: False where there is none, a sentence or None."""
        text = one_line(text or "", 500)
        if name == "buyer_siret":
            siret = normalised_siret(text)
            if siret and not is_siret(siret):
                return siret, self.env._(
                    "The SIRET of the buyer is not valid: it has 14 digits. Compare it with your purchase order."
                )
            return siret or False, None
        label = self._fields[name]._description_string(self.env)
        try:
            return purchase.reference(text, name) or False, None
        except purchase.BadReference as error:
            if error.args[0] == "long":
                return text, self.env._(
                    "“%(field)s”: %(most)s characters at most, as in Chorus Pro.",
                    field=label, most=purchase.LONGEST[name],
                )  # fmt: skip
            return text, self.env._(
                "“%(field)s” has a sign that Chorus Pro does not take: copy the reference from your purchase order.",
                field=label,
            )

    def _read_rows(self, kind, rows, errors):
        """Return the commands that make ``rows`` the order's only ones."""
        if len(rows) > purchase.MOST_ROWS:
            errors[kind] = self.env._("%(most)s lines at most.", most=purchase.MOST_ROWS)
            rows = rows[: purchase.MOST_ROWS]
        sentences = {
            "name": self.env._("Line %s: write a name."),
            "street": self.env._("Line %s: write the street and number."),
            "city": self.env._("Line %s: write the town."),
            "zip": self.env._("Line %s: a postal code has five digits."),
            "booklets": self.env._("Line %s: write how many booklets go there."),
        }
        commands = [Command.clear()]
        for number, row in enumerate(rows, 1):
            if problem := row.problem():
                errors.setdefault(kind, sentences[problem] % number)
            else:
                commands.append(Command.create({**vars(row), "sequence": number}))
        return commands

    def _details_form(self):
        """What the portal's form shows first of these details: texts and lists of texts."""
        cents = self.face_value_cents or prices.FACE_VALUE_CENTS
        form = {
            "face_value": formatLang(self.env, cents / 100, digits=2 if cents % 100 else 0, grouping=False),
            **{name: self[name] or "" for name in REFERENCES},
        }
        for kind, names, rows in (("delivery", DELIVERY, self.delivery_ids), ("point", POINT, self.point_ids)):
            for name in names:
                form[f"{kind}_{name}"] = [str(row[name] or "") for row in rows]
        return form

    # ------------------------------------------------------------------- drafts
    def _copy_request(self):
        """Make a draft like this order; the sponsor gives it a new commitment number and looks at the day again.

        :return: the new draft
        """
        self.ensure_one()
        vals = {}
        if self.last_day <= clock.today():
            vals["last_day"] = fields.Date.add(clock.today(), years=1)
        order = self.sudo().copy(vals)
        order._message_log(body=self.env._("Copied from %s by the sponsor in its space.", self.name))
        return order

    def _delete_draft(self):
        """The sponsor throws a draft away.

        :raise UserError: once it is no draft any more
        """
        self.ensure_one()
        self._lock_or_retry()
        if not self.exists():
            return
        if self.state != "draft":
            raise UserError(
                self.env._("%s is no longer a draft: write to the #APTIC team to give it up.", self.display_name)
            )
        self.sudo().unlink()
