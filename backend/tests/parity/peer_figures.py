#!/usr/bin/env python3
"""Draws Figures 1 and 2 with matplotlib from the weights themselves, beside ours, and holds the counts of bins to NumPy.

    pip install matplotlib numpy safetensors
    python peer_figures.py --tunemask ../../../target/release/tunemask --out figures
    python peer_figures.py --tunemask … --out figures --home DIR -- --quick
    python peer_figures.py --tunemask … --out figures -- --model MODEL --data DATA --train-limit 64 --epochs 1

Runs `study figure1 figure2` with what stands behind `--` (`--quick` if nothing does), exports the drawn runs and reads
their model.safetensors. Each count of `figureN.csv` and `figureN-change-TASK.csv` must equal `numpy.histogram` of the weights in the same
bins. Writes `figureN-peer.png` and, where rsvg-convert is, `figureN-ours.png`; the same for the changes. Ends with 1 if a
count differs.
"""
import argparse, csv, json, pathlib, re, shutil, subprocess, sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot
import numpy
from safetensors import deserialize

BUILT_IN = pathlib.Path(__file__).resolve().parents[2] / "src/model/tiny/model.safetensors"
TITLES = {"mha": "attention", "ffn": "feed-forward", "layernorm_a": "LayerNorm A", "layernorm_f": "LayerNorm F"}


def load(path):
    """The tensors of a file as float32; NumPy has no bfloat16, in which the built-in model is stored."""
    def tensor(of):
        kinds = {"F32": numpy.float32, "F16": numpy.float16, "F64": numpy.float64}
        if of["dtype"] == "BF16":
            read = (numpy.frombuffer(of["data"], numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
        else:
            read = numpy.frombuffer(of["data"], kinds[of["dtype"]]).astype(numpy.float32)
        return read.reshape(of["shape"])

    tensors = deserialize(pathlib.Path(path).read_bytes())
    # In the same order whatever the file's, so that two files can be subtracted.
    known = ((re.sub(r"^bert\.", "", name), of) for name, of in tensors)
    return {name: tensor(of) for name, of in sorted(known) if of["dtype"] in ("F32", "F16", "F64", "BF16")}


def part(name):
    """The module and the part (γ, β) of a tensor's name; none for what is not in a block."""
    block = re.match(r"encoder\.layer\.(\d+)\.(.*)", name)
    if not block:
        return None
    number, rest = int(block[1]) + 1, block[2]
    side = {"weight": "gamma", "gamma": "gamma", "bias": "beta", "beta": "beta"}[rest.rsplit(".", 1)[1]]
    if "attention.output.LayerNorm" in rest:
        return number, "layernorm_a", side
    if "output.LayerNorm" in rest:
        return number, "layernorm_f", side
    return number, "mha" if rest.startswith("attention.") else "ffn", side


def values(tensors, group, block="all"):
    """All weights of a group of `tunemask weights`, as float64."""
    found = []
    for name, tensor in tensors.items():
        where = part(name)
        if where is None or (block != "all" and where[0] != int(block)):
            continue
        if group in (where[1], f"{where[1]}_{where[2]}"):
            found.append(tensor.astype(numpy.float64).ravel())
    return numpy.concatenate(found) if found else numpy.zeros(0)


def read(path, *keys):
    """Rows of a CSV by key: ends and counts of the bins."""
    tables = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            tables.setdefault(tuple(row[key] for key in keys), []).append(row)
    number = lambda rows, field: [float(row[field]) for row in rows]
    return {
        key: (number(rows, "low") + [float(rows[-1]["high"])], [int(row["count"]) for row in rows])
        for key, rows in tables.items()
    }


def differs(counts, weights, edges):
    """How many bins hold another number than NumPy's."""
    theirs, _ = numpy.histogram(weights, bins=len(counts), range=(edges[0], edges[-1]))
    return int(numpy.count_nonzero(theirs != numpy.array(counts))), theirs


def main():
    words = sys.argv[1:]
    ours, study = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, ["--quick"])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--home", type=pathlib.Path)
    arguments = parser.parse_args(ours)
    tunemask, out = arguments.tunemask.resolve(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    home = arguments.home or out / "home"

    def call(*words):
        return subprocess.run([tunemask, *map(str, words)], check=True, capture_output=True, text=True).stdout

    asked = ["study", "figure1", "figure2", "--home", home, "--out", out, "--json", *study]
    events = [json.loads(line) for line in call(*asked).splitlines()]
    if "--model" in study:
        base = next(pathlib.Path(study[study.index("--model") + 1]).glob("*.safetensors"))
    else:
        base = BUILT_IN
    pretrained = load(base)
    bins = wrong = 0
    for event in (e for e in events if e["event"] == "study"):
        figure = event["study"]
        weights = {"pretrained": pretrained}
        for cell in event["table"]["rows"][0]["cells"]:
            rate = next(r for r in cell["rates"] if r["learning_rate"] == cell["picked"][0])
            run = next(s["run"] for s in rate["seeds"] if s["scores"])
            folder = out / f"{figure}-{cell['task']}"
            call("export", run, "--home", home, "--out", folder, "--force")
            weights[cell["task"]] = load(folder / "model.safetensors")
        tables = read(out / f"{figure}.csv", "group", "weights")
        names = list(dict.fromkeys(name for _, name in tables))
        sets = dict(zip(names, weights.values()))
        groups = list(dict.fromkeys(group for group, _ in tables))
        _, axes = plot.subplots(1, len(groups), figsize=(3 * len(groups), 3), sharex=True, sharey=True)
        for axis, group in zip(axes, groups):
            for name in names:
                edges, counts = tables[group, name]
                off, theirs = differs(counts, values(sets[name], group), edges)
                bins, wrong = bins + len(counts), wrong + off
                filled = name == names[0]
                axis.stairs(theirs, edges, fill=filled, alpha=0.4 if filled else 1.0, label=name)
            axis.set(title=TITLES.get(group, group), yscale="symlog", xlabel="weight")
        axes[0].legend(fontsize=7)
        plot.tight_layout()
        plot.savefig(out / f"{figure}-peer.png", dpi=100)
        plot.close()
        for task in list(weights)[1:]:
            changed = read(out / f"{figure}-change-{task}.csv", "group", "block")
            groups = list(dict.fromkeys(group for group, _ in changed))
            _, axes = plot.subplots(2, (len(groups) + 1) // 2, figsize=(12, 5))
            for axis, group in zip(axes.flat, groups):
                for (own, block), (edges, counts) in changed.items():
                    if own != group:
                        continue
                    # As ours subtracts them: in f32 each, in f64 the difference.
                    change = values(weights[task], group, block) - values(pretrained, group, block)
                    change = change[change != 0]
                    off, theirs = differs(counts, change, edges)
                    bins, wrong = bins + len(counts), wrong + off
                    density = theirs / max(len(change), 1) / numpy.diff(edges)
                    axis.stairs(density, edges, fill=block == "all", alpha=0.4 if block == "all" else 0.9)
                axis.set_title(group)
            plot.tight_layout()
            plot.savefig(out / f"{figure}-change-{task}-peer.png", dpi=80)
            plot.close()
    if shutil.which("rsvg-convert"):
        for drawn in out.glob("figure*.svg"):
            subprocess.run(["rsvg-convert", drawn, "-o", drawn.with_name(f"{drawn.stem}-ours.png")], check=True)
    print(f"{bins} bins, {wrong} of them with another count than numpy.histogram; pictures in {out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
