# SPDX-License-Identifier: Apache-2.0
"""The public data sets the package knows: counts, checksums and the terms they come under.

The package ships none of them. Terms are those found with the copies the checksums were taken
from; read them at the source before use. Outfit sets (Polyvore) have no users and are not listed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """Facts of one data set; ``sha256`` is that of its ``interactions.npz``."""

    n_users: int
    n_items: int
    n_interactions: int
    sha256: str
    title: str
    terms: str


REGISTRY: dict[str, Entry] = {
    "gowalla": Entry(
        29_858,
        40_981,
        1_027_370,
        "b2fbbc31b88b1208a833b6eb120b26019b4f78ad8efcecaffad99d3b7133280d",
        "Gowalla check-ins with the split of NGCF and LightGCN",
        "no licence file with the data",
    ),
    "yelp2018-first13455users": Entry(
        13_455,
        38_048,
        776_821,
        "86458817eea5464bfa8b05181ec78104e51b7037b9ead309d7c4fdd8800eea83",
        "users 0 to 13454 of the Yelp2018 of LightGCN",
        "terms of the Yelp dataset",
    ),
    "ml-1m": Entry(
        6_040,
        3_952,
        1_000_209,
        "cf4fec6f0dbfe5288dd8979654d3595f15a8b03e5581c22315d402a96aada86d",
        "MovieLens 1M",
        "GroupLens: research use, no redistribution",
    ),
    "ml-100k": Entry(
        943,
        1_682,
        100_000,
        "2148b1e5f767c9cb321326de1441c0de535ed445e9cee643a15f89eed3656c52",
        "MovieLens 100K, split u1",
        "GroupLens: research use, no redistribution",
    ),
    "ml-latest-small": Entry(
        671,
        9_125,
        100_004,
        "d67fa523317ac2190d0b9d34d101fdf175b2214a7aac6c8eb94b6b28f554a6b2",
        "MovieLens latest-small of 2016",
        "GroupLens: non-commercial, redistribution on the same terms",
    ),
    "citeulike-a": Entry(
        5_551,
        16_980,
        204_986,
        "26b80ecd30862616649b5de2c2e8b1e2b6ead04c0053f58ee5a50305172c41a8",
        "CiteULike articles with tags and citations",
        "cite Wang, Chen and Li, IJCAI 2013",
    ),
    "lastfm-hetrec2011": Entry(
        1_892,
        17_632,
        92_834,
        "c9851c0759a73619f26568b92e770f96b0805bbe2ee5a1afa26047bf2667c752",
        "Last.fm of HetRec 2011: listening counts, tags, friends",
        "terms of HetRec 2011",
    ),
    "lastfm-lightgcn": Entry(
        1_892,
        4_489,
        52_668,
        "f41a77ad212d67dad4cca01529f7a480abc141db1831e4d07d2dffa7ee305dbe",
        "Last.fm with the split of LightGCN",
        "none stated",
    ),
    "ciaodvd": Entry(
        19_533,
        16_121,
        72_345,
        "dfef598945031df02a72bcf25057e150b03413f89cd1d23e4ede2669fd5693e6",
        "CiaoDVD ratings and trust",
        "none stated for the data",
    ),
    "filmtrust": Entry(
        1_642,
        2_071,
        35_494,
        "aca8c8d194b4fedf979ae6efa831f248a5d33db6fef7bf137afebe9dab3da991",
        "FilmTrust ratings and trust",
        "cite Guo et al., IJCAI 2013",
    ),
    "yelp-hin": Entry(
        16_239,
        14_284,
        198_397,
        "7483f2f3f6703a206e2e98fa0eeb67dae3890a803f0fd3dd4e30cf3b63c6387d",
        "Yelp with friends, categories and cities",
        "none stated",
    ),
    "yelp-diffnet": Entry(
        17_237,
        38_342,
        207_945,
        "39826496a4d84ec298edb0b6d03765d88edf3fb195d7af4f05c51ec99aac11b6",
        "Yelp with the split of DiffNet",
        "none stated for the data",
    ),
    "amazon-electronics-hin": Entry(
        6_170,
        2_753,
        195_791,
        "e637484f9043683f6dda748e802afc17f09a48f962baa88df0e784ad3a808084",
        "Amazon ratings with brands and categories",
        "none stated",
    ),
    "amazon-toys-5core": Entry(
        19_412,
        11_924,
        167_597,
        "bd583117be6b8fe04fddf0063d8643691d09531c76eeba16fc05f8117ddd5d56",
        "Amazon toys and games, 5-core",
        "none stated",
    ),
    "amazon-office-5core": Entry(
        4_905,
        2_420,
        53_258,
        "7e92b6706692af70867fabf5ded847f5271f58a6e28c201c7497dff14eda5abc",
        "Amazon office products, 5-core",
        "none stated",
    ),
    "amazon-cds": Entry(
        43_169,
        35_648,
        777_426,
        "1719a9afd70dce2879b1a4f4dfc29e5bd13609fb2e2a460c20a062608145430c",
        "Amazon CDs with the split of UltraGCN",
        "none stated for the data",
    ),
    "amazon-book-kgat": Entry(
        70_679,
        24_915,
        846_434,
        "55ce692fcd87c73069979e03a20eeba82d0a5e75a5d56b43425ecd795385373a",
        "Amazon books with the split of KGAT",
        "none stated for the data",
    ),
    "pinterest-37k": Entry(
        37_501,
        9_836,
        1_000_154,
        "dfd4c1c9b1da61e0fc2dbfaac105b54c715ead8ea5cb060a2b52f5c4118f163c",
        "Pinterest, 37501 users",
        "none stated",
    ),
    "anime-caserec": Entry(
        5_000,
        7_390,
        520_609,
        "44c666bc7df579c2c8e28f69f37aa42b29c8e545a44c05aa45a7641e4c30e4a4",
        "5000 users of an anime rating database",
        "none stated",
    ),
}
