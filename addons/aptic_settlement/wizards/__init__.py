from . import (
    account_statement_import,
    account_statement_import_camt_parser,
    aptic_fund_decision,
    aptic_reversal_ask,
    l10n_fr_fec_export_wizard,
    payment_return_import,
)
