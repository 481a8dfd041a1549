from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from ..models.aptic_amendment import LONGEST_REASON, RUNNING
from ..models.aptic_order_request import REQUEST_KINDS
from ..models.aptic_order_request_rules import CONDITION_TEXTS
from ..models.aptic_order_request_values import PICKED_KINDS
from ..models.aptic_rule import RULE_MODELS
from .orders import ORDERING, OrderPortal


class OrderAmendmentPortal(OrderPortal):
    """The sponsor asks for wider rules of an order that is running."""

    @route("/my/aptic/orders/<int:order_id>/extend", type="http", auth="user", website=True, methods=["GET", "POST"])
    def aptic_order_extend(self, order_id, **post):
        """Ask for wider rules: an empty form, or what was typed with what is wrong with it."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        form, error = self._extension_typed({}), None
        if request.httprequest.method == "POST":
            form = self._extension_typed(post)
            changes, errors = order._request_changes(form)
            error = " ".join(errors.values())
            if not error:
                try:
                    with request.env.cr.savepoint():
                        if self._form_once(post):
                            request.env["aptic.amendment"]._ask(order, changes, form["reason"])
                    return request.redirect(f"/my/aptic/orders/{order.id}?extension=1")
                except (UserError, ValidationError) as refused:
                    error = str(refused)
        return self._extension_page(order, form, error)

    def _extension_page(self, order, form, error):
        allowed = {rule.kind: rule for rule in order.rule_ids}
        rest = {
            kind: request.env[RULE_MODELS[kind]].search([("id", "not in", allowed[kind]._allowed().ids)])
            for kind in ("place_type", "level", "category", "audience")
            if kind in allowed
        }
        if "excluded_provider" in allowed:
            rest["excluded_provider"] = allowed["excluded_provider"].provider_ids
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(),
            "page_name": "aptic_order",
            "order": order,
            "rules": order.rule_ids,
            "labels": dict(request.env["aptic.rule"]._fields["kind"]._description_selection(request.env)),
            "kinds": order._rule_kinds() if order.state in RUNNING else set(),
            "waiting": order.sudo().amendment_ids.filtered(lambda amendment: not amendment.decision),
            "today": {kind: rule.summary for kind, rule in allowed.items()},
            "choices": rest,
            "chosen": {kind: order._proposed_values(kind, form[kind]) for kind in PICKED_KINDS},
            "form": form,
            "error": error,
            "longest": LONGEST_REASON,
        }
        response = request.render("aptic_voucher.portal_order_extend", values)
        response.status_code = 422 if error else 200
        return response

    def _extension_typed(self, post):
        typed = request.httprequest.form
        return {
            **{name: str(post.get(name) or "") for name in (*CONDITION_TEXTS, "reason")},
            **{name: typed.getlist(name) if post else [] for name in (*REQUEST_KINDS, "weekday")},
        }

    def _order_page(self, order, member, error=None):
        response = super()._order_page(order, member, error)
        response.qcontext.update(
            amendments=order.sudo().amendment_ids,
            may_extend=member.role in ORDERING and order.state in RUNNING and bool(order._rule_kinds()),
            extension_asked=request.params.get("extension") == "1",
        )
        return response
