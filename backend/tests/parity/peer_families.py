#!/usr/bin/env python3
"""Holds the families beside BERT to Hugging Face + PyTorch: `tunemask probe`, runs, and exported folders.

    pip install torch transformers tokenizers safetensors
    python peer_families.py --tunemask ../../../target/release/tunemask [--hidden 64 --layers 4 --heads 4 --intermediate 128]

Makes a random model of each family with a tokenizer (as fixtures/families/make.py, of the size asked for). For each kind of head
and every mask: logits within 1e-4 of the largest, each gradient within 1e-3 of its tensor's largest, and exactly the mask's
tensors. Then trains two built-in tasks on each (`layernorms`, `full`), exports the runs, opens the folders with `AutoTokenizer`
and `AutoModelFor…` and compares their logits on sentences with those of `tunemask probe`, within 1e-4 of the largest. Prints the
largest differences; ends with 1 if one is larger.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures/families"))
import make
import torch
import transformers
from safetensors.torch import load_file, save_file

MASKS = "full frozen mha ffn layernorms layernorm_a layernorm_f bitfit single_norm:1 single_norm:2".split()
LOGITS, GRADIENT = 1e-4, 1e-3
PREFIXES = ("roberta.", "distilbert.", "electra.")
SENTENCES = ["the child sees a dog .", "a teacher , who sings , does not help the old king .", "word",
             "every dog that sees two cats was happy yesterday ."]


def trains(mask, name):
    """Whether the paper's mask trains the parameter of this Hugging Face name."""
    prefix = next((p for p in PREFIXES if name.startswith(p)), None)
    if prefix is None or mask == "full":
        return True
    rest = name.removeprefix(prefix)
    for block in ("encoder.layer.", "transformer.layer."):
        if rest.startswith(block):
            layer, rest = rest.removeprefix(block).split(".", 1)
            break
    else:
        return False
    norm_a = rest.startswith(("attention.output.LayerNorm", "sa_layer_norm"))
    norm_f = rest.startswith(("output.LayerNorm", "output_layer_norm"))
    kind, _, number = mask.partition(":")
    return {
        "frozen": False,
        "mha": rest.startswith("attention.") and not norm_a,
        "ffn": rest.startswith(("intermediate.", "output.", "ffn.")) and not norm_f,
        "layernorms": norm_a or norm_f,
        "layernorm_a": norm_a,
        "layernorm_f": norm_f,
        "bitfit": rest.endswith("bias"),
        "single_norm": (norm_a or norm_f) and number == str(int(layer) + 1),
    }[kind]


