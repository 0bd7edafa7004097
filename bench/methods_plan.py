# SPDX-License-Identifier: Apache-2.0
"""Which methods the table compares on which data, with the grids their settings are chosen from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from methods_cases import Case, cold, outfits, rated, whole

Setting = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """Data sets of one kind and the methods made for it.

    ``extends`` names for each method the simpler one it should beat.
    """

    name: str
    text: str
    cases: dict[str, Callable[[], Case]]
    extends: dict[str, str]


def by_weight(*names: str, values: tuple[float, ...]) -> list[Setting]:
    """One setting per value, given to all the parameters named."""
    return [dict.fromkeys(names, value) for value in values]


BALANCE = ("balance_decorrelation__alpha", "balance_decorrelation__beta")


def social(weight: str) -> list[Setting]:
    """The weight of the links by that of balance, which ``dcf`` chooses as well."""
    links = by_weight(weight, values=(0.1, 1.0, 10.0))
    return [
        one | other for one in by_weight(*BALANCE, values=(0.001, 0.1, 10.0)) for other in links
    ]


SDMF_ANCHORS = {"user_cluster": 1.0, "user_real": 1.0, "item_cluster": 0.3, "item_real": 0.5}

GRIDS: dict[str, list[Setting]] = {
    "bccf": by_weight("balance__weight", values=(0.0001, 0.001, 0.01)),
    "cf_s": by_weight("l2__weight", values=(0.05, 0.1, 0.2)),
    "cfcodereg": by_weight("l2__weight", values=(0.5, 1.0, 2.0)),
    "ch": by_weight("noise", values=(1.0, 1.5, 2.0)),
    "nq": by_weight("l2__weight", values=(0.05, 0.1, 0.2)),
    "pph": by_weight("norm_target__weight", values=(1.0, 10.0, 100.0)),
    "dcf": by_weight(*BALANCE, values=(0.001, 0.1, 10.0)),
    "dsr": social("social_codes__weight"),
    "dtmf": social("social_codes__weight"),
    "dcmf": by_weight("feature_ridge__item_weight", values=(1.0, 10.0, 100.0)),
    "dcmf citeulike-a": by_weight("score_norm__weight", values=(0.01, 0.1, 0.3)),
    "dcmf_logit": by_weight("feature_ridge__item_weight", values=(0.1, 1.0, 10.0)),
    "dmf": by_weight("rest_square__weight", values=(0.03, 0.1, 0.3)),
    "cccf": [{"compositional_square__components": count} for count in (2, 4, 8)],
    "ddl": by_weight("content_network__weight", values=(1.0, 10.0, 100.0)),
    "dfmr": by_weight("behaviour_square__rest_weight", values=(0.1, 0.3, 0.8)),
    "dlacf": social("attentive_friends__weight"),
    "dlcf": by_weight("plackett_luce__sharpness", values=(0.75, 1.5, 3.0)),
    "dph": by_weight("content_network__weight", values=(1.0, 10.0, 100.0)),
    "dpr": by_weight(*BALANCE, values=(0.003, 0.03, 0.3)),
    "drmf": by_weight("pairwise_entropy__sharpness", values=(0.5, 1.0, 2.0)),
    "dsfch": by_weight(
        "feature_ridge__item_weight", "feature_ridge__user_weight", values=(1.0, 10.0, 100.0)
    ),
    "mdcf": [{"multi_view__user": False, "rest_weight": weight} for weight in (0.01, 0.03, 0.1)],
    "mfdcf": by_weight("rest_weight", values=(0.01, 0.03, 0.1)),
    "sdmf": [
        {f"real_anchors__{name}": scale * weight for name, weight in SDMF_ANCHORS.items()}
        for scale in (0.1, 1.0, 10.0)
    ],
    "sdsr": social("network_embedding__weight"),
    "ials": [
        {"alpha": alpha, "reg": reg} for alpha, reg in ((10.0, 30.0), (20.0, 60.0), (40.0, 100.0))
    ],
}
"""Settings tried on validation, with seed 0 and the first width; others run with defaults.

