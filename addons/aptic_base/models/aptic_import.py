import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import import_columns, import_plan, import_rows, import_sheets
from .aptic_provider import MANAGERS
from .aptic_territory import ARRONDISSEMENTS

LOCK = "aptic.import"


class ApticImport(models.Model):
    """An import of providers and places that was applied: who, when, what file, what it did. The file is not kept."""

    _name = "aptic.import"
    _description = "Import of providers and places"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _rec_name = "filename"

    filename = fields.Char(string="File", readonly=True)
    sha256 = fields.Char(string="SHA-256", required=True, readonly=True)
    providers_created = fields.Integer(readonly=True)
    providers_changed = fields.Integer(readonly=True)
    places_created = fields.Integer(readonly=True)
    places_changed = fields.Integer(readonly=True)
    unchanged = fields.Integer(string="Rows without a change", readonly=True)
    left = fields.Integer(string="Rows left", readonly=True)

    _guarded_fields = frozenset(
        {
            "filename",
            "sha256",
            "providers_created",
            "providers_changed",
            "places_created",
            "places_changed",
            "unchanged",
            "left",
        }
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of imports is kept."))

    # ----------------------------------------------------------------- limits
    @api.model
    def _limits(self):
        """``(bytes of a file, rows of a file)`` above which it is refused; settings of the system."""
        parameters = self.env["ir.config_parameter"]
        megabytes = parameters._get_number("aptic_base.import_max_mb", 20, least=1)
        return megabytes * 10**6, parameters._get_number("aptic_base.import_max_rows", 50_000, least=1)

    # ------------------------------------------------------------------- read
    @api.model
    def _rows(self, contents):
        """Read files.

        :param contents: list of bytes
        :return: ``({"provider": rows, "place": rows}, sentences about what was not read)``
        :raise UserError: says why a file cannot be read and what to do
        """
        max_bytes, max_rows = self._limits()
        types = self._place_types()
        rows, remarks = {"provider": [], "place": []}, []
        for content in contents:
            try:
                sheets = import_sheets.read(content, max_bytes, max_rows)
            except import_sheets.BadFile as error:
                raise UserError(self._sentence_of_file(error)) from error
            read = False
            for sheet in sheets:
                if not sheet.rows:
                    continue
                header = import_columns.recognise(sheet.rows[0][1])
                if not header.kind and len(sheets) > 1:
                    remarks.append(self.env._("The sheet “%s” was not read: its headers are unknown.", sheet.name))
                    continue
                self._check_header(header, sheet.rows[0][1])
                read = True
                if header.unread:
                    remarks.append(
                        self.env._("Columns that are not read: %(columns)s.", columns=", ".join(header.unread)[:400])
                    )
                parser = import_rows.Parser(header, types)
                rows[header.kind] += [parser.parse(line, cells) for line, cells in sheet.rows[1:]]
            if not read:
                self._check_header(import_columns.recognise([]), ())
        return rows, remarks

    def _check_header(self, header, cells):
        if not header.kind:
            raise UserError(
                self.env._(
                    "The first line does not hold the headers of providers or of places. It reads: %(found)s. Take our "
                    "template, or a file of the national standard of places of digital mediation.",
                    found=", ".join(str(cell)[:40] for cell in cells[:12]) or "–",
                )
            )
        if header.twice:
            raise UserError(
                self.env._(
                    "Two columns of the file mean “%(column)s”: delete or rename one of them.", column=header.twice[0]
                )
            )
        if header.missing:
            raise UserError(
                self.env._(
                    "Columns are missing: %(missing)s. Add them under these headers.", missing=", ".join(header.missing)
                )
            )

    def _place_types(self):
        """Place types by their names in the languages of staff, and codes."""
        types = {}
        kinds = self.env["aptic.place.type"].sudo().search([])  # pylint: disable=no-search-all
        for lang in ("en_US", "fr_FR", self.env.lang):
            for kind in kinds.with_context(lang=lang):
                types[import_columns.plain(kind.name)] = types[import_columns.plain(kind.code)] = kind.code
                # « Espace public numérique (EPN) » is also asked for as « EPN » and without its brackets.
                types.update(
                    dict.fromkeys(map(import_columns.plain, filter(None, kind.name.rstrip(")").split("("))), kind.code)
                )
        return types

    # ------------------------------------------------------------------- plan
    @api.model
    def _plan(self, contents, with_identity=False, lock=False):
        """What an import of files would do; nothing is written.

        :param contents: list of bytes
        :param bool with_identity: change the identity in law of providers that have applied, too
        :param bool lock: keep what is compared with from changing until the end of the transaction
        :return: ``(import_plan.Plan, sentences about what was not read)``
        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: when a file cannot be read
        """
        self._check_any_group(MANAGERS)
        rows, remarks = self._rows(contents)
        clean = self.env["res.partner"]._clean_website
        for row in rows["provider"]:
            if "website" in row.values:
                row.values["website"] = clean(row.values["website"])
        sirets = sorted({row.values["siret"] for kind in rows for row in rows[kind] if "siret" in row.values})
        self.env["aptic.provider"].flush_model()
        self.env["aptic.place"].flush_model()
        self.env["res.partner"].flush_model()
        providers = self._providers_there(sirets, lock)
        places = self._places_there(sirets)
        communes = import_plan.Communes(
            self.env.execute_query(
                SQL("SELECT id, code, name, postal_codes FROM aptic_territory WHERE kind = 'commune'")
            ),
            ARRONDISSEMENTS,
        )
        plan = import_plan.make(rows["provider"], rows["place"], providers, places, communes, with_identity)
        return plan, remarks

    def _providers_there(self, sirets, lock):
        names = import_plan.PROVIDER_FIELDS
        columns = self.env["aptic.provider"]._fields
        found = self.env.execute_query_dict(
            SQL(
                "SELECT provider.id, provider.siret, provider.state, %s FROM aptic_provider provider"
                " JOIN res_partner partner ON partner.id = provider.partner_id"
                " WHERE provider.siret = ANY(%s)%s",
                SQL(", ").join(
                    SQL.identifier("partner" if columns[name].inherited else "provider", name) for name in names
                ),
                sirets,
                SQL(" ORDER BY provider.id FOR UPDATE") if lock else SQL(),
            )
        )
        return {row["siret"]: row for row in found}

    def _places_there(self, sirets):
        found = self.env.execute_query_dict(
            SQL(
                "SELECT place.id, provider.siret, territory.code AS insee, type.code AS type,"
                " place.territory_id AS commune, place.name, place.external_ref, place.street, place.zip,"
                " place.latitude::float8 AS latitude, place.longitude::float8 AS longitude, place.phone, place.email,"
                " place.opening_hours, place.open_from, place.open_until"
                " FROM aptic_place place JOIN aptic_provider provider ON provider.id = place.provider_id"
                " JOIN aptic_territory territory ON territory.id = place.territory_id"
                " JOIN aptic_place_type type ON type.id = place.type_id"
                " WHERE provider.siret = ANY(%s) ORDER BY place.id",
                sirets,
            )
        )
        by_siret = {}
        for row in found:
            by_siret.setdefault(row["siret"], []).append(row)
        return by_siret

    # ------------------------------------------------------------------ apply
    @api.model
    def _apply(self, contents, filename, with_identity=False):
        """Import files: what is valid is created or changed, the rest is left and told; all in one transaction.

        :param contents: list of bytes
        :param str filename: for the history
        :return: ``(import, plan, remarks)``; no import when there was nothing to do
        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: when a file cannot be read, or another import runs
        """
        self._check_any_group(MANAGERS)
        ((free,),) = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(hashtext(%s))", LOCK))
        if not free:
            raise UserError(self.env._("Another import is running: try again when it has ended."))
        plan, remarks = self._plan(contents, with_identity, lock=True)
        if plan.does_nothing:
            return self.browse(), plan, remarks
        counts = plan.counts()
        done = self.sudo()._guarded_create(
            [
                {
                    "filename": (filename or "")[:200],
                    "sha256": hashlib.sha256(b"".join(contents)).hexdigest(),
                    "providers_created": counts["provider", "create"],
                    "providers_changed": counts["provider", "change"],
                    "places_created": counts["place", "create"],
                    "places_changed": counts["place", "change"],
                    "unchanged": counts["provider", "same"] + counts["place", "same"],
                    "left": counts["provider", "left"] + counts["place", "left"],
                }
            ]
        )
        self._write_plan(plan, done)
        return done.sudo(self.env.su), plan, remarks

    def _write_plan(self, plan, done):
        quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
        france = self.env.ref("base.fr").id
        providers = self.env["aptic.provider"].sudo().with_context(**quiet)
        providers._create_many(
            [
                {"supplier_kind": "place", **values, "is_company": True, "country_id": france, "import_id": done.id}
                for values in plan.new_providers
            ]
        )
        ids = dict(
            self.env.execute_query(
                SQL(
                    "SELECT siret, id FROM aptic_provider WHERE siret = ANY(%s)",
                    [values["siret"] for values in plan.new_places],
                )
            )
        )
        types = {kind.code: kind.id for kind in self.env["aptic.place.type"].sudo().search([])}
        self.env["aptic.place"].sudo().with_context(**quiet)._create_many(
            [
                {**self._place_vals(values, types), "provider_id": ids[values["siret"]], "import_id": done.id}
                for values in plan.new_places
            ]
        )
        # Changes leave their trace, as a person's do; equal ones are written together.
        for model, changes in (("aptic.provider", plan.provider_changes), ("aptic.place", plan.place_changes)):
            alike = {}
            for number, values in changes.items():
                alike.setdefault(repr(sorted(values.items())), (values, []))[1].append(number)
            for values, numbers in alike.values():
                if model == "aptic.place":
                    values = self._place_vals(values, types)
                self.env[model].sudo().browse(numbers).write(values)
        self.env.flush_all()

    def _place_vals(self, values, types):
        """A place's values of the plan as those of the model."""
        vals = {name: value for name, value in values.items() if name not in ("siret", "insee", "commune", "type")}
        if "commune" in values:
            vals["territory_id"] = values["commune"]
        if "type" in values:
            vals["type_id"] = types[values["type"]]
        if "latitude" in values:
            vals["coordinates_source"] = "file"
        return vals

    # -------------------------------------------------------------- sentences
    def _sentence_of_file(self, error):
        sentences = {
            "empty": self.env._("The file is empty."),
            "too_big": self.env._("The file is larger than %(limit)s MB: cut it into several files."),
            "too_many_rows": self.env._("The file has more than %(limit)s rows: cut it into several files."),
            "too_many_columns": self.env._(
                "The file has more than %(limit)s columns: is the separator right? Save it again as XLSX."
            ),
            "xls": self.env._(
                "This is an old Excel file (XLS), or has a password: open it and save it as XLSX without a password."
            ),
            "macros": self.env._("This workbook holds macros (XLSM): save it as XLSX without macros."),
            "not_a_sheet": self.env._("This is neither a CSV nor an XLSX file: open it and save it as one of them."),
            "unpacks_too_much": self.env._(
                "This workbook unpacks to an unreasonable size: copy its cells into a new workbook and save that one."
            ),
            "damaged": self.env._("This file is damaged: open it, save it again as XLSX or CSV, and take that one."),
            "encoding": self.env._("The letters of this file cannot be read: save it as CSV UTF-8 or as XLSX."),
            "nul": self.env._("This is not a text file: save it as CSV UTF-8 or as XLSX."),
        }
        return sentences[error.code] % error.facts

    def _sentences(self):
        """What is told of rows, by code."""
        return {
            "required": self.env._("missing: fill it in"),
            "siret": self.env._("“%(value)s” is no SIRET: 14 digits whose check digits agree"),
            "siret_scientific": self.env._(
                "“%(value)s” has lost digits (scientific notation): format the column as text, type the 14 digits"
            ),
            "siret_rna": self.env._("“%(value)s” is an RNA number: give the SIRET"),
            "zero": self.env._("the zero at its beginning was put back: %(value)s"),
            "legal_form": self.env._("“%(value)s” is unknown: write association, entreprise or organisme public"),
            "supplier_kind": self.env._("“%(value)s” is unknown: write lieu propre, convention or amorçage"),
            "zip": self.env._("“%(value)s” is no postal code (5 digits): left out"),
            "insee": self.env._("“%(value)s” is no INSEE code (5 signs, e.g. 01053 or 2A004)"),
            "insee_unknown": self.env._("no municipality has the INSEE code %(value)s (official code of 2026)"),
            "commune_missing": self.env._("give the INSEE code, or the postal code and the municipality"),
            "zip_unknown": self.env._("no municipality has the postal code %(value)s: give the INSEE code"),
            "commune_choose": self.env._(
                "give the municipality as it is written among those of %(value)s, or its INSEE code: %(names)s"
            ),
            "commune_differs": self.env._("%(code)s is %(name)s, not “%(value)s”: the INSEE code was followed"),
            "zip_differs": self.env._("%(value)s is not a postal code of %(name)s: check"),
            "email": self.env._("“%(value)s” is no e-mail address: left out"),
            "phone": self.env._("“%(value)s” is no phone number: left out"),
            "website": self.env._("“%(value)s” is no web address: left out"),
            "coordinate": self.env._("“%(value)s” is no coordinate in degrees: left out"),
            "half_coordinates": self.env._("latitude and longitude go together: left out"),
            "hours": self.env._(
                "“%(value)s” are no opening hours as on OpenStreetMap (Mo-Fr 09:00-12:00,14:00-18:00): left out"
            ),
            "date": self.env._("“%(value)s” is no date: write 31/12/2026"),
            "dates": self.env._("the last day comes before the first"),
            "type": self.env._("“%(value)s” is no type of place: take one of the list in the template"),
            "type_assumed": self.env._("not known: taken as a public digital space (EPN), correct it on the place"),
            "cut": self.env._("cut at %(longest)s signs"),
            "formula": self.env._("a formula, taken as text: paste its value instead"),
            "twice": self.env._("the same as on line %(line)s: keep one of them"),
            "struck_off": self.env._("this provider was struck off: nothing is changed"),
            "no_provider": self.env._("no provider has the SIRET %(value)s: add it to the file of providers"),
            "provider_left": self.env._("the row of its provider is left: correct that one first"),
            "identity": self.env._(
                "this provider has applied already: tick “Also change the identity in law” to change this"
            ),
        }

    def _messages(self, plan):
        """Yield ``(outcome, its one sentence)`` for each line."""
        sentences = self._sentences()
        labels, colon = self._action_labels(), self.env._("%(column)s: %(told)s")
        for outcome in plan.outcomes:
            told = [
                colon % {"column": title, "told": sentences[code] % facts}
                for title, code, facts in outcome.errors + outcome.notes
            ]
            told += [
                colon % {"column": title, "told": f"{self._shown(before)} → {self._shown(after)}"}
                for title, before, after in outcome.changes
            ]
            yield outcome, "; ".join([labels[outcome.action], *told])

    def _action_labels(self):
        return {
            "create": self.env._("Created"),
            "change": self.env._("Changed"),
            "same": self.env._("No change"),
            "left": self.env._("Left"),
        }

    def _shown(self, value):
        return str(value) if value not in (None, False, "") else "–"
