import hashlib
import json

from odoo import fields, models
from odoo.addons.aptic_base import signature_pdf
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang
from odoo.tools.pdf import merge_pdf

from .. import clock, quote_pdf, rules
from ..days import paris_day

DAYS = 30
SIGNING_ROLES = ("manager",)


class ApticOrder(models.Model):
    """The quote of a draft: made for the sponsor or by it, signed on the portal; the signature confirms the order."""

    _inherit = "aptic.order"

    quote_id = fields.Many2one(
        "aptic.quote", string="Latest quote", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    quote_ids = fields.One2many("aptic.quote", "order_id", string="Quotes")
    quote_signature_ids = fields.One2many("aptic.quote.signature", "order_id", string="Signature")

    _guarded_fields = frozenset({"quote_id"})

    # ------------------------------------------------------------------ amounts
    def _quote_amounts(self):
        """What the order costs, computed as its two documents will be.

        :return: dict ``lines`` (fee lines: name, quantity, unit price and amount in cents, before VAT), ``taxes``
            (pairs of a name and cents), ``fee_cents`` (before VAT), ``tax_cents``
        """
        self.ensure_one()
        order = self.sudo()
        taxes = order.env["account.tax"].with_company(order.company_id)
        bases = []
        for line in order._prepare_fee_lines():
            bases.append(
                taxes._prepare_base_line_for_taxes_computation(
                    {},
                    name=line["name"],
                    product_id=order.env["product.product"].browse(line.get("product_id")),
                    quantity=line["quantity"],
                    price_unit=line["price_unit"],
                    tax_ids=taxes.browse([tax for command in line["tax_ids"] for tax in command[2] or ()]),
                    currency_id=order.currency_id,
                    partner_id=order.sponsor_id.partner_id,
                )
            )
        taxes._add_tax_details_in_base_lines(bases, order.company_id)
        taxes._round_base_lines_tax_details(bases, order.company_id)
        totals = taxes._get_tax_totals_summary(bases, order.currency_id, order.company_id)
        groups = [group for subtotal in totals["subtotals"] for group in subtotal["tax_groups"]]
        return {
            "lines": [
                {
                    "name": base["name"],
                    "quantity": base["quantity"],
                    "price_cents": round(base["price_unit"] * 100),
                    "cents": round(base["tax_details"]["total_excluded_currency"] * 100),
                }
                for base in bases
            ],
            "taxes": [(group["group_name"], round(group["tax_amount_currency"] * 100)) for group in groups],
            "fee_cents": round(totals["base_amount_currency"] * 100),
            "tax_cents": round(totals["tax_amount_currency"] * 100),
        }

    # -------------------------------------------------------------- fingerprint
    def _quote_content(self):
        """All that a quote promises, as plain data: when any of it changes, the quote is one of another order."""
        self.ensure_one()
        order = self.sudo()
        amounts = order._quote_amounts()
        return {
            "sponsor": order.sponsor_id.id,
            "quantity": order.quantity,
            "booklet_size": order.booklet_size,
            "face_value_cents": order.face_value_cents,
            "last_day": str(order.last_day),
            "tolerance_months": order.tolerance_months,
            "message": order.message or "",
            "logo": hashlib.sha256(order.with_context(bin_size=False).logo or b"").hexdigest(),
            "rules": order.rule_ids._freeze(),
            "deliveries": [
                [row.name, row.street, row.zip, row.city, row.contact or "", row.booklets] for row in order.delivery_ids
            ],
            "points": [[row.name, row.city or ""] for row in order.point_ids],
            "references": [
                order[name] or ""
                for name in ("buyer_siret", "service_code", "engagement_number", "contract_reference")
            ],
            "fees": [[line["quantity"], line["price_cents"], line["cents"]] for line in amounts["lines"]],
            "tax_cents": amounts["tax_cents"],
        }  # fmt: skip

    def _quote_fingerprint(self):
        content = json.dumps(self._quote_content(), sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def _quote_problem(self, quote):
        """Why a quote cannot be signed: a sentence, or None when it can.

        :param quote: ``aptic.quote`` record of this order, or empty
        """
        self.ensure_one()
        if not quote:
            return self.env._("There is no quote yet: ask for it first.")
        if quote != self.quote_id:
            return self.env._("A newer quote was made meanwhile: read it, then sign it.")
        if clock.today() > quote.valid_until:
            return self.env._(
                "This quote was valid until %(day)s: ask for a new one.", day=format_date(self.env, quote.valid_until)
            )
        if quote.fingerprint != self._quote_fingerprint():
            return self.env._("The order or the prices have changed since this quote: ask for a new one, then sign it.")
        return None

    # ------------------------------------------------------------------- make
    def _make_quote(self, user=None):
        """Make the quote of a draft and tell the sponsor's managers; one that is still good is made only once.

        :param user: ``res.users`` record of who asks, default the current user
        :return: the quote
        :raise UserError: says what is missing in the draft
        """
        self.ensure_one()
        order = self.sudo()
        order._lock_or_retry()
        if order.state != "draft":
            raise UserError(self.env._("%s is no longer a draft: it has its quote.", order.display_name))
        if order.quote_id and not order._quote_problem(order.quote_id):
            return order.quote_id
        order._check_confirmable()
        if rules.first_day(order._rule_rows(), clock.today(), order._last_accepted_day()) is None:
            raise UserError(
                self.env._("No day is left on which the rules let the vouchers be used: change the dates of use.")
            )
        quotes = order.env["aptic.quote"]
        user = user or self.env.user
        number = (order.quote_ids[:1].number or 0) + 1
        amounts = order._in_their_language()._quote_amounts()
        vals = {
            "name": f"{order.name}-D{number}",
            "order_id": order.id,
            "number": number,
            "made_at": clock.now().replace(microsecond=0),
            "made_by_id": user.id,
            "valid_until": fields.Date.add(clock.today(), days=order._quote_days()),
            "face_cents": order.face_cents,
            "fee_cents": amounts["fee_cents"],
            "tax_cents": amounts["tax_cents"],
            "fingerprint": order._quote_fingerprint(),
        }
        pdf = quote_pdf.draw(order._in_their_language()._quote_paper(vals, amounts))
        attachment = order.env["ir.attachment"].create(
            {"name": f"{vals['name']}.pdf", "raw": pdf, "mimetype": "application/pdf", "res_model": quotes._name}
        )
        quote = quotes._guarded_create(
            [{**vals, "sha256": hashlib.sha256(pdf).hexdigest(), "attachment_id": attachment.id}]
        )
        attachment.res_id = quote.id
        order._guarded_write({"quote_id": quote.id})
        words = order._in_their_language()
        order._tell_sponsor(
            words.env._("Quote %s", quote.name),
            words.env._(
                "The quote %(name)s waits for your signature until %(day)s: read it and sign it in your space.",
                name=quote.name, day=format_date(words.env, quote.valid_until),
            ),
            page="/quote",
        )  # fmt: skip
        return quote

    def _quote_days(self):
        """Days during which a quote can be signed, as the settings say."""
        return self._days_setting("aptic_voucher.quote_days", DAYS)

    def _days_setting(self, name, default):
        return self.env["ir.config_parameter"]._get_number(name, default, least=1, most=365)

    def _quote_paper(self, vals, amounts):
        """What the PDF says, in the language of the context.

        :param dict vals: of the quote
        :param dict amounts: from :meth:`_quote_amounts`
        """
        env, company, sponsor = self.env, self.company_id, self.sponsor_id
        number = self._quote_number
        booklets = self.quantity // self.booklet_size
        total = vals["face_cents"] + vals["fee_cents"] + vals["tax_cents"]
        facts = [
            (env._("Made on"), format_date(env, paris_day(vals["made_at"]))),
            (env._("Can be signed until"), format_date(env, vals["valid_until"])),
            *(
                (self._fields[name]._description_string(self.env), self[name])
                for name in ("buyer_siret", "service_code", "engagement_number", "contract_reference")
                if self[name]
            ),
        ]  # fmt: skip
        face_line = (
            env._("Vouchers of %s", self._euros(self.face_value_cents)),
            number(self.quantity), self._euros(self.face_value_cents), self._euros(vals["face_cents"]),
        )  # fmt: skip
        fee_lines = [
            (line["name"], number(line["quantity"]), self._euros(line["price_cents"]), self._euros(line["cents"]))
            for line in amounts["lines"]
        ]
        return quote_pdf.Paper(
            title=env._("Quote"),
            number=vals["name"],
            sender=[company.name, company.street, f"{company.zip or ''} {company.city or ''}".strip(),
                    company.company_registry and f"SIRET {company.company_registry}", company.vat],
            recipient=[sponsor.name, sponsor.street, f"{sponsor.zip or ''} {sponsor.city or ''}".strip()],
            facts=facts,
            headers=(env._("Designation"), env._("Quantity"), env._("Unit price"), env._("Amount")),
            blocks=[
                quote_pdf.Block(
                    env._("Face value of the vouchers (outside VAT)"),
                    [face_line],
                    [(env._("Face value, outside VAT"), self._euros(vals["face_cents"]))],
                ),
                quote_pdf.Block(
                    env._("Fees"),
                    fee_lines,
                    [
                        (env._("Fees before VAT"), self._euros(vals["fee_cents"])),
                        *((name, self._euros(cents)) for name, cents in amounts["taxes"]),
                        (env._("Fees, VAT included"), self._euros(vals["fee_cents"] + vals["tax_cents"])),
                    ],
                ),
            ],
            total=(env._("Total to pay"), self._euros(total)),
            sections=self._quote_sections(booklets),
            notes=[
                env._(
                    "The face value is not an income of the operator: it is kept on a segregated account and serves "
                    "the vouchers only. Vouchers become active as the bank receives the money for them."
                ),
                env._(
                    "A multi-purpose voucher is outside VAT until it is used (article 256 ter of the French tax "
                    "code)."
                ),
                env._("This quote is signed on the sponsor's space; the signature confirms the order."),
            ],
        )  # fmt: skip

    def _quote_sections(self, booklets):
        """What is ordered, in words: pairs of a heading and its lines."""
        env = self.env
        what = [
            env._(
                "%(booklets)s of %(size)s vouchers",
                booklets=self._booklet_words(booklets),
                size=self.booklet_size,
            ),
            env._("Valid until %s, inclusive", format_date(env, self.last_day)),
            env._("Accepted %s months longer by the places", self.tolerance_months) if self.tolerance_months else "",
            env._("Message on the voucher: %s", self.message) if self.message else "",
        ]
        conditions = self.rule_ids._full_sentences()
        deliveries = [
            env._(
                "%(name)s, %(street)s, %(zip)s %(city)s: %(booklets)s",
                name=row.name, street=row.street, zip=row.zip, city=row.city,
                booklets=self._booklet_words(row.booklets),
            )
            for row in self.delivery_ids
        ]  # fmt: skip
        sections = [
            (env._("What is ordered"), [line for line in what if line]),
            (env._("Where and for what the vouchers are accepted"),
             conditions or [env._("Everywhere in the #APTIC network, for every service and everyone.")]),
            (env._("Delivery"), deliveries or [env._("To the sponsor's address")]),
            (env._("Distribution points"), [", ".join(filter(None, (row.name, row.city))) for row in self.point_ids]),
        ]  # fmt: skip
        return [(heading, lines) for heading, lines in sections if lines]

    def _quote_number(self, number):
        return formatLang(self.env, number, digits=0)

    # ------------------------------------------------------------------- sign
    def _sign_quote(self, quote_id, user, name, capacity, ip):
        """Sign the quote that was on the screen, for the sponsor; the order is confirmed by it.

        The same signature asked for twice, also by two sessions or two persons at once, is one signature.

        :param int quote_id: id of the quote that was shown
        :param user: ``res.users`` record whose account signs; a manager of the sponsor
        :param str name: name of the person entitled to sign
        :param str capacity: in which capacity (mayor, director …)
        :param str ip: address that the request came from
        :return: the signature, or the one that was made already
        :raise AccessError: when the user is no manager of the sponsor
        :raise UserError: says what is missing; that the order changed, or that the quote is out of date
        """
        self.ensure_one()
        order = self.sudo()
        signatures = order.env["aptic.quote.signature"]
        name, capacity = signatures._read_signer(name, capacity)
        order._lock_or_retry()
        if not order.env["aptic.member"]._find(order.sponsor_id, SIGNING_ROLES, user):
            raise AccessError(self.env._("Only a manager of %s signs its quotes.", order.sponsor_id.name))
        if order.quote_signature_ids:
            return order.quote_signature_ids
        if order.state != "draft":
            raise UserError(self.env._("%s no longer waits for a signature.", order.display_name))
        quote = order.quote_ids.filtered(lambda one: one.id == quote_id)
        if problem := order._quote_problem(quote):
            raise UserError(problem)
        signing = signature_pdf.Signing(
            order.sponsor_id.name, order.buyer_siret or order.sponsor_id.siret or "", name, capacity,
            clock.now().replace(microsecond=0), ip or "-",
        )  # fmt: skip
        what = {"quote_id": quote.id, "order_id": order.id}
        signature = signatures._write_down(
            signing, user, order._signed_quote_pdf(quote, signing), f"{quote.name}-signed.pdf", what
        )
        order._confirm()
        order._check_confirmed_as_quoted(quote)
        order.message_post(
            body=self.env._(
                "Quote %(quote)s signed by %(name)s (%(capacity)s). SHA-256 of the signed PDF: %(hash)s",
                quote=quote.name, name=name, capacity=capacity, hash=signature.sha256,
            )
        )  # fmt: skip
        return signature

    def _signed_quote_pdf(self, quote, signing):
        """The pages of the quote as they were read, and one more with the signature and the hash of what was shown."""
        words = self._in_their_language()
        labels = words.env["aptic.quote.signature"]._labels()
        shown = words.env._("SHA-256 of the quote that was signed: %s", quote.sha256)
        page = quote_pdf.signature_page(words.env._("Quote"), quote.name, signature_pdf.block(signing, labels), shown)
        return merge_pdf([quote.attachment_id.raw, page])

    def _check_confirmed_as_quoted(self, quote):
        """Refuse documents that ask for another amount than what was signed."""
        self.ensure_one()
        fees, tax = (round((self.fee_move_id[name] or 0) * 100) for name in ("amount_untaxed", "amount_tax"))
        if (self.face_cents, fees, tax) != (quote.face_cents, quote.fee_cents, quote.tax_cents):
            raise UserError(
                self.env._(
                    "The documents of %s would not agree with the signed quote: call the #APTIC team.", self.name
                )
            )

    # ---------------------------------------------------------------- give up
    def _delete_draft(self):
        """A draft that was quoted is cancelled: the paper that went out stays."""
        self.ensure_one()
        if self.sudo().quote_ids and self.state == "draft":
            self.sudo()._cancel()
            return
        super()._delete_draft()

    # ---------------------------------------------------------------- buttons
    def action_send_quote(self):
        """Button of the back office: makes the quote and tells the sponsor."""
        self._check_staff()
        for order in self:
            order._make_quote()
