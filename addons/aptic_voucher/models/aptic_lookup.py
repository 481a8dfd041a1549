import hmac
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.lines import line_of
from odoo.tools import SQL

MOST = 60
MINUTES = 10
KEPT_HOURS = 24


class ApticLookup(models.Model):
    """A look at the public check page: when, and from which line, but not whose. Only added to, by whatever worker."""

    _name = "aptic.lookup"
    _description = "Look at the public check"
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    at = fields.Datetime(required=True, readonly=True)
    source = fields.Char(required=True, readonly=True, help="A keyed digest of the address: nobody can turn it back.")

    _source_index = models.Index("(source, at)")

    @api.model
    def _take(self, address):
        """Add a look from an address, unless there were too many lately; nothing grows by those that are refused.

        :param str address: of the caller; of IPv6 the network counts, which is one line
        :return: whether the page may be shown
        """
        now = fields.Datetime.now()
        source = self._source(address)
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO aptic_lookup (at, source) SELECT %(now)s, %(source)s
                    WHERE NOT EXISTS (SELECT FROM aptic_lookup WHERE source = %(source)s AND at > %(since)s
                                       ORDER BY at DESC OFFSET %(most)s LIMIT 1)
                RETURNING id""",
                now=now,
                source=source,
                since=now - timedelta(minutes=MINUTES),
                most=MOST - 1,
            )
        )
        return bool(rows)

    @api.model
    def _source(self, address):
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret") or ""
        return hmac.digest(secret.encode(), f"aptic.lookup {line_of(address)}".encode(), "sha256").hex()[:32]

    @api.autovacuum
    def _forget_old(self):
        """What is older than a day limits nothing."""
        before = fields.Datetime.now() - timedelta(hours=KEPT_HOURS)
        self.env.cr.execute(SQL("DELETE FROM aptic_lookup WHERE at < %s", before))
