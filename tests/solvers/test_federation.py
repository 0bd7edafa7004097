# SPDX-License-Identifier: Apache-2.0
import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp

import hashrec_fast as hf
from hashrec_fast.contracts import FitContext, Terms
from hashrec_fast.kernels.packing import unpack
from hashrec_fast.kernels.row_terms import NO_LINEAR
from hashrec_fast.losses import MSE
from hashrec_fast.solvers import DCD, FederatedDCD
from hashrec_fast.solvers.data_terms.observed_squares import ObservedSquares
from hashrec_fast.solvers.data_terms.targets import RatingScale
from hashrec_fast.solvers.federation import (
    BitErrors,
    BitFlips,
    Channel,
    ErrorVectors,
    Fleet,
    ItemCodes,
    Plan,
    Server,
    run_federation,
)
from hashrec_fast.solvers.state import SignState

N_BITS = 12


def ratings(seed=0, n_users=30, n_items=25, density=0.3):
    rng = np.random.default_rng(seed)
    matrix = sp.random(n_users, n_items, density, format="csr", random_state=rng)
    matrix.data = rng.integers(1, 6, matrix.nnz).astype(np.float64)
    matrix.sort_indices()
    return matrix


def federation(matrix, n_bits=N_BITS, seed=1):
    rng = np.random.default_rng(seed)
    targets = RatingScale.of(matrix).targets(matrix, n_bits)
    return Fleet(matrix, targets, n_bits, rng), Server(matrix.shape[1], n_bits, rng), targets


def everyone(fleet):
    return np.arange(len(fleet), dtype=np.int32)


@pytest.mark.parametrize("item_step", ["exact", "one_shot"])
def test_nothing_private_leaves_a_device(item_step):
    """A recording channel sees four kinds of message and in none a rating, target or code."""
    matrix = ratings()
    fleet, server, targets = federation(matrix)
    seen = []

    def watch(direction, message):
        seen.append((direction, message, unpack(fleet.collect_codes(), N_BITS).astype(float)))

    plan = Plan(rounds=3, item_step=item_step)
    run_federation(fleet, server, Channel(watch), plan, np.random.default_rng(2))
    uploads = [(message, codes) for direction, message, codes in seen if direction == "up"]
    assert len(uploads) >= 3
    allowed = {"bit": int, "begin": np.int64, "items": np.int32, "counts": np.int32}
    for message, codes in uploads:
        assert type(message) in {ErrorVectors, BitErrors}
        for field in dataclasses.fields(message):
            value = getattr(message, field.name)
            if field.name in {"vectors", "values"}:
                assert value.dtype == np.float64
                assert not any(
                    np.shares_memory(value, private)
                    for private in vars(fleet).values()
                    if isinstance(private, np.ndarray)
                )
                continue
            kind = allowed[field.name]
            assert isinstance(value, int) if kind is int else value.dtype == kind
        assert (message.counts == 1).all()
        numbers = message.vectors if item_step == "one_shot" else message.values[:, None]
        for column in numbers.T:  # no column holds ratings or targets
            assert not np.array_equal(column, targets[: len(column)])
            for j in range(len(message.begin) - 1):
                part = slice(message.begin[j], message.begin[j + 1])
                rows = [matrix.getrow(u) for u in range(len(fleet))]
                rated = [r.data for r in rows if np.array_equal(r.indices, message.items[part])]
                assert not any(len(r) > 4 and np.array_equal(column[part], r) for r in rated)
        if item_step == "one_shot":  # nor is any vector a user's code
            assert not any((vector == code).all() for vector in numbers for code in codes)


def test_an_upload_gives_the_code_up_to_one_sign():
    """What the documentation admits: error vectors do not hide a code from a curious server."""
    matrix = ratings()
    fleet, server, _ = federation(matrix)
    fleet.learn(everyone(fleet), server.publish(), num_threads=1)
    device = fleet.device(3)
    device.learn(server.publish())
    upload = device.error_vectors()
    vector = next(v for v in upload.vectors if v.any())
    guess = np.sign(vector)
    code = unpack(fleet.collect_codes(), N_BITS)[3]
    assert np.array_equal(guess, code) or np.array_equal(guess, -code)


def test_fleet_says_what_single_devices_say():
    matrix = ratings()
    fleet, server, _ = federation(matrix)
    alone, _, _ = federation(matrix)
    who = np.array([2, 5, 17, 29], dtype=np.int32)
    codes = server.publish()
    fleet.learn(who, codes, num_threads=2)
    devices = [alone.device(u) for u in who]
    for device in devices:
        device.learn(codes)
    np.testing.assert_array_equal(fleet.collect_codes(), alone.collect_codes())
    together = list(fleet.error_vectors(who, codes))
    single = [device.error_vectors() for device in devices]
    for name in ("items", "vectors", "counts"):
        np.testing.assert_array_equal(
            np.concatenate([getattr(m, name) for m in together]),
            np.concatenate([getattr(m, name) for m in single]),
        )
    session = fleet.session(who, codes)
    for bit in (0, 7):
        flips = BitFlips(bit=bit, items=np.array([1, 3, 8, 20], dtype=np.int32))
        session.hear(flips)
        for device in devices:
            device.hear(flips)
        for later in (bit, bit + 1):
            np.testing.assert_array_equal(
                session.bit_errors(later).values,
                np.concatenate([device.bit_errors(later).values for device in devices]),
            )


