from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError

from .. import acts
from ..batch import SoFar
from ..stays import StaysError

UNDO_MINUTES = 10


class ApticRedemption(models.Model):
    """What a mediator does beside paying: try an act that changes nothing, take the last one back."""

    _inherit = "aptic.redemption"

    @api.model
    def _rehearse(self, member, place, offer, audience, codes, price_cents):
        """Say what :meth:`_redeem` would answer now, without spending or locking anything.

        Arguments as in :meth:`_redeem`. A code that is no voucher's is noted as a wrong one all the same: a test must
        not be a way to guess.

        :return: as :meth:`_redeem`, with ``ok`` in place of ``done`` and no redemption
        """
        now = fields.Datetime.now()
        act = self._prepare_act(member, place, offer, audience, codes, price_cents, None, now)
        if isinstance(act, acts.Refusal):
            return self._answer(act.code, message_args=act.args)
        (facts,) = self._facts([act], is_act=False)
        answer = self._judge(act, facts, SoFar(), now)
        if answer["status"] == "unknown":
            self._note_wrong_code(member, place)
        if answer["status"] == "done":
            del answer["facts"]
            answer["status"] = "ok"
        return answer

    def _undo(self):
        """Take back the current user's own last act, within ``UNDO_MINUTES`` of its receipt and before it is settled.

        The vouchers are given back as by :meth:`_cancel`, with a reason in the ledger. Asked again it answers the same,
        and never reaches the act before: that one takes a manager and a reason of his own.

        :return: ``{"status", "redemption_id", "face_cents", "copay_cents"}``; status is ``undone``, ``busy`` (try
            again), ``settled``, ``held`` (under verification), ``too_late``, ``not_last``, or ``provider`` when the act
            is not the user's to take back
        """
        act = self.sudo().exists()
        if not act or act.user_id != self.env.user or not act._may_scan_for():
            return {"status": "provider", "redemption_id": None, "face_cents": 0, "copay_cents": 0}
        answer = {
            "redemption_id": act.id,
            "face_cents": act.face_cents,
            "copay_cents": act.copay_cents,
        }
        if act.state == "cancelled":
            return {"status": "undone", **answer}
        if act.state != "done":
            return {"status": "settled", **answer}
        if fields.Datetime.now() - act.received_at > timedelta(minutes=UNDO_MINUTES):
            return {"status": "too_late", **answer}
        if act._has_later_of_its_user():
            return {"status": "not_last", **answer}
        try:
            act._give_back(self.env._("Taken back at the desk right after the scan"))
        except LockError:
            return {"status": "busy", **answer}
        except StaysError as stays:
            return {"status": stays.code, **answer}
        return {"status": "undone", **answer}

    def _may_scan_for(self):
        """Whether the current user may still scan for the act's provider."""
        return bool(self.env["aptic.member"]._find(self.provider_id, roles=acts.MAY_SCAN))

    def _has_later_of_its_user(self):
        """Whether the act's user has scanned for its provider again since; cancelled or not."""
        domain = [
            ("provider_id", "=", self.provider_id.id),
            ("day", ">=", self.day),
            ("user_id", "=", self.user_id.id),
            ("id", ">", self.id),
        ]
        return bool(self.search(domain, limit=1))
