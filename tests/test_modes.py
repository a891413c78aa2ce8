"""Modes: Mode objects, their names, and those that watch every value."""

import re
from pathlib import Path

import numpy as np
import pytest
from checks import variables
from convolution_rows import CONVOLUTION_ROWS
from linalg_rows import LINALG
from shape_rows import ROWS
from structure_rows import REDUCTIONS, STRUCTURES, arguments

import croton as ct
import croton.tensor as T
from croton.compile.mode import get_default_mode, get_mode, predefined_modes, register_mode
from croton.compile.monitormode import MonitorMode, detect_nan
from croton.compile.nanguardmode import NanGuardMode

HERE = str(Path(__file__).resolve())
RNG = np.random.default_rng(3)


def line_of(text: str) -> int:
    lines = Path(HERE).read_text(encoding="utf-8").splitlines()
    return next(k for k, line in enumerate(lines, 1) if line.endswith(f"# {text}"))


def training(mode):
    x, w = T.dmatrix("x"), ct.shared(np.ones((3, 2)), name="w")
    hidden = T.tanh(T.dot(x, w))
    cost = T.nnet.softmax(hidden)[:, 0].sum() + T.sort(hidden.ravel())[0]
    updates = [(w, w - 0.1 * ct.grad(cost, w))]
    return ct.function([x], {"cost": cost, "hidden": hidden}, updates=updates, mode=mode), w


