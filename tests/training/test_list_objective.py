# SPDX-License-Identifier: Apache-2.0
"""Losses over sampled lists: values and gradients against dense autograd, and the user polish."""

import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

from hashrec_fast.data.sampling import sample_lists, sample_pairs  # noqa: E402
from hashrec_fast.losses import BCE, BPR, MSE, NeuralAP, NeuralNDCG, PlackettLuce  # noqa: E402
from hashrec_fast.torch_scope import torch_device, torch_threads  # noqa: E402
from hashrec_fast.training.flip_users import flip_users  # noqa: E402
from hashrec_fast.training.list_objective import ListObjective, relevance_of  # noqa: E402

LOSSES = (
    MSE(),
    BCE(),
    BPR(),
    PlackettLuce(),
    NeuralAP(k=4),
    NeuralNDCG(k=4),
)
SHAPE, F = (25, 18), 6


def objective_of(loss, dtype=torch.float64, seed=0):
    matrix = sp.random(*SHAPE, 0.25, format="csr", random_state=np.random.default_rng(seed))
    matrix.data = np.random.default_rng(seed).integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    sample = sample_pairs if loss.samples == "pairwise" else sample_lists
    lists = sample(matrix, 2, np.random.default_rng(seed))
    return ListObjective(lists, loss, SHAPE, dtype=dtype), lists


def rows(seed, dtype=torch.float64, binary=False):
    rng = np.random.default_rng(seed)
    found = [rng.uniform(-1, 1, (n, F)) for n in SHAPE]
    return [torch.from_numpy(np.where(x > 0, 1.0, -1.0) if binary else x).to(dtype) for x in found]


def dense_value(lists, loss, user, item, bias):
    """List by list, all by autograd."""
    relevance = torch.from_numpy(relevance_of(lists, loss.relevance))
    total = 0.0
    for number, owner in enumerate(lists.owners):
        part = slice(lists.indptr[number], lists.indptr[number + 1])
        items = torch.from_numpy(lists.items[part])
        scores = (item[items] @ user[owner] + bias[items]) / F
        mask = torch.ones((1, len(items)), dtype=torch.bool)
        total = total + loss.value(scores[None], relevance[None, part], mask).sum()
    return total


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_value_and_gradient_equal_dense_autograd(loss):
    objective, lists = objective_of(loss)
    bias = torch.linspace(-1, 1, SHAPE[1], dtype=torch.float64)
    leaves = [x.requires_grad_(True) for x in (*rows(1), bias)]
    got, expected = objective(*leaves), dense_value(lists, loss, *leaves)
    assert float(got.detach()) == pytest.approx(float(expected.detach()))
    for a, b in zip(
        torch.autograd.grad(3 * got, leaves), torch.autograd.grad(3 * expected, leaves), strict=True
    ):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_threads_do_not_change_a_bit(loss):
    objective, _ = objective_of(loss, torch.float32)
    results = []
    for threads in (1, 2, 3):
        with torch_threads(threads):
            leaves = [x.requires_grad_(True) for x in rows(2, torch.float32)]
            results.append(torch.autograd.grad(objective(*leaves), leaves))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("loss", [NeuralAP(), BPR()], ids=["listwise", "pairwise"])
def test_threads_do_not_change_a_code(loss):
    """Large enough for torch to use its threads."""
    from hashrec_fast.contracts import FitContext
    from hashrec_fast.training import GNCCP, GnccpPath
    from hashrec_fast.training.proximal_fit import fit_codes, threads_for

    rng = np.random.default_rng(0)
    matrix = sp.random(300, 300, 0.06, format="csr", random_state=rng)
    matrix.data[:] = 1
    matrix.sort_indices()
    solver = GNCCP(path=GnccpPath(decrement=0.7, iterations=1, scaling="rows"), polish_sweeps=1)
    fits = []
    for threads in (1, 2, 3):
        context = FitContext(64, np.random.default_rng(1), threads)
        assert threads_for(sample_lists(matrix, 4, rng), context) == threads
        fits.append(
            fit_codes(
                matrix,
                loss,
                None,
                context,
                path=solver.path,
                negatives=solver.negatives,
                polish_sweeps=solver.polish_sweeps,
            )
        )
    for other in fits[1:]:
        np.testing.assert_array_equal(fits[0].user, other.user)
        np.testing.assert_array_equal(fits[0].item, other.item)
        assert fits[0].history == other.history


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_user_polish_never_raises_the_true_loss(loss):
    objective, lists = objective_of(loss)
    user, item = rows(3, binary=True)
    bias = torch.zeros(SHAPE[1], dtype=torch.float64)
    before = float(dense_value(lists, loss, user, item, bias))
    polished, losses = flip_users(objective, user, item, sweeps=20)
    after = float(dense_value(lists, loss, polished, item, bias))
    assert losses[0] == pytest.approx(before)
    assert losses[-1] == pytest.approx(after)
    assert (np.diff(losses) <= 1e-12).all()
    assert after < before
    for u in (0, 9):  # no single bit helps any more
        for k in range(F):
            flipped = polished.clone()
            flipped[u, k] *= -1
            assert float(dense_value(lists, loss, flipped, item, bias)) > after - 1e-4


def test_relevance():
    _, lists = objective_of(MSE())
    grades = relevance_of(lists, "grades")
    np.testing.assert_array_equal(grades[lists.observed], lists.values[lists.observed])
    assert (grades[~lists.observed] == 0).all()
    labels, targets = relevance_of(lists, "labels"), relevance_of(lists, "targets")
    np.testing.assert_allclose(labels[lists.observed], (grades[lists.observed] - 1) / 4)
    np.testing.assert_allclose(targets, 2 * labels - 1)
    with pytest.raises(ValueError, match="relevance must be"):
        relevance_of(lists, "stars")


def test_devices():
    assert torch_device("cpu").type == "cpu"
    for name in ("meta", "nonsense"):
        with pytest.raises(ValueError, match=r"must be 'cpu' or 'cuda', got"):
            torch_device(name)
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="torch sees 0 CUDA devices"):
            torch_device("cuda")


def test_thread_count_is_given_back():
    before = torch.get_num_threads()
    with torch_threads(3):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before
    with torch_threads(0):
        assert torch.get_num_threads() == before
