from odoo import api, models
from odoo.addons.aptic_base.api import moment
from odoo.addons.aptic_voucher import rules


class ApticRedemption(models.Model):
    """Redemptions for the tools of a provider, by the JSON API; amounts in cents."""

    _inherit = "aptic.redemption"

    @api.model
    def _api_desk(self, place):
        """What a tool must know before it takes vouchers at a place: its services with their prices, and audiences.

        :param place: ``aptic.place`` of the key (sudo)
        """
        audiences = self.env["aptic.audience"].sudo().search([])  # pylint: disable=no-search-all
        return {
            "id": place.id,
            "name": place.name,
            "municipality": place.territory_id.name,
            "offers": [
                {
                    "id": offer.id,
                    "name": offer.name,
                    "price_cents": offer.price_cents,
                    "audience_ids": (offer.audience_ids or audiences).ids,
                }
                for offer in self._offers_at(place)
            ],
            "audiences": [{"id": audience.id, "name": audience.name} for audience in audiences],
        }

    @api.model
    def _api_at(self, key):
        """The domain of what a key sees: the redemptions of its provider at its place."""
        return [("provider_id", "=", key.provider_id.id), ("place_id", "=", key.place_id.id)]

    @api.model
    def _api_find(self, key, redemption_id):
        """A redemption by its number (sudo), or none; what is elsewhere and what is not there look the same."""
        return self.sudo().search([("id", "=", redemption_id), *self._api_at(key)])

    @api.model
    def _api_page(self, key, domain, after, limit):
        """A page of the redemptions that a key sees, the newest first.

        :param domain: which of them
        :param int after: id of the last one of the page before; None for the first page
        :param int limit: rows at most
        :return: ``(rows, id to go on after or None)``
        """
        domain = [*self._api_at(key), *domain, *([("id", "<", after)] if after else [])]
        found = self.sudo().search(domain, order="id desc", limit=limit + 1)
        return found[:limit]._api_rows(), (found[limit - 1].id if len(found) > limit else None)

    def _api_rows(self):
        """The redemptions as JSON rows."""
        return [
            {
                "id": act.id,
                "state": act.state,
                "price_cents": act.price_cents,
                "face_cents": act.face_cents,
                "copay_cents": act.copay_cents,
                "serials": [int(serial) for serial in act.serials.split()],
                "day": act.day.isoformat(),
                "received_at": moment(act.received_at),
                "offer": {"id": act.offer_id.id, "name": act.offer_id.name},
                "audience": {"id": act.audience_id.id, "name": act.audience_id.name} if act.audience_id else None,
                "client_key": act.client_key,
            }
            for act in self
        ]

    @api.model
    def _api_refusal(self, status, args):
        """What the person who reads a tool's log is told of a refusal: what it is, and what to do.

        :param str status: as :meth:`_redeem` gives it
        :param dict args: its ``message_args``
        """
        env, by_rule = self.env, args.get("reason") == "rule"
        ask_for_another = env._("Ask for another voucher or another way to pay.")
        elsewhere = env._("The beneficiary can use it in another place; the public map shows where.")
        sentences = {
            "unknown": env._("One of the codes is no voucher's. Read it again; give no service for it."),
            "inactive": env._("One of the vouchers is not active yet. %s", ask_for_another),
            "expired": env._("One of the vouchers has expired. %s", ask_for_another),
            "blocked": env._("One of the vouchers is blocked. Do not accept it."),
            "used": env._("One of the vouchers was used before. %s", ask_for_another),
            "place_closed": env._(
                "The place of this key takes no vouchers at that date: a manager corrects its dates on the portal."
            ),
            "price": env._("The price is not the one of this service: read the services of the place again."),
            "operators": env._(
                "These vouchers were issued by two operators, which pay apart: send those of one of them."
            ),
            "too_many": env._("These are more vouchers than the service costs: leave one out."),
            "locked_out": env._(
                "Scanning is stopped for the person who made this key, because of wrong codes: see the portal."
            ),
            "throttled": env._("Too many wrong codes: wait ten minutes, then send vouchers' codes only."),
            "service": elsewhere if by_rule else env._("This service is not given at the place of this key."),
            "audience": elsewhere if by_rule else env._("This service is not meant for this audience."),
            "provider": elsewhere
            if by_rule
            else env._("The organisation of this key may not scan at the moment: its manager sees why on the portal."),
        }
        return sentences.get(status) or self._api_rule_words(args)

    def _api_rule_words(self, args):
        """The words for a voucher whose rule refuses the act."""
        known = dict(self.env["aptic.rule"]._fields["kind"]._description_selection(self.env))
        kind = known.get(args.get("kind")) if args.get("kind") in rules.KINDS else None
        if not kind:
            return self.env._("The rules of one of the vouchers do not allow this.")
        return self.env._("The rules of one of the vouchers do not allow this (%s).", kind)
