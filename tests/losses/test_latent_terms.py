# SPDX-License-Identifier: Apache-2.0
"""Terms on whole batches, against loops over pairs."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from hashrec_fast.binarizers import Step
from hashrec_fast.losses import Consistency, Poisson, SimilarityReconstruction


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def consistency_view(codes, real):
    latent = SimpleNamespace(first=real)
    return SimpleNamespace(
        codes={"user": codes}, network=SimpleNamespace(latent=lambda _: latent), step=Step()
    )


def test_consistency_is_a_mean_over_pairs(rng):
    """With one bit every pair of like codes counts; with a huge cell all rows share it."""
    n = 7
    codes = np.where(rng.random((n, 1)) < 0.5, -1.0, 1.0)
    codes[:2, 0] = 1, -1
    real = rng.normal(size=(n, 1))
    expected = 0.0
    for i in range(n):
        for j in range(n):
            if i != j:
                same = codes[i, 0] == codes[j, 0]
                expected += np.linalg.norm(real[i] - real[j]) * same
                expected += (1 - codes[i] @ codes[j]) / 2
    view = consistency_view(torch.from_numpy(codes), torch.from_numpy(real))
    torch.manual_seed(1)  # draws a shift that no row leaves the cell by
    found = Consistency(cell=1e9).of_side(view, "user")
    assert float(found) == pytest.approx(expected / (n * (n - 1)), rel=1e-4)


def test_consistency_draws_like_rows_together():
    """The term falls along its gradient, equal rows give no infinite pull."""
    codes = torch.tensor([[1.0, -1.0], [1.0, 1.0], [1.0, -1.0]], requires_grad=True)
    real = torch.tensor([[0.5, 0.5], [0.5, 0.5], [2.0, -1.0]], requires_grad=True)
    torch.manual_seed(0)
    value = Consistency(cell=1e9).of_side(consistency_view(codes, real), "user")
    value.backward()
    assert torch.isfinite(real.grad).all()
    assert torch.isfinite(codes.grad).all()
    # Rows 0 and 2 agree in both bits: descent brings row 2 nearer to row 0.
    moved = real.detach() - 0.01 * real.grad
    assert (moved[2] - moved[0]).norm() < (real[2] - real[0]).norm()
    # All rows share the cell: descent brings the differing bit of row 1 nearer to the others'.
    assert codes.grad[1, 1] > 0


def test_consistency_of_one_row_is_nothing():
    view = consistency_view(torch.ones(1, 4), torch.ones(1, 4))
    assert float(Consistency().of_side(view, "user")) == 0


def test_similarity_reconstruction_by_hand(rng):
    b, f = 6, 8
    rows = {"user": rng.random((4, 9)), "item": rng.random((5, 7))}
    codes = {side: rng.normal(size=(len(x), f)) for side, x in rows.items()}
    places = {"user": rng.integers(0, 4, b), "item": rng.integers(0, 5, b)}
    x, y = (unit(rows[side])[places[side]] for side in ("user", "item"))
    n = 0.6 * (2 * x @ x.T - 1) + 0.4 * (2 * y @ y.T - 1)
    m = 1.5 * (0.6 * n + 0.4 * n @ n.T / b)
    u, v = (unit(codes[side])[places[side]] for side in ("user", "item"))
    expected = np.mean((u @ v.T - m) ** 2)
    expected += 0.1 * (np.mean((u @ u.T - m) ** 2) + np.mean((v @ v.T - m) ** 2))
    units = {side: torch.from_numpy(unit(values)) for side, values in rows.items()}
    view = SimpleNamespace(
        codes={side: torch.from_numpy(values) for side, values in codes.items()},
        rows={side: torch.arange(len(values)) for side, values in rows.items()},
        user_places=torch.from_numpy(places["user"]),
        item_places=torch.from_numpy(places["item"])[:, None],
        network=SimpleNamespace(cosines=lambda side, at: units[side][at] @ units[side][at].T),
    )
    assert float(SimilarityReconstruction().cost(view)) == pytest.approx(expected)


def test_poisson_with_a_sigmoid_rate():
    scores, labels = torch.tensor([[0.5, -0.5]]), torch.tensor([[1.0, 0.0]])
    mask = torch.ones(1, 2, dtype=torch.bool)
    found = Poisson(link="sigmoid", sharpness=6.0, positive_weight=2.0).value(scores, labels, mask)
    rate = 1 / (1 + np.exp(-3.0))
    np.testing.assert_allclose(found, [[rate - 2 * np.log(rate), 1 - rate]], rtol=1e-5)
    with pytest.raises(ValueError, match="link must be"):
        Poisson(link="log")