A key may end in the name of a data set. Squared errors of positives alone need the norm of all
scores, which is what dcmf tries on citeulike-a.
"""


def grid_of(method: str, data: str) -> list[Setting]:
    """The settings to try."""
    return GRIDS.get(f"{method} {data}", GRIDS.get(method, [{}]))


IMPLICIT = {"dpr": "popularity", "dmf": "popularity", "dlcf": "dpr", "dlpr": "dpr", "dfmr": "dmf"}

TASKS: tuple[Task, ...] = (
    Task(
        "explicit",
        "Ratings; the items of a user's held-out part are ranked among one another.",
        {"ml-1m": lambda: rated("explicit", "ml-1m", least=4)},
        {"dcf": "random codes"}
        | dict.fromkeys(("cccf", "sdmf", "drmf", "dlcf", "dfm"), "dcf")
        | {"cf_s": "random codes"}
        | dict.fromkeys(("cfcodereg", "bccf", "ch", "pph", "nq"), "cf_s"),
    ),
    Task(
        "implicit",
        "Positives (ml-1m: ratings above 3); all items but those met in training are ranked.",
        {
            "ml-1m": lambda: whole("implicit", "ml-1m", least=4),
            "gowalla": lambda: whole("implicit", "gowalla"),
        },
        IMPLICIT,
    ),
    Task(
        "social",
        "Ratings and links between users, measured as explicit; listening counts of "
        "lastfm-hetrec2011 as their logarithm.",
        {
            "filmtrust": lambda: rated("social", "filmtrust", least=3),
            "ciaodvd": lambda: rated("social", "ciaodvd", least=4),
            "lastfm-hetrec2011": lambda: rated(
                "social", "lastfm-hetrec2011", least=None, logarithm=True
            ),
        },
        {"dcf": "random codes"} | dict.fromkeys(("dsr", "dtmf", "dlacf", "sdsr"), "dcf"),
    ),
    Task(
        "cold items",
        "A tenth of the items is held out whole and encoded from features; they are ranked among "
        "one another. Tags of citeulike-a on fewer than five articles are left out.",
        {
            "ml-1m": lambda: cold("cold items", "ml-1m", "item", least=4),
            "citeulike-a": lambda: cold("cold items", "citeulike-a", "item", least=None, seldom=5),
            "amazon-electronics-hin": lambda: cold(
                "cold items", "amazon-electronics-hin", "item", least=4
            ),
        },
        {"dcmf": "random codes", "dcmf_logit": "dcmf", "dmf": "dcmf", "ddl": "dcmf"}
        | {"dph": "dcmf_logit", "mdcf": "dcmf", "dfm": "dcmf", "dlfm": "dfm"},
    ),
    Task(
        "cold users",
        "A tenth of the users is held out whole and encoded from four views of features.",
        {"ml-1m": lambda: cold("cold users", "ml-1m", "user", least=4)},
        {"dmf": "popularity", "mfdcf": "popularity"},
    ),
    Task(
        "outfit",
        "Which kind of bottom completes an outfit never seen, by the categories of its other "
        "garments; nothing else is known of garments.",
        {"polyvore-ngnn": lambda: outfits("outfit", "polyvore-ngnn")},
        {"dmf": "popularity", "dsfch": "dmf"},
    ),
    Task(
        "trained on positives",
        "Methods that follow gradients, on ratings above 3; all items but those met in training "
        "are ranked. They stop early by the validation part.",
        {"ml-100k": lambda: whole("trained on positives", "ml-100k", least=4)},
        dict.fromkeys(("hashrec", "hashgnn", "bgch", "bigear", "srloss"), "popularity")
        | {"cigar": "hashrec", "bgch_plus": "bgch", "kg_sage": "hashgnn"}
        | dict.fromkeys(("dgcn_bincf", "abincf"), "hashrec")
        | {"djsrh": "popularity", "djsrh_sst": "djsrh", "djsrh_st": "djsrh_sst"}
        | {"bivae_b": "popularity", "hcfrec_no_c": "bivae_b", "hcfrec": "hcfrec_no_c"}
        | {"bivae": "bivae_b", "mf_bpr": "popularity", "lightgcn": "mf_bpr", "simplex": "mf_bpr"},
    ),
    Task(
        "trained on ratings",
        "Methods that follow gradients, measured as explicit.",
        {"ml-100k": lambda: rated("trained on ratings", "ml-100k", least=4)},
        {"dcf": "random codes"}
        | dict.fromkeys(("aecf", "ccsr", "vhphd", "neuhash_cf", "cgh"), "dcf")
        | {f"{name}_{way}": name for name in ("aecf", "ccsr") for way in ("sst", "st")},
    ),
    Task(
        "trained on ratings and links",
        "Attention over histories, times and friends, measured as explicit.",
        {"filmtrust": lambda: rated("trained on ratings and links", "filmtrust", least=3)},
        {"dcf": "random codes", "tsgnh": "dcf"},
    ),
    Task(
        "cold items by networks",
        "As cold items.",
        {"ml-100k": lambda: cold("cold items by networks", "ml-100k", "item", least=4)},
        {"dcmf": "random codes", "neuhash_cf": "dcmf"},
    ),
    Task(
        "federated",
        "Ratings that stay with their users, measured as explicit.",
        {"ml-100k": lambda: rated("federated", "ml-100k", least=4)},
        {"dcf": "random codes", "lightfr": "dcf"},
    ),
)
REFERENCES = ("wdcf", "ials")

NOWHERE = ("fhn", "fhn_plus", "bihgh")
"""Not measured: no data set of users and outfits is at hand."""
