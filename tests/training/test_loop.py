# SPDX-License-Identifier: Apache-2.0
"""The training loop: early stop, checkpoints, and what goes wrong with a clear word."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.losses import BPR, L2
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding
from hashrec_fast.training import BackwardApproximation, Gradient, Pairs

FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}


def clusters(n=80, groups=4, seed=0):
    """Users like the items of their own group; training and validation pairs."""
    rng = np.random.default_rng(seed)
    likes = np.arange(n)[:, None] % groups == np.arange(n) % groups
    draw = rng.random((n, n))
    return sp.csr_matrix(likes & (draw < 0.5)), sp.csr_matrix(likes & (draw > 0.9))


def model(epochs=12, random_state=3, **settings):
    solver = Gradient(
        sampler=Pairs(batch_size=256), epochs=epochs, learning_rate=0.01, checkpoint_every=2
    )
    recipe = Recipe(
        **FACTS,
        tower=Embedding(),
        objective=(BPR(),),
        constraints=(L2(weight=1e-4),),
        strategy=BackwardApproximation(solver=dataclasses.replace(solver, **settings)),
    )
    return hf.HashRecommender(recipe, n_bits=16, random_state=random_state, num_threads=1)


class KilledError(Exception):
    pass


def test_early_stop_keeps_the_best_epoch():
    train, validation = clusters()
    fitted = model(epochs=60, evaluate_every=1, patience=3, metric="recall@20")
    fitted.fit(train, validation=validation, show_progress=False)
    looks = [row["validation_recall@20"] for row in fitted.history_]
    best = int(np.argmax(looks))
    assert fitted.fitted_.facts["best_epoch"] == best
    assert len(looks) == best + 4 < 60
    found = hf.evaluate(fitted, train, validation, ("recall@20",))["recall@20"]
    assert found == pytest.approx(max(looks))
    assert found == pytest.approx(fitted.fitted_.facts["best_recall@20"])


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("last", [1, 4, 7])
def test_a_killed_run_goes_on_to_the_same_codes(tmp_path, last, average):
    train, validation = clusters()
    settings = {"evaluate_every": 1, "patience": 0, "metric": "recall@20", "average": average}
    whole = model(**settings).fit(train, validation=validation, show_progress=False)

    def stop(row):
        if row["round"] == last:
            raise KilledError

    path = tmp_path / "state"
    with pytest.raises(KilledError):
        model(**settings).fit(
            train, validation=validation, show_progress=False, callback=stop, checkpoint=path
        )
    assert path.exists() == (last >= 2)
    rounds = []
    again = model(**settings).fit(
        train,
        validation=validation,
        show_progress=False,
        callback=lambda row: rounds.append(row["round"]),
        checkpoint=path,
    )
    assert rounds[0] == last // 2 * 2
    np.testing.assert_array_equal(whole.user_codes_, again.user_codes_)
    np.testing.assert_array_equal(whole.item_codes_, again.item_codes_)
    assert whole.history_ == again.history_
    assert whole.fitted_.facts == again.fitted_.facts


def test_a_checkpoint_is_read_with_care(tmp_path):
    train, _ = clusters()
    path = tmp_path / "state"
    model().fit(train, show_progress=False, checkpoint=path)
    other = model().set_params(n_bits=8)
    with pytest.raises(ValueError, match="checkpoint of another model"):
        other.fit(train, show_progress=False, checkpoint=path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        model().fit(train, show_progress=False, checkpoint=path)
    hf.create("dcf", n_bits=8).fit(train, show_progress=False).save(path)
    with pytest.raises(ValueError, match="not a checkpoint"):
        model().fit(train, show_progress=False, checkpoint=path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        model().fit(train, show_progress=False, checkpoint=tmp_path / "no" / "state")
    with pytest.raises(ValueError, match="keeps no checkpoints"):
        hf.create("dcf").fit(train, show_progress=False, checkpoint=path)


def test_training_that_diverges_says_so_and_keeps_the_checkpoint(tmp_path):
    train, _ = clusters()
    path = tmp_path / "state"
    model(epochs=4).fit(train, show_progress=False, checkpoint=path)
    kept = path.read_bytes()
    wild = model(epochs=8, learning_rate=1e38)
    with pytest.raises(FloatingPointError, match=r"became (nan|inf) in epoch \d+; lower"):
        wild.fit(train, show_progress=False, checkpoint=path)
    assert path.read_bytes() == kept


def test_an_empty_validation_set_is_refused():
    train, _ = clusters()
    with pytest.raises(ValueError, match="validation holds no pairs"):
        model().fit(train, validation=sp.csr_matrix(train.shape), show_progress=False)


def test_torch_s_own_random_state_is_left_alone():
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model(epochs=1).fit(clusters()[0], show_progress=False)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"candidates": "some"}, "candidates must be one of 'all', 'test'"),
        ({"metric": "nope@5"}, "unknown metric 'nope@5'"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        model(**settings)


def test_a_recipe_without_tower_is_refused():
    with pytest.raises(ValueError, match="needs a tower"):
        Recipe(**FACTS, objective=(BPR(),), strategy=BackwardApproximation(solver=Gradient()))
    with pytest.raises(ValueError, match="DCD trains none"):
        hf.create("dcf", tower=Embedding())


def test_running_mean():
    torch = pytest.importorskip("torch")
    from hashrec_fast.training.averaging import RunningMean

    layer = torch.nn.Linear(2, 1, bias=False)
    mean = RunningMean(layer, 0.75)
    seen = []
    for step in range(1, 7):
        with torch.no_grad():
            layer.weight.fill_(float(step))
        mean.update()
        with mean.shown():
            seen.append(float(layer.weight.detach()[0, 0]))
        assert float(layer.weight.detach()[0, 0]) == step
    expected, value = [], 0.0
    for step in range(1, 7):
        weight = min(0.75, 1 - 1 / step)
        value = weight * value + (1 - weight) * step
        expected.append(value)
    assert seen == pytest.approx(expected)
