"""Electronic signatures of PDF (PAdES, ETSI EN 319 142-1): baseline B-B, or B-T with a time stamp.

Nothing here reaches for the network, unless the identity names a time stamping authority. Imported where something is
signed and nowhere else: pyhanko takes some 40 MB, which only the process that signs shall pay for.
"""

import io

from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .signing import Identity, SigningError


def sign(pdf: bytes, identity: Identity, *, reason: str, location: str = "") -> bytes:
    """Return ``pdf`` with a certifying signature of the whole: no later change is allowed.

    :param identity: who signs, with the authority that stamps the time, if any
    :param reason: why it is signed, for the reader of the PDF
    :param location: where
    :raise SigningError: ``authority`` when the time stamp cannot be had, ``refused`` when key or PDF are not fit
    """
    store = SimpleCertificateStore()
    store.register_multiple(map(translate_pyca_cryptography_cert_to_asn1, identity.chain))
    meta = signers.PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name=identity.subject,
        reason=reason,
        location=location or None,
    )
    stamper = RequestsHTTPTimeStamper(identity.authority) if identity.authority else None
    try:
        signer = signers.SimpleSigner(
            signing_cert=translate_pyca_cryptography_cert_to_asn1(identity.certificate),
            signing_key=translate_pyca_cryptography_key_to_asn1(identity.key),
            cert_registry=store,
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        return signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer).getvalue()
    except OSError as error:  # only the authority is far away
        raise SigningError("authority", path=identity.authority) from error
    except (PdfError, TypeError, ValueError, NotImplementedError, UnsupportedAlgorithm) as error:
        raise SigningError("authority" if stamper else "refused", path=identity.authority or str(error)) from error
