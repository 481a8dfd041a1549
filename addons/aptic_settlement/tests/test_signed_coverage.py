"""The operator's signature under the published proofs: made once, valid, and never in the way of the proof itself."""

import io
import os
import shutil
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import config, mute_logger
from pdfminer.high_level import extract_text
from psycopg2 import IntegrityError
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from .test_published_coverage import PAGE, PublishedCase

PASSPHRASE = "une phrase de passe"
SIGNER = "Médias-Cité (essai)"


def certificate(starts=timedelta(hours=-1), lasts=timedelta(days=400)):
    """A key and its self-signed certificate, valid from ``starts`` from now on."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SIGNER)])
    begin = datetime.now(timezone.utc) + starts
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, made


class SignedCase(PublishedCase):
    """``_install`` puts a certificate where the server's configuration looks for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proofs = cls.env["aptic.coverage"]
        cls.papers = cls.env["aptic.coverage.paper"]
        cls.pair = certificate()
        cls.company.partner_id.lang = "fr_FR"

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(patch.dict(config.options, {"config": os.path.join(self.folder, "odoo.conf")}))
        self._install()
        self.proof = self._proof(self.month)
        self._seal(self.proof.checked_at, "d")
        self.name = f"{self.month:%Y-%m}"

    def _install(self, pair=None, **options):
        """Write PKCS#12 file and configuration; an option that is ``None`` is left out."""
        key, made = pair or self.pair
        protection = serialization.BestAvailableEncryption(PASSPHRASE.encode())
        with open(os.path.join(self.folder, "cachet.p12"), "wb") as stream:
            stream.write(pkcs12.serialize_key_and_certificates(b"cachet", key, made, None, protection))
        options = {"signature_file": "cachet.p12", "signature_passphrase": PASSPHRASE, **options}
        with open(config["config"], "w", encoding="utf-8") as stream:
            stream.write("[aptic]\n" + "".join(f"{name} = {value}\n" for name, value in options.items() if value))

    def _sign(self):
        """Sign what is published; the paper of the one month, and what hindered it."""
        papers, problem = self.proofs._sign_published(self.company)
        return papers, problem

    def _status(self, pdf, pair=None):
        """What pyhanko's own validator says of the one signature of a PDF."""
        root = translate_pyca_cryptography_cert_to_asn1((pair or self.pair)[1])
        [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        return signature, validate_pdf_signature(signature, context)

    def _activities(self, user=None):
        kind = self.env.ref("aptic_settlement.mail_activity_signature")
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", kind.id), ("user_id", "=", (user or self.accountant).id)]
        )


