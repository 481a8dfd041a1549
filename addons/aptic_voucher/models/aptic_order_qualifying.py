from datetime import date

from odoo import api, fields, models
from odoo.addons.aptic_base.models.aptic_provider_catalogue import SHOWN_STATES
from odoo.tools import SQL

from .. import clock, rules
from .aptic_rule import VALUES

PAGE = 10  # places on a page of the list
OFFERS = 5  # of a place that are named on it


def _area(ids):
    """The municipalities that territories contain; a municipality lies in its ancestors and in its EPCI."""
    return SQL(
        """WITH RECURSIVE area(id, kind) AS (
             SELECT id, kind FROM aptic_territory WHERE id = ANY(%s)
              UNION
             SELECT inside.id, inside.kind
               FROM area
              CROSS JOIN LATERAL (SELECT id, kind FROM aptic_territory WHERE parent_id = area.id
                                   UNION ALL
                                  SELECT id, kind FROM aptic_territory WHERE epci_id = area.id) inside
              WHERE area.kind <> 'commune')
           SELECT id FROM area""",
        ids,
    )


# The kinds that a place or an offer can be asked about, as conditions on ``pl``, ``o`` and its service ``s``. Rules
# about days, amounts together and numbers depend on the act: they leave no place out for good.
PLACE_CONDITIONS = {
    "territory": lambda rule: SQL("pl.territory_id IN (%s)", _area(rule["ids"])),
    "place_type": lambda rule: SQL("pl.type_id = ANY(%s)", rule["ids"]),
    "provider": lambda rule: SQL("pl.provider_id = ANY(%s)", rule["ids"]),
    "excluded_provider": lambda rule: SQL("pl.provider_id <> ALL(%s)", rule["ids"]),
}
OFFER_CONDITIONS = {
    "level": lambda rule: SQL("s.level_id = ANY(%s)", rule["ids"]),
    "category": lambda rule: SQL("s.category_id = ANY(%s)", rule["ids"]),
    "service": lambda rule: SQL("o.service_id = ANY(%s)", rule["ids"]),
    "max_price": lambda rule: SQL("o.price_cents <= %s", rule["cents"]),
}

HAS_OFFER = SQL(
    """(place.provider_id IN (SELECT provider_id FROM offer WHERE is_everywhere)
        OR place.id IN (SELECT place_id FROM here))"""
)
HAS_PLACE = SQL(
    """((offer.is_everywhere AND offer.provider_id IN (SELECT provider_id FROM place))
        OR offer.id IN (SELECT offer_id FROM here))"""
)


