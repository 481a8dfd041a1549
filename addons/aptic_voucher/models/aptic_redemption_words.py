from dataclasses import replace

from odoo import api, models

from .. import rules
from .aptic_rule import RULE_MODELS


class ApticRedemption(models.Model):
    """What the person at the desk is told: the names of what a rule allows, and what can still be chosen."""

    _inherit = "aptic.redemption"

    # ------------------------------------------------------------------ words
    def _explain(self, args):
        """A refusal's arguments with names in place of ids."""
        if "place_id" in args:
            place = self.env["aptic.place"].sudo().browse(args["place_id"])
            return {**{name: args[name] for name in args if name != "place_id"}, "place": place.name}
        if args.get("reason") != "rule":
            return args
        rule = args["rule"]
        told = {"reason": "rule", "serial": args["serial"], "kind": rules.name_of(rule), "names": []}
        if not rules.may_agree(rule):
            return {**told, "kind": ""}
        if told["kind"] in RULE_MODELS:
            records = self.env[RULE_MODELS[told["kind"]]].sudo().browse(rule["ids"]).exists()
            told["names"] = [record.display_name for record in records]
        elif told["kind"] == "weekdays":
            names = self.env["aptic.place"]._day_names()
            told["names"] = [name for number, name in enumerate(names, 1) if number in rule["days"]]
        elif told["kind"] in ("dates", "max_price", "max_per_day"):
            told.update({name: rule[name] for name in rules.KINDS[told["kind"]].values})
        return told

    @api.model
    def _offers_at(self, place):
        """The offers given at a place, in the order that the provider chose."""
        provider = place.sudo().provider_id
        return provider.offer_ids.filtered(
            lambda offer: offer.active and (not offer.place_ids or place in offer.place_ids)
        )

    def _sponsor_names(self, order_ids):
        orders = self.env["aptic.order"].sudo().browse(order_ids)
        return {order.id: order.sponsor_id.display_name for order in orders}

    def _accepted_choices(self, vouchers, desk, place):
        """Offers and audiences of the place that all vouchers accept; None where nothing is restricted."""
        kinds = {rules.name_of(rule) for voucher in vouchers for rule in voucher.rules}
        every = [rule for voucher in vouchers for rule in voucher.rules]
        offers = audiences = None
        if kinds & {"level", "category", "service", "max_price"}:
            here = rules.KINDS.keys() - {"level", "category", "service", "max_price"}
            offers = []
            for offer in self._offers_at(place):
                ids = {"level": offer.level_id.id, "category": offer.category_id.id, "service": offer.service_id.id}
                if not rules.refusing(every, replace(desk.facts, price_cents=offer.price_cents, **ids), here):
                    offers.append(offer.id)
        if "audience" in kinds:
            asked = [frozenset(rule["ids"]) for rule in every if rule["kind"] == "audience"]
            audiences = sorted(frozenset.intersection(*asked))
        return {"offer_ids": offers, "audience_ids": audiences}
