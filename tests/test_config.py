"""Settings: their values, where they come from, what they do; and test values, which one of them asks for."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

import croton as ct
import croton.tensor as T
from croton.configparser import change_flags
from croton.flags import FLAGS, TABLE
from croton.gof.op import get_test_value

WRONG = {bool: "perhaps", int: "two", float: "much", str: 3}


def run(flags: str, code: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "CROTON_FLAGS": flags, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", f"import croton as ct; {code}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag(flag):
    """It has its default and a text; takes what it may be, also as text; refuses what it may not."""
    assert ct.config[flag.name] == flag.default
    assert flag.doc.endswith(".")
    assert f"{flag.name} = {flag.default!r}" in repr(ct.config)
    if flag.choices:
        assert flag.default in flag.choices
    with pytest.raises(ValueError, match=f"config.{flag.name}: required"):
        ct.config[flag.name] = "no such value" if flag.choices else WRONG[type(flag.default)]
    assert flag.read(str(flag.default)) == flag.default
    with change_flags(**{flag.name: flag.default}):
        assert ct.config[flag.name] == flag.default


@pytest.mark.parametrize("name", [name for name, flag in TABLE.items() if flag.ignored] + ["blas.ldflags"])
def test_theanos_flags_without_meaning_can_be_set(name):
    default = ct.config[name]
    with pytest.warns(UserWarning, match=f"config.{name} is a flag of Theano's with no effect"):
        ct.config[name] = "x"
    assert ct.config[name] == "x"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ct.config[name] = default


def test_old_warnings_are_turned_off_silently():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ct.config.warn.subtensor_merge_bug = False
    assert ct.config.warn.subtensor_merge_bug is False


def test_unknown_flags_are_errors_with_a_suggestion():
    for name, text in (("floatx", "did you mean floatX"), ("whatever", "lists them all")):
        with pytest.raises(AttributeError, match=f"config: required one of its flags.*{text}"):
            setattr(ct.config, name, 1)
        with pytest.raises(AttributeError, match=text):
            getattr(ct.config, name)
    with pytest.raises(AttributeError, match=r"NanGuardMode\.nan_is_errer.*nan_is_error"):
        ct.config.NanGuardMode.nan_is_errer = True
    with pytest.raises(AttributeError, match="required one of its flags"), change_flags(nothing=1):
        pass


def test_change_flags_restores_after_errors_and_decorates():
    def fail():
        assert ct.config.floatX == "float32"
        assert ct.config.NanGuardMode.action == "warn"
        raise KeyError

    with pytest.raises(KeyError), change_flags(floatX="float32", **{"NanGuardMode.action": "warn"}):
        fail()
    wrong = {"floatX": "float32", "on_unused_input": "x"}
    with pytest.raises(ValueError, match="on_unused_input"), change_flags(**wrong):
        pass
    assert (ct.config.floatX, ct.config.NanGuardMode.action) == ("float64", "raise")

    @change_flags(floatX="float32")
    def make():
        return T.vector().dtype

    assert [make(), make(), T.vector().dtype] == ["float32", "float32", "float64"]


def test_environment():
    shown = "print(ct.config.floatX, ct.config.NanGuardMode.nan_is_error, ct.num_threads(), ct.config.device)"
    result = run("floatX=float32,NanGuardMode.nan_is_error=False,num_threads=1,device=cuda0,", shown)
    assert result.stdout.split() == ["float32", "False", "1", "cpu"]
    assert "there is no other device yet" in result.stderr
    for flags, error in (
        ("floatX=float63", "ValueError: config.floatX: required one of"),
        ("floatY=1", "did you mean floatX?"),
        ("floatX", "CROTON_FLAGS: required name=value"),
        ("force_device=True,device=cuda", "required 'cpu', given 'cuda'"),
    ):
        result = run(flags, "")
        assert result.returncode
        assert error in result.stderr


def test_cache_folder(tmp_path):
    code = "x = ct.tensor.dvector(); ct.function([x], x + 1); print(ct._core.cache_stats()['folder'])"
    assert run(f"cache_dir={tmp_path}/kernels", code).stdout.strip() == f"{tmp_path}/kernels"


def test_seterr_reaches_numpy():
    before = np.geterr()
    try:
        with change_flags(**{"numpy.seterr_all": "raise"}):
            assert set(np.geterr().values()) == {"raise"}
    finally:
        np.seterr(**before)


def test_flags_of_functions():
    x = T.dvector("x")
    with change_flags(profile=True):
        assert ct.function([x], x + 1).profile
    assert not ct.function([x], x + 1).profile
    i, j = T.lscalars("i", "j")
    assert T.div_proxy(i, j).eval({i: 7, j: 2}) == 3.5
    with change_flags(int_division="int"):
        assert T.div_proxy(i, j).eval({i: 7, j: 2}) == 3
        assert T.div_proxy(x, 2).dtype == "float64"
    with change_flags(int_division="raise"), pytest.raises(TypeError, match="div_proxy: required floats"):
        T.div_proxy(i, j)
    with change_flags(warn_float64="raise"), pytest.raises(TypeError, match="required no float64"):
        T.fvector() * np.float64(2)
    with change_flags(warn_float64="warn"), pytest.warns(UserWarning, match="no float64"):
        T.dvector()
    with change_flags(warn_float64="raise"):
        T.fvector() * 2.0


# ---- test values


def test_values_appear_as_expressions_are_written():
    x, w = T.dmatrix("x"), ct.shared(np.ones((3, 2)), name="w")
    x.tag.test_value = np.arange(6.0).reshape(2, 3)
    with change_flags(compute_test_value="raise"):
        y = T.dot(x, w)
        np.testing.assert_array_equal(y.tag.test_value, [[3, 3], [12, 12]])
        z = T.sort(-y.ravel())[1:]
        np.testing.assert_array_equal(get_test_value(z), [-12, -3, -3])
        with pytest.raises(ValueError, match=r"matmul: required .*test_config.py"):
            T.dot(y, y.T.dot(x).T.dot(y.T))[:, :, None].dot(y)
        with pytest.raises(AttributeError, match="a test value of q of type"):
            T.exp(T.dvector("q"))
    assert not hasattr(T.exp(y).tag, "test_value")
    np.testing.assert_array_equal(get_test_value(T.sum(y)), 30)


def test_shape_errors_show_at_the_users_line():
    x, y = T.dmatrix("x"), T.dmatrix("y")
    x.tag.test_value, y.tag.test_value = np.ones((2, 3)), np.ones((2, 3))
    T.dot(x, y)
    shown = r"given 'x'.*test_config.py"
    with change_flags(compute_test_value="raise"), pytest.raises(ValueError, match=shown):
        T.dot(x, y)
    with change_flags(compute_test_value="ignore"):
        T.dot(x, y)
        T.exp(T.dvector("q"))
    with change_flags(compute_test_value="warn"), pytest.warns(UserWarning, match="a test value of q"):
        T.exp(T.dvector("q"))


def test_test_values_are_checked_and_kept_with_inputs():
    x = T.dmatrix("x")
    x.tag.test_value = [1.0, 2.0]
    with pytest.raises(TypeError, match=r"the test value of x: .*required a matrix"):
        get_test_value(x)
    x.tag.test_value = np.ones((2, 2))
    y = x + 1
    del x
    np.testing.assert_array_equal(get_test_value(y), np.full((2, 2), 2.0))
    with pytest.raises(AttributeError, match=r"x\.tag\.test_value"):
        get_test_value(T.dvector("z"))
    assert get_test_value(T.constant(3.0)) == 3
    x = T.dmatrix("x")
    x.tag.note = "mine"
    assert x.tag.note == "mine"
    assert x.tag.trace[0][0][0].endswith("test_config.py")
