from . import coverage, payment_file, portal