@pytest.mark.parametrize(
    "mode",
    [
        "FAST_COMPILE",
        "reference",
        "NanGuardMode",
        "DebugMode",
        "DEBUG_MODE",
        "Mode",
        MonitorMode(),
        ct.Mode("py"),
        ct.Mode(optimizer=None),
        ct.Mode(optimizer="merge").including("stabilize"),
        ct.Mode().excluding("stabilize", "fusion"),
    ],
    ids=str,
)
def test_modes_agree(mode):
    """Outputs as a dict, updates, sizes 0 and 1 of one function in each mode."""
    f, w = training("FAST_RUN")
    g, v = training(mode)
    for rows in (4, 1, 7):
        x = RNG.normal(size=(rows, 3))
        want, got = f(x), g(x)
        assert got.keys() == want.keys()
        for key in want:
            np.testing.assert_allclose(got[key], want[key], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(v.get_value(), w.get_value(), rtol=1e-12)


def test_names_and_objects():
    assert get_mode("FAST_RUN") is predefined_modes["FAST_RUN"]
    assert get_default_mode() == ct.Mode() == ct.Mode(config_linker := ct.config.linker)
    assert config_linker == "cvm"
    with ct.config.change_flags(mode="reference"):
        assert get_default_mode().linker == "py"
    with ct.config.change_flags(linker="py"):
        assert get_default_mode().linker == "py"
    with ct.config.change_flags(optimizer="None"):
        assert get_default_mode().skip == ["canonicalize", "stabilize"]
    with ct.config.change_flags(optimizer_excluding="stabilize:fusion"):
        assert get_default_mode().skip == ["stabilize"]
    mode = ct.Mode("py", None)
    assert mode.clone(linker="cvm") == ct.Mode("cvm", None)
    assert mode.clone(optimizer="fast_run") == ct.Mode("py", "fast_run")
    assert mode.requiring("stabilize") == mode
    for wrong, error in ((("fast",), ValueError), ((None, "o9"), ValueError)):
        with pytest.raises(error, match="Mode: required"):
            ct.Mode(*wrong)
    with pytest.raises(ValueError, match="a mode of Mode, FAST_RUN"):
        ct.function([], T.constant(1), mode="FASTEST")
    with pytest.raises(TypeError, match="a Mode, or the name of one"):
        ct.function([], T.constant(1), mode=3)
    with pytest.raises(ValueError, match="a new name"):
        register_mode("FAST_RUN", mode)


def test_registered_modes_have_names(monkeypatch):
    monkeypatch.setattr("croton.modes.MODES", [*ct.modes.MODES])
    monkeypatch.setattr("croton.modes.predefined_modes", dict(predefined_modes))
    register_mode("mine", ct.Mode("py"))
    assert get_mode("mine").linker == "py"


def test_passes_left_out_leave_the_expression_as_written():
    x = T.dvector("x")
    y = T.log(1 + x)
    assert ct.function([x], y)([1e-20]) == 1e-20
    assert ct.function([x], y, mode=ct.Mode(optimizer=None))([1e-20]) == 0
    assert ct.function([x], y, mode=ct.Mode().excluding("stabilize"))([1e-20]) == 0
    f = ct.function([x], y, mode=ct.Mode(optimizer=None))
    assert f.copy()([1e-20]) == 0


# ---- NanGuardMode


def guarded(**options):
    x, w = T.dvector("x"), ct.shared(np.ones(3), name="w")
    y = T.log(x * w)  # the logarithm
    f = ct.function([x], y.sum(), updates=[(w, w + x)], mode=NanGuardMode(**options), name="guarded")
    return f, w


def test_nan_guard_names_op_element_and_line():
    f, w = guarded()
    assert f([1.0, 1.0, 1.0]) == 0
    before = w.get_value()
    message = "guarded: required no {}, given {} at ({},) of {} (made at {}:{})"
    place = HERE, line_of("the logarithm")
    for value, kind, shown, index, of in (
        ([1.0, -1.0, 1.0], "NaN", "nan", 1, "log((x * w))"),
        ([1.0, 1.0, 0.0], "infinities", "-inf", 2, "log((x * w))"),
    ):
        with pytest.raises(AssertionError, match=re.escape(message.format(kind, shown, index, of, *place))):
            f(value)
    for value, text in (
        ([np.nan, 1.0, 1.0], "required no NaN, given nan at (0,) of x"),
        ([np.inf, 1.0, 1.0], "required no infinities, given inf at (0,) of x"),
        ([1.0, -1e11, 1.0], "required no magnitudes above 1e+10, given -100000000000.0 at (1,) of x"),
    ):
        with pytest.raises(AssertionError, match=re.escape(text)):
            f(value)
    np.testing.assert_array_equal(w.get_value(), before)


def test_nan_guard_sees_shared_variables_and_values_between():
    w = ct.shared(np.array([[1.0, np.nan]]), name="weights")
    f = ct.function([], T.switch(T.isnan(w), 0.0, w).sum(), mode="NanGuardMode")
    with pytest.raises(AssertionError, match=r"given nan at \(0, 1\) of weights"):
        f()
    x = T.dscalar("x")
    g = ct.function([x], 1 / T.sqrt(x), mode="NanGuardMode")
    assert g(4.0) == 0.5
    with pytest.raises(AssertionError, match="given inf of"):
        g(0.0)


def test_nan_guard_looks_into_steps():
    x = T.dvector("x")

    def step(row, total):
        part = T.log(row)  # in the step
        return total + T.switch(T.isnan(part), 0.0, part)

    totals, _ = ct.scan(step, sequences=x, outputs_info=T.zeros(()))  # the scan
    f = ct.function([x], [totals, ct.grad(totals.sum(), x)], mode="NanGuardMode", name="f")
    np.testing.assert_allclose(f([1.0, np.e])[0], [0, 1], atol=1e-15)
    message = f"given nan of .* \\(made at {HERE}:{line_of('in the step')}\\), in step 2 of the scan at "
    with pytest.raises(AssertionError, match=f"{message}{HERE}:{line_of('the scan')}"):
        f([1.0, 2.0, -1.0, -2.0])


def test_nan_guard_looks_into_nested_and_ended_loops():
    x = T.dvector("x")

    def inner(value, total):
        return total + 1 / value

    def outer(k, total):
        sums, _ = ct.scan(inner, sequences=x - k, outputs_info=[total])
        return sums[-1], ct.scan_module.until(k > 2)

    results, _ = ct.scan(outer, sequences=T.arange(9.0), outputs_info=[T.zeros(())])
    f = ct.function([x], results, mode="NanGuardMode")
    assert f([7.0, 4.0]).shape == (4,)  # step 4 is never taken
    with pytest.raises(
        AssertionError, match=r"given inf of .* in step 1 of the scan .* in step 2 of the scan"
    ):
        f([7.0, 2.0])
    rows, _ = ct.scan(lambda v, s: T.sin(s) + T.sqrt(v), x, T.zeros(()), go_backwards=True)
    g = ct.function([x], rows, mode="NanGuardMode")
    assert g([]).shape == (0,)
    with pytest.raises(AssertionError, match=r"given nan of .* in step 0 of the scan"):
        g([4.0, -1.0])


def test_nan_guard_options_and_flags():
    x = T.dvector("x")
    bad = [-1.0, 0.0, 1e11]
    f = ct.function([x], T.log(x), mode=NanGuardMode(False, False, False))
    assert np.isnan(f(bad)[0])
    g = ct.function([x], T.log(x), mode="NanGuardMode")
    off = {f"NanGuardMode.{kind}_is_error": False for kind in ("nan", "inf", "big")}
    with ct.config.change_flags(**off):
        g(bad)
    with ct.config.change_flags(**{"NanGuardMode.action": "warn"}), pytest.warns(UserWarning, match="nan"):
        g(bad)
    with pytest.raises(AssertionError):
        g(bad)


def test_stable_forms_pass_the_guard():
    """What is checked is what is computed: not the exp that overflows in the expression as written."""
    x = T.dvector("x")
    f = ct.function([x], [T.log(T.exp(x).sum()), T.log1p(T.exp(x))], mode=NanGuardMode(big_is_error=False))
    logsumexp, softplus = f([1000.0, 1000.0])
    np.testing.assert_allclose(logsumexp, 1000 + np.log(2))
    np.testing.assert_array_equal(softplus, [1000, 1000])


# ---- MonitorMode, DebugMode


def test_monitor_sees_every_op_in_order():
    x = T.dvector("x")
    calls = []
    mode = MonitorMode(
        pre_func=lambda i, node, fn: calls.append(("pre", i, node.op)),
        post_func=lambda i, node, fn: calls.append(("post", i, fn.inputs[0][0], fn.outputs[0][0])),
    )
    assert ct.function([x], T.exp(x[::-1]).max(), mode=mode)([0.0, 1.0]) == np.e
    assert [call[:3] for call in calls if call[0] == "pre"] == [("pre", 0, "exp"), ("pre", 1, "max")]
    values = [call[3] for call in calls if call[0] == "post"]
    np.testing.assert_allclose(values[0], [np.e, 1])
    np.testing.assert_allclose(calls[-1][2], values[0])


def test_detect_nan(capsys):
    x = T.dvector("x")
    f = ct.function([x], T.sqrt(x) + 1, mode=MonitorMode(post_func=detect_nan))
    f([1.0])
    assert capsys.readouterr().out == ""
    f([-4.0])
    out = capsys.readouterr().out
    assert "*** NaN detected *** op 0: sqrt(x) (made at" in out
    assert "[-4.]" in out


def test_debug_mode_names_the_op_that_differs(monkeypatch):
    x, w = T.dvector("x"), ct.shared(1.0, name="w")
    f = ct.function([x], T.tanh(T.exp(x)) * w, updates=[(w, w + 1)], mode="DebugMode", name="checked")
    f([1.0, 2.0])
    interpret = ct._core.interpret

    def wrong(nodes, leaves):
        values = interpret(nodes, leaves)
        return [v + 1e-3 if node._op == "tanh" else v for node, v in zip(nodes, values, strict=True)]

    monkeypatch.setattr(ct._core, "interpret", wrong)
    text = r"checked: tanh\(exp\(x\)\) \(made at .*\) differs first at \(0,\)"
    with pytest.raises(AssertionError, match=text):
        f([1.0, 2.0])
    assert w.get_value() == 2


def test_debug_mode_compares_with_the_expression_as_written(monkeypatch):
    x = T.dvector("x")
    right = ct._core.optimized
    monkeypatch.setattr(ct._core, "optimized", lambda roots, skip: right([(T.exp(x) + 1e-3)._node], skip))
    f = ct.function([x], T.exp(x), mode="DebugMode")
    with pytest.raises(AssertionError, match=r"as written, exp\(x\) .*differs first"):
        f([1.0])


# Singular matrices have no unique vectors, so each op has to be compared by itself.
CHAINS = {
    "svd": lambda x: T.linalg.svd(T.dot(x, x.T))[0],
    "results of calls": lambda x: T.sort(x, axis=0)[::-1] + T.argsort(x, axis=0),
    "residual": lambda x: T.dot(x, T.linalg.solve(T.dot(x.T, x), x.T)) - T.eye(2),
    "sizes from data": lambda x: x[x > 0],
    "integers": lambda x: T.dot(T.cast(x, "int32"), T.cast(x.T, "int32")),
}


@pytest.mark.parametrize("mode", ["DebugMode", ct.Mode(optimizer=None)], ids=str)
@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_ops(name, mode):
    x = T.dmatrix("x")
    value = RNG.normal(size=(2, 2))
    want = ct.function([x], CHAINS[name](x))(value)
    np.testing.assert_allclose(ct.function([x], CHAINS[name](x), mode=mode)(value), want, atol=1e-9)


def test_debug_mode_checks_for_finite_values_on_request():
    x = T.dvector("x")
    f = ct.function([x], T.log(x), mode="DebugMode")
    f([0.0])
    with ct.config.change_flags(**{"DebugMode.check_finite": True}):
        with pytest.raises(AssertionError, match="given -inf"):
            f([0.0])
        f([1e11])


@pytest.mark.parametrize(
    "row", [*REDUCTIONS, *STRUCTURES, *ROWS, *LINALG, *CONVOLUTION_ROWS], ids=lambda row: row.name
)
def test_rows_in_debug_mode_and_as_written(row):
    """Each op agrees with the interpreter, and with itself where nothing is rewritten."""
    arrays = arguments(row, row.shapes[0], row.dtypes[-1])
    inputs = variables(*arrays)
    got = ct.function(inputs, row.build(*inputs), mode="DebugMode")(*arrays)
    plain = ct.function(inputs, row.build(*inputs), mode=ct.Mode(optimizer=None))(*arrays)
    np.testing.assert_allclose(plain, got, rtol=1e-6, atol=1e-6)
