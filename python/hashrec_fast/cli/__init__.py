# SPDX-License-Identifier: Apache-2.0
"""The command ``hashrec``: learn codes, evaluate them, recommend, measure."""

from __future__ import annotations

import click

from hashrec_fast import __version__
from hashrec_fast.cli.bench import bench
from hashrec_fast.cli.common import Group
from hashrec_fast.cli.demo import demo
from hashrec_fast.cli.evaluate import evaluate
from hashrec_fast.cli.fit import fit
from hashrec_fast.cli.generate import generate
from hashrec_fast.cli.info import info
from hashrec_fast.cli.methods import methods
from hashrec_fast.cli.recommend import recommend
from hashrec_fast.cli.search import search

HELP = """Learning to hash for recommendation.

\b
A first tour:
  hashrec generate events.csv
  hashrec fit events.csv --split random --out model.safetensors
  hashrec evaluate model.safetensors events.csv --split random
  hashrec recommend model.safetensors --user 3 --user 14
"""  # the escape keeps click from rewrapping what follows


@click.group(cls=Group, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hashrec")
def main() -> None:
    """Learning to hash for recommendation."""


for command in (info, methods, generate, fit, evaluate, recommend, search, bench, demo):
    main.add_command(command)
