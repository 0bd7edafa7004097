# SPDX-License-Identifier: Apache-2.0
"""Training that goes wrong says how, and leaves the checkpoint as it was."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.losses import BPR, BatchTerm
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding, Propagation, Tower
from hashrec_fast.training import (
    BackwardApproximation,
    FloatFactors,
    Gradient,
    GraphTeacher,
    Pairs,
)

torch = pytest.importorskip("torch")
FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}


@pytest.fixture
def train(rng):
    return sp.csr_matrix(rng.random((30, 20)) < 0.3, dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class Breaking(BatchTerm):
    """Fine until an epoch, then of an infinite value, or only of an infinite slope."""

    epoch: int = 3
    slope: bool = False

    def cost(self, view):
        total = (view.scores**2).mean()
        if view.step.epoch < self.epoch:
            return total
        return (0 * total).sqrt() if self.slope else total / 0


@dataclass(frozen=True, kw_only=True)
class Wide(Tower):
    """Gives more or fewer columns than the code has bits; remembers its network."""

    built: ClassVar[list] = []
    extra: int = 0

    def build(self, data):
        from hashrec_fast.towers.embedding import EmbeddingNetwork

        extra = self.extra

        class Network(EmbeddingNetwork):
            def encode(self, side, rows):
                found = super().encode(side, rows)
                return torch.cat([found] * 2, 1)[:, : found.shape[1] + extra]

        self.built[:] = [Network(Embedding(), data)]
        return self.built[0]


PAIRS = (BPR(),)


def model(objective=PAIRS, tower=None, teacher=None, float_rows=False, **settings):
    solver = Gradient(sampler=Pairs(batch_size=64), learning_rate=0.01, checkpoint_every=2)
    settings = {"epochs": 6} | settings
    strategy = (FloatFactors if float_rows else BackwardApproximation)(
        solver=type(solver)(**{**vars(solver), **settings})
    )
    recipe = Recipe(
        **FACTS,
        tower=tower or Embedding(),
        objective=objective,
        strategy=strategy,
        teacher=teacher,
    )
    made = hf.FloatRecommender if float_rows else hf.HashRecommender
    return made(recipe, n_bits=8, random_state=0, num_threads=1)


@pytest.mark.parametrize("slope", [False, True])
@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_a_loss_or_slope_that_is_not_finite(train, tmp_path, slope, clip_norm):
    """It breaks in epoch 3: the state of two epochs stays, and a mended run goes on from it."""
    path = tmp_path / "state"
    whole = model((BPR(), Breaking(epoch=99))).fit(train, show_progress=False)
    seen = []
    broken = model((BPR(), Breaking(slope=slope)), clip_norm=clip_norm)
    what = "gradient" if slope else "loss"
    with pytest.raises(FloatingPointError, match=rf"the {what} became (nan|inf) in epoch 3; lower"):
        broken.fit(train, show_progress=False, checkpoint=path, callback=seen.append)
    assert [row["round"] for row in seen] == [0, 1, 2]
    assert not hasattr(broken, "fitted_")
    assert list(tmp_path.iterdir()) == [path]
    if clip_norm:
        return
    rounds = []
    mended = model((BPR(), Breaking(epoch=99)))
    mended.fit(train, show_progress=False, checkpoint=path, callback=rounds.append)
    assert [row["round"] for row in rounds] == [2, 3, 4, 5]
    np.testing.assert_array_equal(mended.user_codes_, whole.user_codes_)


@pytest.mark.parametrize("epoch", [3, 5])
def test_parameters_that_are_not_finite_are_never_kept(train, tmp_path, epoch):
    """They became so in an epoch's last step, so that no loss has met them yet."""
    path, kept = tmp_path / "state", []

    def spoil(row):
        if row["round"] == epoch:
            kept.append(path.read_bytes())
            Wide.built[0].user.data[0, 0] = float("inf")

    with pytest.raises(
        FloatingPointError, match=f"user is no longer finite after {epoch + 1} epochs;"
    ):
        model(tower=Wide()).fit(train, show_progress=False, checkpoint=path, callback=spoil)
    assert path.read_bytes() == kept[0]


@pytest.mark.parametrize("float_rows", [False, True])
def test_rows_that_are_not_finite_are_never_exported(train, float_rows):
    def spoil(row):
        if row["round"] == 5:
            Wide.built[0].item.data[2] = float("nan")

    spoilt = model(tower=Wide(), float_rows=float_rows)
    with pytest.raises(FloatingPointError, match="vectors of items are no longer finite; lower"):
        spoilt.fit(train, show_progress=False, callback=spoil)
    assert not hasattr(spoilt, "fitted_")


def test_clipping_tames_steps(train):
    """Slopes longer than ``clip_norm`` are cut to it before the step."""
    norms = []

    def watched(parameters, largest):
        parameters = list(parameters)
        before = clip(parameters, largest)
        after = torch.stack([p.grad.norm() for p in parameters if p.grad is not None]).norm()
        norms.append((float(before), float(after)))
        return before

    clip = torch.nn.utils.clip_grad_norm_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.utils, "clip_grad_norm_", watched)
        model((BPR(sharpness=1e6),), clip_norm=0.5, epochs=2).fit(train, show_progress=False)
    assert max(before for before, _ in norms) > 0.5
    assert all(after <= 0.5 * 1.0001 for _, after in norms)


def test_a_teacher_that_diverges_leaves_no_checkpoint(train, tmp_path):
    from hashrec_fast.losses import RankingDistillation

    wild = GraphTeacher(solver=Gradient(learning_rate=1e30, epochs=5))
    taught = model((BPR(), RankingDistillation()), Propagation(), wild)
    with pytest.raises(FloatingPointError, match="lower learning_rate"):
        taught.fit(train, show_progress=False, checkpoint=tmp_path / "state")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("extra", "columns"), [(-3, 5), (2, 10)])
def test_a_tower_of_another_width(train, extra, columns):
    with pytest.raises(
        ValueError, match=rf"must give 8 columns for 30 users, got \(30, {columns}\)"
    ):
        model(tower=Wide(extra=extra)).fit(train, show_progress=False)


def test_more_layers_than_bits_and_wider_starts(train):
    deep = Propagation(layers=9, readout="layers")
    fitted = model(tower=deep, epochs=1).fit(train, show_progress=False)
    assert fitted.fitted_.facts["blocks"] == [1] * 8  # the first layers are left out
    with pytest.raises(ValueError, match="n_bits must be at most 4096"):
        model().set_params(n_bits=4097).fit(train, show_progress=False)


def test_no_pairs_to_learn_from(train):
    with pytest.raises(ValueError, match=r"user_items .*(empty|no )"):
        model().fit(sp.csr_matrix(train.shape), show_progress=False)
    with pytest.raises(ValueError, match="validation must have the shape"):
        model().fit(train, validation=train[:5], show_progress=False)
    with pytest.raises(ValueError, match="validation holds no pairs"):
        model().fit(train, validation=sp.csr_matrix(train.shape), show_progress=False)


def test_a_device_that_is_not_there(train, tmp_path):
    path = tmp_path / "state"
    model().fit(train, show_progress=False, checkpoint=path)
    kept = path.read_bytes()
    elsewhere = model().set_params(device="cuda:99")
    with pytest.raises(ValueError, match="'cuda:99' was asked for, but torch sees"):
        elsewhere.fit(train, show_progress=False, checkpoint=path)
    assert path.read_bytes() == kept
