import hashlib
import logging
import re

from odoo import api, fields, models
from odoo.tools import SQL, file_open

_logger = logging.getLogger(__name__)

COG_FILE = "aptic_base/data/cog/territories.csv"
CENTRES_FILE = "aptic_base/data/cog/centres.csv"
COG_PARAMETER = "aptic_base.cog_digest"
PARENT_KIND = {"country": None, "region": "country", "department": "region", "epci": "country", "commune": "department"}
# Municipal arrondissements: no place lies in them, but files of others name them.
ARRONDISSEMENTS = (("75056", range(75101, 75121)), ("69123", range(69381, 69390)), ("13055", range(13201, 13217)))


class ApticTerritory(models.Model):
    """A node of the official geographic code (COG, INSEE): country > region > department > commune, and EPCI beside."""

    _name = "aptic.territory"
    _description = "Territory"
    _parent_store = True
    _order = "kind, code"

    name = fields.Char(required=True, index="trigram")
    code = fields.Char(required=True, help="INSEE code of the region, department, EPCI (SIREN) or commune.")
    kind = fields.Selection(
        [
            ("country", "Country"),
            ("region", "Region"),
            ("department", "Department"),
            ("epci", "Intercommunality (EPCI)"),
            ("commune", "Municipality"),
        ],
        required=True,
        index=True,
    )
    parent_id = fields.Many2one("aptic.territory", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    epci_id = fields.Many2one(
        "aptic.territory", string="EPCI", index="btree_not_null", ondelete="restrict", domain=[("kind", "=", "epci")]
    )
    postal_codes = fields.Char(index="trigram", help="Postal codes of a municipality, separated by spaces.")
    latitude = fields.Float(digits=(10, 7), help="Of a municipality's centre; 0 where none is known.")
    longitude = fields.Float(digits=(10, 7))
    reach_km = fields.Integer(
        string="Reach in km", help="How far the municipality reaches from its centre, rounded up; 0 where unknown."
    )

    _kind_code_unique = models.Constraint("UNIQUE(kind, code)", "This territory exists already.")

    @api.depends("name", "code", "kind")
    def _compute_display_name(self):
        for territory in self:
            territory.display_name = f"{territory.name} ({territory.code})" if territory.code else territory.name

    def _ancestor_ids(self):
        """Ids of all territories that contain this one: itself, its ancestors and its EPCI.

        :return: frozenset of ids, the plain form that the rule engine takes
        """
        self.ensure_one()
        ids = {int(part) for part in (self.parent_path or "").split("/") if part} | {self.id}
        if self.epci_id:
            ids.add(self.epci_id.id)
        return frozenset(ids)

    def _region(self):
        """The region that contains this territory (empty for the country and for an EPCI)."""
        self.ensure_one()
        return self.browse(sorted(self._ancestor_ids())).filtered(lambda territory: territory.kind == "region")

    def _centre(self):
        """The values of a place of which only this municipality is known; without coordinates where it has none."""
        self.ensure_one()
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "coordinates_source": "commune" if self.reach_km else False,
        }

    # ----------------------------------------------------------------- search
    @api.model
    def _of_postal_code(self, postal_code):
        """Municipalities that a postal code serves, by name; empty when it is not five digits.

        :param str postal_code: as typed; spaces are dropped
        """
        digits = re.sub(r"\s", "", postal_code or "")
        if not re.fullmatch(r"[0-9]{5}", digits):
            return self.browse()
        return self.search([("kind", "=", "commune"), ("postal_codes", "like", digits)], order="name, id", limit=100)

    @api.model
    def _of_insee(self, code):
        """The municipality of an INSEE code; a municipal arrondissement gives its municipality.

        :param str code: five characters, e.g. ``"33063"``, ``"2A004"``, ``"75101"``
        """
        code = (code or "").strip().upper()
        for municipality, arrondissements in ARRONDISSEMENTS:
            if code.isdecimal() and int(code) in arrondissements:
                code = municipality
        return self.search([("kind", "=", "commune"), ("code", "=", code)], limit=1)

    # ------------------------------------------------------------------- load
    @api.model
    def _load_cog(self, force=False):
        """Load the official geographic code (COG 2026, INSEE by Etalab; see data/cog/README.md) in bulk.

        Existing territories are updated, missing ones added, none removed. Called at installation and upgrade.

        :param bool force: load also when the file has not changed since the last load
        :return: number of territories added or changed
        """
        with file_open(COG_FILE, "rb") as stream, file_open(CENTRES_FILE, "rb") as centres:
            digest = hashlib.sha256(stream.read() + centres.read()).hexdigest()
            parameters = self.env["ir.config_parameter"].sudo()
            if not force and parameters.get_param(COG_PARAMETER) == digest:
                return 0
            self.env.flush_all()
            for file in (stream, centres):
                file.seek(0)
            count = self._copy_cog(stream)
            self._copy_centres(centres)
        self._rebuild_paths()
        self.env.invalidate_all()
        parameters.set_param(COG_PARAMETER, digest)
        _logger.info("official geographic code: %s territories added or changed", count)
        return count

    def _copy_cog(self, stream):
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS aptic_cog_load")
        cr.execute(
            "CREATE TEMPORARY TABLE aptic_cog_load (kind varchar, code varchar, name varchar, parent varchar,"
            " epci varchar, postal_codes varchar) ON COMMIT DROP"
        )
        cr.copy_expert("COPY aptic_cog_load FROM STDIN (FORMAT csv, HEADER true)", stream)
        cr.execute("ANALYZE aptic_cog_load")
        count = 0
        for kind, parent_kind in PARENT_KIND.items():  # parents before their children
            cr.execute(
                SQL(
                    """
                    INSERT INTO aptic_territory AS t (
                        id, parent_path, kind, code, name, parent_id, epci_id, postal_codes,
                        create_uid, write_uid, create_date, write_date
                    )
                    SELECT c.id, coalesce(p.parent_path, '') || c.id || '/', c.kind, c.code, c.name, p.id, e.id,
                           c.postal_codes, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                      FROM (
                            SELECT coalesce(o.id, nextval('aptic_territory_id_seq')) AS id, l.*
                              FROM aptic_cog_load l LEFT JOIN aptic_territory o ON o.kind = l.kind AND o.code = l.code
                             WHERE l.kind = %(kind)s
                           ) c
                      LEFT JOIN aptic_territory p ON p.kind = %(parent_kind)s AND p.code = c.parent
                      LEFT JOIN aptic_territory e ON e.kind = 'epci' AND e.code = c.epci
                        ON CONFLICT (kind, code) DO UPDATE
                       SET name = excluded.name, parent_id = excluded.parent_id, epci_id = excluded.epci_id,
                           postal_codes = excluded.postal_codes, write_uid = excluded.write_uid,
                           write_date = excluded.write_date
                     WHERE (t.name, t.parent_id, t.epci_id, t.postal_codes)
                           IS DISTINCT FROM
                           (excluded.name, excluded.parent_id, excluded.epci_id, excluded.postal_codes)
                    """,
                    uid=self.env.uid,
                    kind=kind,
                    parent_kind=parent_kind or "",
                )
            )
            count += cr.rowcount
        return count

    def _copy_centres(self, stream):
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS aptic_centre_load")
        cr.execute(
            "CREATE TEMPORARY TABLE aptic_centre_load (code varchar, latitude numeric, longitude numeric, reach_km int)"
            " ON COMMIT DROP"
        )
        cr.copy_expert("COPY aptic_centre_load FROM STDIN (FORMAT csv, HEADER true)", stream)
        cr.execute(
            """
            UPDATE aptic_territory t
               SET latitude = c.latitude, longitude = c.longitude, reach_km = c.reach_km
              FROM aptic_centre_load c
             WHERE t.kind = 'commune' AND t.code = c.code
               AND (t.latitude, t.longitude, t.reach_km) IS DISTINCT FROM (c.latitude, c.longitude, c.reach_km)
            """
        )

    def _rebuild_paths(self):
        self.env.cr.execute(
            """
            WITH RECURSIVE tree AS (
                SELECT id, id || '/' AS path FROM aptic_territory WHERE parent_id IS NULL
                 UNION ALL
                SELECT t.id, tree.path || t.id || '/' FROM aptic_territory t JOIN tree ON t.parent_id = tree.id
            )
            UPDATE aptic_territory t SET parent_path = tree.path
              FROM tree WHERE tree.id = t.id AND t.parent_path IS DISTINCT FROM tree.path
            """
        )
        self.env.cr.execute("ANALYZE aptic_territory")
