from odoo.addons.aptic_base.controllers.portal import as_id
from odoo.http import request, route

from ..days import last_accepted_day
from ..models.aptic_order_request import REQUEST_KINDS
from ..models.aptic_order_request_rules import CONDITION_TEXTS
from .orders import OrderPortal

TEXTS = (*CONDITION_TEXTS, "last_day")
LISTS = (*REQUEST_KINDS, "weekday")
TOLERANCE = 1  # months, of an order that is only asked for
LONGEST_LIST, LONGEST_TEXT = 1000, 40


class OrderRulesPortal(OrderPortal):
    """When and up to which price the vouchers of an order are taken, and which places and services that makes."""

    @route("/my/aptic/orders/qualifying", type="jsonrpc", auth="user", readonly=True)
    def aptic_order_qualifying(self, form=None, order_id=None, page=1, **_query):
        """Say how many places and services of the public catalogue accept the rules of a form, and list them.

        Only for who is a member of a sponsor. Without ``form`` the rules are those of the order.

        :return: as ``aptic.order._qualifying_answer``; ``{"error": sentence}`` when something typed cannot be read
        """
        order, found = request.env["aptic.order"].sudo(), bool(self._sponsors())
        if as_id(order_id):
            order, member = self._order(as_id(order_id))
            found = bool(member)
        if not found:
            return {"error": request.env._("Only members of a sponsor see this.")}
        errors, last_day = {}, order.last_day and order._last_accepted_day()
        if isinstance(form, dict):
            form = self._plain_form(form)
            rows, errors = order._request_rows(form)
            last_day = order._read_last_day(form["last_day"], {})
            last_day = last_day and last_accepted_day(last_day, order.tolerance_months if order else TOLERANCE)
        elif order:
            rows = order._rule_rows()
        else:
            rows = []
        if errors:
            return {"error": " ".join(errors.values())}
        return order._qualifying_answer(rows, last_day or None, as_id(page) or 1)

    def _plain_form(self, form):
        """Texts and lists of texts of what a client sent, whatever it sent."""
        texts = {name: form.get(name) for name in TEXTS}
        lists = {name: form.get(name) for name in LISTS}
        return {
            **{name: text[:LONGEST_TEXT] if isinstance(text, str) else "" for name, text in texts.items()},
            **{
                name: [str(value) for value in values[:LONGEST_LIST]] if isinstance(values, list) else []
                for name, values in lists.items()
            },
        }

    # ------------------------------------------------------------------- form
    def _form(self, order):
        return {**super()._form(order), **order._conditions_form()}

    def _typed(self):
        typed = request.httprequest.form
        return {
            **super()._typed(),
            **{name: typed.get(name, "") for name in CONDITION_TEXTS},
            "weekday": typed.getlist("weekday"),
        }
