"""IBAN and BIC of French payees: form, check digits, SEPA zone. Plain Python."""

import warnings
from dataclasses import dataclass

from schwifty import BIC, IBAN
from schwifty.exceptions import NationalChecksumNotVerified, SchwiftyException
from schwifty.registry import get_banks_by_country

# Some countries have no national key, or none that schwifty knows: their IBAN's own key is checked all the same.
warnings.filterwarnings("ignore", category=NationalChecksumNotVerified)

# Their IBANs begin with FR, but SEPA does not reach them (European Payments Council, list of SEPA countries).
OUTSIDE_SEPA = frozenset({"NC", "PF", "WF"})
# Banks of these territories by bank code, for when no BIC is given: those of the registry that schwifty ships, and two
# that it lacks (Banque de Nouvelle-Calédonie, BNP Paribas Nouvelle-Calédonie).
OUTSIDE_SEPA_BANKS = frozenset({"14889", "17939"}) | {
    bank.bank_code for bank in get_banks_by_country("FR") if bank.bic and bank.bic[4:6] in OUTSIDE_SEPA
}


class BadBankDetails(ValueError):
    """Bank details that no SEPA transfer could reach; ``code`` is ``iban``, ``bic``, ``mismatch`` or ``sepa``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class BankDetails:
    """An account that SEPA transfers can reach."""

    iban: str
    bic: str
    bank_name: str

    @property
    def grouped(self):
        """The IBAN in groups of four, as it is printed."""
        return " ".join(self.iban[start : start + 4] for start in range(0, len(self.iban), 4))


def check(iban, bic=""):
    """Return the :class:`BankDetails` of an IBAN as typed by a person.

    :param str iban: spaces and lower case are accepted; the national key (« clé RIB ») is checked too.
    :param str bic: 8 or 11 characters; found from the bank code when left out and known.
    :raise BadBankDetails: see its codes.
    """
    try:
        account = IBAN((iban or "").replace("\u202f", "").replace("\xa0", ""), validate_bban=True)
    except SchwiftyException as error:
        raise BadBankDetails("iban") from error
    given = (bic or "").replace(" ", "").upper()
    try:
        found = BIC(given) if given else account.bic
    except SchwiftyException as error:
        raise BadBankDetails("bic") from error
    overseas = account.country_code == "FR" and (
        account.bank_code in OUTSIDE_SEPA_BANKS or (found and found.country_code in OUTSIDE_SEPA)
    )
    if overseas or not account.in_sepa_zone:
        raise BadBankDetails("sepa")
    if given and not _same_country(account, found):
        raise BadBankDetails("mismatch")
    return BankDetails(str(account), str(found or ""), account.bank_name or "")


def _same_country(account, bic):
    overseas = {"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"}
    return bic.country_code == account.country_code or (account.country_code == "FR" and bic.country_code in overseas)
