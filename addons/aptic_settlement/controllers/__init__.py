from . import coverage, portal