def call(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def probes(tunemask, at, name, folder):
    """Largest differences of logits and gradients over all heads and masks, and names that are wrong."""
    worst_logits, worst_gradient, wrong = 0.0, (0.0, ""), []
    for kind, labels in make.KINDS.items():
        model, tokenizer = make.open_model(folder, kind)
        if kind == "tagging":
            tokenizer = make.spaced(folder, name)
        batch = make.examples(kind)
        logits, loss, gradients = make.numbers(model, tokenizer, kind, batch)
        files = [at / f for f in ("examples.jsonl", "head.safetensors", "out.safetensors")]
        files[0].write_text("".join(json.dumps(e) + "\n" for e in batch), encoding="utf-8")
        save_file({n: p.detach().clone() for n, p in model.named_parameters() if make.is_head(model, n)}, files[1])
        network = max(g.abs().max().item() for g in gradients.values() if g is not None)
        for mask in MASKS:
            call(tunemask, "probe", "--model", folder, "--kind", kind, "--labels", labels, "--examples", files[0], "--mask", mask,
                 "--head", files[1], "--out", files[2], "--device", "cpu")
            ours = load_file(files[2])
            worst_logits = max(worst_logits, ((ours["logits"] - logits).abs().max() / logits.abs().max()).item(),
                               abs(ours["loss"].item() - loss.item()))
            got = {n.removeprefix("grad.") for n in ours if n.startswith("grad.")}
            wrong += got ^ {n for n in gradients if trains(mask, n)}
            for tensor in got:
                want = torch.zeros_like(ours[f"grad.{tensor}"]) if gradients[tensor] is None else gradients[tensor]
                # The bias of a key has no gradient but rounding.
                scale = max(want.abs().max().item(), 1e-4 * network)
                error = (ours[f"grad.{tensor}"] - want).abs().max().item() / scale
                worst_gradient = max(worst_gradient, (error, f"{kind} {mask} {tensor}"))
    return worst_logits, worst_gradient, wrong


@torch.no_grad()
def theirs(folder, name, tagging):
    kind = transformers.AutoModelForTokenClassification if tagging else transformers.AutoModelForSequenceClassification
    model = kind.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = make.spaced(folder, name) if tagging else transformers.AutoTokenizer.from_pretrained(folder)
    rows = []
    for sentence in SENTENCES:
        if not tagging:
            rows.append(model(**tokenizer(sentence, return_tensors="pt")).logits)
            continue
        encoded, firsts = make.encode(tokenizer, {"tokens": sentence.split()})
        ids = {k: torch.tensor([v]) for k, v in encoded.items()}
        rows.append(model(**ids).logits[0, [f for f in firsts if f is not None]])
    return torch.cat(rows), model.num_labels


def exports(tunemask, at, name, folder):
    """The largest difference of a logit of exported folders in transformers."""
    experiment = at / "experiment.toml"
    experiment.write_text("\n".join([
        f"model = '{folder}'", "tasks = ['sentiment', 'tags']", "masks = ['layernorms', 'full']", "learning_rates = [1e-3]",
        "seeds = [1]", "epochs = 1", "train_limit = 64", "eval_limit = 16", "max_length = 32"]))
    events = call(tunemask, "run", experiment, "--home", at / "home", "--json", "--device", "cpu").splitlines()
    finished = [e for e in map(json.loads, events) if e["event"] == "finished"]
    assert len(finished) == 4 and all(e["frozen_unchanged"] for e in finished), finished
    worst = 0.0
    for event in finished:
        tagging, out, probed = event["task"] == "tags", at / event["run"], at / "probed.safetensors"
        said = call(tunemask, "export", event["run"], "--home", at / "home", "--out", out)
        assert "to the last bit" in said, said
        want, labels = theirs(out, name, tagging)
        lines = [{"tokens": s.split(), "tags": [0] * len(s.split())} if tagging else {"text": s, "label": 0} for s in SENTENCES]
        (at / "sentences.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        call(tunemask, "probe", "--model", out, "--head", out / "model.safetensors", "--kind",
             "tagging" if tagging else "classification", "--labels", labels, "--mask", "frozen", "--examples",
             at / "sentences.jsonl", "--out", probed, "--device", "cpu")
        got = load_file(probed)["logits"]
        assert got.shape == want.shape, (got.shape, want.shape)
        worst = max(worst, ((got - want).abs().max() / want.abs().max()).item())
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    parser.add_argument("--families", nargs="+", default=list(make.FAMILIES))
    for size in ("hidden", "layers", "heads", "intermediate"):
        parser.add_argument(f"--{size}", type=int, default=make.SIZES[size])
    arguments = parser.parse_args()
    make.SIZES.update({size: getattr(arguments, size) for size in ("hidden", "layers", "heads", "intermediate")})
    tunemask, failed = arguments.tunemask.resolve(), False
    transformers.utils.logging.disable_progress_bar()
    for name in arguments.families:
        with tempfile.TemporaryDirectory() as at:
            at = pathlib.Path(at)
            make.make(at / "model", name)
            logits, (gradient, worst), wrong = probes(tunemask, at, name, at / "model")
            exported = exports(tunemask, at, name, at / "model")
            good = logits <= LOGITS and gradient <= GRADIENT and not wrong and exported <= LOGITS
            failed |= not good
            print(f"{name:12} {len(MASKS)} masks, {len(make.KINDS)} heads: logits {logits:.1e}  gradients {gradient:.1e} ({worst})  "
                  f"exported {exported:.1e}  " + ("ok" if good else f"WRONG {sorted(wrong)[:3]}"), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
