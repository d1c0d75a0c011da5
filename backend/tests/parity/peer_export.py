#!/usr/bin/env python3
"""Holds `tunemask export` to Hugging Face's transformers: the logits of exported folders and of base + delta.

    pip install torch transformers safetensors
    python peer_export.py --tunemask ../../../target/release/tunemask \
        --model ../../../../shared/models/minilm-l6-h384-uncased --data ../../../../shared/data

Trains RTE (`layernorms`, `full`, `outliers:16`), STS-B (`bitfit`), POS (`layernorms`) and texts with several labels
(`bitfit`, from the fixtures) for an epoch on a few examples and exports each run both ways. transformers opens the folder with `AutoTokenizer` and `AutoModelFor…`,
and puts the delta upon the base by its tensor names and indices; both read the development set from its files.
Their logits are compared with those that the run stored. Then the same for `builtin:tiny`, whose sentences
`tunemask probe` reads. Prints the largest difference of a logit of each; ends with 1 if one is more than 1e-4, or
a tensor outside the delta differs from the base.
"""
import argparse, csv, json, pathlib, subprocess, sys, tempfile

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import (AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification,
                          AutoTokenizer)
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
LIMIT = 1e-4
LENGTH = 128
RUNS = [("rte", "layernorms"), ("rte", "full"), ("rte", "outliers:16"), ("stsb", "bitfit"), ("pos", "layernorms"),
        ("own:topics", "bitfit")]
TOPICS = pathlib.Path(__file__).parent.parent / "fixtures/parquet/topics/csv"
TINY = [("sentiment", "layernorms"), ("similarity", "outliers:4"), ("tags", "full")]
SENTENCES = ["the child sees a dog .", "a teacher , who sings , does not help the old king .", "word",
             "every dog that sees two cats was happy yesterday ."]


def auto(task):
    tagging = task in ("pos", "tags")
    return AutoModelForTokenClassification if tagging else AutoModelForSequenceClassification


def development(task, data):
    """The development set: texts or pairs of them, or for POS lists of words."""
    if task == "own:topics":
        with open(TOPICS / "topics/dev.csv", encoding="utf-8", newline="") as file:
            return [row["text"] for row in csv.DictReader(file)]
    if task == "pos":
        file, = (data / "ptb").glob("*dev*")
        blocks = file.read_text().split("\n\n")
        rows = [[line.split()[0] for line in block.strip().splitlines()] for block in blocks]
        return [words for words in rows if words]
    name = {"rte": "RTE", "stsb": "STS-B"}[task]
    with open(data / "glue" / name / "dev.tsv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row["sentence1"], row["sentence2"]) for row in rows]


@torch.no_grad()
def logits(model, tokenizer, examples):
    model.eval()
    out = []
    for example in examples:
        if isinstance(example, list):
            encoded = tokenizer(example, is_split_into_words=True, return_tensors="pt")
            words = encoded.word_ids(0)
            firsts = [i for i, w in enumerate(words) if w is not None and (i == 0 or words[i - 1] != w)]
            out.append(model(**encoded).logits[0, firsts])
        else:
            text, pair = example if isinstance(example, tuple) else (example, None)
            encoded = tokenizer(text, pair, truncation="longest_first", max_length=LENGTH, return_tensors="pt")
            out.append(model(**encoded).logits)
    return torch.cat(out)


def with_delta(base, folder, file, task):
    """The base with the delta's scalars in it; counts those that are now others."""
    model = auto(task).from_config(AutoConfig.from_pretrained(folder), attn_implementation="eager")
    state = {f"bert.{n}": t.clone() for n, t in AutoModel.from_pretrained(base).state_dict().items()}
    delta = load_file(file)
    for name, tensor in delta.items():
        if name.startswith("indices."):
            plain = name.removeprefix("indices.")
            flat = state[plain].view(-1)
            flat[tensor.long()] = delta[f"values.{plain}"]
        elif not name.startswith("values."):
            assert name.startswith("classifier.") or state[name].shape == tensor.shape, name
            state[name] = tensor
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not [m for m in missing if "position_ids" not in m], missing
    assert not [u for u in unexpected if "pooler" not in u and "position_ids" not in u], unexpected
    return model


def train(tunemask, folder, lines):
    (folder / "experiment.toml").write_text("\n".join(lines))
    command = [tunemask, "run", folder / "experiment.toml", "--home", folder / "home", "--json", "--device", "cpu"]
    events = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    finished = [e for e in map(json.loads, events) if e["event"] == "finished"]
    assert finished and all(e["frozen_unchanged"] for e in finished)
    return {(e["task"], e["mask"]): e["run"] for e in finished}


def export(tunemask, folder, run):
    out, delta = folder / run, folder / f"{run}.delta.safetensors"
    fixed = [tunemask, "export", run, "--home", folder / "home"]
    subprocess.run([*fixed, "--out", out], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*fixed, "--out", delta, "--delta"], check=True, stdout=subprocess.DEVNULL)
    return out, delta


