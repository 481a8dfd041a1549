from odoo import api, models
from odoo.tools import SQL


class ApticSubscription(models.Model):
    """Where the subscription meets the scans: none is overlooked."""

    _inherit = "aptic.subscription"

    @api.model
    def _cron_start(self):
        """Wake first what sleeps in spite of a scan, on that scan's day: a server may stop between a scan and what
        follows it, and a scan may arrive while the one before it is being cancelled."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT s.provider_id, min(r.day)
                     FROM aptic_subscription s
                     JOIN aptic_redemption r ON r.provider_id = s.provider_id AND r.state != 'cancelled'
                    WHERE s.state = 'sleeping'
                      AND r.received_at > COALESCE(
                          (SELECT max(e.ended_at) FROM aptic_subscription e
                            WHERE e.provider_id = s.provider_id AND e.state = 'ended'), '-infinity')
                    GROUP BY s.provider_id"""
            )
        )
        for provider_id, day in rows:
            self._wake(provider_id, day)
        return super()._cron_start()
