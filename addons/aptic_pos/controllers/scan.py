from datetime import datetime

from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.addons.aptic_base.limits import LARGEST_ID
from odoo.addons.aptic_voucher import clock
from odoo.http import request, route

LONGEST_CODE = 100
LONGEST_KEY = 64
UNDONE = ("status", "redemption_id", "face_cents", "copay_cents")
ANSWER = ("status", "redemption_id", "price_cents", "face_cents", "copay_cents", "serials", "message_args")
INVALID = {"status": "invalid", "message_args": {}}
DENIED = {"status": "provider", "message_args": {"reason": "member"}}


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _is_codes(value):
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(code, str) and len(code) <= LONGEST_CODE and "\0" not in code for code in value)
    )


def _is_key(value):
    return isinstance(value, str) and 8 <= len(value) <= LONGEST_KEY and value.isascii() and value.isprintable()


def _moment(value):
    """A naive UTC datetime of an ISO text in UTC, or None."""
    try:
        moment = datetime.fromisoformat(value.removesuffix("Z"))
    except (AttributeError, ValueError):
        return None
    return moment.replace(microsecond=0) if moment.tzinfo is None and moment.year >= 2000 else None


def _read_act(values):
    """The arguments of ``aptic.redemption._redeem`` for an act as a desk sends it, or the answer that refuses it.

    :param dict values: ``place_id, offer_id, audience_id, codes, price_cents, client_key, client_time``; what else
        there is is not looked at
    :return: ``(arguments, None)`` or ``(None, answer)``
    """
    moment, client_key = _moment(values.get("client_time")), values.get("client_key")
    if not (_is_key(client_key) and moment):
        return None, INVALID
    choice, refused = _read_choice(values)
    return choice and {**choice, "client_key": client_key, "client_time": moment}, refused


def _read_choice(values):
    """The same without the client's name and time of the act: what ``aptic.redemption._rehearse`` takes."""
    place_id, audience_id, codes = (values.get(name) for name in ("place_id", "audience_id", "codes"))
    ids = (place_id, values.get("offer_id"), values.get("price_cents"), *((audience_id,) if audience_id else ()))
    if not (all(map(_is_id, ids)) and _is_codes(codes)):
        return None, INVALID
    env = request.env
    member = env["aptic.member"]._scanner_at(place_id)
    if not member:
        return None, DENIED
    arguments = {
        "member": member,
        "place": env["aptic.place"].browse(place_id),
        "offer": env["aptic.offer"].browse(values["offer_id"]),
        "audience": env["aptic.audience"].browse(audience_id or ()),
        "codes": codes,
        "price_cents": values["price_cents"],
    }
    return arguments, None


class ApticScan(ApticPortal):
    """The desk's page and its two calls: look at vouchers, spend them."""

    @route("/my/aptic/scan", type="http", auth="user", website=True, readonly=True)
    def aptic_scan(self, **_query):
        """The screen where vouchers are scanned."""
        members = request.env["aptic.member"]._scanners()
        if not members:
            return self._aptic_denied()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_scan",
            "desk": self._prepare_desk(members),
            "stopped": members.provider_id.filtered(lambda provider: provider.state in ("suspended", "struck_off")),
        }
        # Whose page it is: the service worker keeps it for this user alone.
        headers = {"X-Aptic-Desk": request.env.uid, "Cache-Control": "no-store"}
        return request.render("aptic_pos.portal_scan", values, headers=headers)

    def _prepare_desk(self, members):
        """What the screen must know before the first scan: places, their services, audiences."""
        redemption = request.env["aptic.redemption"]
        today = clock.today()
        places = []
        for member in members.filtered(lambda member: member.provider_id.state == "active"):
            provider = member.provider_id
            for place in provider.place_ids.filtered(lambda place: place._is_open(today)):
                offers = redemption._offers_at(place)
                if offers:
                    places.append(self._prepare_place(provider, place, offers))
        audiences = request.env["aptic.audience"].sudo().search([])
        return {
            "places": places,
            "audiences": [{"id": audience.id, "name": audience.name} for audience in audiences],
            "offline": request.env["aptic.offline"]._prepare_desk(),
        }

    def _prepare_place(self, provider, place, offers):
        return {
            "id": place.id,
            "name": place.name,
            "town": place.territory_id.name,
            "provider": provider.name,
            "provider_id": provider.id,
            "offers": [
                {
                    "id": offer.id,
                    "name": offer.name,
                    "level": offer.level_id.name,
                    "price_cents": offer.price_cents,
                    "audience_ids": offer.audience_ids.ids,
                }
                for offer in offers
            ],
        }

    @route("/my/aptic/scan/check", type="jsonrpc", auth="user")
    def aptic_scan_check(self, place_id=None, codes=None, **_other):
        """Say what vouchers would do at a place, without spending them."""
        if not (_is_id(place_id) and _is_codes(codes)):
            return INVALID
        member = request.env["aptic.member"]._scanner_at(place_id)
        if not member:
            return DENIED
        return request.env["aptic.redemption"]._peek(member, request.env["aptic.place"].browse(place_id), codes)

    @route("/my/aptic/scan/test", type="jsonrpc", auth="user")
    def aptic_scan_test(self, **values):
        """Say what vouchers would pay for a service, without spending them."""
        choice, refused = _read_choice(values)
        if refused:
            return refused
        answer = request.env["aptic.redemption"]._rehearse(**choice)
        return {name: answer[name] for name in ANSWER}

    @route("/my/aptic/scan/undo", type="jsonrpc", auth="user")
    def aptic_scan_undo(self, redemption_id=None, **_other):
        """Take back the user's own last act."""
        if not _is_id(redemption_id):
            return INVALID
        answer = request.env["aptic.redemption"].browse(redemption_id)._undo()
        return {name: answer[name] for name in UNDONE}

    @route("/my/aptic/scan/redeem", type="jsonrpc", auth="user")
    def aptic_scan_redeem(self, **values):
        """Spend vouchers for a service, once for each client key."""
        act, refused = _read_act(values)
        if refused:
            return refused
        answer = request.env["aptic.redemption"]._redeem(**act)
        return {name: answer[name] for name in ANSWER}
