from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.exceptions import UserError
from odoo.http import request, route

PAGE = "/my/aptic/sponsor/<int:organisation_id>/webhooks"
NOTICES = ("removed", "resumed", "tested", "made")
LAST = 20


class ApticWebhookPortal(ApticPortal):
    """Where a sponsor's own server is told what happens to its orders: managers set it up."""

    @route([PAGE], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_webhooks(self, organisation_id, notice=None, **_query):
        """List addresses and the last messages."""
        sponsor, member = self._aptic_member("aptic.sponsor", organisation_id, ("manager",))
        if not member:
            return self._aptic_denied()
        return self._render_webhooks(sponsor, notice=notice if notice in NOTICES else None)

    @route([PAGE], type="http", auth="user", website=True, methods=["POST"])
    def aptic_webhook_make(self, organisation_id, **post):
        """Add an address and show its secret, once."""
        sponsor, member = self._aptic_member("aptic.sponsor", organisation_id, ("manager",))
        if not member:
            return self._aptic_denied()
        events = request.httprequest.form.getlist("events")
        try:
            with request.env.cr.savepoint():
                if not self._form_once(post):
                    return request.redirect(f"{self._webhooks_url(sponsor)}?notice=made")
                _hook, secret = request.env["aptic.webhook"]._make(sponsor, post.get("url"), events)
        except UserError as error:
            return self._render_webhooks(sponsor, values={**post, "events": events}, error=error.args[0])
        return self._render_webhooks(sponsor, secret=secret)

    @route([f"{PAGE}/<int:webhook_id>"], type="http", auth="user", website=True, methods=["POST"])
    def aptic_webhook_change(self, organisation_id, webhook_id, act="", **_post):
        """Send a test message, start again, or remove an address."""
        sponsor, member = self._aptic_member("aptic.sponsor", organisation_id, ("manager",))
        hook = self._webhooks_of(sponsor).filtered(lambda one: one.id == webhook_id) if member else None
        verbs = {"removed": "_remove", "resumed": "_resume", "tested": "_tell_test"}
        if not hook or act not in verbs:
            return self._aptic_denied()
        getattr(hook, verbs[act])()
        return request.redirect(f"{self._webhooks_url(sponsor)}?notice={act}")

    # ---------------------------------------------------------------- helpers
    def _webhooks_of(self, sponsor):
        return request.env["aptic.webhook"].sudo().search([("sponsor_id", "=", sponsor.id)])

    def _webhooks_url(self, sponsor):
        return f"/my/aptic/sponsor/{sponsor.id}/webhooks"

    def _render_webhooks(self, sponsor, values=None, error=None, secret=None, notice=None):
        hooks = self._webhooks_of(sponsor)
        deliveries = request.env["aptic.webhook.delivery"].sudo()
        response = request.render(
            "aptic_voucher.portal_webhooks",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_webhooks",
                "sponsor": sponsor,
                "hooks": hooks,
                "deliveries": deliveries.search([("webhook_id", "in", hooks.ids)], limit=LAST),
                "events": request.env["aptic.webhook"]._event_labels(),
                "webhooks_url": self._webhooks_url(sponsor),
                "values": values or {},
                "error": error,
                "secret": secret,
                "notice": notice,
            },
        )
        response.status_code = 422 if error else 200
        response.headers["Cache-Control"] = "no-store"
        return response
