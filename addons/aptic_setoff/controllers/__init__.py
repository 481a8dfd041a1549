from . import setoff
