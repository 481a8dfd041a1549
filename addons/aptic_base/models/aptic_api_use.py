from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT = timedelta(days=1)
WINDOW = 60  # seconds
PARAMETER = "aptic_base.api_per_minute"
USUAL = 120


class ApticApiUse(models.Model):
    """A request that a key made: when, no more. Only added to, and forgotten after a day."""

    _name = "aptic.api.use"
    _description = "Use of an API key"
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    key_id = fields.Many2one("aptic.api.key", required=True, readonly=True, ondelete="cascade")
    at = fields.Datetime(required=True, readonly=True)

    _key_at = models.Index("(key_id, at)")

    @api.model
    def _most(self):
        """How many requests a key may make within a minute."""
        return self.env["ir.config_parameter"]._get_number(PARAMETER, USUAL, least=1)

    @api.model
    def _count(self, key_id):
        """Add a request, unless the key made too many within the last minute.

        In a transaction of its own: what only reads may be served by a replica, and a count that others do not see is
        no count. Begin a request with it: what the present transaction has done is undone, so that no snapshot is kept
        meanwhile.

        :param int key_id: of ``aptic.api.key``
        :return: 0, or in how many seconds to try again
        """
        now, most = fields.Datetime.now(), self._most()
        self.env.cr.rollback()
        with self.env.registry.cursor() as cr:
            cr.execute("SET LOCAL synchronous_commit TO off")  # losing a count with the machine harms nobody
            cr.execute(
                SQL(
                    """WITH recent AS (
                           SELECT at FROM aptic_api_use WHERE key_id = %(key)s AND at > %(since)s
                           ORDER BY at DESC LIMIT %(most)s),
                       added AS (
                           INSERT INTO aptic_api_use (key_id, at)
                           SELECT %(key)s, %(now)s WHERE (SELECT count(*) FROM recent) < %(most)s RETURNING id)
                       SELECT (SELECT count(*) FROM added), (SELECT min(at) FROM recent)""",
                    key=key_id,
                    now=now,
                    since=now - timedelta(seconds=WINDOW),
                    most=most,
                )
            )
            added, oldest = cr.fetchone()
        return 0 if added else max(1, WINDOW - int((now - oldest).total_seconds()))

    @api.autovacuum
    def _forget_old(self):
        """Keep when each key was used last; forget the rest after a day."""
        before = fields.Datetime.now() - KEPT
        self.env.cr.execute(
            SQL(
                """WITH gone AS (DELETE FROM aptic_api_use WHERE at < %s RETURNING key_id, at)
                   UPDATE aptic_api_key k SET last_used_at = GREATEST(k.last_used_at, used.at)
                   FROM (SELECT key_id, max(at) AS at FROM gone GROUP BY key_id) used WHERE used.key_id = k.id""",
                before,
            )
        )
        self.env["aptic.api.key"].invalidate_model(["last_used_at"])