def compare(what, ours, folder, file, base, task, examples):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    whole = auto(task).from_pretrained(folder, attn_implementation="eager")
    got = [logits(model, tokenizer, examples) for model in (whole, with_delta(base, folder, file, task))]
    assert all(ours.shape == g.shape for g in got), (what, ours.shape, got[0].shape)
    differences = [(g - ours).abs().max().item() for g in got]
    with safe_open(file, "pt") as f:
        mask = f.metadata()["mask"]
    size = file.stat().st_size
    print(f"{what:28} {len(ours):6} reads  folder {differences[0]:.1e}  base + delta {differences[1]:.1e}"
          f"  delta {size:>11,} bytes  labels {list(whole.config.id2label.values())[:3]}")
    assert mask == what.split()[1], mask
    if task == "own:topics":
        assert whole.config.problem_type == "multi_label_classification", whole.config
        # Which its loss goes by.
        encoded = tokenizer(examples[0], return_tensors="pt")
        loss = whole(**encoded, labels=torch.tensor([[1.0, 0.0, 1.0]])).loss
        torch.testing.assert_close(loss, torch.nn.BCEWithLogitsLoss()(whole(**encoded).logits, torch.tensor([[1.0, 0.0, 1.0]])))
    return max(differences)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    tunemask, base = arguments.tunemask.resolve(), arguments.model.resolve()
    data, worst = arguments.data.resolve(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for number, (task, mask) in enumerate(RUNS):
            home = folder / str(number)
            home.mkdir()
            runs = train(tunemask, home, [
                f"model = '{base}'", f"data = '{TOPICS.resolve() if task == 'own:topics' else data}'", f"tasks = ['{task}']", f"masks = ['{mask}']",
                "learning_rates = [1e-3]" if mask != "full" else "learning_rates = [5e-5]", "seeds = [1]",
                "epochs = 1", "train_limit = 64", f"max_length = {512 if task == 'pos' else LENGTH}"])
            run = runs[task, mask]
            out, delta = export(tunemask, home, run)
            stored = load_file(home / "home/runs" / f"{run}.safetensors")
            ours = stored["best.predictions.0"].view(int(stored["reads.0"].sum()), -1)
            examples = development(task, data)
            assert len(examples) == len(stored["reads.0"])
            worst = max(worst, compare(f"{task} {mask}", ours, out, delta, base, task, examples))
        for number, (task, mask) in enumerate(TINY):
            home = folder / f"tiny{number}"
            home.mkdir()
            runs = train(tunemask, home, [
                f"tasks = ['{task}']", f"masks = ['{mask}']", "learning_rates = [1e-3]", "seeds = [1]", "epochs = 1",
                "train_limit = 64", "eval_limit = 32"])
            run = runs[task, mask]
            out, delta = export(tunemask, home, run)
            # The built-in model is in no folder: one that trained nothing but its head holds its weights.
            plain = train(tunemask, home, [f"tasks = ['{task}']", "masks = ['frozen']", "learning_rates = [1e-3]",
                                           "seeds = [1]", "epochs = 1", "train_limit = 64", "eval_limit = 32"])
            tiny, _ = export(tunemask, home, plain[task, "frozen"])
            labels = len(load_file(delta)["classifier.bias"])
            kind = {"sentiment": "classification", "similarity": "regression", "tags": "tagging"}[task]
            tagging = kind == "tagging"
            examples = [s.split() if tagging else s for s in SENTENCES]
            lines = [{"tokens": e, "tags": [0] * len(e)} if tagging else {"text": e, "label": 0} for e in examples]
            (home / "examples.jsonl").write_text("\n".join(map(json.dumps, lines)))
            probed = []
            for model in (["--model", out, "--head", out / "model.safetensors"],
                          ["--model", "builtin:tiny", "--delta", delta]):
                subprocess.run([tunemask, "probe", *model, "--kind", kind, "--labels", str(labels), "--mask", "frozen",
                                "--examples", home / "examples.jsonl", "--out", home / "out.safetensors",
                                "--device", "cpu"], check=True, capture_output=True)
                probed.append(load_file(home / "out.safetensors")["logits"])
            assert torch.equal(*probed)
            worst = max(worst, compare(f"{task} {mask}", probed[0], out, delta, tiny, task, examples))
    print(f"largest difference {worst:.1e}, at most {LIMIT:.0e} allowed")
    return int(not worst <= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
