# SPDX-License-Identifier: Apache-2.0
"""Terms over whole batches: contrast of views and a teacher's lists, against explicit loops."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from hashrec_fast.binarizers import Gauss, Step
from hashrec_fast.losses import BPR, InfoNCE, RankingDistillation
from hashrec_fast.losses.info_nce import some_rows
from hashrec_fast.retrieval.similarities import LayerScaled

torch = pytest.importorskip("torch")


def rows(n, width, seed):
    return torch.randn(n, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def nce_by_loop(first, second, temperature):
    def cosine(a, b):
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    total = 0.0
    for i, a in enumerate(first):
        likeness = [math.exp(cosine(a, b) / temperature) for b in second]
        total -= math.log(likeness[i] / sum(likeness))
    return total / len(first)


def test_info_nce_by_loop():
    first, second = rows(6, 4, 0), rows(6, 4, 1)
    got = InfoNCE(temperature=0.2).contrast(first, second)
    assert float(got) == pytest.approx(nce_by_loop(first.numpy(), second.numpy(), 0.2))
    leaves = first.requires_grad_(True), second.requires_grad_(True)
    assert torch.autograd.gradcheck(InfoNCE(temperature=0.5).contrast, leaves)


class Views:
    """A network whose two views are tables."""

    def __init__(self):
        self.tables = {side: (rows(9, 4, s), rows(9, 4, s + 5)) for s, side in enumerate("ui")}

    def views(self, side, ids):
        first, second = self.tables[side]
        return first[ids], second[ids]


def contrast_view(network):
    return SimpleNamespace(
        network=network,
        rows={"u": torch.tensor([0, 3, 4, 8]), "i": torch.tensor([1, 2])},
        relaxed=lambda real: torch.where(real >= 0, 1.0, -1.0).double(),
        step=Step(generator=torch.Generator().manual_seed(0)),
    )


def test_info_nce_adds_sides_codes_and_features():
    network = Views()
    view = contrast_view(network)
    expected = 0.0
    for side, ids in view.rows.items():
        pair = [table[ids] for table in network.tables[side]]
        expected += 0.3 * nce_by_loop(*(x.numpy() for x in pair), 0.2)
        expected += 0.7 * nce_by_loop(*(view.relaxed(x).numpy() for x in pair), 0.2)
    term = InfoNCE(feature_weight=0.3, code_weight=0.7)
    assert float(term.cost(view)) == pytest.approx(expected)
    fewer = InfoNCE(rows=2).cost(view)
    assert torch.isfinite(fewer)
    assert float(fewer) != pytest.approx(float(InfoNCE().cost(view)))


def test_bad_temperature():
    with pytest.raises(ValueError, match="temperature must be above 0"):
        InfoNCE(temperature=0.0)


def distillation_view():
    blocks = (3, 2)
    tables = {
        "user": rows(5, 5, 1).requires_grad_(True),
        "item": rows(8, 5, 2).requires_grad_(True),
    }
    generator = torch.Generator().manual_seed(3)
    lists = torch.stack([torch.randperm(8, generator=generator)[:4] for _ in range(10)]).reshape(
        5, 2, 4
    )
    network = SimpleNamespace(
        teacher_lists=lists.int(),
        blocks=blocks,
        encode=lambda side, ids: tables[side][ids],
    )
    users, step, binarizer = torch.tensor([0, 2, 3]), Step(blocks=blocks), Gauss(scale="row")
    return tables, SimpleNamespace(
        network=network,
        rows={"user": users},
        codes={"user": binarizer.relax(tables["user"][users], step)},
        relaxed=lambda real: binarizer.relax(real, step),
        scored=LayerScaled().scores,
        step=step,
    )


def test_ranking_distillation_by_loop():
    tables, view = distillation_view()
    user, item = (tables[side].detach().numpy() for side in ("user", "item"))
    lists = view.network.teacher_lists.numpy()
    total = 0.0
    for u in (0, 2, 3):
        for block, part in enumerate((slice(0, 3), slice(3, 5))):
            for r, i in enumerate(lists[u, block], start=1):
                own, its = user[u, part], item[i, part]
                score = np.abs(own).mean() * np.abs(its).mean() * (np.sign(own) @ np.sign(its))
                total += math.exp(-0.2 * r) * math.log1p(math.exp(-1.5 * score))
    got = RankingDistillation(weight=2.0, decay=0.2, sharpness=1.5).cost(view)
    assert float(got.detach()) == pytest.approx(2.0 * total / (3 * 2 * 4))
    got.backward()
    assert tables["user"].grad[[0, 2, 3]].abs().sum(dim=1).min() > 0
    assert tables["user"].grad[[1, 4]].abs().sum() == 0
    listed = np.unique(lists[[0, 2, 3]])
    assert tables["item"].grad[listed].abs().sum(dim=1).min() > 0


def test_both_are_terms_of_whole_batches():
    for term in (InfoNCE(), RankingDistillation()):
        assert term.samples == "batch"
        assert term.differentiable
    assert not getattr(BPR(), "needs_teacher", False)


def test_few_of_many_rows():
    ids = torch.arange(10) * 3
    assert torch.equal(some_rows(ids, 0, None), torch.arange(10))
    assert torch.equal(some_rows(ids, 10, None), torch.arange(10))
    generator = torch.Generator().manual_seed(1)
    few = some_rows(ids, 4, generator)
    assert len(few.unique()) == 4
    assert not torch.equal(few, some_rows(ids, 4, generator))
