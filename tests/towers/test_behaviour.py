# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import scipy.sparse as sp

torch = pytest.importorskip("torch")

from hashrec_fast.data.side_inputs import SideInfo  # noqa: E402
from hashrec_fast.towers import Behaviour, TowerData  # noqa: E402
from hashrec_fast.towers.behaviour import history_means  # noqa: E402

LINKS = sp.csr_matrix(
    np.array([[1, 0, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 5]], dtype=np.float32)
)


def test_histories_are_means_of_at_most_so_many_items():
    whole = history_means(LINKS, 0).toarray()
    np.testing.assert_allclose(whole[0], [0.25, 0, 0.25, 0.25, 0.25, 0])
    np.testing.assert_allclose(whole[2], [0, 0.5, 0, 0, 0, 0.5])
    seen = set()
    for seed in range(30):
        torch.manual_seed(seed)
        cut = history_means(LINKS, 2).toarray()
        np.testing.assert_allclose(cut.sum(axis=1), [1, 0, 1])
        np.testing.assert_array_equal((cut > 0).sum(axis=1), [2, 0, 2])
        assert not cut[LINKS.toarray() == 0].any()
        seen.add(tuple(np.flatnonzero(cut[0])))
    assert len(seen) == 6  # every pair of the four


def test_users_blend_themselves_with_their_items():
    torch.manual_seed(0)
    network = Behaviour(own_share=0.3).build(TowerData(LINKS, SideInfo(), 4, 1))
    with torch.no_grad():
        network.turn.add_(torch.randn(4, 4))
    item, turn = network.item.detach().numpy(), network.turn.detach().numpy()
    for user, history in ((0, [0, 2, 3, 4]), (1, []), (2, [1, 5])):
        past = np.mean(item[history], axis=0) if history else np.zeros(4)
        wanted = 0.3 * network.user[user].detach().numpy() + 0.7 * past @ turn
        got = network.encode("user", torch.tensor([user])).detach()[0]
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    assert torch.equal(network.encode("item", torch.tensor([3])), network.item[[3]])


def test_settings_are_checked():
    with pytest.raises(ValueError, match="own_share must be at most 1"):
        Behaviour(own_share=1.5)
    with pytest.raises(ValueError, match="history must be at least 0"):
        Behaviour(history=-1)