class ApticOrder(models.Model):
    """Which places and services of the public catalogue an order's rules accept, by sets."""

    _inherit = "aptic.order"

    qualifying_place_count = fields.Integer(
        string="Places that qualify", compute="_compute_qualifying", compute_sudo=True
    )
    qualifying_offer_count = fields.Integer(
        string="Services that qualify", compute="_compute_qualifying", compute_sudo=True
    )
    qualifying_provider_count = fields.Integer(
        string="Providers that qualify", compute="_compute_qualifying", compute_sudo=True
    )
    qualifying_sentence = fields.Char(
        string="What the rules leave today", compute="_compute_qualifying", compute_sudo=True
    )

    @api.depends("state", "last_day", "tolerance_months", "frozen_rules", "rule_ids.kind",
                 *(f"rule_ids.{name}" for name in VALUES))  # fmt: skip
    def _compute_qualifying(self):
        for order in self:
            counts = order._qualifying_counts(order._rule_rows(), order.last_day and order._last_accepted_day())
            order.qualifying_place_count = counts["places"]
            order.qualifying_offer_count = counts["offers"]
            order.qualifying_provider_count = counts["providers"]
            order.qualifying_sentence = order._qualifying_sentence(counts)

    def _rule_rows(self):
        """The rules as the engine's rows: the frozen ones, or those of the draft as they are now."""
        self.ensure_one()
        return self.rule_ids.filtered("kind")._freeze() if self.state == "draft" else self.frozen_rules or []

    # ------------------------------------------------------------------- sets
    @api.model
    def _qualifying(self, rows, last_day=None, today=None):
        """The places and services that the public catalogue shows today and that rules accept.

        They agree with the engine: a place and a service qualify when an act there passes the rules for some audience,
        on some day until ``last_day``, with enough vouchers.

        :param rows: rows of the rule engine
        :param last_day: date, the last one on which vouchers are taken; None for no end
        :param today: date, of the catalogue
        :return: SQL of the statement's WITH: ``place`` (id, provider_id), ``offer`` (id, provider_id, is_everywhere)
            and ``here`` (place_id, offer_id: the services given at some places only)
        """
        today = today or clock.today()
        for name in ("aptic.place", "aptic.offer", "aptic.hosting", "aptic.provider", "aptic.service"):
            self.env[name].flush_model()
        places, offers = [], []
        nowhere = not all(map(rules.may_agree, rows))
        nowhere |= rules.first_day(rows, today, last_day or date.max) is None
        audiences = None
        for row in () if nowhere else rows:
            kind = row["kind"]
            if kind in PLACE_CONDITIONS:
                places.append(PLACE_CONDITIONS[kind](row))
            elif kind in OFFER_CONDITIONS:
                offers.append(OFFER_CONDITIONS[kind](row))
            elif kind == "audience":
                audiences = set(row["ids"]) if audiences is None else audiences & set(row["ids"])
        if audiences is not None:
            offers.append(self._audience_condition(sorted(audiences)) if audiences else SQL("FALSE"))
        if nowhere:
            places.append(SQL("FALSE"))
        return SQL(
            """place AS MATERIALIZED (
                 SELECT pl.id, pl.provider_id
                   FROM aptic_place pl JOIN aptic_provider p ON p.id = pl.provider_id
                  WHERE pl.active AND p.state = ANY(%(shown)s)
                    AND (pl.open_from IS NULL OR pl.open_from <= %(today)s)
                    AND (pl.open_until IS NULL OR pl.open_until >= %(today)s)
                    AND (pl.presence = 'place' OR EXISTS (
                          SELECT FROM aptic_hosting h
                           WHERE h.place_id = pl.id AND h.state = 'accepted' AND h.starts_on <= %(today)s
                             AND (h.ends_on IS NULL OR h.ends_on >= %(today)s)))
                    AND %(places)s),
               offer AS MATERIALIZED (
                 SELECT o.id, o.provider_id,
                        NOT EXISTS (SELECT FROM aptic_offer_place_rel r WHERE r.offer_id = o.id) AS is_everywhere
                   FROM aptic_offer o JOIN aptic_service s ON s.id = o.service_id
                  WHERE o.active AND s.active AND o.provider_id IN (SELECT provider_id FROM place) AND %(offers)s),
               here AS MATERIALIZED (
                 SELECT r.place_id, r.offer_id
                   FROM aptic_offer_place_rel r
                   JOIN place ON place.id = r.place_id
                   JOIN offer ON offer.id = r.offer_id AND offer.provider_id = place.provider_id)""",
            shown=list(SHOWN_STATES),
            today=today,
            places=SQL(" AND ").join(places or [SQL("TRUE")]),
            offers=SQL(" AND ").join(offers or [SQL("TRUE")]),
        )

    @api.model
    def _audience_condition(self, ids):
        relation = self.env["aptic.offer"]._fields["audience_ids"]
        served = SQL(
            "SELECT FROM %s a WHERE a.%s = o.id",
            SQL.identifier(relation.relation),
            SQL.identifier(relation.column1),
        )
        asked = SQL("%s AND a.%s = ANY(%s)", served, SQL.identifier(relation.column2), ids)
        return SQL("(NOT EXISTS (%s) OR EXISTS (%s))", served, asked)

    @api.model
    def _qualifying_counts(self, rows, last_day=None):
        """How many places, services and providers qualify: ``{"places", "offers", "providers"}``, in one statement.

        Parameters as in :meth:`_qualifying`.
        """
        (row,) = self.env.execute_query_dict(
            SQL(
                """WITH %s, found AS MATERIALIZED (SELECT * FROM place WHERE %s)
                   SELECT (SELECT count(*) FROM found) AS places,
                          (SELECT count(*) FROM offer WHERE %s) AS offers,
                          (SELECT count(DISTINCT provider_id) FROM found) AS providers""",
                self._qualifying(rows, last_day),
                HAS_OFFER,
                HAS_PLACE,
            )
        )
        return row

    @api.model
    def _qualifying_page(self, rows, last_day=None, offset=0, limit=PAGE):
        """A page of the places that qualify, by municipality and name, with what is given there.

        Other parameters as in :meth:`_qualifying`.

        :return: list of ``{"name", "town", "provider", "url", "offers": [{"name", "price"}], "more"}``: what the public
            catalogue shows; ``more`` counts the services that are not named
        """
        found = self.env.execute_query(
            SQL(
                """WITH %s
                   SELECT place.id, array(
                            SELECT o.id
                              FROM aptic_offer o JOIN offer USING (id)
                             WHERE (offer.is_everywhere AND offer.provider_id = place.provider_id)
                                OR (place.id, offer.id) IN (SELECT place_id, offer_id FROM here)
                             ORDER BY o.sequence, o.id)
                     FROM place JOIN aptic_place pl ON pl.id = place.id
                     JOIN aptic_territory t ON t.id = pl.territory_id
                    WHERE %s
                    ORDER BY t.name, pl.name, pl.id LIMIT %s OFFSET %s""",
                self._qualifying(rows, last_day),
                HAS_OFFER,
                limit,
                offset,
            )
        )
        every_offer = self.env["aptic.offer"].sudo().browse(offer for _place, offers in found for offer in offers)
        offers_by_id = {offer.id: offer for offer in every_offer}
        places = self.env["aptic.place"].sudo().browse(place for place, _offers in found)
        page = []
        for place, (_place_id, offer_ids) in zip(places, found, strict=True):
            named = [offers_by_id[offer_id] for offer_id in offer_ids[:OFFERS]]
            page.append(
                {
                    "name": place.name,
                    "town": place.territory_id.name,
                    "provider": place.provider_id.name,
                    "url": place.provider_id._public_path(),
                    "offers": [{"name": offer.name, "price": offer._euros(offer.price_cents)} for offer in named],
                    "more": len(offer_ids) - len(named),
                }
            )
        return page

    # ---------------------------------------------------------------- buttons
    def action_open_qualifying_places(self):
        """Open the places that qualify."""
        return self._open_qualifying("aptic.place", self.env._("Places where the vouchers are taken"))

    def action_open_qualifying_offers(self):
        """Open the services that qualify."""
        return self._open_qualifying("aptic.offer", self.env._("Services that the vouchers pay for"))

    def _open_qualifying(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": f"{name} – {self.name}",
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("accepting_order_id", "=", self.id)],
            "context": {"create": False},
        }
