from odoo import fields
from odoo.addons.aptic_base.controllers.portal import ApticPortal, as_id, file_response
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from ..models.aptic_order_counts import COUNTS
from ..models.aptic_order_details import DETAIL_ROWS, DETAIL_TEXTS, REFERENCES
from ..models.aptic_order_request import MAX_LOGO, MAX_MESSAGE, MAX_VOUCHERS, REQUEST_KINDS
from ..models.aptic_order_request_values import PICKED_KINDS
from ..models.aptic_rule import FIELD_OF_KIND
from ..purchase import MOST_ROWS

STEP = 20
ORDERING = ("manager",)
# States of an order as its sponsor sees them, with the ledger's kind that dates them.
LIFE = (("draft", None), ("confirmed", None), ("proofed", "proof"), ("printed", "issue"), ("delivered", "deliver"),
        ("active", "activate"), ("expired", "expire"))  # fmt: skip


class OrderPortal(ApticPortal):
    """The sponsor's orders: list, request, follow-up."""

    # ---------------------------------------------------------------- reading
    @route(
        ["/my/aptic/orders", "/my/aptic/orders/page/<int:page>"], type="http", auth="user", website=True, readonly=True
    )
    def aptic_orders(self, page=1, **_query):
        """List the orders of the user's sponsors with figures from the ledger."""
        sponsors = self._sponsors()
        if not sponsors:
            return self._aptic_denied()
        model = request.env["aptic.order"].sudo()
        domain = [("sponsor_id", "in", [entry["record"].id for entry in sponsors])]
        pager = portal_pager("/my/aptic/orders", model.search_count(domain), page=page, step=STEP)
        orders = model.search(domain, limit=STEP, offset=pager["offset"])
        figures = orders._figures()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_orders",
            "orders": orders,
            "figures": figures,
            "counts": orders._counts(figures),
            "pager": pager,
            "several": len(sponsors) > 1,
            "may_order": any(entry["role"] in ORDERING for entry in sponsors),
        }
        return request.render("aptic_voucher.portal_orders", values)

    @route("/my/aptic/orders/<int:order_id>", type="http", auth="user", website=True, readonly=True)
    def aptic_order(self, order_id, **_query):
        """Show one order: where it is, its documents, how to pay, its figures."""
        order, member = self._order(order_id)
        return self._order_page(order, member) if order else self._aptic_denied()

    @route("/my/aptic/orders/<int:order_id>/proof", type="http", auth="user", website=True, readonly=True)
    def aptic_order_proof(self, order_id, **_query):
        """Send the proof: one booklet with void codes."""
        order, _member = self._order(order_id)
        if not order or order.state == "cancelled":
            return self._aptic_denied()
        stored = order.proof_id.attachment_id
        return file_response(stored.raw if stored else order._proof_pdf(), f"{order.name} BAT.pdf")

    @route("/my/aptic/orders/<int:order_id>/document/<string:kind>", type="http", auth="user", website=True)
    def aptic_order_document(self, order_id, kind, **_query):
        """Go to Odoo's own page of the face value document, of the fee invoice or of a credit note."""
        order, _member = self._order(order_id)
        move = {
            "face": order.face_move_id,
            "fee": order.fee_move_id,
            "return": order.return_move_id,
            "surplus": order.surplus_move_id,
        }.get(kind)
        if not move:
            return self._aptic_denied()
        return request.redirect(move.get_portal_url())

    # ---------------------------------------------------------------- writing
    @route("/my/aptic/orders/new", type="http", auth="user", website=True, methods=["GET", "POST"])
    def aptic_order_new(self, **post):
        """Ask for vouchers: an empty form, or what was typed with what is wrong with it."""
        sponsors = [entry["record"] for entry in self._sponsors() if entry["role"] in ORDERING]
        if not sponsors:
            return self._aptic_denied()
        sponsor = next((one for one in sponsors if str(one.id) == post.get("sponsor_id")), sponsors[0])
        return self._edit(request.env["aptic.order"].sudo(), sponsor, sponsors, post)

    @route("/my/aptic/orders/<int:order_id>/edit", type="http", auth="user", website=True, methods=["GET", "POST"])
    def aptic_order_edit(self, order_id, **post):
        """Change a draft."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        if order.state != "draft":
            sentence = request.env._("This order is no longer a draft: write to the #APTIC team to change it.")
            response = self._order_page(order, member, error=sentence)
            response.status_code = 409
            return response
        return self._edit(order, order.sponsor_id, [order.sponsor_id], post)

    @route("/my/aptic/orders/<int:order_id>/approve", type="http", auth="user", website=True, methods=["POST"])
    def aptic_order_approve(self, order_id, proof_id=None, **_post):
        """The sponsor accepts the version of the proof that it was shown."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                order._approve_proof(as_id(proof_id) or -1)
        except UserError as error:
            return self._order_page(order, member, error=str(error))
        return request.redirect(f"/my/aptic/orders/{order.id}")

    @route("/my/aptic/territories", type="jsonrpc", auth="user", readonly=True)
    def aptic_territories(self, term="", **_query):
        """Territories whose name begins with, or whose INSEE code is, what was typed: ten at most, largest first."""
        return request.env["aptic.order"]._suggest_territories(str(term))

    # ---------------------------------------------------------------- helpers
    def _sponsors(self):
        return [entry for entry in request.env["aptic.member"]._organisations() if entry["kind"] == "sponsor"]

    def _order(self, order_id):
        """Return ``(order, member)``, both sudo and both empty when the order is not of one of the user's sponsors."""
        order = request.env["aptic.order"].sudo().search([("id", "=", order_id)])
        member = request.env["aptic.member"].sudo()
        if order:
            member = member._find(order.sponsor_id)
        return (order if member else order.browse()), member

    def _order_page(self, order, member, error=None):
        days, figures = order._event_days(), order._figures()
        reached = [state for state, _kind in LIFE].index(order.state) if order.state in dict(LIFE) else len(LIFE) - 1
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(order),
            "page_name": "aptic_order",
            "order": order,
            "rules": order.rule_ids,
            "figures": figures[order.id],
            "life": [
                {"state": state, "done": number <= reached, "day": days.get(kind)}
                for number, (state, kind) in enumerate(LIFE)
            ],
            "labels": dict(order._fields["state"]._description_selection(request.env)),
            "kinds": dict(request.env["aptic.rule"]._fields["kind"]._description_selection(request.env)),
            "account": order.company_id.aptic_bank_journal_id.bank_account_id,
            "may_order": member.role in ORDERING,
            "receipts": order._payments(),
            "notices": order._open_notices(),
            "closing": order.closing_id,
            "counts": {key: count for key, count in order._counts(figures)[order.id].items() if key in COUNTS},
            "count_labels": order._count_labels(),
            "may_acknowledge": member.role in ("manager", "accountant"),
            "unfinished": order._unfinished() if order.state == "draft" else [],
            "references": [
                (label, order[name]) for name, label in self._reference_labels(order).items() if order[name]
            ],
            "error": error,
        }
        return request.render("aptic_voucher.portal_order", values)

    def _edit(self, order, sponsor, sponsors, post):
        form = self._form(order)
        errors = {}
        if request.httprequest.method == "POST":
            typed = self._typed()
            form.update(typed)
            file = request.httprequest.files.get("logo")
            logo = file.read(MAX_LOGO + 1) if file and file.filename else None
            vals, errors = order._read_request(typed, logo)
            if post.get("remove_logo") and not logo:
                vals["logo"] = False
            if not errors:
                try:
                    with request.env.cr.savepoint():
                        order = self._save(order, sponsor, vals, post)
                    return request.redirect(f"/my/aptic/orders/{order.id}")
                except (UserError, ValidationError) as error:
                    errors["form"] = str(error)
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(order),
            "page_name": "aptic_order_new",
            "order": order,
            "sponsor": sponsor,
            "sponsors": sponsors,
            "form": form,
            "errors": errors,
            "chosen": {kind: order._proposed_values(kind, form[kind]) for kind in PICKED_KINDS},
            "allotments": order._allotment_rows(form),
            "kept": (order.rule_ids - order._own_rules())._full_sentences(),
            "place_types": request.env["aptic.place.type"].search([]),
            "levels": request.env["aptic.service.level"].search([]),
            "audiences": request.env["aptic.audience"].search([]),
            "details": self._reference_labels(order),
            "max_message": MAX_MESSAGE,
            "max_vouchers": MAX_VOUCHERS,
            "tomorrow": fields.Date.add(fields.Date.today(), days=1),
        }
        response = request.render("aptic_voucher.portal_order_form", values)
        response.status_code = 422 if errors else 200
        return response

    def _reference_labels(self, order):
        return {name: order._fields[name]._description_string(request.env) for name in REFERENCES}

    def _save(self, order, sponsor, vals, post):
        """Write the draft; a form that was sent already leads to what it made."""
        if not self._form_once(post):
            mine = [("sponsor_id", "=", sponsor.id), ("create_uid", "=", request.env.uid)]
            return order or order.search(mine, limit=1)
        if conflict := self._form_conflict(order, post):
            raise UserError(conflict)
        if order:
            order.write(vals)
            return order
        return order._request(sponsor, vals)

    def _form(self, order):
        """What the form shows first: the draft, or usual values."""
        today = fields.Date.today()
        form = {
            "quantity": str(order.quantity or 100),
            "booklet_size": str(order.booklet_size or 10),
            "last_day": str(order.last_day or fields.Date.add(today, years=1)),
            "message": order.message or "",
            **order._details_form(),
        }
        for kind in REQUEST_KINDS:
            rules = order._own_rules().filtered(lambda rule, kind=kind: rule.kind == kind)
            form[kind] = [str(number) for number in rules[FIELD_OF_KIND[kind]].ids]
        return form

    def _typed(self):
        typed = request.httprequest.form
        return {
            **{name: typed.get(name, "") for name in ("quantity", "booklet_size", "last_day", "message")},
            **{kind: typed.getlist(kind) for kind in REQUEST_KINDS},
            **{name: typed[name] for name in DETAIL_TEXTS if name in typed},
            **self._typed_rows(typed),
        }

    def _typed_rows(self, typed):
        """The rows of the form's details, column by column; all columns of a kind of rows are of one length."""
        found = {}
        for kind, names in DETAIL_ROWS.items():
            if f"{kind}_name" in typed:
                columns = {f"{kind}_{name}": typed.getlist(f"{kind}_{name}")[: MOST_ROWS + 1] for name in names}
                longest = max(map(len, columns.values()))
                found |= {name: texts + [""] * (longest - len(texts)) for name, texts in columns.items()}
        return found
