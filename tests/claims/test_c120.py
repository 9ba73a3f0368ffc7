"""What class 120 says of JAX, run where JAX is: in this environment, or in the one that a variable names."""

from __future__ import annotations

import os
import subprocess
import textwrap

import pytest

from tests.claims.test_backends import interpreter

PREFACE = """
import keras, numpy as np, jax
from keras import layers, ops
assert keras.backend.backend() == "jax"

def raises(name, do):
    try:
        do()
    except Exception as error:
        assert name in type(error).__name__ or name in str(error), (type(error), str(error)[:300])
    else:
        raise SystemExit(f"no lanzó {name}")
"""


def on_jax(code: str) -> None:
    done = subprocess.run(
        [interpreter("jax"), "-c", PREFACE + textwrap.dedent(code)],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            """
            def poly(x):
                return ops.sum(x**2 + 3 * x + 1)
            fast = jax.jit(poly)
            assert float(fast(ops.ones(3))) == float(poly(ops.ones(3))) == 15
            assert "lambda" in str(jax.make_jaxpr(poly)(ops.ones(3)))
            """,
            id="jit gives the same, and its jaxpr is shown",
        ),
        pytest.param(
            """
            raises("TypeError", lambda: ops.cond(
                ops.convert_to_tensor(True), lambda: ops.ones(2), lambda: ops.ones(3)))
            raises("TypeError", lambda: ops.while_loop(
                lambda x: ops.shape(x)[0] < 8, lambda x: ops.concatenate([x, x]), ops.ones(2)))
            """,
            id="branches and turns of other shapes are refused",
        ),
        pytest.param(
            """
            visits, kept = [], []
            @jax.jit
            def noted(x, k):
                visits.append(1)
                kept.append(x)
                return x * k + np.random.normal()
            a, b, c = noted(1.0, 2), noted(1.0, 2), noted(1.0, 3)
            assert a == b and len(visits) == 1  # the draw is baked; another int is data
            noted(ops.ones(4), 2)
            assert len(visits) == 2  # another shape traces again
            raises("UnexpectedTracerError", lambda: kept[0] + 1)
            """,
            id="what is baked, what is data and what traces again",
        ),
        pytest.param(
            """
            raises("TracerBoolConversionError", lambda: jax.jit(lambda x: x if x > 0 else -x)(1.0))
            net = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
            net.compile("sgd", "mse")
            assert net.jit_compile is True
            """,
            id="an if on a tensor, and XLA by itself",
        ),
    ],
)
@pytest.mark.slow
def test_jax_does_what_the_page_says(code):
    on_jax(code)
