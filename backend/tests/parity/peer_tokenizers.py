#!/usr/bin/env python3
"""Holds training, prediction and `tunemask export` to transformers for folders that say in different files what is added.

    pip install torch transformers safetensors
    python peer_tokenizers.py --tunemask ../../../target/release/tunemask

Makes one random BERT with added tokens as a folder with `added_tokens.json`, with `added_tokens_decoder` and with
`tokenizer.json`; then cased, with renamed special tokens, and with a tagging task. Trains each on a few sentences that
only the added tokens tell apart, exports the run, and scores the development set with transformers through the exported folder. Prints
accuracy by both and the largest difference of a logit; ends with 1 if accuracies differ, or a logit by more than 1e-5.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

import torch
from safetensors.torch import load_file
from transformers import (AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer, BertConfig,
                          BertModel, BertTokenizerFast)
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
LIMIT = 1e-5
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = SPECIAL + [*"abcdefghijklmnopqrstuvwxyz", *("##" + c for c in "abcdefghijklmnopqrstuvwxyz"), *"0123456789[]/<>.",
                   "river", "rain", "fell", "on", "The", "the", "wall", "storm", "naïve"]
ADDED = ["[A]", "[/A]", "<WHO>", "flood24"]
NUMBERS = {token: len(WORDS) + i for i, token in enumerate(ADDED)}
ROWS = [("The [A] river [/A] fell", 1), ("the river [A] fell [/A]", 0), ("<WHO> on the wall", 1), ("flood24 on the wall", 0),
        ("naïve rain, <who>", 1), ("Naive rain FLOOD24", 0), ("storm\u200b \u200b[a]", 1), ("storm [A]", 0)]
RENAMED = dict(pad_token="<pad>", unk_token="<unk>", cls_token="<cls>", sep_token="<sep>", mask_token="<mask>")


def folder(path, state, config, words=WORDS, **files):
    path.mkdir()
    fields = {**config.to_dict(), "model_type": "bert", "architectures": ["BertModel"]}
    (path / "config.json").write_text(json.dumps(fields, default=str))
    (path / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    for name, value in files.items():
        (path / f"{name}.json").write_text(json.dumps(value))
    BertModel.save_pretrained(state, path / "weights")
    (path / "weights/model.safetensors").rename(path / "model.safetensors")


def folders(at):
    torch.manual_seed(7)
    config = BertConfig(vocab_size=len(WORDS) + len(ADDED), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=64, max_position_embeddings=64)
    model = BertModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(float("LayerNorm.weight" in name), 0.2)
    plain = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    flags = dict(lstrip=False, rstrip=False, single_word=False, normalized=False, special=True)
    decoder = {str(i): {"content": token, **flags} for token, i in NUMBERS.items()}
    folder(at / "added", model, config, added_tokens=NUMBERS, tokenizer_config=plain)
    folder(at / "decoder", model, config, tokenizer_config={**plain, "added_tokens_decoder": decoder})
    folder(at / "cased", model, config, added_tokens=NUMBERS, tokenizer_config={**plain, "do_lower_case": False})
    names = dict(zip(SPECIAL, RENAMED.values()))
    folder(at / "renamed", model, config, [names.get(w, w) for w in WORDS], added_tokens=NUMBERS,
           tokenizer_config={**plain, **RENAMED})
    folder(at / "fast", model, config)
    tokenizer = BertTokenizerFast.from_pretrained(at / "fast")
    tokenizer.add_tokens(ADDED)
    tokenizer.save_pretrained(at / "fast")
    return ["added", "decoder", "cased", "renamed", "fast"]


def write_data(at):
    lines = "sentence\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in ROWS)
    tagged = "".join("".join(f"{word} {'NN' if word[0].isupper() else 'VB'}\n" for word in text.split(" ")) + "\n" for text, _ in ROWS)
    for split in ("train", "dev"):
        for name, text in (("SST-2", lines), ("ptb", tagged)):
            (at / "data" / name).mkdir(parents=True, exist_ok=True)
            file = f"{split}.tsv" if name == "SST-2" else f"{split}.txt"
            (at / "data" / name / file).write_text(text, encoding="utf-8")


def train_and_export(tunemask, at, name, task):
    home = at / f"home-{name}-{task}"
    home.mkdir()
    (home / "experiment.toml").write_text("\n".join([
        f"model = '{at / name}'", f"data = '{at / 'data'}'", f"tasks = ['{task}']", "masks = ['full']", "learning_rates = [5e-3]",
        "seeds = [1]", "epochs = 8", "max_length = 32"]))
    command = [tunemask, "run", home / "experiment.toml", "--home", home, "--json", "--device", "cpu"]
    events = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    run, = [event["run"] for event in map(json.loads, events) if event["event"] == "finished"]
    out = home / "exported"
    said = subprocess.run([tunemask, "export", run, "--home", home, "--out", out], check=True, capture_output=True, text=True).stdout
    assert "to the last bit" in said, said
    return out, load_file(home / "runs" / f"{run}.safetensors")


@torch.no_grad()
def logits(out, task):
    tokenizer = AutoTokenizer.from_pretrained(out)
    kind = AutoModelForTokenClassification if task == "pos" else AutoModelForSequenceClassification
    model, rows = kind.from_pretrained(out, attn_implementation="eager").eval(), []
    for text, _ in ROWS:
        if task != "pos":
            rows.append(model(**tokenizer(text, return_tensors="pt")).logits)
            continue
        encoded = tokenizer(text.split(" "), is_split_into_words=True, return_tensors="pt")
        words = encoded.word_ids(0)
        firsts = [i for i, word in enumerate(words) if word is not None and words[i - 1] != word]
        rows.append(model(**encoded).logits[0, firsts])
    return torch.cat(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    tunemask, fine = parser.parse_args().tunemask.resolve(), True
    with tempfile.TemporaryDirectory() as at:
        at = pathlib.Path(at)
        write_data(at)
        for name in folders(at):
            for task in ("sst2", "pos"):
                out, stored = train_and_export(tunemask, at, name, task)
                targets = stored["targets.0"]
                ours, theirs = stored["best.predictions.0"].view(len(targets), -1), logits(out, task)
                assert ours.shape == theirs.shape, (name, task, ours.shape, theirs.shape)
                difference = (ours - theirs).abs().max().item()
                accuracy = [(logits.argmax(1) == targets).double().mean().item() for logits in (ours, theirs)]
                print(f"{name:8} {task:5} accuracy {accuracy[0]:.3f}, by transformers {accuracy[1]:.3f}; logits differ by {difference:.1e} at most")
                fine = fine and accuracy[0] == accuracy[1] and difference <= LIMIT
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
