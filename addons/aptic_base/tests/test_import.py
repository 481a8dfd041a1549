"""The import of providers and places: what it writes, what it leaves, who may do it, what it costs."""

import base64
import csv
import io
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL
from stdnum import luhn

from .. import import_columns, import_files, set_create
from .common import ApticCase

SETS = ["res.partner", "aptic.provider", "aptic.place"]
# Columns that tell when and which row it is, not what it says.
OF_THE_ROW = {"id", "partner_id", "commercial_partner_id", "create_date", "write_date"}


def siret(number):
    """A SIRET of nobody, valid by its check digits."""
    siren = f"{80_000_000 + number}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def table(kind, *rows):
    """A CSV with the template's headers."""
    columns = import_columns.COLUMNS[kind]
    lines = [[row.get(column.key, "") for column in columns] for row in rows]
    output = io.StringIO()
    csv.writer(output, delimiter=";").writerows([[column.title for column in columns], *lines])
    return output.getvalue().encode()


def provider_row(number, **values):
    return {
        "siret": siret(number),
        "name": f"Structure {number}",
        "legal_form": "association",
        "supplier_kind": "convention" if number % 2 else "",
        "representative_name": "Alix Martin" if number % 3 else "",
        "street": f"{number} rue des Étoupes",
        "zip": "33000",
        "city": "Bordeaux",
        "phone": f"05 56 00 {number % 100:02} 00" if number % 4 else "",
        "email": f"Contact{number}@Example.org" if number % 5 else "",
        "website": "example.org" if number % 2 else "",
        **values,
    }


def place_row(number, **values):
    return {
        "siret": siret(number),
        "external_ref": f"lieu-{number}",
        "name": f"Lieu {number}",
        "type": "Fablab",
        "street": "1 rue A",
        "zip": "33000",
        "city": "Bordeaux",
        "insee": "33063",
        "latitude": "44,8636",
        "longitude": "-0,5532",
        "open_from": "2026-01-05",
        **values,
    }


