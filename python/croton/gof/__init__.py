"""What is left of Theano's module of graphs: functions that ask about expressions, and the classes of ops."""

from croton.gof import graph as graph
from croton.gof import op as op
from croton.op import Apply as Apply
from croton.op import Op as Op
from croton.tensor.variable import Constant as Constant
from croton.tensor.variable import Variable as Variable
