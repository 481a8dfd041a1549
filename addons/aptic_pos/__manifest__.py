{
    "name": "APTIC Point of Scan",
    "summary": "The desk's screen where #APTIC vouchers are scanned",
    "version": "19.0.1.0.0",
    "category": "Services/APTIC",
    "author": "Médias-Cité",
    "website": "https://aptic.fr",
    "license": "AGPL-3",
    "depends": ["aptic_voucher", "aptic_eligibility", "barcodes"],
    "data": [],
    "installable": True,
}
