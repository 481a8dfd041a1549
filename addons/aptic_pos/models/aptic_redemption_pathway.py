from odoo import api, models
from odoo.tools import SQL

from ..pathways import sessions_ahead


class ApticRedemption(models.Model):
    """At the desk a pathway shows which of its sessions this one is (guide, « Les parcours »: 5 or 10 sessions)."""

    _inherit = "aptic.redemption"

    @api.model
    def _peek(self, member, place, codes):
        """As before, with ``sessions``: what each offer would be of a pathway, as :meth:`_sessions_ahead` tells it."""
        answer = super()._peek(member, place, codes)
        if answer["status"] == "ok":
            serials = [voucher["serial"] for voucher in answer["vouchers"]]
            answer["sessions"] = self._sessions_ahead(member.sudo().provider_id, serials)
        return answer

    @api.model
    def _sessions_ahead(self, provider, serials):
        """The session of a pathway that each offer would be now, for who holds these vouchers' booklets.

        :return: list of ``{"offer_id", "pathway", "number", "count", "is_next"}``
        """
        pathways = self.env["aptic.pathway"].sudo().search([("provider_id", "=", provider.id)]).filtered("is_given")
        if not pathways:
            return []
        offers = {pathway: [session.offer_id.id for session in pathway.session_ids] for pathway in pathways}
        found = sessions_ahead(offers, self._offers_paid_before(provider, serials))
        return [
            {
                "offer_id": offer_id,
                "pathway": session.pathway.name,
                "number": session.number,
                "count": session.count,
                "is_next": session.is_next,
            }
            for offer_id, session in found.items()
        ]

    @api.model
    def _offers_paid_before(self, provider, serials):
        """The offers of the provider's acts that were paid with these vouchers' booklets, one id an act, in order."""
        rows = self.env.execute_query(
            SQL(
                """SELECT r.offer_id FROM aptic_redemption r
                    WHERE r.provider_id = %s AND r.id IN (
                      SELECT redemption_id FROM aptic_voucher
                       WHERE booklet_id IN (SELECT booklet_id FROM aptic_voucher WHERE serial = ANY(%s))
                         AND redemption_id IS NOT NULL)
                    ORDER BY r.id""",
                provider.id,
                list(serials),
            )
        )
        return [offer_id for (offer_id,) in rows]