@tagged("post_install", "-at_install")
class TestSignature(SignedCase):
    def test_the_signature_is_valid_and_covers_the_whole_file(self):
        [paper], problem = self._sign()
        self.assertFalse(problem)
        pdf = paper._content()
        signature, status = self._status(pdf)
        self.assertTrue(status.bottom_line and status.intact and status.trusted, status.summary())
        self.assertEqual(status.coverage, SignatureCoverageLevel.ENTIRE_FILE)
        self.assertEqual(signature.sig_object["/SubFilter"], SigSeedSubFilter.PADES.value)
        self.assertTrue(status.docmdp_ok)
        self.assertIsNone(status.timestamp_validity, "baseline B-B: nothing was asked of the network")
        self.assertEqual(
            (paper.level, paper.signer, paper.issuer, paper.is_self_signed, paper.coverage_id),
            ("b_b", SIGNER, SIGNER, True, self.proof),
        )
        self.assertEqual(paper.fingerprint, self.pair[1].fingerprint(hashes.SHA256()).hex())
        self.assertEqual(paper.sha256, sha256(pdf).hexdigest())
        words = " ".join(extract_text(io.BytesIO(pdf)).split())
        for word in (SIGNER, paper.fingerprint, "Preuve de couverture", "signé électroniquement"):
            self.assertIn(word, words)
        self.assertNotIn("pas une signature", words)

    def test_one_changed_byte_is_seen(self):
        [paper], _problem = self._sign()
        pdf = paper._content()
        for place in (len(pdf) // 10, pdf.rindex(b"/Reason") + 12, len(pdf) - 30):
            changed = bytearray(pdf)
            changed[place] ^= 1
            try:
                _signature, status = self._status(bytes(changed))
            except (PdfError, ValueError):  # nothing that a reader can open any more
                continue
            self.assertFalse(status.bottom_line, place)

    def test_a_stranger_with_the_same_name_is_told_apart(self):
        [paper], _problem = self._sign()
        stranger = certificate()
        with mute_logger("pyhanko.sign.validation.generic_cms"):
            self.assertFalse(self._status(paper._content(), stranger)[1].trusted)
        self.assertNotEqual(paper.fingerprint, stranger[1].fingerprint(hashes.SHA256()).hex())

    def test_poppler_says_the_same(self):
        tool = shutil.which("pdfsig")
        if not tool:
            self.skipTest("poppler-utils is not installed")
        [paper], _problem = self._sign()
        path = os.path.join(self.folder, "preuve.pdf")
        with open(path, "wb") as stream:
            stream.write(paper._content())
        told = subprocess.run([tool, path], capture_output=True, text=True, check=False).stdout
        self.assertIn("Signature is Valid.", told)
        self.assertIn("ETSI.CAdES.detached", told)

    def test_a_month_is_signed_once_whoever_signs_later(self):
        [paper], _problem = self._sign()
        self.assertFalse(self._sign()[0])
        self._install(certificate())
        self.assertFalse(self._sign()[0], "another certificate does not sign again what is signed")
        [entry] = self._months()
        self.assertEqual(self.proofs._published_papers([entry]), {self.name: paper})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE aptic_coverage_paper SET signer = 'x' WHERE id = %s", [paper.id])
        with self.assertRaises(UserError):
            paper.unlink()

    def test_changed_figures_are_signed_anew_and_the_former_paper_is_kept(self):
        [paper], _problem = self._sign()
        self.env.cr.execute("UPDATE aptic_coverage SET bank_cents = bank_cents + 1 WHERE id = %s", [self.proof.id])
        self.env.invalidate_all()
        [entry] = self._months()
        self.assertFalse(self.proofs._published_papers([entry]), "the former paper says other figures")
        [again], _problem = self._sign()
        self.assertEqual(self.proof.paper_ids, again + paper)
        self.assertTrue(self._status(paper._content())[1].bottom_line)

    def test_the_night_signs_and_a_second_look_too(self):
        self.proofs._cron_prove()
        self.assertTrue(self.proof.paper_ids)
        proof = self._proof(self.month + timedelta(days=1), "gap")
        self._seal(proof.checked_at, "e")
        proof.with_user(self.accountant).action_check()
        self.assertTrue(proof.paper_ids)

    def test_a_pem_pair_and_a_passphrase_of_a_file(self):
        key, made = self.pair
        protection = serialization.BestAvailableEncryption(PASSPHRASE.encode())
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
        for name, content in (
            ("cachet.pem", made.public_bytes(serialization.Encoding.PEM)),
            ("cachet.key", key.private_bytes(*form)),
            ("phrase", f"{PASSPHRASE}\n".encode()),
        ):
            with open(os.path.join(self.folder, name), "wb") as stream:
                stream.write(content)
        self._install(
            signature_file="cachet.pem", signature_key_file="cachet.key", signature_passphrase_file="phrase",
            signature_passphrase=None,
        )  # fmt: skip
        [paper], problem = self._sign()
        self.assertFalse(problem)
        self.assertTrue(self._status(paper._content())[1].bottom_line)


@tagged("post_install", "-at_install")
class TestNoSignature(SignedCase):
    """Whatever is wrong with the key: no traceback, the team is told once, the proof goes out and says so."""

    def _hindered(self, word):
        papers, problem = self._sign()
        self.assertFalse(papers)
        self.assertIn(word, problem)
        self.assertNotIn(PASSPHRASE, problem)
        self.assertFalse(self.proofs._published_papers(self._months()))

    def test_no_key_is_a_choice(self):
        self._install(signature_file=None)
        self._hindered("no certificate")
        self.assertFalse(self._activities())
        self.assertIn("unsigned", self.env["res.config.settings"].create({}).aptic_signature_state)

    def test_each_trouble_is_told_once_until_it_is_over(self):
        stranger = certificate()
        ended = certificate(timedelta(days=-40), timedelta(days=39))
        for word, options in (
            ("passphrase", {"signature_passphrase": "une autre"}),
            ("passphrase", {"signature_passphrase": None}),
            ("cannot be read", {"signature_file": "nowhere.p12"}),
            ("neither", {"signature_file": "odoo.conf"}),
            ("ended", {"pair": ended}),
            ("valid from", {"pair": certificate(timedelta(days=2))}),
            ("together", {"pair": (self.pair[0], stranger[1])}),
        ):
            with self.subTest(word=word, **options):
                if word == "together":
                    self._install_pem(*options["pair"])
                else:
                    self._install(**options)
                for _night in range(2):
                    self._hindered(word)
                    self.assertEqual(len(self._activities()), 1)
                    self.assertEqual(self._activities().res_id, self.proof.id)
        self._install()
        self.assertEqual([len(self._sign()[0]), len(self._activities())], [1, 0], "it is over")

    def _install_pem(self, key, made):
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with open(os.path.join(self.folder, "cachet.pem"), "wb") as stream:
            stream.write(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
        self._install(signature_file="cachet.pem", signature_passphrase=None)

    def test_a_time_stamp_that_cannot_be_had_waits_for_the_next_night(self):
        self._install(signature_tsa="http://127.0.0.1:9/tsa")
        self._hindered("http://127.0.0.1:9/tsa")
        self.assertEqual(len(self._activities()), 1)

    def test_the_end_of_a_certificate_is_told_a_month_ahead(self):
        self._install(certificate(lasts=timedelta(days=20)))
        papers, problem = self._sign()
        self.assertEqual(len(papers), 1)
        self.assertIn("ends on", problem)
        self.assertEqual(len(self._activities()), 1)

    def test_the_proofs_are_made_though_the_key_is_broken(self):
        self._install(signature_passphrase="une autre")
        yesterday = self.today - timedelta(days=1)
        self.proofs._cron_prove()
        self.assertTrue(self.proofs.search([("day", "=", yesterday), ("company_id", "=", self.company.id)]))
        self.assertEqual(len(self._activities()), 1)

    def test_the_proofs_of_the_night_stand_whatever_fails_behind_them(self):
        before = self.proofs.search_count([])
        with (
            patch.object(self.env.registry["aptic.coverage"], "_published_pdf", side_effect=ZeroDivisionError),
            self.assertLogs("odoo.addons.aptic_settlement.models.aptic_coverage_signed", "ERROR"),
        ):
            self.proofs._cron_prove()
        self.assertGreater(self.proofs.search_count([]), before)
        self.assertFalse(self.papers.search([]))

    def test_a_kept_file_that_is_not_what_was_signed_is_not_handed_out(self):
        [paper], _problem = self._sign()
        paper.attachment_id.sudo().raw = b"%PDF-1.4 something else"
        with self.assertLogs("odoo.addons.aptic_settlement.models.aptic_coverage_paper", "ERROR"):
            self.assertIsNone(paper._content())

    def test_staff_reads_papers_and_the_accountant_signs(self):
        [paper], _problem = self._sign()
        self.assertEqual(paper.with_user(self.accountant).signer, SIGNER)
        self.assertTrue(paper.with_user(self.accountant).attachment_id.raw)
        for user in (self.manager_a, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                paper.with_user(user).read(["signer"])
        with self.assertRaises(UserError):
            paper.with_user(self.accountant).write({"signer": "x"})
        reader = new_test_user(self.env, "lectrice", "aptic_base.group_aptic_user")
        with self.assertRaises(UserError):
            self.proofs.with_user(reader).action_sign_published()
        self.assertEqual(self.proofs.with_user(self.accountant).action_sign_published()["params"]["type"], "success")


@tagged("post_install", "-at_install", "-standard", "aptic_demo")
class TestDemonstration(TransactionCase):
    def test_the_demonstrations_papers_are_signed_and_french(self):
        papers = self.env["aptic.coverage.paper"].search([])
        self.assertTrue(papers)
        for paper in papers:
            words = extract_text(io.BytesIO(paper._content()))
            self.assertIn("Chèques actifs", words)
            self.assertNotIn("Active vouchers", words)


@tagged("post_install", "-at_install")
class TestSignedPage(SignedCase, HttpCase):
    def _download(self, base=PAGE, kind="pdf"):
        return self.url_open(f"{base}/{self.name}.{kind}")

    def test_twice_the_same_bytes_and_the_page_says_who_signed(self):
        self.company.aptic_coverage_public = True
        [paper], _problem = self._sign()
        once, twice = self._download().content, self._download().content
        self.assertEqual(once, twice)
        self.assertEqual(sha256(once).hexdigest(), paper.sha256)
        self.assertTrue(self._status(once)[1].bottom_line)
        page = self.url_open(PAGE).text
        for word in (SIGNER, paper.fingerprint, paper.sha256, "Comment vérifier un PDF signé", "autosigné"):
            self.assertIn(word, page)
        signature = self._download(kind="json").json()["signature"]
        self.assertEqual(signature["pdf_sha256"], paper.sha256)
        self.assertEqual(signature["certificate_sha256"], paper.fingerprint)

    def test_without_a_signature_page_paper_and_figures_say_so(self):
        self.company.aptic_coverage_public = True
        page = self.url_open(PAGE).text
        self.assertIn("Le PDF ne porte pas de signature électronique", page)
        self.assertNotIn("Comment vérifier un PDF signé", page)
        self.assertIsNone(self._download(kind="json").json()["signature"])
        pdf = self._download().content
        self.assertFalse(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
        self.assertIn("pas une signature", extract_text(io.BytesIO(pdf)))

    def test_members_have_the_signed_paper_and_nobody_else(self):
        self.company.aptic_coverage_public = False
        [paper], _problem = self._sign()
        self.assertEqual(self._download().status_code, 404)
        for user, status in ((self.manager_a, 200), (self.sponsor_user_a, 200), (self.stranger, 403)):
            user.password = "page-de-preuve"
            self.authenticate(user.login, "page-de-preuve")
            answer = self._download("/my/aptic/coverage")
            self.assertEqual(answer.status_code, status)
            self.assertEqual(sha256(answer.content).hexdigest() == paper.sha256, status == 200)
            self.assertNotEqual(self.url_open(f"/web/content/{paper.attachment_id.id}").content, answer.content)
