"""The table of settings: one row for each flag, with its default, what it may be, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Named here, so that a flag can be checked before the modes themselves are loaded.
MODES = ["Mode", "FAST_RUN", "FAST_COMPILE", "reference", "DebugMode", "DEBUG_MODE", "NanGuardMode"]
RAISE = ("raise", "warn", "ignore")
SETERR = ("None", "ignore", "warn", "raise", "print")


@dataclass(frozen=True)
class Flag:
    """One setting.

    Attributes
    ----------
    name : with a dot for a flag of a section
    default : its value to start with, whose type all values have
    doc : what it does
    choices : the values it may have, where they are few
    ignored : whether it is one of Theano's that has no effect here
    """

    name: str
    default: Any
    doc: str
    choices: tuple[Any, ...] | list[str] = ()
    ignored: bool = False

    def read(self, value: Any) -> Any:
        """`value` as this flag has it; raises ValueError for what it cannot be."""
        if isinstance(value, str) and not isinstance(self.default, str):
            value = self._parse(value)
        if isinstance(self.default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if self.choices:
            valid = value in self.choices and isinstance(value, type(self.default))
        else:
            valid = isinstance(value, type(self.default)) and isinstance(value, bool) == isinstance(
                self.default, bool
            )
        if not valid:
            raise ValueError(f"config.{self.name}: required {self.required}, given {value!r}")
        return value

    def _parse(self, text: str) -> Any:
        words = {"true": True, "false": False}
        if isinstance(self.default, bool):
            return words.get(text.lower(), {"1": True, "0": False}.get(text, text))
        try:
            return type(self.default)(text)
        except ValueError:
            return text

    @property
    def required(self) -> str:
        """How messages say what it may be."""
        if self.choices:
            return "one of " + ", ".join(map(repr, self.choices))
        kinds = {bool: "True or False", int: "an int", float: "a float", str: "a string"}
        return kinds[type(self.default)]


FLAGS = [
    Flag(
        "floatX",
        "float64",
        "The dtype of T.matrix and the other constructors without a prefix, of Python floats in expressions "
        "without another dtype, and of T.zeros.",
        ("float64", "float32", "float16"),
    ),
    Flag(
        "mode",
        "Mode",
        "The mode of functions that are given none; 'Mode' is made of the next two flags.",
        MODES,
    ),
    Flag(
        "linker",
        "cvm",
        "What mode 'Mode' runs: 'py' is the reference interpreter, all others are compiled code.",
        ("cvm", "py", "c|py", "c|py_nogc", "c", "vm", "vm_nogc", "cvm_nogc"),
    ),
    Flag(
        "optimizer",
        "fast_run",
        "What mode 'Mode' rewrites: 'None' and 'merge' leave expressions as they are written.",
        ("fast_run", "fast_compile", "o4", "o3", "o2", "o1", "fast_run_stable", "stabilize", "merge", "None"),
    ),
    Flag(
        "optimizer_excluding",
        "",
        "Passes that no function runs, with colons between them: canonicalize, stabilize.",
    ),
    Flag("device", "cpu", "Where functions run. Asking for a GPU warns and leaves it at 'cpu'."),
    Flag("force_device", False, "Whether asking for a device that is not there is an error."),
    Flag("on_unused_input", "raise", "What function does about an input that nothing uses.", RAISE),
    Flag(
        "compute_test_value",
        "off",
        "Whether expressions are computed as they are written, from x.tag.test_value of what they depend on: "
        "'ignore' leaves out those without one, 'warn' warns of them, 'raise' raises.",
        ("off", "ignore", "warn", "raise", "pdb"),
    ),
    Flag("print_test_value", False, "Whether debugprint shows test values."),
    Flag("warn_float64", "ignore", "What to do when an expression is float64.", (*RAISE, "pdb")),
    Flag(
        "int_division",
        "floatX",
        "What T.div_proxy makes of integers: 'int' is //, 'raise' raises, 'floatX' is true division.",
        ("int", "raise", "floatX"),
    ),
    Flag("profile", False, "Whether functions measure themselves: function(profile=...) by default."),
    Flag("num_threads", 0, "How many threads calls use; 0 leaves it as it is (all of the machine's)."),
    Flag(
        "cache_dir",
        "",
        "The folder of machine code kept for the next process; '' is the user's cache folder.",
    ),
    Flag("NanGuardMode.nan_is_error", True, "Whether NanGuardMode raises for NaN."),
    Flag("NanGuardMode.inf_is_error", True, "Whether NanGuardMode raises for infinities."),
    Flag("NanGuardMode.big_is_error", True, "Whether NanGuardMode raises for magnitudes above 1e10."),
    Flag(
        "NanGuardMode.action",
        "raise",
        "What NanGuardMode does about what it finds.",
        ("raise", "warn", "pdb"),
    ),
    Flag("DebugMode.check_finite", False, "Whether DebugMode raises for NaN and infinities, too."),
    *(
        Flag(f"numpy.seterr_{kind}", "None", f"Passed on to numpy.seterr({kind}=...) unless 'None'.", SETERR)
        for kind in ("all", "divide", "over", "under", "invalid")
    ),
]

# Theano's flags for what Croton does not have: name, Theano's default. They can be set and read.
IGNORED: dict[str, Any] = {
    "allow_gc": True,
    "assert_no_cpu_op": "ignore",
    "base_compiledir": "",
    "cast_policy": "custom",
    "check_input": True,
    "check_stack_trace": "off",
    "compile.timeout": 120,
    "compile.wait": 5,
    "compiledir": "",
    "compiledir_format": "",
    "compute_test_value_opt": "off",
    "contexts": "",
    "conv.assert_shape": False,
    "cxx": "",
    "cycle_detection": "regular",
    "deterministic": "default",
    "enable_initial_driver_test": True,
    "exception_verbosity": "low",
    "gcc.cxxflags": "",
    "init_gpu_device": "",
    "lib.amdlibm": False,
    "lib.cnmem": 0.0,
    "nocleanup": False,
    "on_opt_error": "warn",
    "on_shape_error": "warn",
    "openmp": False,
    "openmp_elemwise_minsize": 200000,
    "optimizer_including": "",
    "optimizer_requiring": "",
    "optimizer_verbose": False,
    "pickle_test_value": True,
    "print_active_device": True,
    "print_global_stats": False,
    "profile_memory": False,
    "profile_optimizer": False,
    "reoptimize_unpickled_function": False,
    "traceback.compile_limit": 0,
    "traceback.limit": 8,
    "unpickle_function": True,
    "vm.lazy": "",
}
# Sections of which every flag is of this kind.
IGNORED_SECTIONS = (
    "blas",
    "cmodule",
    "dnn",
    "experimental",
    "gpuarray",
    "magma",
    "metaopt",
    "profiling",
    "scan",
    "tensor",
    "warn",
)

TABLE = {flag.name: flag for flag in FLAGS}
TABLE.update(
    {name: Flag(name, default, "No effect here.", ignored=True) for name, default in IGNORED.items()}
)
