#!/usr/bin/env python3
"""Holds the scores of tagging runs to seqeval and scikit-learn, on the predictions that the runs stored.

    pip install seqeval scikit-learn safetensors
    python peer_tagging.py --tunemask ../../../target/release/tunemask EXPERIMENT.toml HOME

Runs the experiment in the home folder, which trains what is missing there, and reads what each finished run of `ner`,
`pos`, `entities` or `tags` left: logits at its best epoch, targets, words of each sentence. Prints entity F1, precision
and recall by seqeval (default mode) and accuracy on words by scikit-learn beside the run's own; ends with 1 if one
differs by more than 1e-12.
"""
import argparse, json, pathlib, subprocess, sys

from safetensors.numpy import load_file
from seqeval.metrics import f1_score, precision_score, recall_score
from sklearn.metrics import accuracy_score

LIMIT = 1e-12
ENTITIES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def sentences(labels, lengths):
    out, start = [], 0
    for length in lengths:
        out.append(labels[start:start + length])
        start += length
    assert start == len(labels)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tunemask", required=True, type=pathlib.Path)
    parser.add_argument("experiment", type=pathlib.Path)
    parser.add_argument("home", type=pathlib.Path)
    arguments = parser.parse_args()
    command = [arguments.tunemask, "run", arguments.experiment, "--home", arguments.home, "--json"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    worst, seen = 0.0, 0
    for event in map(json.loads, lines):
        if event["event"] != "finished" or event["task"] not in ("ner", "pos", "entities", "tags"):
            continue
        left = load_file(arguments.home / "runs" / f"{event['run']}.safetensors")
        actual = left["targets.0"].astype(int)
        predicted = left["best.predictions.0"].reshape(len(actual), -1).argmax(axis=1)
        theirs = {"accuracy": accuracy_score(actual, predicted)}
        if event["task"] in ("ner", "entities"):
            names = lambda numbers: sentences([ENTITIES[n] for n in numbers], left["reads.0"])
            pair = names(actual), names(predicted)
            theirs |= {"entity_f1": f1_score(*pair), "entity_precision": precision_score(*pair),
                       "entity_recall": recall_score(*pair)}
        for metric, value in theirs.items():
            own = event["metrics"][metric]
            worst = max(worst, abs(own - value))
            print(f"{event['task']} {event['mask']} {event['learning_rate']:.0e} seed {event['seed']}: {metric} "
                  f"{own:.6f}, by the peer {value:.6f}")
        seen += 1
    print(f"{seen} runs; largest difference {worst:.1e}, at most {LIMIT:.0e} allowed")
    return int(not (seen and worst <= LIMIT))


if __name__ == "__main__":
    sys.exit(main())
