from . import (
    account_chart_template,
    res_company,
    res_company_settlement,
    res_config_settings,
    aptic_fee_rule,
    aptic_fund,
    aptic_fund_line,
    aptic_settlement,
    aptic_statement,
    aptic_statement_entries,
    aptic_redemption,
)
