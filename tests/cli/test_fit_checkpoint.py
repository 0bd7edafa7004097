# SPDX-License-Identifier: Apache-2.0
"""``hashrec fit --checkpoint``: cut off, gone on, refused; and what goes wrong beside it."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

import hashrec_fast as hf
from hashrec_fast.cli import main

pytest.importorskip("torch")
SHORT = ("--method", "hashrec", "--bits", 16, "--threads", 1, "--set", "epochs=9")


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "events.csv"
    run("generate", path, "--users", 60, "--items", 50, "--mean", 12)
    return path


def fit(events, out, *options, code=0):
    return run("fit", events, "--out", out, "--quiet", *SHORT, *options, code=code)


def test_help_says_what_it_does():
    text = " ".join(run("fit", "--help").split())
    assert "training goes on from it; remove it to begin anew" in text


def test_a_run_that_was_killed_goes_on(events, tmp_path):
    """The same command, given again after the first process was killed in the sixth epoch."""
    state, whole, again = (tmp_path / name for name in ("state", "whole", "again"))
    every = ("--set", "checkpoint_every=2", "--checkpoint", state)
    command = ["fit", events, "--out", again, "--quiet", *SHORT, *every]
    script = f"""
import os, signal
from hashrec_fast import cli, estimator
fit = estimator.Recommender.fit
def stop(row):
    if row["round"] == 5:
        os.kill(os.getpid(), signal.SIGKILL)
def watched(self, *arguments, **options):
    return fit(self, *arguments, **options, callback=stop)
estimator.Recommender.fit = watched
cli.main({[str(part) for part in command]!r})
"""
    done = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(tmp_path.iterdir()) == [state]
    kept = state.read_bytes()
    run(*command)
    assert state.read_bytes() != kept
    fit(events, whole)
    one, other = hf.load(whole), hf.load(again)
    np.testing.assert_array_equal(one.user_codes_, other.user_codes_)
    np.testing.assert_array_equal(one.item_codes_, other.item_codes_)
    assert len(other.history_) == 9


def test_a_run_that_is_done_trains_no_more(events, tmp_path):
    state, first, second = (tmp_path / name for name in ("state", "first", "second"))
    options = ("--checkpoint", state, "--set", "checkpoint_every=9")
    fit(events, first, *options)
    kept = state.read_bytes()
    fit(events, second, *options)
    assert state.read_bytes() == kept
    assert (hf.load(first).user_codes_ == hf.load(second).user_codes_).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--set", "n_bits=8"), "the checkpoint of another model"),
        (("--split", "random"), "a run on other training data"),
        (("--checkpoint", "no/such/state"), "does not exist"),
        (("--set", "learning_rate=1e30"), r"became (nan|inf) in epoch \d+; lower"),
        (("--set", "device=cuda:99"), "'cuda:99' was asked for, but torch sees"),
    ],
)
def test_bad_runs_leave_the_checkpoint(events, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "state"
    fit(
        events,
        "model",
        "--checkpoint",
        state,
        "--set",
        "checkpoint_every=1",
        "--set",
        "epochs=2",
    )
    kept = {path: path.read_bytes() for path in tmp_path.iterdir()}
    out = fit(events, "other", "--checkpoint", state, *options, code=2)
    assert re.search(message, out), out
    assert len([line for line in out.splitlines() if line.startswith("Error")]) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_other_methods_keep_no_checkpoints(events, tmp_path):
    options = ("--out", tmp_path / "m", "--quiet", "--checkpoint", tmp_path / "state")
    assert "WDCF keeps no checkpoints" in run("fit", events, *options, code=2)
    assert not list(tmp_path.iterdir())


def test_features_that_are_not_there(events, tmp_path):
    out = run("fit", events, "--out", tmp_path / "m", "--method", "cgh", "--quiet", code=2)
    assert "CGH needs side_info['item_features'] and side_info['user_features'], got none" in out
    assert not (tmp_path / "m").exists()
