"""What makes functions, under the module name that Theano has for it."""

from croton.arguments import In as In
from croton.arguments import Out as Out
from croton.arguments import Param as Param
from croton.arguments import SymbolicInput as SymbolicInput
from croton.arguments import SymbolicOutput as SymbolicOutput
from croton.clone import OpFromGraph as OpFromGraph
from croton.compile import sharedvalue as sharedvalue
from croton.function import Function as Function
from croton.function import function as function
from croton.shared import SharedVariable as SharedVariable
from croton.shared import shared as shared
