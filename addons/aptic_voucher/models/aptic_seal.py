import logging
import time
from dataclasses import asdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL

from .. import clock, seals

_logger = logging.getLogger(__name__)

ROWS = 5000  # of the ledger in one seal, at most
PATIENCE = 5  # seconds that the sealing waits for acts that are being written; none ever waits for it
NAMES = ("number", "previous_hash", "id_from", "id_to", "row_count", "made_at", "columns", "leaves", "hash")


class ApticSeal(models.Model):
    """A link of the hash chain over the ledger: one row for up to 5,000 rows of it; see ``seals.py``."""

    _name = "aptic.seal"
    _description = "Seal of the ledger"
    _log_access = False
    _order = "number desc"
    _rec_name = "number"

    number = fields.Integer(required=True, readonly=True, aggregator=None)
    previous_hash = fields.Char(required=True, readonly=True, help="Hash of the seal before it.")
    id_from = fields.Integer(string="From row", required=True, readonly=True, aggregator=None)
    id_to = fields.Integer(string="To row", required=True, readonly=True, aggregator=None)
    row_count = fields.Integer(string="Rows", required=True, readonly=True)
    made_at = fields.Datetime(string="Sealed at", required=True, readonly=True)
    columns = fields.Char(required=True, readonly=True, help="The ledger's columns that it covers.")
    leaves = fields.Binary(attachment=False, required=True, readonly=True, groups=NO_ACCESS)
    hash = fields.Char(string="SHA-256", required=True, readonly=True)

    _number_unique = models.Constraint("UNIQUE(number)", "This seal exists already.")
    _one_successor = models.Constraint("UNIQUE(previous_hash)", "A seal has one successor.")

    def init(self):  # pylint: disable=missing-return
        """Let the database itself refuse every change of a seal, as it does for the ledger's rows."""
        super().init()
        self.env.cr.execute(
            """
            CREATE OR REPLACE TRIGGER aptic_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON aptic_seal
            FOR EACH STATEMENT EXECUTE FUNCTION aptic_event_refuse();
            ALTER TABLE aptic_seal ENABLE ALWAYS TRIGGER aptic_seal_append_only;
            """
        )

    # -------------------------------------------------------------------- seal
    @api.model
    def _cron_seal(self):
        """Seal what the ledger has gained, a batch at a time."""
        limit = self._decided_id()
        progress = self.env["ir.cron"]._commit_progress
        progress()  # what is read from here on is younger than the limit
        [(todo,)] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM aptic_event"
                " WHERE id <= %s AND id > (SELECT COALESCE(MAX(id_to), 0) FROM aptic_seal)",
                limit,
            )
        )
        left = progress(remaining=todo)
        while left and (count := self._seal_next(limit)):
            left = progress(count)

    @api.model
    def _decided_id(self, patience=PATIENCE):
        """The highest id of the ledger up to which every id is decided: its row is committed, or will never be.

        Ids are taken before their rows are committed, so they appear out of order. Whoever inserts holds a lock on the
        table from before it takes an id until its transaction ends; so, once those who held one when the sequence was
        read are gone, nothing more appears below. (``pg_snapshot_xmin`` would not do: an id may be taken before the
        transaction has its number; and it waits for the transactions of all databases.)

        :param patience: seconds to wait for them
        :return: 0 when one of them goes on for longer: the next run will find it gone
        """
        [(limit,)] = self.env.execute_query(
            SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM aptic_event_id_seq")
        )
        writers, end = self._writers(), time.monotonic() + patience
        while writers:
            if time.monotonic() >= end:
                _logger.info("The ledger is not sealed now: %s transactions write to it for long", len(writers))
                return 0
            time.sleep(0.02)
            writers &= self._writers()
        return limit

    def _writers(self):
        """The transactions of others that have written to the ledger, or are about to."""
        rows = self.env.execute_query(
            SQL(
                """SELECT virtualtransaction FROM pg_locks
                    WHERE locktype = 'relation' AND relation = 'aptic_event'::regclass AND granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                      AND pid IS DISTINCT FROM pg_backend_pid()"""
            )
        )
        return {name for (name,) in rows}

    @api.model
    def _seal_next(self, limit):
        """Make the next seal.

        :param limit: seal no row beyond this id; see :meth:`_decided_id`
        :return: the number of rows that it covers; 0 when there is nothing to seal
        """
        last = self.env.execute_query(SQL("SELECT number, hash, id_to FROM aptic_seal ORDER BY number DESC LIMIT 1"))
        [(number, previous, sealed)] = last or [(0, seals.FIRST, 0)]
        [(count, id_to)] = self.env.execute_query(
            SQL(
                "SELECT count(*), max(id) FROM"
                " (SELECT id FROM aptic_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS batch",
                sealed,
                limit,
                ROWS,
            )
        )
        if not count:
            return 0
        draft = seals.Seal(
            number=number + 1,
            previous_hash=previous,
            id_from=sealed + 1,
            id_to=id_to,
            row_count=count,
            made_at=clock.now(),
            columns=",".join(seals.COLUMNS),
        )
        seal, found = seals.computed(self.env.cr, draft)
        if found != count:
            raise UserError(
                self.env._("The ledger has rows before the first one that can be sealed: have it looked into.")
            )
        values = asdict(seal)
        self.env.cr.execute(
            SQL(
                "INSERT INTO aptic_seal (%s) VALUES %s",
                SQL(", ").join(map(SQL.identifier, NAMES)),
                tuple(values[name] for name in NAMES),
            )
        )
        self.invalidate_model()
        # The server's log is an anchor that the database cannot rewrite.
        _logger.info("Seal %s of the ledger: rows up to %s, SHA-256 %s", seal.number, seal.id_to, seal.hash)
        return count

    # ---------------------------------------------------------------- refusals
    def _refuse(self):
        raise UserError(self.env._("The seals of the ledger are made by the server alone and never change."))

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse: seals come from :meth:`_seal_next` only."""
        self._refuse()

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: a seal never changes."""
        self._refuse()

    def unlink(self):  # pylint: disable=method-required-super
        """Refuse: a seal never goes."""
        self._refuse()
