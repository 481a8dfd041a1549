{
    "name": "APTIC Settlement",
    "summary": "Fees, territorial fund, statements, payouts, bank receipts and proof of coverage of #APTIC",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": [
        "aptic_voucher",
        "account_banking_sepa_credit_transfer",
        "account_payment_return_import_iso20022",
        "account_reconcile_oca",
        "account_statement_import_camt",
        "account_statement_import_file_reconcile_oca",
    ],
    "data": [
        "views/res_config_settings_views.xml",
    ],
    "post_init_hook": "_post_init_hook",
    "installable": True,
}
