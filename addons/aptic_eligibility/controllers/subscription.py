from odoo.addons.aptic_base.limits import LARGEST_ID
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import LockError, UserError
from odoo.http import content_disposition, request, route

from .dossier import DOSSIER, ApticDossier

MONEY_ROLES = ("manager", "accountant")
PER_PAGE = 20


class ApticSubscriptionPortal(ApticDossier):
    """A provider's plan, its end, and its invoices."""

    def _subscription(self, provider, member, error=None, plan=None, saved=False):
        subscription = provider._live_subscription()
        is_manager = member.role == "manager"
        return self._dossier_page(
            provider,
            member,
            "portal_subscription",
            "aptic_subscription",
            form_record=subscription,
            plans=request.env["aptic.subscription"].sudo()._plans(),
            subscription=subscription,
            ended=provider.subscription_ids.filtered(lambda ended: ended.state == "ended")[:1],
            term_end=subscription._term_end() if subscription else False,
            chosen=plan or subscription.next_plan or subscription.plan,
            currency=request.env.company.currency_id,
            may_choose=is_manager
            and provider.state in ("chartered", "active", "suspended")
            and not subscription.ends_on,
            may_end=is_manager and bool(subscription) and not subscription.ends_on,
            has_invoices=member.role in MONEY_ROLES,
            blockers=provider._activation_blockers() if provider.state == "chartered" else [],
            error=error,
            saved=saved,
        )

    def _subscription_act(self, provider_id, post, verb, plan=None):
        """Run a manager's verb once, on the subscription that the form showed."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        subscription = provider._live_subscription()
        if conflict := self._form_conflict(subscription, post):
            return self._subscription(provider, member, conflict, plan)
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    verb(provider, subscription)
        except UserError as error:
            return self._subscription(provider, member, str(error), plan)
        except LockError:
            busy = request.env._("Somebody is working on this at the same moment: try again.")
            return self._subscription(provider, member, busy, plan)
        return request.redirect(f"/my/aptic/provider/{provider.id}/subscription?saved=1")

    @route(f"{DOSSIER}/subscription", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_subscription(self, provider_id, saved=None, **_query):
        """Show the plans, the one chosen, and what comes next."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._subscription(provider, member, saved=bool(saved))

    @route(f"{DOSSIER}/subscription", type="http", auth="user", website=True, methods=["POST"])
    def aptic_subscription_choose(self, provider_id, plan=None, **post):
        """Choose a plan, change it, or take a change back."""
        subscriptions = request.env["aptic.subscription"].sudo()
        return self._subscription_act(
            provider_id, post, lambda provider, _live: subscriptions._choose(provider, plan), plan
        )

    @route(f"{DOSSIER}/subscription/terminate", type="http", auth="user", website=True, methods=["POST"])
    def aptic_subscription_terminate(self, provider_id, confirmed=None, **post):
        """Ask for the end, once it was confirmed."""

        def verb(_provider, subscription):
            if not confirmed:
                raise UserError(request.env._("Tick the box: you have read what ends."))
            if subscription:
                subscription._terminate()

        return self._subscription_act(provider_id, post, verb)

    @route(f"{DOSSIER}/subscription/go_on", type="http", auth="user", website=True, methods=["POST"])
    def aptic_subscription_go_on(self, provider_id, **post):
        """Take the end back."""

        def verb(_provider, subscription):
            if not subscription:
                raise UserError(request.env._("This subscription has ended: choose a plan to come back."))
            subscription._go_on()

        return self._subscription_act(provider_id, post, verb)

    # --------------------------------------------------------------- invoices
    def _invoice_domain(self, provider):
        return [("aptic_subscription_id.provider_id", "=", provider.id), ("state", "=", "posted")]

    @route(
        [f"{DOSSIER}/invoices", f"{DOSSIER}/invoices/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def aptic_invoices(self, provider_id, page=1, **_query):
        """List the invoices and credit notes of the subscription, the latest first."""
        provider, member = self._aptic_member("aptic.provider", provider_id, MONEY_ROLES)
        if not member:
            return self._aptic_denied()
        moves = request.env["account.move"].sudo()
        domain = self._invoice_domain(provider)
        pages = portal_pager(
            url=f"/my/aptic/provider/{provider.id}/invoices", total=moves.search_count(domain), page=page, step=PER_PAGE
        )
        return self._dossier_page(
            provider,
            member,
            "portal_invoices",
            "aptic_invoices",
            invoices=moves.search(domain, order="invoice_date desc, id desc", limit=PER_PAGE, offset=pages["offset"]),
            today=provider.subscription_ids._today(),
            pager=pages,
        )

    @route(f"{DOSSIER}/invoices/<int:move_id>/pdf", type="http", auth="user", website=True, methods=["GET"])
    def aptic_invoice_pdf(self, provider_id, move_id, **_query):
        """Download one."""
        provider, member = self._aptic_member("aptic.provider", provider_id, MONEY_ROLES)
        moves = request.env["account.move"].sudo()
        if member and move_id <= LARGEST_ID:
            moves = moves.search([*self._invoice_domain(provider), ("id", "=", move_id)])
        if not moves:
            return self._aptic_denied()
        name, content = moves._aptic_paper()
        return request.make_response(
            content,
            [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )
