from . import account_statement_import
from . import account_statement_import_camt_parser
from . import aptic_fund_decision
from . import aptic_reversal_ask
