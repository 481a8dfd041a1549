from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, as_id
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.aptic_voucher import clock, codes
from odoo.addons.aptic_voucher.acts import LONGEST_REASON
from odoo.addons.aptic_voucher.stays import StaysError
from odoo.addons.aptic_voucher.tables import MIMETYPES
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import AccessError, LockError, UserError
from odoo.http import content_disposition, request, route
from werkzeug.wsgi import wrap_file

HOME = "/my/aptic/redemptions"
PAGE = 30
LONGEST_SEARCH = 80
NOTICES = ("cancelled", "busy", "reason", "settled", "held")
READ = 64 * 1024  # bytes


def _day(text):
    """A date of an ISO text, or None."""
    try:
        return fields.Date.to_date(text[:10]) if isinstance(text, str) and text else None
    except ValueError:
        return None


class ApticRedemptions(ApticPortal):
    """The scans of a provider: looked at, found, exported, and the cancellation of one."""

    @route([HOME, f"{HOME}/page/<int:page>"], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_redemptions(self, page=1, notice=None, **query):
        """List the scans that the user may see: a manager or accountant all of the provider's, a mediator his own."""
        return self._scans_page(query, page, notice=notice)

    @route(f"{HOME}/search", type="http", auth="user", website=True, methods=["POST"])
    def aptic_redemptions_search(self, **post):
        """Read the search form and go to what it asks for; a whole code, which is money, leaves as its serial alone."""
        asked = self._asked_scans(post)
        if not asked:
            return self._aptic_denied()
        return request.redirect(f"{HOME}?{urlencode(asked['address'])}", code=303)

    @route(f"{HOME}/export/<string:kind>", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_redemptions_export(self, kind, **query):
        """Send the scans of the page, all pages of it, as a file."""
        asked = self._asked_scans(query)
        if not asked or kind not in MIMETYPES:
            return self._aptic_denied()
        try:
            file = request.env["aptic.redemption"]._export_history(asked["domain"], kind)
        except UserError as error:
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
            return request.make_response(str(error), headers, status=409)
        length = file.tell()
        file.seek(0)
        name = request.env._("APTIC scans %(day)s", day=clock.today())
        headers = [
            ("Content-Type", MIMETYPES[kind]),
            ("Content-Length", str(length)),
            ("Content-Disposition", content_disposition(f"{name}.{kind}")),
            ("Cache-Control", "no-store, private"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(wrap_file(request.httprequest.environ, file, READ), headers)

    @route(f"{HOME}/<int:redemption_id>/cancel", type="http", auth="user", website=True, methods=["POST"])
    def aptic_redemption_cancel(self, redemption_id, reason="", page="1", **post):
        """Cancel a scan of the user's provider, with a reason."""
        redemption = self._readable_redemption(redemption_id)
        if not redemption:
            return self._aptic_denied()
        query = {**post, "provider_id": str(redemption.sudo().provider_id.id)}
        notice = "cancelled"
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            notice = "reason"
        else:
            try:
                redemption._cancel(reason)
            except AccessError:
                return self._aptic_denied()
            except LockError:
                notice = "busy"
            except StaysError as stays:
                notice = stays.code
            except UserError as error:
                return self._scans_page(query, max(as_id(page), 1), problem=str(error))
        asked = self._asked_scans(query)
        address = {**(asked["address"] if asked else {}), "notice": notice}
        number = f"/page/{as_id(page)}" if as_id(page) > 1 else ""
        return request.redirect(f"{HOME}{number}?{urlencode(address)}", code=303)

    # ------------------------------------------------------------------- parts
    def _scans_page(self, query, page=1, notice=None, problem=None):
        """The list of scans.

        :param query: what is asked for, as :meth:`_asked_scans` takes it
        :param notice: one of ``NOTICES``
        :param str problem: why nothing was cancelled, when none of them says it
        """
        asked = self._asked_scans(query)
        if not asked:
            return self._aptic_denied()
        member, model = asked["member"], request.env["aptic.redemption"]
        figures = model._figures(asked["domain"])
        pager = portal_pager(
            url=HOME, url_args=asked["address"], total=figures["listed"], page=min(page, LARGEST_ID), step=PAGE
        )
        redemptions = model.search(asked["domain"], limit=PAGE, offset=pager["offset"])
        values = {
            **self._prepare_portal_layout_values(),
            **asked,
            "page_name": "aptic_redemptions",
            "members": self._provider_members(),
            "provider": member.provider_id,
            "redemptions": redemptions.sudo(),
            "cancellations": redemptions._cancellations(),
            "figures": figures,
            "waiting": member.role != "accountant" and request.env["aptic.offline"]._prepare_desk(),
            "files": {kind: f"{HOME}/export/{kind}?{urlencode(asked['address'])}" for kind in MIMETYPES},
            "pager": pager,
            "page": pager["page"]["num"],
            "may_cancel": member.role == "manager",
            "notice": notice if notice in NOTICES else None,
            "problem": problem,
        }
        response = request.render("aptic_pos.portal_redemptions", values, status=422 if problem else 200)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    def _asked_scans(self, query):
        """What an address or a form asks for, made sense of; None when the user has no such provider.

        :return: ``member`` (sudo), ``domain``, ``address`` (the query that asks for the same), and what the form shows:
            ``periods``, ``period``, ``first``, ``last``, ``place``, ``places``, ``text``
        """
        members = self._provider_members()
        wanted = query.get("provider_id")
        if wanted:
            members = members.filtered(lambda member: str(member.provider_id.id) == wanted)
        if not members:
            return None
        member = members[0]
        periods = self._periods()
        first, last = _day(query.get("from")), _day(query.get("to"))
        if first and last and first > last:
            first, last = last, first
        period = query.get("period") if query.get("period") in periods else "today"
        if first or last or "from" in query:
            bounds = {periods[key]["bounds"]: key for key in periods}
            period = bounds.get((first, last), "dates")
        else:
            first, last = periods[period]["bounds"]
        places = member.provider_id.with_context(active_test=False).place_ids
        place = places.filtered(lambda one: one.id == as_id(query.get("place_id")))
        text = self._search_text(query.get("q"))
        dates = {"from": first or "", "to": last or ""} if period == "dates" else {"period": period}
        others = {"place_id": place.id, "q": text}
        return {
            "member": member,
            "domain": request.env["aptic.redemption"]._history_domain(member, first, last, place.id, text),
            "address": {
                "provider_id": member.provider_id.id,
                **dates,
                **{name: value for name, value in others.items() if value},
            },
            "periods": periods,
            "period": period,
            "first": first,
            "last": last,
            "place": place,
            "places": places,
            "text": text,
        }

    def _search_text(self, text):
        """What is looked for; of a whole code only its serial."""
        text = one_line(text, LONGEST_SEARCH)
        digits = codes.normalise(text)
        if len(digits) > codes.SERIAL_DIGITS and digits.isdecimal():
            return digits[: codes.SERIAL_DIGITS]
        return text

    def _provider_members(self):
        domain = [("user_id", "=", request.env.uid), ("provider_id", "!=", False)]
        members = request.env["aptic.member"].sudo().search(domain)
        return members.sorted(lambda member: member.provider_id.name or "")

    def _periods(self):
        """The periods that one press asks for, with their first and last day (None: open) in France."""
        today = clock.today()
        month = today.replace(day=1)
        env = request.env
        return {
            "today": {"label": env._("Today"), "bounds": (today, today)},
            "week": {"label": env._("7 days"), "bounds": (today - timedelta(days=6), today)},
            "month": {"label": env._("This month"), "bounds": (month, today)},
            "last_month": {
                "label": env._("Last month"),
                "bounds": ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
            },
            "all": {"label": env._("All"), "bounds": (None, None)},
        }
