# SPDX-License-Identifier: Apache-2.0
"""What is drawn in a step can be drawn again, and how a step scores its pairs changes nothing."""

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.methods import load_recipe

torch = pytest.importorskip("torch")

from hashrec_fast.binarizers import Identity, Step  # noqa: E402
from hashrec_fast.data.side_inputs import SideInfo  # noqa: E402
from hashrec_fast.solvers.data_terms.targets import RatingScale  # noqa: E402
from hashrec_fast.towers import TowerData  # noqa: E402
from hashrec_fast.training import Pairs, step  # noqa: E402

TRIPLES = np.array([[0, 0, 22], [1, 0, 22], [2, 1, 23], [3, 1, 22]])


def toy():
    rng = np.random.default_rng(0)
    return sp.csr_matrix((rng.random((25, 20)) < 0.4).astype(np.float32))


def side_info(name):
    rng = np.random.default_rng(1)
    everything = {
        "kg": TRIPLES,
        "item_features": rng.random((20, 3)),
        "user_features": rng.random((25, 2)),
    }
    return {key: everything[key] for key in hf.describe(name)["side_info"]["uses"]} or None


@pytest.mark.parametrize("name", ["hashgnn", "kg_sage", "dgcn_bincf", "abincf"])
def test_a_killed_run_goes_on_to_the_same_codes(name, tmp_path):
    """Neighbours, noise and pools are drawn from what a checkpoint keeps."""
    quick = {"n_bits": 16, "random_state": 2, "num_threads": 1, "epochs": 6}
    quick["checkpoint_every"] = 2

    class KilledError(Exception):
        pass

    def stop(row):
        if "stage" not in row and row["round"] == 4:
            raise KilledError

    options = {"side_info": side_info(name), "show_progress": False}
    whole = hf.create(name, **quick).fit(toy(), **options)
    options["checkpoint"] = tmp_path / "state"
    with pytest.raises(KilledError):
        hf.create(name, **quick).fit(toy(), callback=stop, **options)
    again = hf.create(name, **quick).fit(toy(), **options)
    np.testing.assert_array_equal(whole.user_codes_, again.user_codes_)
    np.testing.assert_array_equal(whole.item_codes_, again.item_codes_)


def test_hashgnn_hashes_all_rows_in_the_last_fifth():
    schedule = load_recipe("hashgnn").strategy.gradient.schedule
    got = [schedule(Step(epoch=epoch, epochs=20)) for epoch in range(20)]
    np.testing.assert_allclose(got, [min(1, epoch / 16) for epoch in range(20)])


@pytest.mark.parametrize("name", ["hashrec", "simplex"])
def test_scores_of_all_pairs_at_once_are_those_of_pair_by_pair(name, monkeypatch):
    recipe = load_recipe(name)
    torch.manual_seed(0)
    network = recipe.tower.build(TowerData(toy(), SideInfo(), 8, 1))
    batch = next(Pairs(negatives=3).batches(toy(), np.random.default_rng(0)))
    similarity, scale = recipe.terms().similarity, RatingScale.of(toy())
    found = []
    for most in (0, 1000):
        monkeypatch.setattr(step, "DENSE", most)
        view = step.StepView(network, batch, Step(), Identity(), similarity, scale)
        (view.scores**2).sum().backward()
        found.append((view.scores.detach(), network.item.grad.clone()))
        network.zero_grad()
        network.end()
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)
