from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import UserError
from odoo.http import request, route

from .portal import ApticPortal, as_id
from .uploads import LARGEST_FORM, sent_files

DOSSIER = "/my/aptic/provider/<int:provider_id>/messages"
OFFER = "/my/aptic/provider/<int:provider_id>/offers/<int:offer_id>/messages"
PAGE = 20


class ApticThreadPortal(ApticPortal):
    """A provider's managers and the #APTIC team write to each other, about the dossier or about one service."""

    @route([DOSSIER, OFFER], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_thread(self, provider_id, offer_id=None, page=1, sent=None, **_query):
        """Show the messages, newest first, and the form."""
        thread, denied = self._own_thread(provider_id, offer_id)
        return denied or self._render_thread(thread, page=page, sent=bool(sent))

    @route([DOSSIER, OFFER], type="http", auth="user", website=True, methods=["POST"], max_content_length=LARGEST_FORM)
    def aptic_thread_write(self, provider_id, offer_id=None, **post):
        """Write to the team."""
        thread, denied = self._own_thread(provider_id, offer_id)
        if denied:
            return denied
        try:
            with request.env.cr.savepoint():
                files = sent_files("files")
                if self._form_once(post):
                    thread._write_to_team(request.env.user, post.get("body"), files)
        except UserError as error:
            return self._render_thread(thread, body=post.get("body"), error=error.args[0])
        return request.redirect(f"{thread._thread_url()}?sent=1")

    @route(
        [f"{DOSSIER}/<int:message_id>/file/<int:attachment_id>", f"{OFFER}/<int:message_id>/file/<int:attachment_id>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def aptic_thread_file(self, provider_id, message_id, attachment_id, offer_id=None, **_query):
        """Give a file that was sent with a message of the thread."""
        thread, denied = self._own_thread(provider_id, offer_id)
        if denied:
            return denied
        return self._thread_file(thread, message_id, attachment_id)

    # ----------------------------------------------------------------- helpers
    def _own_thread(self, provider_id, offer_id):
        """Return ``(thread, denied)``: the provider or the offer (sudo) of a manager, or the page that refuses."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if member and offer_id is None:
            return provider, None
        offers = request.env["aptic.offer"].sudo().with_context(active_test=False)
        domain = [("id", "=", as_id(offer_id)), ("provider_id", "=", provider.id)]
        offer = offers.search(domain) if member else offers
        return (offer, None) if offer else (offer, self._aptic_denied())

    def _render_thread(self, thread, page=1, sent=False, body="", error=None):
        messages = request.env["mail.message"].sudo()
        domain = thread._thread_domain()
        pager = portal_pager(thread._thread_url(), messages.search_count(domain), page=page, step=PAGE)
        found = messages.search(domain, order="id desc", limit=PAGE, offset=pager["offset"])
        provider = thread._thread_provider()
        return request.render(
            "aptic_base.portal_thread",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_thread",
                "provider": provider,
                "offer": thread if thread._name == "aptic.offer" else None,
                "thread_url": thread._thread_url(),
                "messages": found,
                "team": found.author_id.filtered(lambda author: not author.partner_share),
                "pager": pager,
                "sent": sent,
                "body": body,
                "error": error,
            },
        )
