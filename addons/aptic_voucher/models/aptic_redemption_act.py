import functools
import logging
import time

import psycopg2.errors
from odoo import api, fields, models
from odoo.tools import SQL

from .. import acts, codes, days, session

_logger = logging.getLogger(__name__)

# Pauses in seconds before each try of one act. A second try at once tells "used" instead of "busy" when the other act
# has just ended; the later ones are only for a client that sends the same act twice at a time, and stay below a second.
PAUSES = (0, 0, 0.1, 0.2, 0.4)
# Orders with a maximum per booklet and day: their booklets are locked and counted.
COUNTS = SQL("""vo.frozen_rules @> '[{"kind": "max_per_day"}]'""")


@functools.cache
def _names(columns):
    return SQL(", ").join(map(SQL.identifier, columns))


class ActConflict(Exception):
    """The database is no longer what the act was judged on; nothing was written."""


class ApticRedemption(models.Model):
    """The verb of the desk: vouchers become money owed, in one short transaction."""

    _inherit = "aptic.redemption"

    # ------------------------------------------------------------------ verbs
    @api.model
    def _redeem(self, member, place, offer, audience, codes, price_cents, client_key, client_time):
        """Pay for a service with vouchers, at most once for each voucher and each client key.

        The caller has checked that ``member`` is the current user's. Works in a transaction of its own (on a session
        kept for that, see ``session.py``), whose first statement takes the locks: a snapshot taken earlier would turn
        late locks into serialization failures. So the result cannot be browsed in the caller's transaction: everything
        needed is in the answer.

        :param member: ``aptic.member``, an active manager or mediator of the provider
        :param place: ``aptic.place`` where the service is given
        :param offer: ``aptic.offer`` of the same provider
        :param audience: ``aptic.audience``, may be empty
        :param codes: the vouchers' codes as scanned or typed
        :param price_cents: the price that the desk has shown, in cents
        :param client_key: the client's own name for this act; sent again, it gives the first answer again
        :param client_time: when it happened at the desk (naive UTC); validity is judged then, within a bound
        :return: ``{"status", "redemption_id", "face_cents", "copay_cents", "price_cents", "serials", "message_args"}``;
            status is ``done``, ``busy`` (try again), ``key_reused`` or a refusal's code
        """
        act = self._prepare_act(member, place, offer, audience, codes, price_cents, client_key, client_time)
        if isinstance(act, acts.Refusal):
            return self._answer(act.code, message_args=act.args)
        answer = {}
        for attempt, pause in enumerate(PAUSES):
            if pause:
                time.sleep(pause)
            try:
                with session.transaction(self.env.registry) as cr:
                    answer = self.with_env(self.env(cr=cr))._spend(act, fields.Datetime.now())
            except (ActConflict, psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
                _logger.info("Redemption %s met another one", client_key)
                answer = self._answer("busy", act, message_args={"reason": "conflict"})
            reason = answer["status"] == "busy" and answer["message_args"]["reason"]
            if not reason or reason == "locked" or (reason == "conflict" and attempt):
                break
        self._close_act(act, answer)
        return answer

    @api.model
    def _redeem_locked(
        self, member, place, offer, audience, codes, price_cents, client_key, client_time, now, strict=False
    ):
        """The same act inside the caller's transaction: for demonstration data, tests and bulk replays.

        ``now`` may lie in the past: it becomes the receipt time, its Paris day the accounting day, of redemption and
        ledger alike. Vouchers must be active by then; nothing else depends on the clock. As superuser the act is the
        member's user's; otherwise the member must be the current user's. Example, for one past scan::

            env["aptic.redemption"].sudo()._redeem_locked(
                member, place, offer, audience, [code], offer.price_cents, f"demo-{n}", moment, now=moment, strict=True
            )

        Other arguments and the answer as in :meth:`_redeem`.

        :param now: the receipt time (naive UTC)
        :param strict: raise ``ValueError`` unless the act is done, for loaders that must not go on
        """
        act = self._prepare_act(member, place, offer, audience, codes, price_cents, client_key, client_time)
        if isinstance(act, acts.Refusal):
            answer = self._answer(act.code, message_args=act.args)
        else:
            self.env.flush_all()
            answer = self._spend(act, now)
            self.env["aptic.voucher"].invalidate_model(["state", "redemption_id"])
            self.env["aptic.redemption"].invalidate_model(["event_ids"])
            self.env["aptic.event"].invalidate_model()
            self._close_act(act, answer)
        if strict and answer["status"] != "done":
            raise ValueError(f"redemption {client_key}: {answer['status']} {answer['message_args']}")
        return answer

    @api.model
    def _peek(self, member, place, codes):
        """Say what vouchers would do here, without spending or locking them.

        Arguments as in :meth:`_redeem`.

        :return: ``{"status", "vouchers": [{"serial", "face_cents", "accepted_until", "sponsor"}], "offer_ids",
            "audience_ids", "message_args"}``; the ids are those that the vouchers' rules accept, None when all are
        """
        answer = {"status": "ok", "vouchers": [], "offer_ids": None, "audience_ids": None, "message_args": {}}
        parsed = acts.parse_all(codes)
        if isinstance(parsed, acts.Refusal):
            return {**answer, "status": parsed.code, "message_args": parsed.args}
        day = days.paris_day(fields.Datetime.now())
        facts = self._facts(member, place, [code.serial for code in parsed])
        desk, rows = self._desk(facts, place, day), facts["vouchers"]
        code = self._check_redeemer(member, place, self.env["aptic.offer"], day, facts)
        found = acts.desk_refusal(desk) or (code and acts.Refusal(code))
        if not found and not self._tags_match(parsed, rows):
            self._note_wrong_code(member, place)
            found = acts.Refusal("unknown")
        if found:
            return {**answer, "status": found.code, "message_args": found.args}
        hours = self._client_time_hours()
        vouchers = [acts.Voucher.of(rows[code.serial], hours) for code in parsed]
        found = acts.look_refusal(desk, vouchers, day)
        if found:
            answer.update(status=found.code, message_args=self._explain(found.args))
        else:
            answer.update(self._accepted_choices(vouchers, desk, place))
        sponsors = self._sponsor_names([voucher.order_id for voucher in vouchers])
        answer["vouchers"] = [
            {
                "serial": voucher.serial,
                "face_cents": voucher.face_cents,
                "accepted_until": voucher.accepted_until.isoformat(),
                "sponsor": sponsors[voucher.order_id],
            }
            for voucher in vouchers
        ]
        return answer

    # ------------------------------------------------------------------ hooks
    @api.model
    def _extra_facts(self):
        """What another addon wants to know of each act, read by the statement that takes the locks.

        :return: SQL expressions by column name; ``m`` is the member, ``pl`` the place, ``p`` the provider. What
            changes from act to act must be their parameters (the statement is prepared), of a type that shows.
        """
        return {}

    @api.model
    def _check_redeemer(self, member, place, offer, day, facts):
        """Another reason to refuse, known to another addon: a refusal's code or None. Called with the locks held.

        :param offer: empty while the voucher is only looked at
        :param day: the receipt day
        :param dict facts: with the columns of :meth:`_extra_facts`
        """
        return None

    @api.model
    def _note_wrong_code(self, member, place):
        """Called when a code with good check digits is not a voucher's: a guess, or a forgery. Must not raise."""

    @api.model
    def _after_redemption(self, values):
        """Called in the caller's transaction after each act that is done, also when its answer is given again.

        :param dict values: ``redemption_id``, ``provider_id``, ``place_id``, ``day`` (receipt day),
            ``facts`` with the columns of :meth:`_extra_facts`
        """

    @api.model
    def _prepare_redemption_vals(self, act, desk, vouchers, now):
        """Columns of the new row."""
        face_cents = sum(voucher.face_cents for voucher in vouchers)
        return {
            "provider_id": desk.provider_id,
            "place_id": act["place_id"],
            "territory_id": desk.territory_id,
            "offer_id": act["offer_id"],
            "service_id": desk.facts.service,
            "audience_id": desk.facts.audience,
            "member_id": act["member_id"],
            "user_id": desk.user_id,
            "price_cents": act["price_cents"],
            "voucher_count": len(vouchers),
            "face_cents": face_cents,
            "copay_cents": acts.copayment([voucher.face_cents for voucher in vouchers], act["price_cents"]),
            "serials": " ".join(str(voucher.serial) for voucher in vouchers),
            "client_key": act["client_key"],
            "payload_hash": act["payload_hash"],
            "client_time": act["client_time"],
            "received_at": now,
            "day": days.paris_day(now),
            "state": "done",
        }

    # ------------------------------------------------------------- inner work
    @api.model
    def _client_time_hours(self):
        """How far a client's time may lie back, in hours."""
        return int(self.env["ir.config_parameter"].sudo().get_param("aptic.client_time_hours", 24))

    @api.model
    def _prepare_act(self, member, place, offer, audience, codes, price_cents, client_key, client_time):
        """The act as ids and plain values, or a refusal; no query."""
        parsed = acts.parse_all(codes)
        if isinstance(parsed, acts.Refusal):
            return parsed
        if price_cents <= 0:
            return acts.Refusal("price", {})
        return {
            "member_id": member.id,
            "place_id": place.id,
            "offer_id": offer.id,
            "audience_id": audience.id or None,
            "codes": parsed,
            "price_cents": price_cents,
            "client_key": client_key,
            "client_time": client_time,
            "payload_hash": acts.payload_hash(
                [code.serial for code in parsed], place.id, offer.id, audience.id, price_cents
            ),
        }

    def _spend(self, act, now):
        """Lock, judge and write one act in this transaction."""
        member = self.env["aptic.member"].browse(act["member_id"])
        place, offer = self.env["aptic.place"].browse(act["place_id"]), self.env["aptic.offer"].browse(act["offer_id"])
        facts = self._facts(member, place, [code.serial for code in act["codes"]], act)
        rows = facts["vouchers"]
        hours = self._client_time_hours()
        day = days.paris_day(acts.bounded(act["client_time"], now, hours))
        desk = self._desk(facts, place, day, act["audience_id"])
        genuine = self._tags_match(act["codes"], rows)
        if facts["earlier_id"] and genuine and desk.member_may_scan:
            return self._repeat(act, facts)
        code = self._check_redeemer(member, place, offer, days.paris_day(now), facts)
        if code:
            return self._answer(code, act)
        if not genuine:
            return self._answer("unknown", act)
        if not facts["is_free"]:
            return self._answer("busy", act, message_args={"reason": "same_act"})
        if not all(row["held"] for row in rows.values()):
            return self._answer("busy", act, message_args={"reason": "locked"})
        vouchers = [acts.Voucher.of(rows[code.serial], hours) for code in act["codes"]]
        found = acts.refusal(desk, vouchers, act["price_cents"], day)
        if found:
            return self._answer(found.code, act, message_args=self._explain(found.args))
        return self._write_act(self._prepare_redemption_vals(act, desk, vouchers, now), act, vouchers, facts)

    def _write_act(self, values, act, vouchers, facts):
        """One redemption, one guarded update of its vouchers and its ledger rows, in one statement.

        A booklet whose vouchers are counted gets a new version of its row: who read it before this act fails at its
        lock, instead of counting without this act.
        """
        ledger = self._prepare_ledger_rows("redeem", None, vouchers, values["received_at"], values["user_id"])
        written = self._query(
            SQL(
                """WITH act AS (
                     INSERT INTO aptic_redemption (%s) VALUES (%s)
                         ON CONFLICT (provider_id, client_key) DO NOTHING RETURNING id
                   ), spent AS (
                     UPDATE aptic_voucher SET state = 'redeemed', redemption_id = act.id
                       FROM act WHERE aptic_voucher.id = ANY(%s) AND state = 'active' RETURNING aptic_voucher.id
                   ), counted AS (
                     UPDATE aptic_booklet SET size = size FROM act WHERE aptic_booklet.id = ANY(%s)
                   ), ledger AS (%s RETURNING id)
                   SELECT id, (SELECT count(*) FROM spent) AS spent, (SELECT count(*) FROM ledger) AS told FROM act""",
                _names(tuple(values)),
                SQL(", ").join(values.values()),
                [voucher.id for voucher in vouchers],
                sorted({voucher.booklet_id for voucher in vouchers if voucher.is_counted}),
                self.env["aptic.event"]._append_sql(ledger, redemption_id=SQL("act.id"), source=SQL("act")),
            )
        )
        if not written or written[0]["spent"] != len(vouchers) or written[0]["told"] != len(ledger):
            raise ActConflict(act["client_key"])
        return self._answer("done", act, redemption_id=written[0]["id"], values=values, facts=facts)

    def _repeat(self, act, facts):
        """The first answer again, or ``key_reused`` when the key stood for something else."""
        if facts["payload_hash"] != act["payload_hash"]:
            return self._answer("key_reused", act)
        cancelled = facts["earlier_state"] == "cancelled"
        return self._answer(
            "done",
            act,
            redemption_id=facts["earlier_id"],
            values=facts,
            facts=facts,
            message_args={"reason": "cancelled"} if cancelled else {},
        )

    def _close_act(self, act, answer):
        if answer["status"] == "done":
            self._after_redemption(
                {
                    "redemption_id": answer["redemption_id"],
                    "provider_id": answer["provider_id"],
                    "place_id": act["place_id"],
                    "day": answer["day"],
                    "facts": answer.pop("facts"),
                }
            )
        elif answer["status"] == "unknown":
            self._note_wrong_code(
                self.env["aptic.member"].browse(act["member_id"]), self.env["aptic.place"].browse(act["place_id"])
            )

    @api.model
    def _answer(self, status, act=None, redemption_id=None, values=None, facts=None, message_args=None):
        values = values or {}
        return {
            **({"facts": facts} if facts else {}),
            "status": status,
            "redemption_id": redemption_id,
            "provider_id": values.get("provider_id"),
            "day": values.get("day"),
            "price_cents": act["price_cents"] if act else 0,
            "face_cents": values.get("face_cents", 0),
            "copay_cents": values.get("copay_cents", 0),
            "serials": [code.serial for code in act["codes"]] if act else [],
            "message_args": message_args or {},
        }

    # ------------------------------------------------------------------ facts
    def _query(self, query):
        """Rows as dicts. A serialization failure is an answer here ("busy"), not an error for the log."""
        session.execute(self.env.cr, query)
        return self.env.cr.dictfetchall() if self.env.cr.description else []

    def _facts(self, member, place, serials, act=None):
        """All that the database knows of a desk, of vouchers and of an earlier redemption under the act's key.

        One statement, because it must be the transaction's first: with ``act`` it takes the locks. Booklets before
        vouchers, each in key order, so that nobody waits for anybody in a circle; what another transaction holds is
        skipped and told as not held. The booklet is only shared: another voucher of it may be spent meanwhile, but not
        the booklet blocked or replaced. Where a rule counts the vouchers of a booklet, it is the act's alone.

        :param act: as :meth:`_prepare_act` gives it; without it nothing is locked
        :return: the row as a dict; ``vouchers`` are rows by serial
        """
        nothing = SQL("SELECT NULL::int AS id WHERE FALSE")
        booklet, alone, held, free = nothing, nothing, nothing, SQL("TRUE")
        if act:
            free = SQL("pg_try_advisory_xact_lock(hashtextextended(%s, %s))", act["client_key"], act["member_id"])
            booklet = SQL(
                """SELECT b.id FROM aptic_booklet b JOIN aptic_order vo ON vo.id = b.order_id
                    WHERE b.id IN (SELECT booklet_id FROM aptic_voucher WHERE serial = ANY(%s))
                      AND %s IS NOT TRUE
                    ORDER BY b.id FOR SHARE OF b SKIP LOCKED""",
                serials,
                COUNTS,
            )
            alone = SQL(
                """SELECT b.id FROM aptic_booklet b JOIN aptic_order vo ON vo.id = b.order_id
                    WHERE b.id IN (SELECT booklet_id FROM aptic_voucher WHERE serial = ANY(%s))
                      AND %s
                    ORDER BY b.id FOR NO KEY UPDATE OF b SKIP LOCKED""",
                serials,
                COUNTS,
            )
            held = SQL(
                """SELECT id FROM aptic_voucher
                    WHERE serial = ANY(%s)
                      AND booklet_id IN (SELECT id FROM booklet UNION ALL SELECT id FROM alone)
                    ORDER BY serial FOR NO KEY UPDATE SKIP LOCKED""",
                serials,
            )
        act = act or {"offer_id": None, "audience_id": None, "client_key": None}
        audience_of = self.env["aptic.offer"]._fields["audience_ids"]
        extra = [SQL(", %s AS %s", value, SQL.identifier(name)) for name, value in self._extra_facts().items()]
        (row,) = self._query(
            SQL(
                """WITH act AS MATERIALIZED (SELECT %(free)s AS is_free),
                        booklet AS MATERIALIZED (%(booklet)s),
                        alone AS MATERIALIZED (%(alone)s),
                        held AS MATERIALIZED (%(held)s),
                        voucher AS MATERIALIZED (
                          SELECT v.id, v.serial, v.state, v.order_id, b.salt, b.key_version, vo.face_value_cents,
                                 vo.last_day, vo.tolerance_months, vo.frozen_rules, r.day AS used_day,
                                 r.provider_id AS used_by, held.id IS NOT NULL AS held, v.booklet_id,
                                 CASE WHEN %(counts)s THEN (
                                   SELECT json_agg(json_build_array(sr.client_time, sr.received_at))
                                     FROM aptic_voucher sv JOIN aptic_redemption sr ON sr.id = sv.redemption_id
                                    WHERE sv.booklet_id = v.booklet_id) END AS spent
                            FROM aptic_voucher v
                            JOIN aptic_booklet b ON b.id = v.booklet_id
                            JOIN aptic_order vo ON vo.id = v.order_id
                            LEFT JOIN aptic_redemption r ON r.id = v.redemption_id
                            LEFT JOIN held ON held.id = v.id
                           WHERE v.serial = ANY(%(serials)s))
                   SELECT act.is_free, (SELECT json_agg(voucher) FROM voucher) AS vouchers,
                          m.provider_id, m.user_id, m.role, m.active AS member_active, p.state AS provider_state,
                          pl.provider_id AS place_provider, pl.active AS place_active, pl.open_from, pl.open_until,
                          pl.presence, (SELECT json_agg(json_build_array(starts_on, ends_on)) FROM aptic_hosting
                                         WHERE place_id = pl.id AND state = 'accepted') AS stays,
                          pl.type_id, pl.territory_id, t.parent_path, t.epci_id,
                          o.provider_id AS offer_provider, o.active AS offer_active, o.price_cents AS offer_price_cents,
                          o.service_id, s.category_id, s.level_id,
                          (SELECT id FROM aptic_audience WHERE id = %(audience)s) AS audience_id,
                          (SELECT array_agg(place_id) FROM aptic_offer_place_rel WHERE offer_id = o.id) AS place_ids,
                          (SELECT array_agg(%(audiences)s) FROM %(relation)s WHERE %(offers)s = o.id) AS audience_ids,
                          e.id AS earlier_id, e.state AS earlier_state, e.payload_hash, e.face_cents, e.copay_cents,
                          e.day %(extra)s
                     FROM act
                    CROSS JOIN aptic_member m
                     JOIN aptic_provider p ON p.id = m.provider_id
                     JOIN aptic_place pl ON pl.id = %(place)s
                     JOIN aptic_territory t ON t.id = pl.territory_id
                     LEFT JOIN aptic_offer o ON o.id = %(offer)s
                     LEFT JOIN aptic_service s ON s.id = o.service_id
                     LEFT JOIN aptic_redemption e ON e.provider_id = m.provider_id AND e.client_key = %(key)s
                    WHERE m.id = %(member)s""",
                free=free,
                booklet=booklet,
                alone=alone,
                held=held,
                counts=COUNTS,
                serials=serials,
                audience=act["audience_id"],
                audiences=SQL.identifier(audience_of.column2),
                relation=SQL.identifier(audience_of.relation),
                offers=SQL.identifier(audience_of.column1),
                extra=SQL().join(extra),
                place=place.id,
                offer=act["offer_id"],
                key=act["client_key"],
                member=member.id,
            )
        )
        return {**row, "vouchers": {voucher["serial"]: voucher for voucher in row["vouchers"] or ()}}

    def _desk(self, facts, place, day, asked=None):
        return acts.Desk.of(facts, place.id, asked, day, user=None if self.env.su else self.env.uid)

    def _tags_match(self, parsed, rows):
        """Whether every code is the genuine one of its voucher."""
        keys = self.env["aptic.booklet"].sudo()._keyring().keys
        genuine = True
        for code in parsed:
            row = rows.get(code.serial)
            key = row and keys.get(row["key_version"])
            genuine &= bool(key) and codes.matches(code, bytes.fromhex(row["salt"]), key)
        return genuine
