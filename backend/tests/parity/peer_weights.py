#!/usr/bin/env python3
"""Holds `tunemask weights` to NumPy and SciPy, on a real model and on a run trained on it.

    pip install numpy scipy safetensors
    python peer_weights.py --tunemask ../../../target/release/tunemask \
        --model ../../../../shared/models/minilm-l6-h384-uncased

Trains `bitfit` for an epoch on a built-in task and exports the run as a delta. From model.safetensors and the delta
NumPy computes for every module and block, of the pretrained weights, the tuned ones and their difference: number,
mean, standard deviation, skewness, excess kurtosis, ends, quantiles and histogram; and for the LayerNorms the
outliers of `outliers:16`. Prints the largest relative error of each figure; ends with 1 if one is above 1e-9, or a
count or an outlier differs.
"""
import argparse, csv, io, json, pathlib, re, subprocess, sys, tempfile

import numpy
import scipy.stats
from safetensors.numpy import load_file

LIMIT = 1e-9


def group_holds(group, name):
    """Whether a group of `tunemask weights` has a block's tensor of this name (without its prefix)."""
    norm_a, norm_f = name.startswith("attention.output.LayerNorm"), name.startswith("output.LayerNorm")
    part = {"gamma": "weight", "beta": "bias"}
    if group in ("mha", "ffn"):
        own = name.startswith("attention.") if group == "mha" else name.startswith(("intermediate.", "output."))
        return own and not norm_a and not norm_f
    kind = group.removeprefix("layernorm_")
    own = norm_a if kind.startswith("a") else norm_f
    end = kind[2:]
    return own and (not end or name.endswith(part[end]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    tunemask, model = arguments.tunemask.resolve(), arguments.model.resolve()

    def call(*words):
        return subprocess.run([tunemask, *words], check=True, capture_output=True, text=True).stdout

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "e.toml").write_text("\n".join([
            f"model = '{model}'", "tasks = ['sentiment']", "masks = ['bitfit']", "learning_rates = [1e-3]",
            "seeds = [1]", "epochs = 1", "train_limit = 64", "eval_limit = 32"]))
        events = call("run", folder / "e.toml", "--home", folder, "--json", "--device", "cpu").splitlines()
        run = next(e["run"] for e in map(json.loads, events) if e["event"] == "finished")
        call("export", run, "--home", folder, "--delta", "--out", folder / "delta.safetensors")
        plain = lambda name: re.sub(r"^bert\.", "", name)
        before = {plain(n): t for n, t in load_file(model / "model.safetensors").items()}
        after = before | {plain(n): t for n, t in load_file(folder / "delta.safetensors").items()}
        rows = [json.loads(line) for line in call("weights", "--run", run, "--home", folder, "--json").splitlines()]
        listed = list(csv.DictReader(io.StringIO(call("weights", "--model", model, "--outliers", "16"))))

    blocks = 1 + max(int(m[1]) for m in (re.match(r"encoder\.layer\.(\d+)\.", n) for n in before) if m)
    assert len(rows) == 8 * (blocks + 1)
    worst = {}

    def compare(figure, got, want, scale):
        if got is None or isinstance(got, str):
            got = float("nan")
        same = numpy.isnan(got) and numpy.isnan(want)
        worst[figure] = max(worst.get(figure, 0.0), 0.0 if same else abs(got - want) / max(scale, 1e-300))

    for row in rows:
        layers = range(blocks) if row["block"] is None else [row["block"] - 1]
        names = [n for l in layers for n in before
                 if n.startswith(f"encoder.layer.{l}.") and group_holds(row["group"], n.split(".", 3)[3])]
        values = {kind: numpy.concatenate([t[n].ravel() for n in names]).astype(numpy.float64)
                  for kind, t in [("pretrained", before), ("tuned", after)]}
        values["difference"] = values["tuned"] - values["pretrained"]
        for kind, v in values.items():
            got, std = row[kind], v.std()
            assert got["n"] == len(v), (row["group"], row["block"])
            spread = max(std, abs(v).max())
            compare("mean", got["mean"], v.mean(), spread)
            compare("std", got["std"], std, spread)
            for figure, of in [("skewness", scipy.stats.skew), ("excess_kurtosis", scipy.stats.kurtosis)]:
                if std > 0:
                    compare(figure, got[figure], of(v), max(1.0, abs(of(v))))
            compare("ends", got["min"], v.min(), spread)
            compare("ends", got["max"], v.max(), spread)
            for share, value in got["quantiles"]:
                compare("quantiles", value, numpy.quantile(v, share), spread)
            counts, _ = numpy.histogram(v, bins=len(got["bins"]["counts"]))
            assert counts.tolist() == got["bins"]["counts"], (row["group"], row["block"], kind)

    found = {(r["tensor"], int(r["index"])): (float(r["value"]), float(r["sigma"])) for r in listed}
    assert len(found) == len(listed) == 16 * 2 * blocks
    for layer in range(blocks):
        for norm in ("attention.output", "output"):
            stem = f"encoder.layer.{layer}.{norm}.LayerNorm."
            pool = numpy.concatenate([before[stem + "weight"], before[stem + "bias"]]).astype(numpy.float64)
            sigma = (pool - pool.mean()) / pool.std()
            half = len(pool) // 2
            for place in numpy.argsort(-abs(sigma), kind="stable")[:16]:
                name = f"bert.{stem}{'weight' if place < half else 'bias'}"
                value, distance = found[name, int(place % half)]
                assert numpy.float32(value) == numpy.float32(pool[place])
                compare("outliers", distance, sigma[place], abs(sigma[place]))
    for figure, error in worst.items():
        print(f"{figure:16} {error:.1e}")
    print(f"{len(rows)} rows, {len(listed)} outliers; at most {LIMIT:.0e} allowed")
    return int(not max(worst.values()) <= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
