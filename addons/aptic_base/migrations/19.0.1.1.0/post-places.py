"""Places say whose they are and who gave their coordinates; pathways are sessions in an order."""

GRACE_DAYS = 90


def migrate(cr, version):
    """Bring what was there into the new shape; nothing that worked stops working at once.

    A provider without a place of its own said so for all its places (``supplier_kind``); each place has now its own
    ``presence``, which the upgrade has filled in from there. Vouchers go on being taken at such places for 90 days, in
    which the convention is to be handed in: as a start that is declared until then.
    """
    cr.execute(
        """INSERT INTO aptic_hosting (place_id, provider_id, kind, host_name, starts_on, ends_on, state,
                                      reminded_days, create_uid, write_uid, create_date, write_date)
           SELECT p.id, p.provider_id, 'priming', p.name, current_date, current_date + %s, 'accepted',
                  -1, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
             FROM aptic_place p
            WHERE p.presence <> 'place' AND NOT EXISTS (SELECT 1 FROM aptic_hosting h WHERE h.place_id = p.id)""",
        [GRACE_DAYS],
    )
    cr.execute("UPDATE aptic_place SET coordinates_source = 'pin' WHERE coordinates_source IS NULL AND latitude <> 0")
    cr.execute(
        """UPDATE aptic_place p
              SET coordinates_source = 'commune', latitude = t.latitude, longitude = t.longitude
             FROM aptic_territory t
            WHERE t.id = p.territory_id AND t.reach_km > 0 AND p.coordinates_source IS NULL"""
    )
    cr.execute("SELECT to_regclass('aptic_offer_aptic_pathway_rel')")
    if cr.fetchone()[0]:
        # The services had no order: they take turns until the pathway has its length.
        cr.execute(
            """WITH offer AS (
                   SELECT aptic_pathway_id AS pathway, aptic_offer_id AS id,
                          row_number() OVER turn AS turn, count(*) OVER (PARTITION BY aptic_pathway_id) AS count
                     FROM aptic_offer_aptic_pathway_rel
                   WINDOW turn AS (PARTITION BY aptic_pathway_id ORDER BY aptic_offer_id)
               )
               INSERT INTO aptic_pathway_session (pathway_id, provider_id, number, offer_id,
                                                  create_uid, write_uid, create_date, write_date)
               SELECT w.id, w.provider_id, number, offer.id, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                 FROM aptic_pathway w
                CROSS JOIN generate_series(1, w.sessions::int) AS number
                 JOIN offer ON offer.pathway = w.id AND offer.turn = (number - 1) % offer.count + 1
                WHERE NOT EXISTS (SELECT 1 FROM aptic_pathway_session s WHERE s.pathway_id = w.id)"""
        )
        cr.execute("DROP TABLE aptic_offer_aptic_pathway_rel")
