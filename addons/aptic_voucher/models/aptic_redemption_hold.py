from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..stays import StaysError


class ApticRedemption(models.Model):
    """Acts whose payout waits: what looks wrong is verified before it is paid. They stay owed meanwhile.

    Why an act is held is known to whoever holds it; what settles leaves it for a later run. Only staff cancel one: whom
    the verification is about does not end it by taking the act back.
    """

    _inherit = "aptic.redemption"

    is_held = fields.Boolean(
        string="Under verification",
        readonly=True,
        groups="aptic_base.group_aptic_user",
        help="Its payout waits for the end of a verification. It stays owed.",
    )

    _held_index = models.Index("(provider_id, received_at) WHERE is_held")
    _held_is_unsettled = models.Constraint(
        "CHECK(is_held IS NOT TRUE OR state = 'done')", "What is under verification is neither settled nor cancelled."
    )

    @api.model
    def _check_watched(self, cutoff):
        """Whoever settles calls this first, in the same transaction: what looks wrong is held before it is paid.

        Nothing watches here; the addons that do look now at what they have not looked at yet.

        :param datetime cutoff: acts received before it (naive UTC) are about to be settled
        """

    def _hold(self):
        """Let the payout of these acts wait; settled and cancelled ones are left as they are.

        Every row is written, also of those that are held: whoever settles, releases or cancels one at the same moment
        meets it (a serialization failure, played again), instead of both going on as if alone.
        """
        self._write_held(True)

    def _release(self):
        """Let these acts be paid again, with the next run; the same holds as for :meth:`_hold`."""
        self._write_held(None)

    def _write_held(self, held):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE aptic_redemption SET is_held = %s
                    WHERE id IN (SELECT id FROM aptic_redemption WHERE id = ANY(%s) AND state = 'done'
                                  ORDER BY id FOR NO KEY UPDATE)""",
                held,
                self.ids,
            ),
            log_exceptions=False,
        )
        self.invalidate_model(["is_held"])

    def _check_may_be_given_back(self):
        result = super()._check_may_be_given_back()
        if self.is_held and self.env.uid != SUPERUSER_ID and not self._is_for_this_staff():
            raise StaysError(
                self.env._("This scan is under verification and cannot be cancelled: write to the operator."), "held"
            )
        return result
