import json
import logging
import time

import psycopg2.errors
from odoo import api, fields, models
from odoo.tools import SQL

from .. import acts, columns, session
from ..batch import MOST_ACTS, SoFar

_logger = logging.getLogger(__name__)

# Pauses in seconds before each try of an act. A second try at once tells "used" instead of "busy" when the other act
# has just ended; the later ones are only for a client that sends the same act twice at a time, and stay below a second.
PAUSES = (0, 0, 0.1, 0.2, 0.4)


class ActConflict(Exception):
    """The database is no longer what the acts were judged on; nothing was written."""


class ApticRedemption(models.Model):
    """Acts by sets: a request of many costs as many statements as one of a single act."""

    _inherit = "aptic.redemption"

    @api.model
    def _redeem_batch(self, wanted):
        """Carry out acts in their order, each as if it had been sent by itself after the one before.

        All in one transaction of two statements: one locks and reads what all of them need, one writes what all that
        are done leave. What another transaction holds is ``busy`` by itself, the others go through. Where the database
        has changed between the two, they are carried out one by one. :meth:`_redeem` is the batch of one act.

        :param wanted: dicts of the arguments of :meth:`_redeem`, ``MOST_ACTS`` at most; each member is the current
            user's, as the caller has checked
        :return: the answer of each, as :meth:`_redeem` gives it, in their order
        :raise ValueError: when there are too many
        """
        if len(wanted) > MOST_ACTS:
            raise ValueError(f"{len(wanted)} acts at once")
        batch = [self._prepare_act(**act) for act in wanted]
        todo = judged = [number for number, act in enumerate(batch) if not isinstance(act, acts.Refusal)]
        answers = {}
        for attempt, pause in enumerate(PAUSES):
            if not todo:
                break
            if pause:
                time.sleep(pause)
            wrong = sum(answer["status"] == "unknown" for answer in answers.values())
            found = self._try_acts([batch[number] for number in todo], wrong)
            answers.update(zip(todo, found, strict=True))
            todo = [number for number in todo if self._is_tried_again(answers[number], attempt)]
        for number in judged:
            self._close_act(batch[number], answers[number])
        return [
            answers[number] if number in answers else self._answer(act.code, message_args=act.args)
            for number, act in enumerate(batch)
        ]

    @api.model
    def _is_tried_again(self, answer, attempt):
        """Whether an act that was tried so often before is worth another try."""
        reason = answer["status"] == "busy" and answer["message_args"]["reason"]
        return reason == "same_act" or (reason == "conflict" and not attempt)

    def _try_acts(self, batch, wrong):
        """Carry out acts in one transaction of their own; when that fails, each in one of its own.

        :param int wrong: how many acts before them had a wrong code
        """
        try:
            with session.transaction(self.env.registry) as cr:
                return self.with_env(self.env(cr=cr))._spend(batch, fields.Datetime.now(), wrong)
        except (ActConflict, psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            _logger.info("Redemption %s of %s met another one", batch[0]["client_key"], len(batch))
        if len(batch) == 1:
            return [self._answer("busy", batch[0], message_args={"reason": "conflict"})]
        answers = []
        for act in batch:
            answers += self._try_acts([act], wrong)
            wrong += answers[-1]["status"] == "unknown"
        return answers

    def _spend(self, batch, now, wrong=0):
        """Lock, judge and write acts in this transaction, in their order; return an answer for each."""
        so_far = SoFar(wrong)
        answers = [self._judge(act, facts, so_far, now) for act, facts in zip(batch, self._facts(batch), strict=True)]
        written = self._write_acts(so_far.done)
        for act, answer in zip(batch, answers, strict=True):
            if answer["status"] == "done" and not answer["redemption_id"]:
                answer["redemption_id"] = written[answer["provider_id"], act["client_key"]]
        return answers

    def _write_acts(self, done):
        """Redemptions, one guarded update of their vouchers and their ledger rows, in one statement.

        A booklet whose vouchers are counted gets a new version of its row: who read it before these acts fails at its
        lock, instead of counting without them.

        :param done: pairs ``(columns of the redemption, its vouchers)``
        :return: the new ids by ``(provider, client key)``
        :raise ActConflict: when any of it is no longer so
        """
        if not done:
            return {}
        given, ledger, counted = [], [], set()
        for number, (values, vouchers) in enumerate(done):
            given.append({"number": number, "voucher_ids": [voucher.id for voucher in vouchers], **values})
            rows = self._prepare_ledger_rows("redeem", None, vouchers, values["received_at"], values["user_id"])
            ledger += [{**row, "act": number} for row in rows]
            counted.update(voucher.booklet_id for voucher in vouchers if voucher.is_counted)
        given_columns = tuple((name, self._fields[name].column_type[1]) for name in done[0][0])
        written = self._query(
            SQL(
                """WITH given AS MATERIALIZED (
                     SELECT * FROM jsonb_to_recordset(%(given)s::jsonb) AS given(
                            number int, voucher_ids int[], %(typed)s)
                   ), act AS (
                     INSERT INTO aptic_redemption (%(names)s) SELECT %(names)s FROM given ORDER BY number
                         ON CONFLICT (provider_id, client_key) DO NOTHING RETURNING id, provider_id, client_key
                   ), paid AS (
                     SELECT act.id, number, voucher_ids FROM act JOIN given USING (provider_id, client_key)
                   ), spent AS (
                     UPDATE aptic_voucher SET state = 'redeemed', redemption_id = paid.id
                       FROM paid WHERE aptic_voucher.id = ANY(paid.voucher_ids) AND state = 'active'
                  RETURNING aptic_voucher.id
                   ), counted AS (
                     UPDATE aptic_booklet SET size = size FROM act WHERE aptic_booklet.id = ANY(%(counted)s)
                   ), ledger AS (%(ledger)s RETURNING id)
                   SELECT id, provider_id, client_key, (SELECT count(*) FROM spent) AS spent,
                          (SELECT count(*) FROM ledger) AS told FROM act""",
                given=json.dumps(given, default=lambda moment: moment.isoformat()),
                typed=columns.typed(given_columns),
                names=columns.named(given_columns),
                counted=sorted(counted),
                ledger=self.env["aptic.event"]._append_sql(
                    ledger, source=SQL("JOIN paid ON paid.number = row.act"), redemption_id=SQL("paid.id")
                ),
            )
        )
        spent = sum(len(vouchers) for _values, vouchers in done)
        if len(written) != len(done) or (written[0]["spent"], written[0]["told"]) != (spent, len(ledger)):
            raise ActConflict(done[0][0]["client_key"])
        return {(row["provider_id"], row["client_key"]): row["id"] for row in written}
