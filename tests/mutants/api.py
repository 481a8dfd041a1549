"""Sabotages of the API and its webhooks."""

from devtools.mutants import Mutant

MUTANTS = (
    Mutant(
        name="a key of a sponsor opens another sponsor's order",
        file="addons/aptic_voucher/models/aptic_order_api.py",
        old='[("id", "=", order_id), ("sponsor_id", "=", sponsor.id)]',
        new='[("id", "=", order_id)]',
        addons=("aptic_voucher",),
        word="another_sponsors_orders_are_not_there",
        only="odoo",
    ),
    Mutant(
        name="a key opens what it was not made for",
        file="addons/aptic_base/models/aptic_api_key.py",
        old='if purpose and (purpose not in purposes or known[purpose]["kind"] != kind):',
        new="if False:",
        addons=("aptic_voucher",),
        word="a_key_opens_what_it_is_for_alone",
        only="odoo",
    ),
    Mutant(
        name="a small group is shown alone, as what is left",
        file="addons/aptic_voucher/small_groups.py",
        old="if others and _total(others)[0] < least and large:",
        new="if False:",
        word="single_small_group_takes",
    ),
    Mutant(
        name="webhooks go to private addresses",
        file="addons/aptic_voucher/webhooks.py",
        old="return address.is_global and not address.is_multicast and (inner is None or _is_public(inner))",
        new="return True",
        word="private_addresses_are_refused",
        only="pytest",
    ),
    Mutant(
        name="a sponsor's webhook is told of another's order",
        file="addons/aptic_voucher/models/aptic_webhook.py",
        old="hooks.filtered(lambda hook, order=order: hook.sponsor_id == order.sponsor_id)",
        new="self.sudo().search([])",
        addons=("aptic_voucher",),
        word="others_are_not_told",
        only="odoo",
    ),
)
