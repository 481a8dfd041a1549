from datetime import timedelta

from odoo import fields, models
from odoo.addons.aptic_base import hours
from odoo.addons.aptic_base.time_zones import zone_of
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.acts import GIVEN_BACK
from odoo.tools import SQL

DAY = timedelta(days=1)


class ApticAlertRule(models.Model):
    """What each kind of pattern looks for, among all acts that touch a batch of redemptions.

    Each answers with rows ``provider_id, company_id, key, found, redemption_ids`` and the alert's columns that name its
    subject. ``key`` names the subject within the rule: an open alert of the same one grows. Acts that the team has
    judged under the same rule do not count again.

    A pattern on either of two clocks is enough: the desk's own, bounded as in the redemption, and that of the receipt.
    The desk's alone would be what a forger writes into his requests; the receipt's alone would hide in the moment of
    sending what an offline desk did. The price is that an honest desk that sends its day at once may be looked at.
    """

    _inherit = "aptic.alert.rule"

    def _found(self, low, high):
        """What the redemptions of a batch show, as rows.

        :param int low: the last redemption before the batch
        :param int high: the last one of the batch
        """
        return getattr(self, f"_found_{self.kind}")(low, high)

    # ------------------------------------------------------------------- parts
    def _window(self):
        return SQL("%s * INTERVAL '1 minute'", self.minutes)

    def _time(self):
        """When an act ``r`` happened at the desk."""
        return SQL(
            "LEAST(r.received_at, GREATEST(r.client_time, r.received_at - %s * INTERVAL '1 hour'))",
            self.env["aptic.redemption"]._client_time_hours(),
        )

    def _clocks(self):
        """Part of a statement: an act ``r`` twice, as ``c (clock, at)``; times of two clocks are never compared."""
        return SQL(
            "CROSS JOIN LATERAL (VALUES ('desk', %s), ('receipt', r.received_at)) AS c (clock, at)",
            self._time(),
        )

    def _counts(self):
        """Whether an act ``r`` counts: not cancelled, and not judged under this rule."""
        return SQL("r.state NOT IN %s AND NOT %s", GIVEN_BACK, self._judged())

    def _judged(self):
        return SQL(
            """EXISTS (SELECT FROM aptic_alert_redemption_rel j JOIN aptic_alert ja ON ja.id = j.alert_id
                        WHERE j.redemption_id = r.id AND ja.rule_id = %s AND ja.state IN ('dismissed', 'confirmed'))""",
            self.id,
        )

    def _people(self, low, high):
        """Part of a statement: who has scanned in a batch, with the days around it."""
        return SQL(
            """SELECT user_id, provider_id, min(day) - 1 AS first, max(day) + 1 AS last
                 FROM aptic_redemption WHERE id > %s AND id <= %s GROUP BY user_id, provider_id""",
            low,
            high,
        )

    # ------------------------------------------------------------------- kinds
    def _found_booklet(self, low, high):
        """Many vouchers of one booklet within minutes, in more than one act."""
        return self.env.execute_query_dict(
            SQL(
                """WITH seed AS (SELECT DISTINCT v.booklet_id FROM aptic_redemption r
                                   JOIN aptic_voucher v ON v.redemption_id = r.id
                                  WHERE r.id > %(low)s AND r.id <= %(high)s),
                        act AS (SELECT v.booklet_id, o.company_id, r.id, r.provider_id, c.clock, c.at, count(*) AS n
                                  FROM seed JOIN aptic_voucher v USING (booklet_id)
                                  JOIN aptic_redemption r ON r.id = v.redemption_id
                                  JOIN aptic_order o ON o.id = v.order_id %(clocks)s
                                 WHERE %(counts)s GROUP BY v.booklet_id, o.company_id, r.id, c.clock, c.at),
                        summed AS (SELECT booklet_id, clock, at, sum(n) OVER lately AS found,
                                          count(*) OVER lately AS acts
                                     FROM act WINDOW lately AS (PARTITION BY booklet_id, clock ORDER BY at
                                                  RANGE BETWEEN %(window)s PRECEDING AND CURRENT ROW))
                   SELECT a.provider_id, a.company_id, 'booklet:' || a.booklet_id AS key, a.booklet_id,
                          max(s.found)::int AS found, array_agg(DISTINCT a.id) AS redemption_ids
                     FROM act a JOIN summed s ON s.booklet_id = a.booklet_id AND s.clock = a.clock AND s.acts > 1
                                             AND s.found >= %(least)s AND a.at BETWEEN s.at - %(window)s AND s.at
                    GROUP BY a.provider_id, a.company_id, a.booklet_id""",
                low=low,
                high=high,
                clocks=self._clocks(),
                counts=self._counts(),
                window=self._window(),
                least=self.least,
            )
        )

    def _found_hours(self, low, high):
        """Scans of one day outside the hours that the place publishes, by more than the margin.

        The day is the desk's when it happened outside hours by the desk's clock, otherwise that of the receipt.
        """
        places = self.env.execute_query_dict(
            SQL(
                """SELECT r.place_id, pl.opening_hours, t.code, min(%(time)s) AS first, max(r.received_at) AS last
                     FROM aptic_redemption r JOIN aptic_place pl ON pl.id = r.place_id
                     JOIN aptic_territory t ON t.id = pl.territory_id
                    WHERE r.id > %(low)s AND r.id <= %(high)s AND pl.opening_hours <> ''
                    GROUP BY r.place_id, pl.opening_hours, t.code""",
                low=low,
                high=high,
                time=self._time(),
            )
        )
        spans = []
        for place in places:
            place["zone"] = zone_of(place["code"])
            place["days"] = (place["first"].date() - DAY, place["last"].date() + DAY)
            opened = hours.open_spans(place["opening_hours"], *place["days"], place["zone"])
            spans += [(place["place_id"], start, end) for start, end in opened]
        if not places:
            return []
        return self.env.execute_query_dict(
            SQL(
                """WITH here AS (SELECT * FROM unnest(%(places)s::int[], %(zones)s::text[], %(first)s::date[],
                                                      %(last)s::date[]) AS h (place_id, zone, first, last)),
                        span AS (SELECT * FROM unnest(%(of)s::int[], %(starts)s::timestamp[], %(ends)s::timestamp[])
                                              AS s (place_id, starts, ends)),
                        act AS (SELECT DISTINCT ON (r.id) r.id, r.provider_id, r.place_id, %(company)s AS company_id,
                                       (c.at AT TIME ZONE 'UTC' AT TIME ZONE here.zone)::date AS day
                                  FROM here JOIN aptic_place pl ON pl.id = here.place_id
                                  JOIN aptic_redemption r ON r.provider_id = pl.provider_id
                                       AND r.day BETWEEN here.first AND here.last AND r.place_id = here.place_id
                                  %(clocks)s
                                 WHERE %(counts)s
                                   AND NOT EXISTS (SELECT FROM span s WHERE s.place_id = r.place_id
                                                      AND c.at BETWEEN s.starts - %(window)s AND s.ends + %(window)s)
                                 ORDER BY r.id, c.clock)
                   SELECT provider_id, company_id, 'place:' || place_id || ':' || day AS key, place_id, day,
                          count(*)::int AS found, array_agg(id) AS redemption_ids
                     FROM act GROUP BY provider_id, company_id, place_id, day HAVING count(*) >= %(least)s""",
                places=[place["place_id"] for place in places],
                zones=[place["zone"] for place in places],
                first=[place["days"][0] for place in places],
                last=[place["days"][1] for place in places],
                of=[place_id for place_id, _start, _end in spans],
                starts=[start for _place_id, start, _end in spans],
                ends=[end for _place_id, _start, end in spans],
                company=SQL(
                    "(SELECT min(o.company_id) FROM aptic_voucher v JOIN aptic_order o ON o.id = v.order_id"
                    " WHERE v.redemption_id = r.id)"
                ),
                clocks=self._clocks(),
                counts=self._counts(),
                window=self._window(),
                least=self.least,
            )
        )

    def _found_share(self):
        """Most of what an order has redeemed lately, at one place; orders reserved for named providers do not count."""
        return self.env.execute_query_dict(
            SQL(
                """WITH act AS (SELECT e.order_id, o.company_id, r.place_id, r.provider_id, r.id, e.quantity,
                                       %(judged)s AS judged
                                  FROM aptic_event e JOIN aptic_redemption r ON r.id = e.redemption_id
                                  JOIN aptic_order o ON o.id = e.order_id
                                 WHERE e.kind = 'redeem' AND e.day > %(since)s AND r.state NOT IN %(back)s
                                   AND NOT COALESCE(o.frozen_rules, '[]') @> '[{"kind": "provider"}]'),
                        total AS (SELECT order_id, sum(quantity) AS n FROM act GROUP BY order_id)
                   SELECT a.provider_id, a.company_id, 'order:' || a.order_id || ':place:' || a.place_id AS key,
                          a.order_id, a.place_id, (sum(a.quantity) * 100 / total.n)::int AS found,
                          array_agg(a.id) FILTER (WHERE NOT a.judged) AS redemption_ids
                     FROM act a JOIN total USING (order_id)
                    GROUP BY a.provider_id, a.company_id, a.order_id, a.place_id, total.n
                   HAVING sum(a.quantity) * 100 >= %(share)s * total.n
                      AND sum(a.quantity) FILTER (WHERE NOT a.judged) >= %(least)s""",
                judged=self._judged(),
                back=GIVEN_BACK,
                since=fields.Date.subtract(clock.today(), days=self.days),
                share=self.share,
                least=self.least,
            )
        )

    def _found_sponsors(self, low, high):
        """One person's acts with vouchers of many sponsors within minutes."""
        return self.env.execute_query_dict(
            SQL(
                """WITH seed AS (%(people)s),
                        act AS (SELECT r.user_id, r.provider_id, o.company_id, r.id, c.clock, c.at, o.sponsor_id
                                  FROM seed JOIN aptic_redemption r ON r.provider_id = seed.provider_id
                                       AND r.user_id = seed.user_id AND r.day BETWEEN seed.first AND seed.last
                                  JOIN aptic_voucher v ON v.redemption_id = r.id
                                  JOIN aptic_order o ON o.id = v.order_id %(clocks)s WHERE %(counts)s),
                        fired AS (SELECT e.user_id, e.clock, e.at, count(DISTINCT a.sponsor_id) AS found
                                    FROM (SELECT DISTINCT user_id, clock, at FROM act) e
                                    JOIN act a ON a.user_id = e.user_id AND a.clock = e.clock
                                              AND a.at BETWEEN e.at - %(window)s AND e.at
                                   GROUP BY e.user_id, e.clock, e.at HAVING count(DISTINCT a.sponsor_id) >= %(least)s)
                   SELECT a.provider_id, a.company_id, 'user:' || a.user_id AS key, a.user_id,
                          max(f.found)::int AS found, array_agg(DISTINCT a.id) AS redemption_ids
                     FROM act a JOIN fired f ON f.user_id = a.user_id AND f.clock = a.clock
                                            AND a.at BETWEEN f.at - %(window)s AND f.at
                    GROUP BY a.provider_id, a.company_id, a.user_id""",
                people=self._people(low, high),
                clocks=self._clocks(),
                counts=self._counts(),
                window=self._window(),
                least=self.least,
            )
        )

    def _found_serials(self, low, high):
        """One person's run of serials in a row over more than one booklet, each within minutes of the one before."""
        return self.env.execute_query_dict(
            SQL(
                """WITH seed AS (%(people)s),
                        act AS (SELECT r.user_id, r.provider_id, o.company_id, r.id, c.clock, c.at, v.serial,
                                       v.booklet_id
                                  FROM seed JOIN aptic_redemption r ON r.provider_id = seed.provider_id
                                       AND r.user_id = seed.user_id AND r.day BETWEEN seed.first AND seed.last
                                  JOIN aptic_voucher v ON v.redemption_id = r.id
                                  JOIN aptic_order o ON o.id = v.order_id %(clocks)s WHERE %(counts)s),
                        lagged AS (SELECT *, lag(serial) OVER u AS serial_before, lag(at) OVER u AS before
                                     FROM act WINDOW u AS (PARTITION BY user_id, clock ORDER BY serial)),
                        marked AS (SELECT *, (serial = serial_before + 1 AND at - before
                                              BETWEEN - %(window)s AND %(window)s) IS NOT TRUE AS begins FROM lagged),
                        chained AS (SELECT *, count(*) FILTER (WHERE begins)
                                                OVER (PARTITION BY user_id, clock ORDER BY serial) AS chain
                                      FROM marked),
                        counted AS (SELECT *, count(*) OVER c AS found,
                                           min(booklet_id) OVER c < max(booklet_id) OVER c AS crosses
                                      FROM chained WINDOW c AS (PARTITION BY user_id, clock, chain))
                   SELECT provider_id, company_id, 'user:' || user_id AS key, user_id, max(found)::int AS found,
                          array_agg(DISTINCT id) AS redemption_ids
                     FROM counted WHERE found >= %(least)s AND crosses GROUP BY provider_id, company_id, user_id""",
                people=self._people(low, high),
                clocks=self._clocks(),
                counts=self._counts(),
                window=self._window(),
                least=self.least,
            )
        )
