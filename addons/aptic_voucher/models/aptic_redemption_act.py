import json

from odoo import api, fields, models
from odoo.tools import SQL

from .. import acts, codes, days, session

# Orders with a maximum per booklet and day: their booklets are locked and counted.
COUNTS = SQL("""vo.frozen_rules @> '[{"kind": "max_per_day"}]'""")


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
        (answer,) = self._redeem_batch(
            [
                {
                    "member": member,
                    "place": place,
                    "offer": offer,
                    "audience": audience,
                    "codes": codes,
                    "price_cents": price_cents,
                    "client_key": client_key,
                    "client_time": client_time,
                }
            ]
        )
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
            (answer,) = self._spend([act], now)
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
        look = {"member_id": member.id, "place_id": place.id, "offer_id": None, "audience_id": None, "client_key": None}
        (facts,) = self._facts([{**look, "codes": parsed}], is_act=False)
        desk, rows = self._desk(facts, place, day), facts["vouchers"]
        code = self._check_redeemer(member, place, self.env["aptic.offer"], day, facts)
        found = acts.desk_refusal(desk) or (code and acts.Refusal(code))
        if not found and not self._tags_match(parsed, rows):
            self._note_wrong_code(member, place)
            found = acts.Refusal("unknown")
        if found:
            return {**answer, "status": found.code, "message_args": self._explain(found.args)}
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
        :param dict facts: with the columns of :meth:`_extra_facts`; of a batch also what its acts so far have done, as
            nothing is written yet: ``earlier_done`` (acts of this provider) and ``earlier_wrong`` (acts of this user
            with a wrong code); both are 0 for an act by itself
        """
        return None

    @api.model
    def _note_wrong_code(self, member, place):
        """Called when a code with good check digits is not a voucher's: a guess, or a forgery. Must not raise."""

    @api.model
    def _after_redemption(self, values):
        """Called in the caller's transaction after each act that is done, also when its answer is given again, but not
        when the act was cancelled or reversed since.

        :param dict values: ``redemption_id``, ``provider_id``, ``place_id``, ``day`` (receipt day),
            ``facts`` with the columns of :meth:`_extra_facts` and the counts that :meth:`_check_redeemer` names
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
        """How far a client's time may lie back, in hours; a setting that is no number is the usual one."""
        return self.env["ir.config_parameter"]._get_number("aptic.client_time_hours", 24, most=366 * 24)

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

    def _judge(self, act, facts, so_far, now):
        """Judge one act on what is known of it; one that is done is only remembered in ``so_far``.

        :param facts: as :meth:`_facts` gives them
        :param so_far: ``batch.SoFar``, what the acts before it have done
        :return: its answer; the redemption has no id yet when it is still to be written
        """
        facts = so_far.known(facts, act["client_key"])
        rows, hours = facts["vouchers"], self._client_time_hours()
        member = self.env["aptic.member"].browse(act["member_id"])
        place, offer = self.env["aptic.place"].browse(act["place_id"]), self.env["aptic.offer"].browse(act["offer_id"])
        day = days.paris_day(acts.bounded(act["client_time"], now, hours))
        desk = self._desk(facts, place, day, act["audience_id"])
        genuine = self._tags_match(act["codes"], rows)
        if facts["earlier_state"] and genuine and desk.member_may_scan:
            return self._repeat(act, facts)
        code = self._check_redeemer(member, place, offer, days.paris_day(now), facts)
        if code:
            return self._answer(code, act)
        if not genuine:
            so_far.wrong += 1
            return self._answer("unknown", act)
        if not facts["is_free"]:
            return self._answer("busy", act, message_args={"reason": "same_act"})
        if not all(rows[code.serial]["held"] for code in act["codes"]):
            return self._answer("busy", act, message_args={"reason": "locked"})
        vouchers = [so_far.voucher(rows[code.serial], hours) for code in act["codes"]]
        found = acts.refusal(desk, vouchers, act["price_cents"], day)
        if found:
            return self._answer(found.code, act, message_args=self._explain(found.args))
        values = self._prepare_redemption_vals(act, desk, vouchers, now)
        so_far.spend(values, vouchers, day)
        return self._answer("done", act, values=values, facts=facts)

    def _repeat(self, act, facts):
        """The first answer again, or ``key_reused`` when the key stood for something else."""
        if facts["payload_hash"] != act["payload_hash"]:
            return self._answer("key_reused", act)
        cancelled = facts["earlier_state"] in acts.GIVEN_BACK
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
            facts = answer.pop("facts")
            if facts["earlier_state"] in acts.GIVEN_BACK:
                return
            self._after_redemption(
                {
                    "redemption_id": answer["redemption_id"],
                    "provider_id": answer["provider_id"],
                    "place_id": act["place_id"],
                    "day": answer["day"],
                    "facts": facts,
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

    def _facts(self, wanted, is_act=True):
        """All that the database knows of desks, of vouchers and of earlier redemptions under the acts' keys.

        One statement, the same for one act and for many, because it must be the transaction's first: it takes the
        locks. Booklets before vouchers, each in key order, so that nobody waits for anybody in a circle; what another
        transaction holds is skipped and told as not held. The booklet is only shared: another voucher of it may be
        spent meanwhile, but not the booklet blocked or replaced. Where a rule counts the vouchers of a booklet, it is
        the transaction's alone.

        :param wanted: acts as :meth:`_prepare_act` gives them
        :param bool is_act: False only looks; nothing is locked
        :return: the row of each as a dict, in their order; ``vouchers`` are the rows of all by serial
        """
        nothing = SQL("SELECT NULL::int AS id WHERE FALSE")
        serials = sorted({code.serial for act in wanted for code in act["codes"]})
        booklet, alone, free = nothing, nothing, SQL("TRUE")
        held = SQL("SELECT id FROM aptic_voucher WHERE serial = ANY(%s::bigint[])", serials)
        if is_act:
            free = SQL("pg_try_advisory_xact_lock(hashtextextended(client_key, member_id))")
            booklet = SQL(
                """SELECT b.id FROM aptic_booklet b JOIN aptic_order vo ON vo.id = b.order_id
                    WHERE b.id IN (SELECT booklet_id FROM aptic_voucher WHERE serial = ANY(%s::bigint[]))
                      AND %s IS NOT TRUE
                    ORDER BY b.id FOR SHARE OF b SKIP LOCKED""",
                serials,
                COUNTS,
            )
            alone = SQL(
                """SELECT b.id FROM aptic_booklet b JOIN aptic_order vo ON vo.id = b.order_id
                    WHERE b.id IN (SELECT booklet_id FROM aptic_voucher WHERE serial = ANY(%s::bigint[]))
                      AND %s
                    ORDER BY b.id FOR NO KEY UPDATE OF b SKIP LOCKED""",
                serials,
                COUNTS,
            )
            held = SQL(
                """SELECT id FROM aptic_voucher
                    WHERE serial = ANY(%s::bigint[])
                      AND booklet_id IN (SELECT id FROM booklet UNION ALL SELECT id FROM alone)
                    ORDER BY serial FOR NO KEY UPDATE SKIP LOCKED""",
                serials,
            )
        names = ("member_id", "place_id", "offer_id", "audience_id", "client_key")
        asked = [{"number": number, **{name: act[name] for name in names}} for number, act in enumerate(wanted)]
        audience_of = self.env["aptic.offer"]._fields["audience_ids"]
        extra = [SQL(", %s AS %s", value, SQL.identifier(name)) for name, value in self._extra_facts().items()]
        rows = self._query(
            SQL(
                """WITH act AS MATERIALIZED (
                          SELECT *, %(free)s AS is_free
                            FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked(
                                 number int, member_id int, place_id int, offer_id int, audience_id int,
                                 client_key varchar)),
                        booklet AS MATERIALIZED (%(booklet)s),
                        alone AS MATERIALIZED (%(alone)s),
                        held AS MATERIALIZED (%(held)s),
                        voucher AS MATERIALIZED (
                          SELECT v.id, v.serial, v.state, v.order_id, b.salt, b.key_version, vo.face_value_cents,
                                 vo.last_day, vo.tolerance_months, vo.frozen_rules, vo.company_id, r.day AS used_day,
                                 r.provider_id AS used_by, r.place_id AS used_place, held.id IS NOT NULL AS held,
                                 v.booklet_id,
                                 CASE WHEN %(counts)s THEN (
                                   SELECT json_agg(json_build_array(sr.client_time, sr.received_at))
                                     FROM aptic_voucher sv JOIN aptic_redemption sr ON sr.id = sv.redemption_id
                                    WHERE sv.booklet_id = v.booklet_id) END AS spent
                            FROM aptic_voucher v
                            JOIN aptic_booklet b ON b.id = v.booklet_id
                            JOIN aptic_order vo ON vo.id = v.order_id
                            LEFT JOIN aptic_redemption r ON r.id = v.redemption_id
                            LEFT JOIN held ON held.id = v.id
                           WHERE v.serial = ANY(%(serials)s::bigint[]))
                   SELECT act.number, act.is_free,
                          CASE WHEN act.number = 0 THEN (SELECT json_agg(voucher) FROM voucher) END AS vouchers,
                          m.provider_id, m.user_id, m.role, m.active AS member_active, p.state AS provider_state,
                          pl.provider_id AS place_provider, pl.active AS place_active, pl.open_from, pl.open_until,
                          pl.presence, (SELECT json_agg(json_build_array(starts_on, ends_on)) FROM aptic_hosting
                                         WHERE place_id = pl.id AND state = 'accepted') AS stays,
                          pl.type_id, pl.territory_id, t.parent_path, t.epci_id,
                          o.provider_id AS offer_provider, o.active AS offer_active, o.price_cents AS offer_price_cents,
                          o.service_id, s.category_id, s.level_id,
                          (SELECT id FROM aptic_audience WHERE id = act.audience_id) AS audience_id,
                          (SELECT array_agg(place_id) FROM aptic_offer_place_rel WHERE offer_id = o.id) AS place_ids,
                          (SELECT array_agg(%(audiences)s) FROM %(relation)s WHERE %(offers)s = o.id) AS audience_ids,
                          e.id AS earlier_id, e.state AS earlier_state, e.payload_hash, e.face_cents, e.copay_cents,
                          e.day %(extra)s
                     FROM act
                     LEFT JOIN aptic_member m ON m.id = act.member_id
                     LEFT JOIN aptic_provider p ON p.id = m.provider_id
                     LEFT JOIN aptic_place pl ON pl.id = act.place_id
                     LEFT JOIN aptic_territory t ON t.id = pl.territory_id
                     LEFT JOIN aptic_offer o ON o.id = act.offer_id
                     LEFT JOIN aptic_service s ON s.id = o.service_id
                     LEFT JOIN aptic_redemption e
                       ON e.provider_id = m.provider_id AND e.client_key = act.client_key
                    ORDER BY act.number""",
                free=free,
                asked=json.dumps(asked),
                booklet=booklet,
                alone=alone,
                held=held,
                counts=COUNTS,
                serials=serials,
                audiences=SQL.identifier(audience_of.column2),
                relation=SQL.identifier(audience_of.relation),
                offers=SQL.identifier(audience_of.column1),
                extra=SQL().join(extra),
            )
        )
        vouchers = {voucher["serial"]: voucher for voucher in rows[0]["vouchers"] or ()}
        return [{**row, "vouchers": vouchers, "earlier_done": 0, "earlier_wrong": 0} for row in rows]

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
