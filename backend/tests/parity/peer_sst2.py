#!/usr/bin/env python3
"""Fine-tunes in Hugging Face + PyTorch what `tunemask run` trains, on the same examples: SST-2 by masks.

    pip install torch transformers
    python peer_sst2.py --model ../../../../shared/models/minilm-l6-h384-uncased --glue ../../../../shared/data/glue
    tunemask run sst2.toml --json        # `--experiment` prints the file

Protocol as Tunemask's: batch 16 in a random order of each seed, at most 128 tokens, dropout of hidden states,
attention and head on, AdamW (ε 1e-6, no weight decay), linear warm-up over 10 % of the steps and linear decay, no
clipping, pooler frozen but in `full`, head drawn anew by the seed. Reports the best epoch on the development set.
One JSON object a run, then the mean and the sample deviation over the seeds.
"""
import argparse, hashlib, json, math, pathlib, random, statistics, time

import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, get_linear_schedule_with_warmup

from peer_probe import trains

RATES = {"full": 1e-4, "layernorms": 5e-3, "frozen": 1e-2}


class Stream:
    """`tunemask_shared::philox::Stream`: Philox 4x32-10 as a sequence of words."""

    def __init__(self, seed, purpose, part):
        self.key, self.count, self.tail, self.words = (seed & 0xFFFFFFFF, seed >> 32), 0, (part, purpose), []

    def word(self):
        if not self.words:
            c, (k0, k1) = [self.count & 0xFFFFFFFF, self.count >> 32, *self.tail], self.key
            for _ in range(10):
                p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [p1 >> 32 ^ c[1] ^ k0, p1 & 0xFFFFFFFF, p0 >> 32 ^ c[3] ^ k1, p0 & 0xFFFFFFFF]
                k0, k1 = k0 + 0x9E3779B9 & 0xFFFFFFFF, k1 + 0xBB67AE85 & 0xFFFFFFFF
            self.count, self.words = self.count + 1, c
        return self.words.pop(0)

    def below(self, bound):
        while True:
            wide = (self.word() << 32 | self.word()) * bound
            if wide & (1 << 64) - 1 >= (1 << 64) % bound:
                return wide >> 64


def limited(task, part, count, limit):
    """Rows that a limit leaves: `backend/src/data/limit.rs`."""
    order = list(range(count))
    if limit < count:
        stream = Stream(int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big"), 6, part)
        for i in reversed(range(1, count)):
            j = stream.below(i + 1)
            order[i], order[j] = order[j], order[i]
    return sorted(order[:limit])


def rows(path):
    """Sentences and labels; GLUE quotes nothing, and only \\n ends a line."""
    lines = [line.rstrip("\r").split("\t") for line in path.read_bytes().decode().split("\n")[1:] if line]
    return [(sentence, int(label)) for sentence, label in lines]


def accuracy(model, encoded, collate):
    model.eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i][0]["input_ids"]))
    right = 0
    with torch.no_grad():
        for j in range(0, len(order), 64):
            x, y = collate([encoded[i] for i in order[j : j + 64]])
            right += (model(**x).logits.argmax(1) == y).sum().item()
    return right / len(encoded)


def train(a, mask, rate, seed, encoded, development, collate):
    torch.manual_seed(seed)
    config = BertConfig.from_pretrained(a.model, num_labels=2)
    model = BertForSequenceClassification.from_pretrained(a.model, config=config)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = trains(mask, name)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, eps=1e-6, weight_decay=0.0)
    steps = math.ceil(len(encoded) / a.batch) * a.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    order, draw, scores, start = list(range(len(encoded))), random.Random(seed), [], time.time()
    for _ in range(a.epochs):
        draw.shuffle(order)
        model.train()
        for j in range(0, len(order), a.batch):
            x, y = collate([encoded[i] for i in order[j : j + a.batch]])
            model(**x, labels=y).loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        scores.append(accuracy(model, development, collate))
    best = max(scores)
    print(json.dumps({"task": "sst2", "mask": mask, "learning_rate": rate, "seed": seed, "best_epoch":
                      scores.index(best) + 1, "accuracy": best, "epochs": scores,
                      "seconds": round(time.time() - start, 1)}), flush=True)
    return best


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", required=True)
    p.add_argument("--glue", required=True)
    p.add_argument("--masks", nargs="+", default=list(RATES), choices=list(RATES))
    p.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    p.add_argument("--train-limit", type=int, default=4000)
    p.add_argument("--epochs", type=int, default=2)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--experiment", action="store_true", help="print the experiment files of the same runs and end")
    p.add_argument("--indices", action="store_true", help="print the training rows' numbers and end")
    a = p.parse_args()
    if a.experiment:
        for mask in a.masks:
            print(f'# {mask}.toml\nname = "SST-2 {mask}"\nmodel = "{a.model}"\ndata = "{a.glue}"\ntasks = ["sst2"]\n'
                  f'masks = ["{mask}"]\nlearning_rates = [{RATES[mask]}]\nseeds = {a.seeds}\nepochs = {a.epochs}\n'
                  f"batch_size = {a.batch}\ntrain_limit = {a.train_limit}\n")
        return
    folder = pathlib.Path(a.glue) / "SST-2"
    texts = rows(folder / "train.tsv")
    chosen = limited("sst2", 0, len(texts), a.train_limit)
    if a.indices:
        return print(json.dumps(chosen))
    if a.threads:
        torch.set_num_threads(a.threads)
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    encode = lambda pairs: [(tokenizer(t, truncation=True, max_length=128), label) for t, label in pairs]

    def collate(batch):
        return tokenizer.pad([e for e, _ in batch], return_tensors="pt"), torch.tensor([y for _, y in batch])

    encoded, development = encode([texts[i] for i in chosen]), encode(rows(folder / "dev.tsv"))
    for mask in a.masks:
        best = [train(a, mask, RATES[mask], seed, encoded, development, collate) for seed in a.seeds]
        std = statistics.stdev(best) if len(best) > 1 else None
        print(json.dumps({"mask": mask, "mean": statistics.mean(best), "std": std, "n": len(best)}), flush=True)


if __name__ == "__main__":
    main()