class ImportCase(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bordeaux.postal_codes = cls.bordeaux.postal_codes or "33000 33100"
        cls.imports = cls.env["aptic.import"].with_user(cls.staff_manager)

    @classmethod
    def _import(cls, *contents, **options):
        return cls.imports._apply(list(contents), "fichier.csv", **options)

    def _flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()

    def _provider_of(self, number):
        return self.env["aptic.provider"].search([("siret", "=", siret(number))])

    def _row(self, record):
        ((row),) = self.env.execute_query_dict(
            SQL("SELECT * FROM %s WHERE id = %s", SQL.identifier(record._table), record.id)
        )
        return {name: value for name, value in row.items() if name not in OF_THE_ROW}


@tagged("post_install", "-at_install")
class TestImport(ImportCase):
    def test_valid_rows_are_imported_and_the_others_are_told(self):
        done, plan, _remarks = self._import(
            table("provider", provider_row(1), provider_row(2, siret="123"), provider_row(3, legal_form="secte")),
            table("place", place_row(1), place_row(2), place_row(1, external_ref="z", name="Z", insee="99999")),
        )
        messages = {(outcome.kind, outcome.line): text for outcome, text in self.imports._messages(plan)}
        self.assertEqual(len(messages), 6)
        self.assertRegex(messages["provider", 3], "SIRET.*14 digits")
        self.assertRegex(messages["provider", 4], "Forme juridique.*association")
        self.assertRegex(messages["place", 3], "no provider")
        self.assertRegex(messages["place", 4], "Code INSEE.*99999")
        provider = self._provider_of(1)
        self.assertEqual((provider.state, provider.import_id), ("draft", done))
        self.assertEqual(provider.place_ids.mapped("name"), ["Lieu 1"])
        self.assertEqual(provider.place_ids.territory_id, self.bordeaux)
        self.assertEqual(provider.place_ids.coordinates_source, "file")
        self.assertEqual((done.providers_created, done.places_created, done.left), (1, 1, 4))
        self.assertEqual((done.create_uid, done.filename), (self.staff_manager, "fichier.csv"))
        self.assertFalse(provider.member_ids, "no account is made")
        self.assertFalse(self.env["mail.mail"].search([("model", "in", ("aptic.provider", "aptic.place"))]))

    def test_the_import_writes_what_create_writes_field_by_field(self):
        """The same rows by the ORM, one by one, and by the import: every column of every table says the same."""
        numbers = range(10, 22)
        self._import(table("provider", *map(provider_row, numbers)), table("place", *map(place_row, numbers)))
        imported = [self._provider_of(number) for number in numbers]
        kept = [(self._row(one), self._row(one.partner_id), self._row(one.place_ids)) for one in imported]
        origin = imported[0].import_id
        for one in imported:
            one.place_ids.unlink()
            partner = one.partner_id
            one.unlink()
            partner.unlink()
        rows, _remarks = self.imports._rows([table("provider", *map(provider_row, numbers))])
        quiet = self.env["aptic.provider"].with_user(self.staff_manager).sudo().with_context(tracking_disable=True)
        for row, (own, contact, place) in zip(rows["provider"], kept, strict=True):
            values = {**row.values, "country_id": self.env.ref("base.fr").id, "import_id": origin.id}
            by_hand = quiet.create([values])
            by_hand_place = (
                self.env["aptic.place"]
                .with_user(self.staff_manager)
                .sudo()
                .with_context(tracking_disable=True)
                .create(
                    [
                        {
                            "provider_id": by_hand.id,
                            "import_id": origin.id,
                            "external_ref": place["external_ref"],
                            "name": place["name"],
                            "type_id": self.env.ref("aptic_base.place_type_fablab").id,
                            "street": "1 rue A",
                            "zip": "33000",
                            "territory_id": self.bordeaux.id,
                            "latitude": 44.8636,
                            "longitude": -0.5532,
                            "coordinates_source": "file",
                            "open_from": "2026-01-05",
                        }
                    ]
                )
            )
            by_hand.env.flush_all()
            self.assertEqual(self._row(by_hand), own)
            self.assertEqual(self._row(by_hand.partner_id), contact)
            place.pop("provider_id")
            self.assertEqual({**self._row(by_hand_place), "provider_id": 0}, {**place, "provider_id": 0})

    def test_sets_and_the_orm_are_told_apart_by_nothing(self):
        """Where an unknown addon has a hand in creation the ORM creates all; the rows are the same."""
        numbers = range(30, 36)
        without = {"latitude": "", "longitude": ""}
        files = (
            table("provider", *map(provider_row, numbers)),
            # Places with their coordinates, at their municipality's centre, and of another department.
            table(
                "place",
                *(place_row(number, **(without if number % 2 else {})) for number in numbers),
                *(
                    place_row(number, external_ref=f"b{number}", insee="64445", zip="", city="", **without)
                    for number in numbers
                ),
            ),
        )

        def rows():
            providers = [self._provider_of(number) for number in numbers]
            parties = [
                {**self._row(record), "import_id": 0}
                for provider in providers
                for record in (provider, provider.partner_id)
            ]
            places = self.env["aptic.place"].search([("provider_id.siret", "in", [siret(n) for n in numbers])])
            told = [{**self._row(place), "provider_id": place.provider_id.siret} for place in places]
            return parties, [{**row, "import_id": 0} for row in told]

        self._import(*files)
        by_set = rows()
        self.assertEqual(len(by_set[1]), 2 * len(numbers))
        for number in numbers:
            provider = self._provider_of(number)
            partner = provider.partner_id
            provider.place_ids.unlink()
            provider.unlink()
            partner.unlink()
        self.patch(set_create, "KNOWN_CREATES", frozenset())
        self._import(*files)
        self.assertEqual(rows(), by_set)

    def test_this_suite_creates_by_sets(self):
        with patch.object(set_create, "insert_like", wraps=set_create.insert_like) as inserted:
            self._import(table("provider", *map(provider_row, (1, 2))), table("place", *map(place_row, (1, 2))))
        self.assertEqual([call.args[0]._name for call in inserted.mock_calls], SETS)

    def test_places_that_come_out_otherwise_are_left_to_the_orm(self):
        """A column that this code fills in another way than the ORM: the ORM's values are those that are kept."""
        real = type(self.env["aptic.place"])._import_row

        def wrong(places, vals, names):
            return {**real(places, vals, names), "department_id": None}

        self.patch(type(self.env["aptic.place"]), "_import_row", wrong)
        self._import(table("provider", *map(provider_row, (1, 2))), table("place", *map(place_row, (1, 2))))
        places = (self._provider_of(1) | self._provider_of(2)).place_ids
        self.assertEqual([place.department_id for place in places], [self.bordeaux.parent_id] * 2)

    def test_nobody_follows_and_nothing_is_logged(self):
        self._import(table("provider", provider_row(1), provider_row(2)), table("place", place_row(1)))
        providers = self._provider_of(1) | self._provider_of(2)
        for records in (providers, providers.partner_id, providers.place_ids):
            self.assertFalse(records.message_follower_ids)
            self.assertFalse(records.message_ids)

    def test_the_same_file_twice_changes_nothing(self):
        files = (
            table("provider", *map(provider_row, range(40, 46))),
            table("place", *map(place_row, range(40, 46))),
        )
        self._import(*files)
        providers = self.env["aptic.provider"].search([("siret", "in", [siret(number) for number in range(40, 46)])])
        records = (providers, providers.partner_id, providers.place_ids)
        before = [self.env[some._name].browse(some.ids).read(["write_date", "message_ids"]) for some in records]
        xmin = self._versions(records)
        imports = self.imports.search_count([])
        done, plan, _remarks = self._import(*files)
        self.env.flush_all()
        self.assertFalse(done)
        self.assertTrue(plan.does_nothing)
        self.assertEqual({outcome.action for outcome in plan.outcomes}, {"same"})
        self.env.invalidate_all()
        self.assertEqual([some.read(["write_date", "message_ids"]) for some in records], before)
        self.assertEqual(self._versions(records), xmin, "no row was written again")
        self.assertEqual(self.imports.search_count([]), imports)

    def _versions(self, records):
        """The physical places of rows: any write moves them."""
        return [
            self.env.execute_query(
                SQL("SELECT id, ctid FROM %s WHERE id = ANY(%s) ORDER BY id", SQL.identifier(some._table), some.ids)
            )
            for some in records
        ]

    def test_a_change_is_written_and_leaves_its_trace(self):
        self._import(table("provider", provider_row(1, representative_name="A")), table("place", place_row(1)))
        provider = self._provider_of(1)
        self._flush_tracking()
        self._import(
            table("provider", provider_row(1, representative_name="B", phone="")),
            table("place", place_row(1, name="Lieu neuf", latitude="")),
        )
        self._flush_tracking()
        self.assertEqual(provider.representative_name, "B")
        self.assertTrue(provider.phone, "an empty cell erases nothing")
        self.assertEqual(provider.place_ids.name, "Lieu neuf")
        self.assertIn("representative_name", provider.message_ids.tracking_value_ids.field_id.mapped("name"))

    def test_an_active_provider_keeps_its_identity_unless_it_is_asked_for(self):
        row = {
            "siret": self.provider_a.siret,
            "name": "Nouveau nom",
            "legal_form": "association",
            "phone": "0556000000",
        }
        _done, plan, _remarks = self._import(table("provider", row))
        self.assertTrue(plan.does_nothing)
        self.assertEqual(self.provider_a.name, "Acteur A (test)")
        self._import(table("provider", row), with_identity=True)
        self.assertEqual((self.provider_a.name, self.provider_a.state), ("Nouveau nom", "active"))

    def test_guarded_fields_cannot_come_by_a_file(self):
        row = provider_row(1)
        content = table("provider", row).decode().splitlines()
        content = f"{content[0]};Statut;state;bank_account_id\n{content[1]};active;active;1".encode()
        _done, _plan, remarks = self._import(content)
        self.assertIn("Statut, state, bank_account_id", remarks[0])
        self.assertEqual((self._provider_of(1).state, self._provider_of(1).bank_account_id.id), ("draft", False))

    def test_a_file_of_the_national_standard(self):
        headers = ",".join(import_columns.STANDARD_COLUMNS)
        line = (
            f"lieu-1,{self.provider_a.siret},Anonymal,Bordeaux,33000,33063,"
            '"12 BIS RUE DE LECLERCQ",Le patio,44.8,-0.57,'
            "TIERS_LIEUX|ASSO,+33180059880,contact@laquincaillerie.tl|b@laquincaillerie.tl,https://laquincaillerie.tl/,"
            '"Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",,,Hubik,,,2022-06-02,,,,,,,,,,,'
        )
        _done, plan, remarks = self._import(f"{headers}\n{line}\n".encode())
        self.assertFalse(remarks)
        self.assertEqual([(outcome.action, outcome.notes) for outcome in plan.outcomes], [("create", [])])
        place = self.provider_a.place_ids.filtered(lambda one: one.external_ref == "lieu-1")
        self.assertEqual(place.type_id, self.env.ref("aptic_base.place_type_third_place"))
        self.assertEqual(
            (place.street, place.email), ("12 BIS RUE DE LECLERCQ, Le patio", "contact@laquincaillerie.tl")
        )
        self.assertEqual(place.opening_hours, "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00")

    def test_the_template_is_imported_as_it_is(self):
        types = self.env["aptic.place.type"].with_context(lang="fr_FR").search([]).mapped("name")
        self.env["aptic.provider"].search([("siret", "=", "73282932000074")]).siret = "55210055400013"
        _done, plan, remarks = self._import(import_files.template_xlsx(types))
        self.assertEqual(len(remarks), 1, "the sheet with the explanations is named as not read")
        self.assertEqual([outcome.action for outcome in plan.outcomes], ["create", "create"])

    def test_only_managers_of_aptic_import(self):
        content = table("provider", provider_row(1))
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                self.env["aptic.import"].with_user(user)._apply([content], "x")
            with self.assertRaises(AccessError):
                self.env["aptic.import"].with_user(user)._plan([content])
            with self.assertRaises(AccessError):
                self.env["aptic.provider.import"].with_user(user).create({"content": base64.b64encode(content)})
        self.assertFalse(self._provider_of(1))
        self._import(content)
        for user in (self.staff, self.reviewer, self.accountant):
            self.assertTrue(self.env["aptic.import"].with_user(user).search([]))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.env["aptic.import"].with_user(user).has_access(operation))
        for user in (self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                self.env["aptic.import"].with_user(user).search([])

    def test_the_history_is_never_rewritten(self):
        done, _plan, _remarks = self._import(table("provider", provider_row(1)))
        for values in ({"left": 0, "filename": "autre"}, {"sha256": "0"}):
            with self.assertRaises(UserError):
                done.sudo().write(values)
        with self.assertRaises(UserError):
            done.sudo().unlink()

    def test_the_limits_are_settings(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("aptic_base.import_max_rows", "1")
        with self.assertRaisesRegex(UserError, "more than 1 rows"):
            self._import(table("provider", provider_row(1), provider_row(2)))
        parameters.set_param("aptic_base.import_max_mb", "1")
        with self.assertRaisesRegex(UserError, "larger than 1 MB"):
            self._import(table("provider", provider_row(1)) + b"\n" * 10**6)

    def test_the_cost_does_not_grow_with_the_rows(self):
        def files(start, size):
            numbers = range(start, start + size)
            return table("provider", *map(provider_row, numbers)), table("place", *map(place_row, numbers))

        self._import(*files(100, 3))  # warms caches
        costs = []
        for start, size in ((200, 5), (300, 60)):
            contents = files(start, size)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._import(*contents)
            self.env.flush_all()
            costs.append(self.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 3, "queries do not follow the rows")
        with self.assertQueryCount(20):
            self.imports._plan(list(files(300, 60)))


@tagged("post_install", "-at_install")
class TestImportWizard(ImportCase):
    def _wizard(self, content, **values):
        return (
            self.env["aptic.provider.import"]
            .with_user(self.staff_manager)
            .create({"content": base64.b64encode(content), "filename": "fichier.csv", **values})
        )

    def test_first_it_is_told_then_done_then_forgotten(self):
        wizard = self._wizard(
            table("provider", provider_row(1), provider_row(2, name="=HYPERLINK(0)", siret="1")),
            place_content=base64.b64encode(table("place", place_row(1))),
        )
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.nothing_to_do), ("checked", False))
        self.assertIn("Nothing is written yet", wizard.summary)
        self.assertFalse(self._provider_of(1))
        report = base64.b64decode(wizard.report).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(report), delimiter=";"))
        self.assertEqual(len(rows), 4)
        self.assertEqual(rows[2][3], "'=HYPERLINK(0)", "a report runs nothing in a spreadsheet")
        self.assertEqual(rows[2][1], "3")
        wizard.action_apply()
        self.assertTrue(self._provider_of(1).place_ids)
        self.assertEqual((wizard.state, wizard.content, wizard.place_content), ("done", False, False))
        again = self._wizard(table("provider", provider_row(1)))
        again.action_check()
        self.assertTrue(again.nothing_to_do)

    def test_what_is_told_is_no_html_of_the_file(self):
        wizard = self._wizard(table("provider", provider_row(1, name="<script>alert(1)</script>")))
        wizard.action_check()
        self.assertNotIn("<script>", wizard.summary)
        self.assertIn("&lt;script&gt;", wizard.summary)

    def test_files_that_cannot_be_read_have_a_sentence(self):
        for content, sentence in (
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLSX"),
            (b"couleur;taille\n1;2\n", "first line"),
            (b"SIRET;Nom;Raison sociale;Forme juridique\n", "Two columns"),
            (b"Nom;Forme juridique\n", "missing: SIRET"),
            (b"\n", "empty"),
        ):
            with self.assertRaisesRegex(UserError, sentence):
                self._wizard(content).action_check()
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.env["aptic.provider.import"].with_user(self.staff_manager).create({}).action_check()

    def test_templates_are_downloaded(self):
        wizard = self._wizard(b"x")
        for button in ("action_template_workbook", "action_template_providers", "action_template_places"):
            self.assertIn(f"/web/content/aptic.provider.import/{wizard.id}/template_", getattr(wizard, button)()["url"])
        self.assertTrue(base64.b64decode(wizard.template_workbook).startswith(b"PK"))
        self.assertIn("SIRET;Nom de la structure", base64.b64decode(wizard.template_providers).decode("utf-8-sig"))
