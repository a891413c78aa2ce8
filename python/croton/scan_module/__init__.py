"""Loops in expressions: `scan` and what is made of it."""

from croton.scan_module.checkpoints import scan_checkpoints as scan_checkpoints
from croton.scan_module.scan import scan as scan
from croton.scan_module.steps import until as until
from croton.scan_module.views import foldl as foldl
from croton.scan_module.views import foldr as foldr
from croton.scan_module.views import map as map
from croton.scan_module.views import reduce as reduce
from croton.scan_module.while_loop import while_loop as while_loop