def test_exact_step_is_coordinate_descent():
    """The messages move item codes as the compiled pass over the asked users' ratings does."""
    matrix = ratings()
    fleet, server, _ = federation(matrix)
    who = np.arange(0, 30, 2, dtype=np.int32)
    codes = server.publish()
    fleet.learn(who, codes, num_threads=1)
    data_term = ObservedSquares.of_ratings(matrix[who], RatingScale.of(matrix), N_BITS)
    states = {
        "user": SignState.from_codes(fleet.collect_codes()[who], N_BITS),
        "item": SignState.from_codes(codes.codes, N_BITS),
    }
    changed = data_term.half("item", states, NO_LINEAR, sweeps=1, num_threads=1)
    session = fleet.session(who, codes)
    flips = 0
    for bit in range(N_BITS):
        answer = server.step_bit(session.bit_errors(bit))
        session.hear(answer)
        flips += len(answer.items)
    assert flips == changed > 0
    np.testing.assert_array_equal(server.publish().codes, states["item"].codes())


def test_one_shot_step_by_hand():
    matrix = ratings()
    fleet, server, targets = federation(matrix)
    codes = server.publish()
    users = unpack(fleet.collect_codes(), N_BITS).astype(float)
    items = unpack(codes.codes, N_BITS).astype(float)
    rows, columns = matrix.nonzero()
    errors = targets - (users[rows] * items[columns]).sum(axis=1)
    expected = items.copy()
    for i in range(items.shape[0]):
        mine = columns == i
        q = errors[mine] @ users[rows[mine]] + 2.0 * mine.sum() * items[i]
        expected[i] = np.where(q == 0, items[i], np.sign(q))
    server.step_all_bits(fleet.error_vectors(everyone(fleet), codes), 2.0)
    np.testing.assert_array_equal(unpack(server.publish().codes, N_BITS), expected)


def test_one_shot_with_full_inertia_never_raises_the_loss():
    n_bits, falls = 2, 0  # with more bits full inertia hardly ever flips one
    for seed in range(8):
        matrix = ratings(seed)
        matrix.data = np.where(matrix.data > 2, 5.0, 1.0)
        fleet, server, _ = federation(matrix, n_bits, seed)
        values = [fleet.loss(server.publish().codes)]
        for _ in range(5):
            codes = server.publish()
            server.step_all_bits(fleet.error_vectors(everyone(fleet), codes), float(n_bits))
            values.append(fleet.loss(server.publish().codes))
        assert (np.diff(values) <= 0).all()
        falls += values[-1] < values[0]
    assert falls >= 3


def test_everyone_asked_is_plain_descent():
    """With all devices in every round the loss falls and ends where DCD's own ends, or near."""
    matrix = ratings(n_users=60, n_items=45)
    context = FitContext(N_BITS, np.random.default_rng(0))
    terms = Terms((MSE(),))
    federated = FederatedDCD(fraction=1.0, rounds=60).solve(matrix, terms, None, context)
    values = [row["objective"] for row in federated.history]
    assert (np.diff(values) <= 1e-12).all()
    context = FitContext(N_BITS, np.random.default_rng(0))
    plain = DCD(start="random").solve(matrix, terms, None, context)
    assert values[-1] < 1.1 * plain.history[-1]["objective"]


def test_implicit_feedback_draws_negatives():
    matrix = ratings()
    matrix.data[:] = 1
    solver = FederatedDCD()
    scale = RatingScale.of(matrix)
    pairs, targets = solver._pairs(matrix, scale, FitContext(8, np.random.default_rng(0)))
    assert (targets[np.asarray(matrix[pairs.nonzero()]).ravel() == 1] == 8).all()
    assert ((targets == 8).sum(), (targets == -8).sum() > matrix.nnz) == (matrix.nnz, True)
    assert pairs.has_sorted_indices
    none, _ = FederatedDCD(negatives=0.0)._pairs(
        matrix, scale, FitContext(8, np.random.default_rng(0))
    )
    assert none.nnz == matrix.nnz


def test_channel_refuses_what_is_no_message():
    channel = Channel()
    codes = ItemCodes(codes=np.zeros((3, 1), np.uint64), n_bits=4)
    assert channel.down(codes, listeners=2) is codes
    assert channel.n_bytes == {"down": 48, "up": 0}
    with pytest.raises(TypeError, match="only ErrorVectors, BitErrors may go up, got ItemCodes"):
        channel.up(codes)
    with pytest.raises(TypeError, match="got ndarray"):
        channel.up(np.zeros(3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fraction": 0.0}, "fraction must be above 0, got 0.0"),
        ({"item_step": "both"}, "item_step must be one of 'exact', 'one_shot', got 'both'"),
        ({"negatives": -1.0}, "negatives must be at least 0"),
        ({"rounds": 0}, "rounds must be at least 1"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        hf.create("lightfr", n_bits=8, **settings).fit(ratings(), show_progress=False)
