# SPDX-License-Identifier: Apache-2.0
"""Methods whose codes have layers with scales: what the search scores, and what is trained."""

import numpy as np
import pytest
from test_contract import checkerboard

import hashrec_fast as hf
from hashrec_fast.methods import load_recipe

torch = pytest.importorskip("torch")

LAYERED = ("bgch", "bgch_plus", "bigear")
FEW = {"epochs": 2}


def fitted(name, n_bits=64, **changes):
    teacher = {"teacher__epochs": 2} if name == "bigear" else {}
    model = hf.create(name, n_bits=n_bits, random_state=0, num_threads=1)
    model.set_params(**(FEW | teacher | changes))
    return model.fit(checkerboard()[0], show_progress=False)


@pytest.mark.parametrize("name", LAYERED)
@pytest.mark.parametrize("n_bits", [1, 64, 100])
def test_packed_scores_are_those_of_dense_layers(name, n_bits):
    model = fitted(name, n_bits)
    blocks = model.fitted_.facts["blocks"]
    assert sum(blocks) == n_bits
    assert len(blocks) == min(3, n_bits)
    dense = []
    for side, codes in (("user", model.user_codes_), ("item", model.item_codes_)):
        scales = model.fitted_.arrays[f"{side}_scales"]
        assert scales.shape == (60, len(blocks))
        assert (scales >= 0).all()
        dense.append(hf.unpack(codes, n_bits) * np.repeat(scales, blocks, axis=1))
    expected = dense[0].astype(np.float64) @ dense[1].T
    ids, scores = model.recommend(np.arange(60), N=60, filter_already_liked_items=False)
    by_rank = np.take_along_axis(expected, ids, axis=1)
    np.testing.assert_allclose(scores, by_rank, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scores, -np.sort(-expected, axis=1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LAYERED)
def test_every_parameter_learns(name, monkeypatch):
    """BGCH's own code loses its projection; here each parameter has a gradient in every step."""
    from hashrec_fast.training import loop

    seen = []
    clip = torch.nn.utils.clip_grad_norm_

    def look(parameters, bound):
        parameters = list(parameters)
        seen.append([p.grad is not None and float(p.grad.abs().sum()) > 0 for p in parameters])
        return clip(parameters, bound)

    monkeypatch.setattr(loop.torch.nn.utils, "clip_grad_norm_", look)
    fitted(name)
    assert len(seen) >= 2
    count = 1 + load_recipe(name).tower.projection
    assert all(row == [True] * count for row in seen)


def test_a_frozen_projection_is_not_trained():
    model = fitted("bgch", tower__freeze_projection=True)
    assert model.user_codes_.shape == (60, 1)
