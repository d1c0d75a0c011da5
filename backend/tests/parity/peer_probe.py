#!/usr/bin/env python3
"""Holds `tunemask probe` to Hugging Face + PyTorch: logits, loss and every gradient, mask by mask.

    pip install torch transformers safetensors
    python peer_probe.py --tunemask ../../../target/release/tunemask \
        --model ../../../../shared/models/minilm-l6-h384-uncased --glue ../../../../shared/data/glue

On 16 real development examples each of SST-2 (classification), RTE (pair classification) and STS-B
(regression), from the shortest to the longest, with one drawn head for both sides and dropout off. Prints, per
task and mask, the largest difference of a logit, the largest relative error of a gradient (largest difference
over largest value, by tensor) and whether exactly the mask's tensors are there; ends with 1 if logits differ by
more than 1e-4, a gradient by more than 1e-3, or a frozen tensor has one.
"""
import argparse, json, pathlib, re, subprocess, sys, tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification
from transformers.utils import logging

# The head is missing from the checkpoint, as it should be.
logging.set_verbosity_error()
logging.disable_progress_bar()

MASKS = "full frozen mha ffn layernorms layernorm_a layernorm_f bitfit single_norm:1 single_norm:3 single_norm:6"
LOGITS, GRADIENT = 1e-4, 1e-3
TASKS = {
    "SST-2": dict(kind="classification", labels=2, text=["sentence"], label=lambda r: int(r["label"])),
    "RTE": dict(kind="classification", labels=2, text=["sentence1", "sentence2"],
                label=lambda r: int(r["label"] == "not_entailment")),
    "STS-B": dict(kind="regression", labels=1, text=["sentence1", "sentence2"], label=lambda r: float(r["score"])),
}


def trains(mask, name):
    """Whether the paper's mask trains the parameter of this Hugging Face name."""
    if name.startswith("classifier.") or mask == "full":
        return True
    block = re.match(r"bert\.encoder\.layer\.(\d+)\.(.*)", name)
    if not block:
        return False
    layer, rest = int(block[1]) + 1, block[2]
    norm_a, norm_f = rest.startswith("attention.output.LayerNorm"), rest.startswith("output.LayerNorm")
    kind, _, number = mask.partition(":")
    return {
        "frozen": False,
        "mha": rest.startswith("attention.") and not norm_a,
        "ffn": rest.startswith(("intermediate.", "output.")) and not norm_f,
        "layernorms": norm_a or norm_f,
        "layernorm_a": norm_a,
        "layernorm_f": norm_f,
        "bitfit": rest.endswith("bias"),
        "single_norm": (norm_a or norm_f) and number == str(layer),
    }[kind]


def examples(glue, task, tokenizer, n=16):
    """n development examples whose lengths spread from the shortest to the longest."""
    spec = TASKS[task]
    # GLUE quotes nothing, and only \n ends a line.
    lines = (pathlib.Path(glue) / task / "dev.tsv").read_bytes().decode().lstrip("\ufeff").split("\n")
    header = lines[0].rstrip("\r").split("\t")
    rows = [dict(zip(header, line.rstrip("\r").split("\t"))) for line in lines[1:] if line]
    length = lambda r: len(tokenizer(*[r[c] for c in spec["text"]])["input_ids"])
    rows.sort(key=length)
    chosen = [rows[i * (len(rows) - 1) // (n - 1)] for i in range(n)]
    made = []
    for row in chosen:
        texts = [row[c] for c in spec["text"]]
        example = {"text": texts[0], "label": spec["label"](row)}
        made.append(example | ({"pair": texts[1]} if len(texts) > 1 else {}))
    return made


def peer(model, tokenizer, kind, batch):
    """Logits, loss and the gradient of every parameter."""
    texts = [(e["text"], e["pair"]) if "pair" in e else e["text"] for e in batch]
    x = tokenizer(texts, padding=True, truncation=True, max_length=model.config.max_position_embeddings,
                  return_tensors="pt")
    labels = torch.tensor([e["label"] for e in batch], dtype=torch.long if kind == "classification" else torch.float)
    model.zero_grad()
    out = model(**x, labels=labels)
    out.loss.backward()
    return out.logits.detach(), out.loss.detach(), {n: p.grad for n, p in model.named_parameters()}


def compare(ours, mask, logits, loss, gradients):
    """Largest differences of logits, loss and gradients (with the worst tensor), and what is wrong with the names."""
    worst = (0.0, "")
    names = {n for n in gradients if trains(mask, n)}
    got = {n.removeprefix("grad.") for n in ours if n.startswith("grad.")}
    for name in names & got:
        a, b = ours["grad." + name], gradients[name]
        # Softmax does not see a shift of all its scores, so a key bias has no gradient but rounding noise; it is
        # held to the size of the query bias's.
        scale = gradients[name.replace(".key.bias", ".query.bias")].abs().max()
        if a.shape != b.shape:
            return 0.0, 0.0, (float("inf"), f"{name} has the shape {list(a.shape)}"), names ^ got
        error = ((a - b).abs().max() / scale.clamp(min=1e-30)).item()
        worst = max(worst, (error if error == error else float("inf"), name))
    difference = (ours["logits"] - logits).abs().max().item()
    return difference, abs(ours["loss"].item() - loss.item()), worst, names ^ got


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tunemask", required=True, help="the program")
    p.add_argument("--model", required=True, help="a Hugging Face folder of BERT")
    p.add_argument("--glue", required=True, help="the folder of the GLUE folders")
    p.add_argument("--masks", nargs="+", default=MASKS.split())
    p.add_argument("--tasks", nargs="+", default=list(TASKS))
    p.add_argument("--keep", help="write examples, heads and probes to this folder")
    a = p.parse_args()
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(a.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for task in a.tasks:
            spec = TASKS[task]
            batch = examples(a.glue, task, tokenizer)
            files = {k: folder / f"{task}.{k}" for k in ["jsonl", "head.safetensors", "out.safetensors"]}
            files["jsonl"].write_text("".join(json.dumps(e) + "\n" for e in batch))
            config = BertConfig.from_pretrained(a.model, num_labels=spec["labels"])
            model = BertForSequenceClassification.from_pretrained(a.model, config=config).eval()
            head = {"classifier.weight": torch.randn(spec["labels"], config.hidden_size) * 0.02,
                    "classifier.bias": torch.randn(spec["labels"]) * 0.02}
            model.load_state_dict(head, strict=False)
            save_file(head, files["head.safetensors"])
            reference = peer(model, tokenizer, spec["kind"], batch)
            for mask in a.masks:
                subprocess.run([
                    a.tunemask, "probe", "--model", a.model, "--kind", spec["kind"], "--labels", str(spec["labels"]),
                    "--examples", files["jsonl"], "--mask", mask, "--head", files["head.safetensors"],
                    "--out", files["out.safetensors"]], check=True, stdout=subprocess.DEVNULL)
                logits, loss, (error, name), wrong = compare(load_file(files["out.safetensors"]), mask, *reference)
                good = logits <= LOGITS and loss <= LOGITS and error <= GRADIENT and not wrong
                failed |= not good
                print(f"{task:6} {mask:14} logits {logits:.1e}  loss {loss:.1e}  gradient {error:.1e} ({name})  "
                      + ("ok" if good else f"WRONG {sorted(wrong)[:3]}"), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
