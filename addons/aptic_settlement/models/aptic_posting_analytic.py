import json

from odoo import fields, models
from odoo.tools import SQL

from .. import analysis

# What happens at a place; the rest is the sponsor's alone.
PLACED = ("scan", "reverse")


class ApticPosting(models.Model):
    """Where what is booked lies: a day's lines of an order say it by percentages, and the row keeps it in cents."""

    _inherit = "aptic.posting"

    territories = fields.Json(
        readonly=True,
        help="Level and cents by territory; empty for what has no place and for what was booked without analysis.",
    )

    def _analyse(self, company, days, vals_list):
        """Have the lines of the daily entries say which territories and which sponsor they are about.

        :param days: ``{day: [(order id, kind, cents)]}``
        :param vals_list: values of the entry of each day, with two lines a row; they are filled in
        :return: ``{(day, order id, kind): {territory id: cents}}`` of what lies at places
        """
        if not company.aptic_analysis:
            return {}
        places = self._places(company, days)
        sponsors = {order.id: order.sponsor_id.id for order in self._orders(days)}
        pairs, weights_list = [], []
        for (day, rows), vals in zip(days.items(), vals_list, strict=True):
            for index, (order_id, kind, cents) in enumerate(rows):
                parts = places.get((day, order_id, kind)) or {None: cents}
                pairs.append([line for _command, _id, line in vals["line_ids"][2 * index : 2 * index + 2]])
                weights_list.append({(town, sponsors[order_id]): part for town, part in parts.items()})
        for pair, distribution in zip(pairs, company._aptic_distributions(weights_list), strict=True):
            for line in pair if distribution else ():
                line["analytic_distribution"] = distribution
        return places

    def _kept(self, company, places):
        """What a row keeps of :meth:`_analyse`; 0 stands for what has no place."""
        if places is None:
            return None
        cents = {str(town or 0): part for town, part in places.items()}
        return json.dumps({"level": company.aptic_analysis_level, "cents": cents})

    def _orders(self, days):
        return self.env["aptic.order"].browse({order for rows in days.values() for order, _kind, _cents in rows})

    def _places(self, company, days):
        """What of each row lies in which territory of the company's level: the ledger's, less what was booked of it.

        What was booked without territories, or at another level, is not told apart afterwards.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.day, event.order_id, move.kind, redemption.territory_id,
                       SUM(move.sign * event.amount_cents)::bigint
                  FROM aptic_event AS event
                  JOIN (VALUES ('redeem', 'scan', 1), ('cancel', 'scan', -1), ('reverse', 'reverse', 1))
                    AS move (event, kind, sign) ON move.event = event.kind
             LEFT JOIN aptic_redemption AS redemption ON redemption.id = event.redemption_id
                 WHERE event.day = ANY(%(days)s) AND event.order_id = ANY(%(orders)s)
              GROUP BY 1, 2, 3, 4
              ORDER BY 1, 2, 3, 4
                """,
                days=list(days),
                orders=self._orders(days).ids,
            )
        )
        levels = company._aptic_levels({town for *_key, town, _cents in rows if town})
        held = {}
        for *key, town, cents in rows:
            held.setdefault(tuple(key), []).append((levels.get(town), cents))
        booked, unknown = self._booked(company, days)
        result = {}
        for day, day_rows in days.items():
            for order_id, kind, cents in day_rows:
                key = (day, order_id, kind)
                taken = [(town, -part) for town, part in booked.get(key, ())]
                parts = analysis.add([*held.get(key, ()), *taken])
                if kind in PLACED and key not in unknown and sum(parts.values()) == cents:
                    result[key] = {town: part for town, part in parts.items() if part}
        return result

    def _booked(self, company, days):
        """``{(day, order id, kind): [(territory id, cents)]}`` of earlier entries, and the keys of which that is not
        known at the company's level."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT day, order_id, kind, territories
                  FROM aptic_posting
                 WHERE company_id = %s AND day = ANY(%s) AND order_id = ANY(%s) AND kind = ANY(%s)
                """,
                company.id,
                list(days),
                self._orders(days).ids,
                list(PLACED),
            )
        )
        booked, unknown = {}, set()
        for *key, kept in rows:
            if kept is None or kept["level"] != company.aptic_analysis_level:
                unknown.add(tuple(key))
            else:
                parts = kept["cents"].items()
                booked.setdefault(tuple(key), []).extend((int(town) or None, cents) for town, cents in parts)
        return booked, unknown
