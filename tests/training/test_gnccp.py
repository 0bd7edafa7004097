# SPDX-License-Identifier: Apache-2.0
"""The path from convex to concave, on problems whose optimum is known."""

import itertools

import numpy as np
import pytest
from quadratic_polish import polish_quadratic

torch = pytest.importorskip("torch")

from hashrec_fast.training.gnccp import gnccp  # noqa: E402
from hashrec_fast.training.gnccp_path import GnccpPath as Path  # noqa: E402

F = 12
CORNERS = np.array(list(itertools.product([-1.0, 1.0], repeat=F)))


def problems(n=60):
    """Row problems ``b'Ab - 2g'b`` of codes and targets, with their optimal values."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        z = rng.choice([-1.0, 1.0], (rng.integers(6, 40), F))
        a, g = z.T @ z, z.T @ (F * rng.standard_normal(len(z)))
        values = np.einsum("nf,fg,ng->n", CORNERS, a, CORNERS) - 2 * CORNERS @ g
        yield a, g, values.min()


def value(a, g, b):
    return b @ a @ b - 2 * g @ b


def solve(a, g, path, seed=1):
    rng = np.random.default_rng(seed)
    at, gt = torch.from_numpy(a), torch.from_numpy(g)

    def objective(b):
        return ((b @ at) * b).sum() - 2 * (b @ gt).sum()

    start = torch.from_numpy(rng.standard_normal((1, F)))
    corner = gnccp(objective, [start], path, rng)
    return corner.signs[0].numpy(), corner


@pytest.mark.parametrize(
    ("path", "exact", "polished"),
    [
        (Path(iterations=20, rule="line_search"), 55, 57),
        (Path(iterations=20), 52, 55),
        (Path(decrement=0.05, iterations=1), 42, 50),  # the authors' defaults
        (Path(iterations=20, rule="line_search", scaling="none"), 48, 50),
    ],
    ids=["line search", "schedule", "authors", "unscaled"],
)
def test_finds_optima_of_small_problems(path, exact, polished):
    found = better = 0
    for a, g, best in problems():
        signs, _ = solve(a, g, path)
        after = polish_quadratic(a, g[None], signs)
        reached, improved = value(a, g, signs[0]), value(a, g, after[0].astype(float))
        assert improved <= reached + 1e-9  # the polish never raises the loss
        assert reached >= best - 1e-6
        found += reached < best + 1e-6
        better += improved < best + 1e-6
    assert found >= exact
    assert better >= polished


def test_signs_scale_and_history():
    a, g, _ = next(problems())
    signs, corner = solve(a, g, Path(iterations=20, rule="line_search"))
    assert set(np.unique(signs)) <= {-1.0, 1.0}
    rng = np.random.default_rng(1)
    rng.standard_normal((1, F))
    flat = np.abs(2 * (a @ (rng.integers(0, 2, (1, F))[0] * 2.0 - 1) - g)).mean()
    assert corner.kappa == pytest.approx(1 / flat)
    zetas = [row["zeta"] for row in corner.history]
    assert zetas[0] == 1
    assert (np.diff(zetas) < 0).all()
    # all corners long before the end of the path: the function is concave by then
    assert corner.history[-1]["away_from_corner"] < 1e-3
    assert zetas[-1] > -1


def test_row_weights_do_not_let_a_small_row_decide_first():
    """Two rows of very different scale; weights by row solve both as if each were alone."""
    pairs = list(problems(20))
    matrices = [torch.from_numpy(a * scale) for a, _, _ in pairs for scale in (0.05, 5.0)]
    linears = [torch.from_numpy(g * scale) for _, g, _ in pairs for scale in (0.05, 5.0)]

    def objective(b):
        return sum(b[r] @ matrices[r] @ b[r] - 2 * linears[r] @ b[r] for r in range(len(matrices)))

    exact = {}
    for scaling in ("rows", "global"):
        rng = np.random.default_rng(0)
        start = torch.from_numpy(rng.standard_normal((40, F)))
        corner = gnccp(objective, [start], Path(iterations=20, scaling=scaling), rng)
        b = corner.signs[0].numpy()
        exact[scaling] = sum(
            value(*pairs[r // 2][:2], b[r]) < pairs[r // 2][2] + 1e-6 for r in range(40)
        )
    assert exact["rows"] >= 32
    assert exact["rows"] > exact["global"]


def test_alternating_updates_of_a_bilinear_objective():
    rng = np.random.default_rng(3)
    b, d = (np.where(rng.random((n, 6)) < 0.5, -1.0, 1.0) for n in (20, 15))
    target = torch.from_numpy(b @ d.T)

    def objective(u, v):
        return ((u @ v.T - target) ** 2).sum()

    starts = [torch.from_numpy(rng.standard_normal((n, 6))) for n in (20, 15)]
    path = Path(iterations=20, rule="line_search", update="alternating", scaling="rows")
    corner = gnccp(objective, starts, path, rng)
    random = float(objective(*(torch.sign(start) for start in starts)))
    assert float(objective(*corner.signs)) < 0.2 * random


def test_polish_takes_every_row_for_itself():
    rng = np.random.default_rng(5)
    z = rng.choice([-1.0, 1.0], (30, 9))
    a, g = z.T @ z, rng.standard_normal((50, 9)) * 20
    start = rng.choice([-1.0, 1.0], (50, 9))
    together = polish_quadratic(a, g, start)
    for threads in (1, 2, 3):
        np.testing.assert_array_equal(polish_quadratic(a, g, start, num_threads=threads), together)
    for row in (0, 7, 49):
        alone = polish_quadratic(a, g[row : row + 1], start[row : row + 1])
        np.testing.assert_array_equal(alone[0], together[row])
    flips = together[:, None, :] * (1 - 2 * np.eye(9))  # no single flip helps any more
    for row in range(50):
        here = value(a, g[row], together[row].astype(float))
        assert all(value(a, g[row], flip) >= here - 1e-3 for flip in flips[row])
