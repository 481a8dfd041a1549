from odoo import fields
from odoo.addons.aptic_base import api
from odoo.addons.aptic_voucher.acts import LONGEST_REASON, MOST_CODES
from odoo.addons.aptic_voucher.stays import StaysError
from odoo.exceptions import LockError, UserError
from odoo.http import Controller, request, route

from .scan import LONGEST_CODE

ROOT = "/aptic/api/v1"
REDEMPTIONS = f"{ROOT}/redemptions"
READ = {"methods": ["GET"], "readonly": True, "save_session": False, "purpose": "redemptions:read"}
WRITE = {
    "methods": ["POST"], "save_session": False, "purpose": "redemptions:write", "max_content_length": api.MOST_BYTES,
}  # fmt: skip
PAID = ("price_cents", "face_cents", "copay_cents", "serials")


class ApticRedemptionEndpoints(Controller):
    """Another desk than ours takes vouchers at the place of its key (see ``docs/api.md``)."""

    @route(f"{ROOT}/place", type="aptic_api", auth="aptic_key", methods=["GET"], readonly=True, save_session=False)
    def aptic_api_place(self):
        """The key's place: the services that it gives with their prices, and the audiences."""
        api.Query().check()
        place = request.api_key.place_id
        if not place:
            raise api.not_found()
        return api.answer(request.env["aptic.redemption"]._api_desk(place))

    @route(REDEMPTIONS, type="aptic_api", auth="aptic_key", **READ)
    def aptic_api_redemptions(self):
        """What was scanned at the place, the newest first."""
        query = api.Query("from", "until", "state", "limit", "cursor")
        redemptions = request.env["aptic.redemption"]
        states = redemptions._fields["state"].get_values(request.env)
        first, last, state = query.day("from"), query.day("until"), query.choice("state", states)
        limit, after = query.limit(), query.cursor()
        query.check()
        wanted = (("day", ">=", first), ("day", "<=", last), ("state", "=", state))
        domain = [condition for condition in wanted if condition[2]]
        return api.page(*redemptions._api_page(request.api_key, domain, after, limit))

    @route(f"{REDEMPTIONS}/test", type="aptic_api", auth="aptic_key", **WRITE)
    def aptic_api_redemption_test(self):
        """What vouchers would pay; nothing changes."""
        act = self._api_act()
        del act["client_time"]
        answer = request.env["aptic.redemption"]._rehearse(**act)
        if answer["status"] != "ok":
            return self._api_refused(answer)
        return api.answer({name: answer[name] for name in PAID})

    @route(REDEMPTIONS, type="aptic_api", auth="aptic_key", **WRITE)
    def aptic_api_redemption(self):
        """Spend vouchers for a service, once for each idempotency key."""
        key, act = api.idempotency_key(), self._api_act()
        answer = request.env["aptic.redemption"]._redeem(**act, client_key=key)
        if answer["status"] != "done":
            return self._api_refused(answer)
        state = answer["message_args"].get("reason", "done")
        day = answer["day"].isoformat()
        paid = {name: answer[name] for name in PAID}
        return api.answer({"id": answer["redemption_id"], "state": state, "day": day, **paid})

    @route(f"{REDEMPTIONS}/<int:redemption_id>/cancel", type="aptic_api", auth="aptic_key", **WRITE)
    def aptic_api_redemption_cancel(self, redemption_id):
        """Give the vouchers of an act back, as long as it is neither settled nor under verification; twice is once."""
        api.Query().check()
        body = api.Body("reason")
        reason = body.text("reason", LONGEST_REASON)
        body.check()
        redemptions = request.env["aptic.redemption"]
        known = 0 < redemption_id <= api.LARGEST_ID
        redemption = known and redemptions._api_find(request.api_key, redemption_id)
        if not redemption:
            raise api.not_found()
        try:
            redemption.sudo(False)._cancel(reason)
        except LockError:
            raise self._api_busy() from None
        except UserError as error:
            code = error.code if isinstance(error, StaysError) else "other"
            raise api.Problem(422, "refused", str(error), code=code, arguments={}) from None
        redemption.invalidate_recordset()
        return api.answer(redemption._api_rows()[0])

    # ---------------------------------------------------------------- helpers
    def _api_act(self):
        """The act that the body asks for, as arguments of ``aptic.redemption._redeem`` without the client's key."""
        api.Query().check()
        body = api.Body("offer_id", "audience_id", "codes", "price_cents", "client_time")
        offer_id, audience_id = body.number("offer_id"), body.number("audience_id", required=False)
        price_cents = body.number("price_cents")
        codes = body.texts("codes", MOST_CODES, LONGEST_CODE)
        at_desk = body.moment("client_time")
        body.check()
        env, place = request.env, request.api_key.place_id
        member = env["aptic.member"]._scanner_at(place.id)
        if not member:
            raise api.Problem(403, "owner", env._("The person who made this key may no longer scan at its place."))
        return {
            "member": member,
            "place": env["aptic.place"].browse(place.id),
            "offer": env["aptic.offer"].browse(offer_id),
            "audience": env["aptic.audience"].browse(audience_id or ()),
            "codes": codes,
            "price_cents": price_cents,
            "client_time": at_desk or fields.Datetime.now(),
        }

    def _api_refused(self, answer):
        """The response to an answer of ``_redeem`` other than ``done``. Not raised: what it left must be kept, such as
        the note of a wrong code."""
        status, args = answer["status"], answer["message_args"]
        if status == "busy":
            refused = self._api_busy()
        elif status == "key_reused":
            refused = api.Problem(
                422, "key-reused",
                request.env._("This idempotency key stands for another act already: send a new one for a new act."),
            )  # fmt: skip
        else:
            words = request.env["aptic.redemption"]._api_refusal(status, args)
            refused = api.Problem(422, "refused", words, code=status, arguments=args)
        return api.problem(refused)

    def _api_busy(self):
        words = request.env._("Another request is working on the same: send this one again in a moment, unchanged.")
        return api.Problem(409, "busy", words, [("Retry-After", "1")])
