{
    "name": "APTIC Direct Debit",
    "summary": "Subscription invoices debited by SEPA, where the provider has signed a mandate",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["aptic_eligibility", "aptic_settlement", "account_banking_sepa_direct_debit"],
    "data": [
        "views/aptic_provider_views.xml",
        "views/portal_debit_templates.xml",
        "views/report_invoice_templates.xml",
        "views/res_config_settings_views.xml",
    ],
    "demo": ["demo/debit.xml"],
    "installable": True,
}
