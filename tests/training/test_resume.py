# SPDX-License-Identifier: Apache-2.0
"""Runs that were cut off, devices that are not there, shapes at the edge."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.binarizers import BernoulliStraight
from hashrec_fast.losses import BPR
from hashrec_fast.quantizers import ITQ, Median, NormBits, Sign
from hashrec_fast.recipe import Recipe
from hashrec_fast.towers import Embedding, Tower
from hashrec_fast.training import BackwardApproximation, ForwardApproximation, Gradient, Pairs

torch = pytest.importorskip("torch")
FACTS = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
SHARED = """
import numpy as np, scipy.sparse as sp, hashrec_fast as hf
dense = np.random.default_rng(0).random((50, 40)) < 0.3
settings = dict(epochs=9, checkpoint_every=2)
model = hf.create("hashrec", n_bits=16, random_state=1, num_threads=1, **settings)
train = sp.csr_matrix(dense)
"""


@dataclass(frozen=True, kw_only=True)
class Dropping(Tower):
    """A table behind dropout and a buffer that training moves."""

    def build(self, data):
        from hashrec_fast.towers.embedding import EmbeddingNetwork

        class Network(EmbeddingNetwork):
            def __init__(self):
                super().__init__(Embedding(), data)
                self.norm = torch.nn.BatchNorm1d(data.n_bits)

            def encode(self, side, rows):
                found = torch.nn.functional.dropout(
                    super().encode(side, rows), 0.3, training=self.training
                )
                return self.norm(found) if len(rows) > 1 else found

        return Network()


def stochastic(epochs=8):
    rule = BernoulliStraight()
    solver = Gradient(
        sampler=Pairs(batch_size=64), epochs=epochs, learning_rate=0.02, checkpoint_every=3
    )
    strategy = BackwardApproximation(gradient=rule, solver=solver)
    recipe = Recipe(**FACTS, tower=Dropping(), objective=(BPR(),), strategy=strategy)
    return hf.HashRecommender(recipe, n_bits=12, random_state=4, num_threads=1)


def pairs(rng, shape=(40, 30)):
    return sp.csr_matrix(rng.random(shape) < 0.3)


def stop_at(epoch):
    def callback(row):
        if row["round"] == epoch:
            raise InterruptedError

    return callback


def test_dropout_and_buffers_go_on_where_they_were(tmp_path, rng):
    train, path = pairs(rng), tmp_path / "state"
    whole = stochastic().fit(train, show_progress=False)
    with pytest.raises(InterruptedError):
        stochastic().fit(train, show_progress=False, checkpoint=path, callback=stop_at(4))
    torch.rand(7)  # torch's own generator is elsewhere by now
    again = stochastic().fit(train, show_progress=False, checkpoint=path)
    np.testing.assert_array_equal(whole.user_codes_, again.user_codes_)
    np.testing.assert_array_equal(whole.item_codes_, again.item_codes_)
    assert whole.history_ == again.history_


def test_a_finished_checkpoint_trains_no_more(tmp_path, rng):
    train, path = pairs(rng), tmp_path / "state"
    first = stochastic(epochs=6).fit(train, show_progress=False, checkpoint=path)
    rounds = []
    again = stochastic(epochs=6)
    again.fit(train, show_progress=False, checkpoint=path, callback=rounds.append)
    assert rounds == []
    assert again.history_ == first.history_
    np.testing.assert_array_equal(first.item_codes_, again.item_codes_)


def test_a_killed_process_goes_on_to_the_same_codes(tmp_path):
    path = tmp_path / "state"
    script = SHARED + textwrap.dedent(
        f"""
        import os, signal
        def stop(row):
            if row["round"] == 5:
                os.kill(os.getpid(), signal.SIGKILL)
        model.fit(train, show_progress=False, callback=stop, checkpoint={str(path)!r})
        """
    )
    done = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == [path]
    names = {}
    exec(SHARED, names)
    rounds = []
    again = names["model"]
    again.fit(
        names["train"],
        show_progress=False,
        callback=lambda row: rounds.append(row["round"]),
        checkpoint=path,
    )
    assert rounds == [4, 5, 6, 7, 8]
    exec(SHARED, names)
    whole = names["model"].fit(names["train"], show_progress=False)
    np.testing.assert_array_equal(whole.user_codes_, again.user_codes_)
    np.testing.assert_array_equal(whole.item_codes_, again.item_codes_)


def test_a_checkpoint_of_other_data_is_refused(tmp_path, rng):
    path = tmp_path / "state"
    train = pairs(rng)
    stochastic(epochs=3).fit(train, show_progress=False, checkpoint=path)
    other = train.tolil()
    other[0, 0] = not other[0, 0]
    with pytest.raises(ValueError, match="a run on other training data"):
        stochastic().fit(other.tocsr(), show_progress=False, checkpoint=path)
    with pytest.raises(IsADirectoryError, match=r"must name a file, .* is a folder"):
        stochastic().fit(train, show_progress=False, checkpoint=tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("name", ["hashrec", "mf_bpr", "srloss"])
def test_a_device_that_is_not_there(name, rng):
    model = hf.create(name, device="cuda", n_bits=8)
    with pytest.raises(ValueError, match="'cuda' was asked for, but torch sees 0 CUDA devices"):
        model.fit(pairs(rng), show_progress=False)
    with pytest.raises(ValueError, match="device must be 'cpu' or 'cuda', got 'gpu'"):
        hf.create(name, device="gpu", n_bits=8).fit(pairs(rng), show_progress=False)


@pytest.mark.parametrize("quantizer", [Sign(), Median(), ITQ(), NormBits()])
@pytest.mark.parametrize("shape", [(5, 4), (1, 6), (6, 1)])
def test_more_bits_than_rows(quantizer, shape):
    dense = np.ones(shape)
    dense[0, 0] = 0
    solver = Gradient(epochs=2)
    strategy = ForwardApproximation(quantizer=quantizer, solver=solver)
    recipe = Recipe(**FACTS, tower=Embedding(), objective=(BPR(),), strategy=strategy)
    model = hf.HashRecommender(recipe, n_bits=70, random_state=0, num_threads=1)
    model.fit(sp.csr_matrix(dense), show_progress=False)
    assert model.user_codes_.shape == (shape[0], 2)
    hf.LinearScan(n_bits=70).add(model.item_codes_)
    assert len(model.recommend(0, N=1)[0]) == 1
    new = model.encode_users(sp.csr_matrix(dense))
    assert new.shape == (shape[0], 2)


def test_validation_measures_packed_codes_alone(rng, monkeypatch):
    """What the watch ranks has no other information than the codes of the fitted model."""
    from hashrec_fast.training import early_stopping

    seen = []
    measure = early_stopping.evaluate

    def spy(rows, *arguments, **options):
        seen.append(rows)
        return measure(rows, *arguments, **options)

    monkeypatch.setattr(early_stopping, "evaluate", spy)
    train = pairs(rng)
    validation = sp.csr_matrix((rng.random((40, 30)) < 0.2) & (train.toarray() == 0))
    for name in ("hashrec", "srloss"):
        model = hf.create(name, n_bits=16, random_state=0, epochs=3)
        model.set_params(evaluate_every=1)
        model.fit(train, validation=validation, show_progress=False)
        assert all(rows.dtype == np.uint64 for pair in seen for rows in pair)
        best = seen[model.fitted_.facts["best_epoch"]]
        np.testing.assert_array_equal(best[0], model.user_codes_)
        np.testing.assert_array_equal(best[1], model.item_codes_)
        seen.clear()
