from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from ..models.aptic_pathway import LENGTHS
from ..texts import one_line
from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/pathways"
MOST_SESSIONS = 10
LONGEST_DESCRIPTION = 1000


class ApticPathwayPortal(ApticPortal):
    """A provider's pathways of 5 or 10 sessions, on the portal."""

    @route(URL, type="http", auth="user", website=True, readonly=True)
    def aptic_pathways(self, provider_id, saved=None, **_query):
        """List the pathways; withdrawn ones last."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        pathways = request.env["aptic.pathway"].sudo().with_context(active_test=False)
        return request.render(
            "aptic_base.portal_pathways",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_pathways",
                "provider": provider,
                "pathways": pathways.search([("provider_id", "=", provider.id)], order="active DESC, name, id"),
                "has_offers": bool(provider.offer_ids),
                "may_edit": member.role == "manager",
                "saved": bool(saved),
            },
        )

    @route(
        [f"{URL}/new", f"{URL}/<int:pathway_id>"], type="http", auth="user", website=True, methods=["GET"],
        readonly=True,
    )  # fmt: skip
    def aptic_pathway(self, provider_id, pathway_id=None, **_query):
        """Show the form of a new or an existing pathway."""
        provider, pathway, denied = self._aptic_own("aptic.pathway", provider_id, pathway_id)
        if denied:
            return denied
        values = {name: pathway[name] or "" for name in ("name", "description")}
        chosen = pathway.session_ids.offer_id and [session.offer_id.id for session in pathway.session_ids]
        return self._render_pathway(provider, pathway, {**values, "sessions": pathway.sessions or "5"}, chosen or [])

    @route([f"{URL}/new", f"{URL}/<int:pathway_id>"], type="http", auth="user", website=True, methods=["POST"])
    def aptic_pathway_save(self, provider_id, pathway_id=None, **post):
        """Create or change a pathway; what is wrong is said on the form, and nothing is written then."""
        provider, pathway, denied = self._aptic_own("aptic.pathway", provider_id, pathway_id)
        if denied:
            return denied
        vals, errors = self._parse_pathway(provider, pathway, post)
        if not errors and (conflict := self._form_conflict(pathway, post)):
            errors["form"] = conflict
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if not self._form_once(post):
                        pass
                    elif pathway:
                        pathway.write(vals)
                    else:
                        pathway.create({**vals, "provider_id": provider.id})
                return request.redirect(f"/my/aptic/provider/{provider.id}/pathways?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = str(error)
        return self._render_pathway(provider, pathway, post, self._chosen_sessions(post), errors)

    @route(f"{URL}/<int:pathway_id>/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def aptic_pathway_withdraw(self, provider_id, pathway_id, restore=None, **_post):
        """Take a pathway out of the catalogue, or put it back."""
        provider, pathway, denied = self._aptic_own("aptic.pathway", provider_id, pathway_id)
        if denied:
            return denied
        try:
            if restore:
                pathway._restore()
            else:
                pathway._withdraw()
        except UserError as error:
            values = {"name": pathway.name, "description": pathway.description, "sessions": pathway.sessions}
            chosen = [session.offer_id.id for session in pathway.session_ids]
            return self._render_pathway(provider, pathway, values, chosen, {"form": str(error)})
        return request.redirect(f"/my/aptic/provider/{provider.id}/pathways?saved=1")

    @route(f"{URL}/price", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_pathway_price(self, provider_id, offers="", **_query):
        """Answer as JSON how the chosen sessions are paid with vouchers, for the form."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        prices = {offer.id: offer.price_cents for offer in provider.offer_ids}
        amounts = [prices[number] for number in map(as_id, offers.split(",")[:MOST_SESSIONS]) if number in prices]
        pathways = request.env["aptic.pathway"]
        return request.make_json_response({"sentence": pathways._payment_sentence_of(amounts) if amounts else ""})

    # ---------------------------------------------------------------- helpers
    def _chosen_sessions(self, post):
        return [as_id(post.get(f"offer_{number}")) for number in range(1, MOST_SESSIONS + 1)]

    def _parse_pathway(self, provider, pathway, post):
        """Return ``(vals, errors)`` of the form."""
        env, errors = request.env, {}
        vals = {
            "name": one_line(post.get("name"), 100),
            "description": (post.get("description") or "").replace("\0", "").strip()[:LONGEST_DESCRIPTION],
            "sessions": post.get("sessions"),
        }
        if not vals["name"]:
            errors["name"] = env._("Give the pathway a name.")
        if vals["sessions"] not in dict(LENGTHS):
            errors["sessions"] = env._("Choose 5 or 10 sessions.")
            return vals, errors
        offers = {offer.id: offer for offer in provider.offer_ids}
        chosen = self._chosen_sessions(post)[: int(vals["sessions"])]
        for number, offer_id in enumerate(chosen, 1):
            if offer_id not in offers:
                errors[f"offer_{number}"] = env._("Session %s: choose one of your services.", number)
        if not errors:
            vals["session_ids"] = pathway._sessions_of([offers[offer_id] for offer_id in chosen])
        return vals, errors

    def _render_pathway(self, provider, pathway, values, chosen, errors=None):
        offers = provider.offer_ids.sorted(lambda offer: (offer.level_id.sequence, offer.name, offer.id))
        cents = {offer.id: offer.price_cents for offer in offers}
        amounts = [cents[offer_id] for offer_id in chosen if offer_id in cents]
        gone = pathway.session_ids.offer_id.filtered(lambda offer: not offer.active)
        return request.render(
            "aptic_base.portal_pathway",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(pathway),
                "page_name": "aptic_pathway",
                "new_label": request.env._("New pathway"),
                "provider": provider,
                "pathway": pathway,
                "values": values,
                "lengths": request.env["aptic.pathway"]._fields["sessions"]._description_selection(request.env),
                "numbers": range(1, MOST_SESSIONS + 1),
                "chosen": [*chosen, *[0] * MOST_SESSIONS][:MOST_SESSIONS],
                "levels": offers.grouped("level_id"),
                "gone": gone,
                "sentence": request.env["aptic.pathway"]._payment_sentence_of(amounts) if amounts else "",
                "errors": errors or {},
            },
        )
