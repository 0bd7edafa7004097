# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest

from hashrec_fast.losses import L2, Balance, BernoulliKL, Decorrelation, NormTarget, QuantizationGap

torch = pytest.importorskip("torch")

PARTS = (Balance(), Decorrelation(), QuantizationGap(), NormTarget(target=1.5), BernoulliKL())


def sides(n=7, f=4):
    rng = np.random.default_rng(n)
    real = rng.normal(size=(n, f))
    return real, np.tanh(2 * real)


def by_loop(part, real, codes):
    z = codes if part.of == "codes" else real
    n, f = z.shape
    if isinstance(part, Balance):
        return sum(sum(z[i, k] for i in range(n)) ** 2 for k in range(f)) / n
    if isinstance(part, Decorrelation):
        gram = [[sum(z[i, k] * z[i, m] for i in range(n)) / n for m in range(f)] for k in range(f)]
        return sum((gram[k][m] - (k == m)) ** 2 for k in range(f) for m in range(f))
    if isinstance(part, QuantizationGap):
        return np.mean([(x - (1 if x >= 0 else -1)) ** 2 for x in z.ravel()])
    if isinstance(part, NormTarget):
        return np.mean([((row**2).sum() - part.target) ** 2 for row in z])
    p = 1 / (1 + np.exp(-z))
    return (p * np.log(2 * p) + (1 - p) * np.log(2 * (1 - p))).sum() / n


@pytest.mark.parametrize("of", ["codes", "real"])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_penalties_and_gradients(part, of):
    part = type(part)(**{**vars(part), "of": of})
    real, codes = (torch.from_numpy(side).requires_grad_(True) for side in sides())
    expected = by_loop(part, *sides())
    got = part.penalty(real, codes)
    assert got.shape == ()
    assert float(got.detach()) == pytest.approx(expected)
    leaf = codes if of == "codes" else real
    assert torch.autograd.gradcheck(
        lambda x: part.penalty(x, codes) if of == "real" else part.penalty(real, x), (leaf,)
    )
    # The weight is the loop's affair.
    heavy = type(part)(**{**vars(part), "weight": 9.0})
    assert torch.equal(heavy.penalty(real, codes), got)


def test_zero_where_the_wish_is_fulfilled():
    hadamard = torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    assert float(Balance().penalty(hadamard, hadamard)) == 0
    assert float(Decorrelation().penalty(hadamard, hadamard)) == 0
    assert float(QuantizationGap().penalty(hadamard, hadamard)) == 0
    assert float(NormTarget(target=3.0).penalty(hadamard, hadamard)) == 0
    zeros = torch.zeros((4, 3))
    assert float(BernoulliKL().penalty(zeros, zeros)) == pytest.approx(0, abs=1e-7)
    assert float(QuantizationGap().penalty(zeros, zeros)) == 1  # sgn(0) = +1
    big = torch.full((4, 3), 1e4)
    assert float(BernoulliKL().penalty(big, big)) == pytest.approx(3 * math.log(2))


def test_l2_of_base_rows():
    rows = torch.arange(6, dtype=torch.float64).reshape(3, 2)
    assert float(L2().penalty(rows)) == 55 / 6
    assert float(L2(weight=5.0).penalty(rows, 10)) == 55 / 20
    assert float(L2().penalty(rows[:0])) == 0


def test_bad_settings():
    with pytest.raises(ValueError, match="of must be"):
        Balance(of="sides")
