import hmac
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.limits import LARGEST_ID
from odoo.addons.aptic_base.lines import line_of
from odoo.http import request
from odoo.tools import SQL

MINUTES = 10
KEPT_DAYS = 90
BATCH = 10_000
MOST_ALARM_MINUTES = KEPT_DAYS * 24 * 60
# Limits that staff can tune, as ``aptic_pos.wrong_codes_<name>``.
USUAL = {"user": 10, "address": 30, "lockouts": 3, "alarm": 100, "alarm_minutes": 60}


class ApticAttempt(models.Model):
    """A try with a code that is no voucher's: who, where and from which line, never the code. Only added to."""

    _name = "aptic.attempt"
    _description = "Wrong code"
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", readonly=True)
    member_id = fields.Many2one("aptic.member", ondelete="set null", readonly=True)
    place_id = fields.Many2one("aptic.place", ondelete="restrict", readonly=True)
    provider_id = fields.Many2one(related="place_id.provider_id")
    source = fields.Char(
        string="Line", readonly=True, help="A digest of the address, by a key outside the database: no address is kept."
    )

    _user_index = models.Index("(user_id, at)")
    _source_index = models.Index("(source, at) WHERE source IS NOT NULL")
    _at_index = models.Index("(at)")

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse to change a try, or to forget one before its time.

        A member who leaves is taken off: that alone may change.
        """
        super().init()
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION aptic_attempt_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND OLD.at < (now() AT TIME ZONE 'UTC') - TG_ARGV[0]::interval THEN
                    RETURN OLD;
                ELSIF TG_OP = 'UPDATE' AND NEW.member_id IS NULL
                        AND to_jsonb(NEW) - 'member_id' = to_jsonb(OLD) - 'member_id' THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'Tries are only added to: % is refused.', TG_OP
                USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
            END $$
            """
        )
        self.env.cr.execute(
            SQL(
                """CREATE OR REPLACE TRIGGER aptic_attempt_row BEFORE UPDATE OR DELETE ON aptic_attempt
                   FOR EACH ROW EXECUTE FUNCTION aptic_attempt_refuse(%s)""",
                f"{KEPT_DAYS} days",
            )
        )
        self.env.cr.execute(
            """CREATE OR REPLACE TRIGGER aptic_attempt_table BEFORE TRUNCATE ON aptic_attempt
               FOR EACH STATEMENT EXECUTE FUNCTION aptic_attempt_refuse()"""
        )

    # ---------------------------------------------------------------- throttle
    @api.model
    def _limit(self, name):
        """One of the limits that staff can tune; what is no positive number is the usual one."""
        most = MOST_ALARM_MINUTES if name == "alarm_minutes" else LARGEST_ID
        return self.env["ir.config_parameter"]._get_number(f"aptic_pos.wrong_codes_{name}", USUAL[name], 1, most)

    @api.model
    def _source(self):
        """A digest of the line that the present request comes from; None outside of requests, and for no address.

        The key is the vouchers': it stands in the server's file, so the database alone does not give an address back.
        """
        line = line_of(request.httprequest.remote_addr) if request else ""
        if not line:
            return None
        ring = self.env["aptic.booklet"].sudo()._keyring()
        return hmac.digest(ring.keys[ring.current], f"aptic.attempt {line}".encode(), "sha256").hex()[:32]

    @api.model
    def _note(self, member, place):
        """Add a try of the current user, in one statement; with the last one allowed, wake the lock-outs."""
        now = fields.Datetime.now()
        most = self._limit("user")
        ((tries,),) = self.env.execute_query(
            SQL(
                """WITH added AS (
                       INSERT INTO aptic_attempt (at, user_id, member_id, place_id, source)
                       VALUES (%(now)s, %(user)s, %(member)s, %(place)s, %(source)s) RETURNING 1)
                   SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM (
                       SELECT FROM aptic_attempt WHERE user_id = %(user)s AND at > %(since)s
                        LIMIT %(most)s) AS earlier)""",
                now=now,
                user=self.env.uid,
                member=member.id or None,
                place=place.id or None,
                source=self._source(),
                since=now - timedelta(minutes=MINUTES),
                most=most,
            )
        )
        self.invalidate_model()
        cron = tries >= most and self.env.ref("aptic_pos.cron_wrong_codes", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _tries_sql(self):
        """SQL expressions of the wrong codes tried lately by the current user and from his line, by their limits' name.

        Bounded: each reads as many entries of an index as are allowed.
        """
        since = fields.Datetime.now() - timedelta(minutes=MINUTES)
        of = {"user": SQL("user_id = %s", self.env.uid), "address": SQL("source = %s", self._source())}
        return {
            name: SQL(
                """(SELECT count(*) FROM (
                     SELECT FROM aptic_attempt WHERE %s AND at > %s ORDER BY at DESC LIMIT %s) AS tries)""",
                whose,
                since,
                self._limit(name),
            )
            for name, whose in of.items()
        }

    @api.model
    def _is_throttled(self, facts):
        """Whether the current user, or his line, has tried too many wrong codes lately.

        :param dict facts: with the counts of :meth:`_tries_sql` as ``<name>_tries``, and ``earlier_wrong``, the wrong
            codes of the same request before
        """
        return any(facts[f"{name}_tries"] + facts["earlier_wrong"] >= self._limit(name) for name in ("user", "address"))

    @api.autovacuum
    def _forget_old(self):
        """Tries older than three months serve nobody; some at a time.

        By the clock of the database: its trigger refuses what is younger by that one.
        """
        self.env.cr.execute(
            SQL(
                """DELETE FROM aptic_attempt
                    WHERE id IN (SELECT id FROM aptic_attempt
                                  WHERE at < (now() AT TIME ZONE 'UTC') - %s * INTERVAL '1 day'
                                  ORDER BY at LIMIT %s)""",
                KEPT_DAYS,
                BATCH,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount, self.env.cr.rowcount == BATCH
