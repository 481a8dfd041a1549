from . import (
    account_bank_statement_line,
    aptic_order,
    aptic_order_issue,
    aptic_rule,
    aptic_booklet,
    aptic_voucher,
    aptic_event,
    aptic_redemption,
    res_company,
)
