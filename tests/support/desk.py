"""A desk of the demonstration for black-box tests and benchmarks: active vouchers with their codes, and scans."""

import contextlib
import secrets
import uuid
from datetime import datetime

from devtools import conf
from tests.support.addons import load
from tests.support.rpc import Rpc

KEY_VERSION = 2
BOOKLET = 10


class Desk:
    """A place of a provider, a service and an audience, as the scan page would send them.

    :param running: a served database (:class:`devtools.stage.Running`).
    :param provider: external id of an active provider.
    """

    def __init__(self, running, provider="demo_provider_01"):
        self.running = running
        self.codes = load("aptic_voucher", "codes")
        ((self.provider_id,),) = running.query(
            "SELECT res_id FROM ir_model_data WHERE module = 'aptic_base' AND name = %s", (provider,)
        )
        # Any service that is given there, and an audience that it is for.
        self.place_id, self.offer_id, self.price_cents, self.audience_id = running.query(
            """SELECT p.id, o.id, o.price_cents,
                      COALESCE(min(a.aptic_audience_id), (SELECT min(id) FROM aptic_audience))
                 FROM aptic_place p
                 JOIN aptic_offer o USING (provider_id)
                 LEFT JOIN aptic_offer_place_rel r ON r.offer_id = o.id
                 LEFT JOIN aptic_audience_aptic_offer_rel a ON a.aptic_offer_id = o.id
                WHERE p.provider_id = %s AND p.active AND o.active AND (r.place_id = p.id OR r.place_id IS NULL)
                GROUP BY p.id, o.id ORDER BY p.id, o.id LIMIT 1""",
            (self.provider_id,),
        )[0]

    # --------------------------------------------------------------- vouchers
    def vouchers(self, quantity):
        """Add an active order without rules and return the codes of its vouchers.

        By SQL: what is tested here is the scan; how an order becomes active is tested elsewhere.

        :param quantity: a multiple of ten.
        """
        with contextlib.closing(self.running.connect(autocommit=False)) as connection, connection:
            cursor = connection.cursor()
            order_id = self._order(cursor, quantity)
            cursor.execute("SELECT aptic_voucher_reserve(%s)", (quantity,))
            (first,) = cursor.fetchone()
            key, found = bytes.fromhex(conf.TEST_KEYS[KEY_VERSION]), []
            for serial in range(first, first + quantity, BOOKLET):
                salt = secrets.token_bytes(self.codes.SALT_BYTES)
                cursor.execute(
                    "INSERT INTO aptic_booklet (order_id, serial, size, key_version, salt)"
                    " VALUES (%s, %s, %s, %s, %s) RETURNING id",
                    (order_id, serial, BOOKLET, KEY_VERSION, salt.hex()),
                )
                cursor.execute(
                    "INSERT INTO aptic_voucher (serial, booklet_id, order_id, state)"
                    " SELECT serial, %s, %s, 'active' FROM generate_series(%s, %s) AS serial",
                    (cursor.fetchone()[0], order_id, serial, serial + BOOKLET - 1),
                )
                found += [self.codes.make(number, salt, key) for number in range(serial, serial + BOOKLET)]
        return found

    @staticmethod
    def _order(cursor, quantity):
        """Copy an order of the demonstration as an active and funded one."""
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'aptic_order'"
            " AND is_generated = 'NEVER' AND column_name != 'id'"
        )
        columns = [name for (name,) in cursor.fetchall()]
        cents = quantity * 1000
        values = {
            "name": f"'TEST/{secrets.token_hex(4)}'", "state": "'active'", "quantity": quantity,
            "booklet_size": BOOKLET, "face_value_cents": 1000, "face_cents": cents, "funded_cents": cents,
            "activated_cents": cents, "received_cents": cents, "shortfall_cents": 0, "frozen_rules": "'[]'",
            "last_day": "CURRENT_DATE + 300", "tolerance_months": 1, "face_move_id": "NULL", "fee_move_id": "NULL",
        }  # fmt: skip
        chosen = ", ".join(str(values.get(name, f'"{name}"')) for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"INSERT INTO aptic_order ({names}) SELECT {chosen} FROM aptic_order ORDER BY id LIMIT 1 RETURNING id"
        )
        return cursor.fetchone()[0]

    # ------------------------------------------------------------------ scans
    def session(self, login="mediateur", cookies=None):
        """A logged-in session; ``cookies`` of another one spare the login."""
        rpc = Rpc(self.running.direct_url, self.running.database, None if cookies else login)
        if cookies:
            rpc.session.cookies.update(cookies)
        return rpc

    def act(self, *codes, key=None):
        """The parameters of an act, with a new key unless one is given."""
        return {
            "place_id": self.place_id,
            "offer_id": self.offer_id,
            "audience_id": self.audience_id,
            "codes": list(codes),
            "price_cents": self.price_cents,
            "client_key": key or str(uuid.uuid4()),
            "client_time": datetime.utcnow().isoformat(timespec="seconds"),
        }

    def redeem(self, rpc, *codes, key=None):
        """Send an act and return the answer."""
        return rpc.post("/my/aptic/scan/redeem", self.act(*codes, key=key))

    def insist(self, client, code, key):
        """Send an act again while the answer is ``busy``, as the screen does."""
        for _try in range(5):
            answer = self.redeem(client, code, key=key)
            if answer["status"] != "busy":
                break
        return answer

    def check(self, rpc, *codes):
        """Look at vouchers and return the answer."""
        return rpc.post("/my/aptic/scan/check", {"place_id": self.place_id, "codes": list(codes)})

    # ------------------------------------------------------------------ truth
    def state_of(self, codes):
        """What the database holds of vouchers: ``(states, redemptions done, ledger rows, vouchers in the ledger)``."""
        serials = [int(code[:10]) for code in codes]
        states = sorted(
            state
            for (state,) in self.running.query("SELECT state FROM aptic_voucher WHERE serial = ANY(%s)", (serials,))
        )
        ((redemptions,),) = self.running.query(
            "SELECT count(*) FROM aptic_redemption WHERE string_to_array(serials, ' ')::int[] && %s", (serials,)
        )
        ((rows, quantity),) = self.running.query(
            "SELECT count(*), COALESCE(sum(quantity), 0) FROM aptic_event WHERE kind = 'redeem' AND redemption_id IN"
            " (SELECT id FROM aptic_redemption WHERE string_to_array(serials, ' ')::int[] && %s)",
            (serials,),
        )
        return states, redemptions, rows, quantity

    def half_written(self):
        """Rows that tell of an act that is not whole; none, ever."""
        return self.running.query(
            """SELECT 'voucher without redemption', v.serial::text FROM aptic_voucher v
                LEFT JOIN aptic_redemption r ON r.id = v.redemption_id AND r.state != 'cancelled'
                WHERE (v.state = 'redeemed') != (r.id IS NOT NULL)
             UNION ALL
               SELECT 'redemption without its vouchers', r.id::text FROM aptic_redemption r
                WHERE r.state != 'cancelled'
                  AND r.voucher_count != (SELECT count(*) FROM aptic_voucher v WHERE v.redemption_id = r.id)
             UNION ALL
               SELECT 'redemption without its ledger rows', r.id::text FROM aptic_redemption r
                WHERE r.voucher_count != (SELECT COALESCE(sum(quantity), 0) FROM aptic_event e
                                           WHERE e.redemption_id = r.id AND e.kind = 'redeem')"""
        )
