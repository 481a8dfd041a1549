from . import account_statement_import
from . import account_statement_import_camt_parser
from . import aptic_reversal_ask
from . import l10n_fr_fec_export_wizard
