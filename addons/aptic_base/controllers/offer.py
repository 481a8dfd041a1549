from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.http import request, route

from .. import prices
from ..texts import one_line
from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/offers"


class ApticOfferPortal(ApticPortal):
    """A provider's catalogue of services and prices, on the portal."""

    @route(URL, type="http", auth="user", website=True, readonly=True)
    def aptic_offers(self, provider_id, saved=None, **_query):
        """List the offers by level and category."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        offers = provider.offer_ids.sorted(
            lambda offer: (offer.level_id.sequence, offer.category_id.sequence, offer.sequence, offer.id)
        )
        return request.render(
            "aptic_base.portal_offers",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "aptic_offers",
                "provider": provider,
                "levels": offers.grouped("level_id"),
                "may_edit": member.role == "manager",
                "saved": bool(saved),
                "face_cents": prices.FACE_VALUE_CENTS,
            },
        )

    @route(f"{URL}/choose", type="http", auth="user", website=True, readonly=True)
    def aptic_offer_choose(self, provider_id, **_query):
        """Show the référentiel: levels, categories, services."""
        provider, _offer, denied = self._aptic_own("aptic.offer", provider_id, None)
        if denied:
            return denied
        services = request.env["aptic.service"].search([])
        return request.render(
            "aptic_base.portal_offer_choose",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "aptic_offer",
                "new_label": request.env._("Choose a service"),
                "offer": None,
                "provider": provider,
                "levels": request.env["aptic.service.level"].search([]),
                "services_by_category": services.grouped("category_id"),
                "offered": provider.offer_ids.service_id,
            },
        )

    @route(
        [f"{URL}/new", f"{URL}/<int:offer_id>"], type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def aptic_offer(self, provider_id, offer_id=None, service_id=None, **_query):
        """Show the form of an offer; a new one names its service in the address."""
        provider, offer, denied = self._aptic_own("aptic.offer", provider_id, offer_id)
        if denied:
            return denied
        service = offer.service_id or self._service(service_id)
        if not service:
            return request.redirect(f"/my/aptic/provider/{provider.id}/offers/choose")
        values = {
            "price": f"{(offer.price_cents or prices.FACE_VALUE_CENTS) / 100:.2f}".replace(".", ","),
            "duration_minutes": offer.duration_minutes or 60,
            "name": offer.name or service.name,
        }
        return self._render_offer(provider, offer, service, values, offer.place_ids.ids, offer.audience_ids.ids)

    @route([f"{URL}/new", f"{URL}/<int:offer_id>"], type="http", auth="user", website=True, methods=["POST"])
    def aptic_offer_save(self, provider_id, offer_id=None, **post):
        """Create or change an offer; what is wrong is said on the form, and nothing is written then."""
        provider, offer, denied = self._aptic_own("aptic.offer", provider_id, offer_id)
        if denied:
            return denied
        service = offer.service_id or self._service(post.get("service_id"))
        if not service:
            return request.redirect(f"/my/aptic/provider/{provider.id}/offers/choose")
        form = request.httprequest.form
        vals, errors = self._parse_offer(provider, service, post, form)
        if not errors and (conflict := self._form_conflict(offer, post)):
            errors["form"] = conflict
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if not self._form_once(post):
                        pass
                    elif offer:
                        offer.write(vals)
                    else:
                        offer.create({**vals, "provider_id": provider.id, "service_id": service.id})
                return request.redirect(f"/my/aptic/provider/{provider.id}/offers?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = str(error)
        places, audiences = (list(map(as_id, form.getlist(name))) for name in ("place_ids", "audience_ids"))
        return self._render_offer(provider, offer, service, post, places, audiences, errors)

    @route(f"{URL}/<int:offer_id>/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def aptic_offer_withdraw(self, provider_id, offer_id, **_post):
        """Take an offer out of the catalogue; what was redeemed with it keeps it."""
        provider, offer, denied = self._aptic_own("aptic.offer", provider_id, offer_id)
        if denied:
            return denied
        offer.action_archive()
        return request.redirect(f"/my/aptic/provider/{provider.id}/offers?saved=1")

    @route("/my/aptic/price", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_price(self, price="", **_query):
        """Answer as JSON how a price is paid with vouchers, for the form."""
        return request.make_json_response(dict(zip(("sentence", "below"), self._share(price), strict=True)))

    # ---------------------------------------------------------------- helpers
    def _share(self, price):
        """Return ``(sentence, below the face value)`` for a price as typed; an empty sentence when unreadable."""
        try:
            cents = prices.parse(price)
        except prices.BadPrice:
            return "", False
        return request.env["aptic.offer"]._payment_sentence_of(cents), cents < prices.FACE_VALUE_CENTS

    def _service(self, service_id):
        return request.env["aptic.service"].search([("id", "=", as_id(service_id))])

    def _parse_offer(self, provider, service, post, form):
        """Return ``(vals, errors)`` of the form."""
        env = request.env
        errors, vals = {}, {"name": one_line(post.get("name"), 150) or service.name}
        try:
            vals["price_cents"] = prices.parse(post.get("price"))
        except prices.BadPrice:
            errors["price"] = env._("Write a price above zero in euros and cents, for example 12,50.")
        duration = as_id(post.get("duration_minutes"))
        if not 0 < duration <= 24 * 60:
            errors["duration_minutes"] = env._("Write how long it takes, in minutes.")
        wanted = set(map(as_id, form.getlist("place_ids")))
        places = provider.place_ids.filtered(lambda place: place.id in wanted)
        if wanted - set(places.ids):
            errors["place_ids"] = env._("Choose among your own places.")
        audiences = env["aptic.audience"].search([("id", "in", list(map(as_id, form.getlist("audience_ids"))))])
        vals.update(
            duration_minutes=duration,
            place_ids=[Command.set(places.ids)],
            audience_ids=[Command.set(audiences.ids)],
        )
        return vals, errors

    def _render_offer(self, provider, offer, service, values, place_ids, audience_ids, errors=None):
        sentence, below = self._share(values.get("price"))
        return request.render(
            "aptic_base.portal_offer",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(offer),
                "page_name": "aptic_offer",
                "new_label": request.env._("New service"),
                "provider": provider,
                "offer": offer,
                "service": service,
                "values": values,
                "place_ids": set(place_ids),
                "audience_ids": set(audience_ids),
                "audiences": request.env["aptic.audience"].search([]),
                "errors": errors or {},
                "sentence": sentence,
                "below": below,
            },
        )
