import base64
import hashlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from PIL import Image
from psycopg2 import errors

from .common import EligibilityCase, drawn_signature, png


@tagged("post_install", "-at_install")
class TestCharter(EligibilityCase):
    def setUp(self):
        super().setUp()
        self.provider._guarded_write({"state": "eligible"})

    # ------------------------------------------------------------------- sign
    def test_signing_keeps_the_proof_and_moves_the_provider_on(self):
        signature = self._sign()
        self.assertEqual(self.provider.state, "chartered")
        pdf = signature.attachment_id.raw
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertEqual(signature.sha256, hashlib.sha256(pdf).hexdigest())
        self.assertRecordValues(
            signature,
            [
                {
                    "charter_id": self.charter.id,
                    "user_id": self.manager.id,
                    "name": "Ada Martin",
                    "capacity": "Présidente",
                    "ip": "192.0.2.7",
                }
            ],
        )

    def test_signing_twice_is_one_signature(self):
        signature = self._sign()
        messages = len(self.provider.message_ids)
        self.assertEqual(self._sign(name="Quelqu'un d'autre"), signature)
        self.assertEqual(len(self.provider.message_ids), messages)

    def test_a_session_that_comes_second_is_played_again(self):
        held = patch.object(type(self.provider), "_lock_or_retry", side_effect=errors.SerializationFailure)
        with held, self.assertRaises(errors.SerializationFailure):
            self._sign()
        self.assertFalse(self.provider.charter_signature_ids)
        self._sign()
        signatures = self.env["aptic.charter.signature"]
        unseen = patch.object(type(signatures), "search", return_value=signatures)
        with unseen, self.assertRaises(ConcurrencyError):
            self._sign()
        self.assertEqual(len(self.provider.charter_signature_ids), 1)

    def test_what_was_read_is_what_is_signed(self):
        shown = self.charter.id
        self.charter.copy({"version": "2027.1"})._put_in_force()
        with self.assertRaisesRegex(UserError, "came into force meanwhile"):
            self._sign(shown=shown)
        self.assertFalse(self.provider.charter_signature_ids)

    def test_a_pdf_is_verified_to_the_last_bit(self):
        signature = self._sign()
        pdf = signature.attachment_id.raw
        verify = self.env["aptic.charter.verify"].with_user(self.staff)
        self.assertEqual(verify.create({"pdf": base64.b64encode(pdf)}).signature_id, signature)
        changed = pdf.replace(b"%PDF-1.4", b"%PDF-1.5") if b"%PDF-1.4" in pdf else pdf[:-2] + b"!\n"
        self.assertFalse(verify.create({"pdf": base64.b64encode(changed)}).signature_id)
        with self.assertRaises(AccessError):
            self.env["aptic.charter.verify"].with_user(self.manager).create({})

    def test_signing_before_eligibility_is_refused(self):
        for state in ("draft", "applied", "declined"):
            self.provider._guarded_write({"state": state})
            with self.assertRaisesRegex(UserError, "once your organisation is eligible"):
                self._sign()

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(UserError, "name and the capacity"):
            self._sign(capacity=" ")
        pixel = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
        blanks = [Image.new("RGBA", (300, 100), colour) for colour in ("white", (0, 0, 0, 0))]
        blanks[1].putpixel((3, 3), (9, 9, 9, 0))
        for image in (*map(png, blanks), "", "not base64 !", pixel, base64.b64encode(b"x" * 1_000_001).decode()):
            with self.assertRaisesRegex(UserError, "Draw your signature"):
                self._sign(image=image)
        self.assertEqual(self.provider.state, "eligible")

    def test_a_new_version_is_signed_again(self):
        self._sign()
        new = self.charter.copy({"version": "2027.1"})
        new._put_in_force()
        self.assertEqual(self.env["aptic.charter"]._current(), new)
        self.assertFalse(self.charter.in_force)
        self.assertEqual(self._sign().charter_id, new)
        self.assertEqual(self.provider.state, "chartered")

    # ------------------------------------------------------------ immutability
    def test_a_signed_text_never_changes(self):
        self.charter.title = "Charte #APTIC"
        self._sign()
        with self.assertRaisesRegex(UserError, "make a new version"):
            self.charter.body = "<p>Autre</p>"

    def test_a_signature_is_immutable_for_the_orm(self):
        signature = self._sign()
        with self.assertRaises(UserError):
            signature.write({"name": "Quelqu'un d'autre"})
        with self.assertRaises(UserError):
            signature.unlink()

    @mute_logger("odoo.sql_db")
    def test_a_signature_is_immutable_in_the_database(self):
        signature = self._sign()
        for query in (
            SQL("UPDATE aptic_charter_signature SET name = 'x' WHERE id = %s", signature.id),
            SQL("DELETE FROM aptic_charter_signature WHERE id = %s", signature.id),
            SQL("TRUNCATE aptic_charter_signature CASCADE"),
        ):
            with self.assertRaises(errors.IntegrityConstraintViolation), self.cr.savepoint():
                self.cr.execute(query)

    # ----------------------------------------------------------------- access
    def test_staff_read_signatures_and_nobody_makes_one_by_hand(self):
        signature = self._sign()
        self.assertEqual(signature.with_user(self.staff).name, "Ada Martin")
        self.assertTrue(signature.attachment_id.with_user(self.staff).raw)
        for user in (self.manager, self.mediator, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                signature.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                signature.attachment_id.with_user(user).read(["raw"])
        with self.assertRaises(UserError):
            self.env["aptic.charter.signature"].with_user(self.staff_manager).create({"provider_id": self.provider.id})

    def test_only_managers_of_the_staff_write_charters(self):
        for user in (self.staff, self.reviewer, self.accountant, self.manager):
            with self.assertRaises(AccessError):
                self.env["aptic.charter.enforce"].with_user(user).create({"charter_id": self.charter.id})
        with self.assertRaises(AccessError):
            self.charter.with_user(self.reviewer).write({"title": "x"})
        new = self.charter.with_user(self.staff_manager).copy({"version": "2027.1"})
        wizard = self.env["aptic.charter.enforce"].with_user(self.staff_manager).create({"charter_id": new.id})
        self.assertEqual(wizard.sign_again_by, fields.Date.context_today(wizard) + timedelta(days=60))
        wizard.action_enforce()
        self.assertTrue(new.in_force)
        self.assertEqual(new.sign_again_by, wizard.sign_again_by)
        with self.assertRaises(UserError):
            new.with_user(self.staff_manager).write({"sign_again_by": False})

    def test_the_drawing_is_encoded_again(self):
        data = self.env["aptic.charter.signature"]._check_drawing(drawn_signature())
        self.assertTrue(data.startswith(b"\x89PNG"))
