# SPDX-License-Identifier: Apache-2.0
"""Terms of whole steps against plain loops."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

from hashrec_fast.binarizers import Step  # noqa: E402
from hashrec_fast.losses import (  # noqa: E402
    BitCertainty,
    BoundedBCE,
    CodeSimilarity,
    LinearReconstruction,
    NoisyRatingSquare,
    VisualSemantic,
    WordReconstruction,
)
from hashrec_fast.losses.structural import code_similarity, visual_semantic  # noqa: E402
from hashrec_fast.recipe import Recipe  # noqa: E402
from hashrec_fast.towers.content import LinearDecoder, WordDecoder  # noqa: E402
from hashrec_fast.towers.layers.sparse_rows import SparseRows  # noqa: E402
from hashrec_fast.training import GNCCP, Proximal  # noqa: E402


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(4)


def test_visual_semantic():
    n, width, margin = 7, 5, 0.1
    visual, textual = torch.randn(n, width), torch.randn(n, width)
    total = 0.0
    for i in range(n):
        own = float(visual[i] @ textual[i]) / width
        for j in range(n):
            if j != i:
                total += max(0.0, margin - own + float(visual[i] @ textual[j]) / width)
                total += max(0.0, margin - own + float(visual[j] @ textual[i]) / width)
    expected = total / n / (n - 1)
    assert float(visual_semantic(visual, textual, margin=margin)) == pytest.approx(expected)
    assert float(visual_semantic(visual[:1], textual[:1], margin=margin)) == 0


def test_visual_semantic_draws_from_many_garments():
    network = SimpleNamespace(
        garments_of={"drawn": torch.arange(30)}.get,
        views=lambda garments: (torch.eye(30)[garments], torch.eye(30)[garments]),
    )
    rows = {"item": "drawn"}
    view = SimpleNamespace(network=network, rows=rows, real={"item": torch.zeros(1)}, step=Step())
    expected = 2 * (0.1 - 1 / 30)  # of every pair, however many garments are drawn
    for limit in (30, 4):
        got = float(VisualSemantic(weight=1.0, limit=limit).cost(view))
        assert got == pytest.approx(expected, rel=1e-5)


def test_code_similarity():
    codes, related = torch.randn(6, 4), (torch.rand(6, 6) < 0.4).float()
    total = 0.0
    for i in range(6):
        for j in range(6):
            cosine = float(codes[i] @ codes[j] / codes[i].norm() / codes[j].norm())
            total += np.log1p(np.exp(cosine)) - float(related[i, j]) * cosine
    assert float(code_similarity(codes, related)) == pytest.approx(total / 6, rel=1e-5)
    network = SimpleNamespace(related=lambda *asked: related if asked else None)
    view = SimpleNamespace(
        network=network,
        codes={"user": codes, "item": codes},
        rows={"user": torch.arange(6), "item": torch.arange(6)},
    )
    got = float(CodeSimilarity(weight=0.5).cost(view))
    assert got == pytest.approx(total / 6, rel=1e-5)


def features():
    dense = np.where(np.random.default_rng(2).random((9, 6)) < 0.5, 2.0, 0.0)
    dense[4] = 0  # a row without words
    return dense, SparseRows(sp.csr_matrix(dense))


def test_linear_decoder():
    dense, rows = features()
    decoder = LinearDecoder(sp.csr_matrix(dense), 3)
    np.testing.assert_allclose(decoder.shift.detach(), dense.mean(0), rtol=1e-6)
    np.testing.assert_allclose(decoder.scale.detach(), dense.var(0), rtol=1e-5)
    with torch.no_grad():
        decoder.scale[1] *= -1  # its size counts
    chosen, codes = torch.tensor([1, 4, 7]), torch.randn(3, 3)
    given_back = codes @ decoder.weight.T * decoder.scale.abs() + decoder.shift
    gap = (given_back - torch.tensor(dense, dtype=torch.float32)[chosen]).square().sum(1)
    got = decoder.loss(codes, chosen, rows, None)
    assert got.item() == pytest.approx(gap.mean().item() / 2, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_word_decoder(weighted):
    dense, rows = features()
    decoder = WordDecoder(6, 3, 5)
    importance = torch.rand(6) if weighted else None
    chosen, codes = torch.tensor([0, 4, 8]), torch.randn(3, 3)
    table = decoder.words @ decoder.reduction * (importance[:, None] if weighted else 1)
    probabilities = (codes @ table.T + decoder.bias).softmax(1)
    expected = 0.0
    for place, row in enumerate(chosen):
        for word in np.flatnonzero(dense[row]):
            expected -= probabilities[place, word].log().item()
    got = decoder.loss(codes, chosen, rows, importance)
    assert got.item() == pytest.approx(expected / 3, rel=1e-5)


def test_words_of_a_part_of_the_rows():
    seen = []

    def loss(rows, codes):
        assert (codes[:, 0] == rows).all()
        seen.append(sorted(rows.tolist()))
        return codes.mean()

    side = SimpleNamespace(decoding_loss=loss)
    network = SimpleNamespace(decoded={"words": {"item": side}}.get)
    rows = torch.arange(20.0)
    view = SimpleNamespace(
        network=network, rows={"item": rows}, codes={"item": rows[:, None]}, step=Step()
    )
    for limit in (20, 6):
        WordReconstruction(noise=0.0, limit=limit).cost(view)
    assert seen[0] == list(range(20))
    assert len(set(seen[1])) == 6


def test_terms_without_their_decoder_say_so():
    view = SimpleNamespace(network=object(), codes={}, rows={})
    for term in (WordReconstruction(), LinearReconstruction()):
        with pytest.raises(ValueError, match=r"tower has no decoder '(words|linear)'"):
            term.cost(view)


def rating_view(epoch=0):
    values = torch.tensor([[5.0, 0.0], [1.0, 3.0]])
    observed = torch.tensor([[True, False], [True, True]])
    mask = torch.tensor([[True, True], [True, False]])
    batch = SimpleNamespace(values=values, observed=observed, mask=mask)
    scale, scores = SimpleNamespace(high=5.0), torch.tensor([[0.5, 0.25], [-1.0, 9.0]])
    step = Step(epoch=epoch, epochs=10, generator=torch.Generator().manual_seed(1))
    return SimpleNamespace(batch=batch, scale=scale, scores=scores, step=step)


def test_noisy_rating_square():
    quiet = NoisyRatingSquare(noise=0.0).cost(rating_view())
    assert float(quiet) == pytest.approx(((1 - 0.5) ** 2 + 1.25**2 + 0.4**2) / 3)
    loud = NoisyRatingSquare(noise=1.0).cost(rating_view())
    later = NoisyRatingSquare(noise=1.0, decay=1e-6).cost(rating_view(epoch=3))
    assert abs(float(loud) - float(quiet)) > 0.05
    assert float(later) == pytest.approx(float(quiet))
    below = rating_view()
    below.scale.high = 0.0
    with pytest.raises(ValueError, match="ratings must reach above 0"):
        NoisyRatingSquare().cost(below)


def test_bounded_bce_and_bit_certainty():
    scores, labels = torch.tensor([[0.6, -1.0, 1.0]]), torch.tensor([[0.25, 1.0, 0.0]])
    mask = torch.tensor([[True, True, False]])
    got = BoundedBCE().value(scores, labels, mask)[0]
    assert float(got[0]) == pytest.approx(-0.25 * np.log(0.8) - 0.75 * np.log(0.2), rel=1e-5)
    assert float(got[1]) == pytest.approx(-np.log(1e-7), rel=1e-3)
    assert float(got[2]) == 0
    real = torch.randn(4, 3)
    bits = (real >= 0).float()
    bce = torch.nn.functional.binary_cross_entropy_with_logits(real, bits, reduction="sum")
    assert float(BitCertainty().penalty(real, real)) == pytest.approx(float(bce) / 4, rel=1e-5)


def test_proximal_takes_no_steps():
    facts = {"name": "x", "title": "x", "venue": "x", "year": 2026, "fidelity": "own"}
    with pytest.raises(ValueError, match="CodeSimilarity has no differentiable value over lists"):
        Recipe(**facts, objective=(CodeSimilarity(),), strategy=Proximal(solver=GNCCP()))
