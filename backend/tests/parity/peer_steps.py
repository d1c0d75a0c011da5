#!/usr/bin/env python3
"""Repeats the first steps of each mask in Hugging Face + PyTorch, from Tunemask's files alone.

    pip install torch transformers safetensors
    python peer_steps.py --tunemask ../../../target/debug/tunemask
    python peer_steps.py --tunemask ../../../target/debug/tunemask \
        --model ../../../../shared/models/minilm-l6-h384-uncased
    python peer_steps.py --tunemask ../../../target/debug/tunemask --weight-decay 0.1 --max-gradient-norm 0.5 \
        --schedule cosine
    python peer_steps.py --tunemask ../../../target/debug/tunemask --gradient-accumulation 4 --class-weights 0.5 2

`tunemask order --format examples` says what each step reads, `tunemask export --epoch initial` writes the model with
the initial head; dropout is off. PyTorch tokenises and trains with its own AdamW and clipping, by the schedule of
transformers; `tunemask probe --steps` does the same. Where a step has several batches, PyTorch adds up their gradients, each of
the sum of `CrossEntropyLoss(weight=…, reduction="sum")` over the batch, divided by the number of examples, or by the sum of their
weights, in all batches of the step: what transformers' Trainer does with `num_items_in_batch`. Prints per mask the largest relative difference of a loss, of a gradient norm and of a learning
rate, and of how far a tensor has moved: the norm of the difference between both tuned tensors over the norm of PyTorch's
movement, with the worst tensor. A mask that is beyond the bounds below is held to PyTorch in float64, and so is PyTorch's
float32: ours may be three times as far. Ends with 1 if it is farther. `--fixture FILE` writes what PyTorch
found for the test `cli_order`.
"""
import argparse, json, pathlib, subprocess, sys, tempfile

import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification
from transformers import get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup
from transformers.utils import logging

from peer_probe import trains

logging.set_verbosity_error()
logging.disable_progress_bar()

MASKS = ("full frozen random:500 mha ffn layernorms layernorm_a layernorm_f bitfit single_norm:1 outliers:4 "
         "outliers_random:4").split()
BOUNDS = dict(loss=2e-4, gradient_norm=2e-3, learning_rate=1e-6, moved=1e-2)
SEED, STEPS, STEP, WARMUP = 3, 20, 16, 0.1
# 20 steps: two epochs of 10. With 150 examples the last step of an epoch reads 6: of four batches of 4 one and a half.
EXPERIMENT = """model = "{model}"
tasks = ["sentiment"]
masks = ["frozen", {masks}]
learning_rates = [{rate}]
seeds = [3]
epochs = 2
batch_size = {batch}
train_limit = {limit}
eval_limit = 20
dropout = 0.0
weight_decay = {decay}
weight_decay_on = "{decay_on}"
schedule = "{schedule}"
{more}"""
SCHEDULES = dict(linear=get_linear_schedule_with_warmup, cosine=get_cosine_schedule_with_warmup,
                 constant=lambda optimizer, warmup, _: get_constant_schedule_with_warmup(optimizer, warmup))


def outliers(model, count):
    """For each LayerNorm of a block, by its name, which of its weight and bias are farthest from their mean."""
    state, chosen = model.state_dict(), {}
    for name in [n for n in state if "encoder" in n and n.endswith("LayerNorm.weight")]:
        bias = name.replace(".weight", ".bias")
        pool = torch.cat([state[name], state[bias]]).double()
        far = (pool - pool.mean()).abs().argsort(descending=True, stable=True)[:count]
        picked = torch.zeros_like(pool)
        picked[far] = 1
        chosen[name], chosen[bias] = picked.float().chunk(2)
    return chosen


def elements(mask, ours, model):
    """Name of each trained tensor -> which of its elements train; `None` for all. Draws are Tunemask's."""
    kind, _, count = mask.partition(":")
    names = [name for name, _ in model.named_parameters()]
    if kind == "outliers":
        chosen = {n: m for n, m in outliers(model, int(count)).items() if m.any()}
    elif kind in ("random", "outliers_random"):
        tuned = {n.removeprefix("tuned."): None for n in ours if n.startswith("tuned.bert.")}
        chosen = {n: ours.get("trains." + n) for n in tuned}
        drawn = sum(int(m.sum()) if m is not None else model.get_parameter(n).numel() for n, m in chosen.items())
        pools = 2 * model.config.num_hidden_layers if kind == "outliers_random" else 1
        assert drawn == int(count) * pools, (mask, drawn)
    else:
        return {n: None for n in names if trains(mask, n)}
    return chosen | {n: None for n in names if n.startswith("classifier.")}


def peer(folder, batches, tokenizer, mask, ours, length, a, dtype=torch.float32):
    """Losses, gradient norms, learning rates, and the tuned weights with the initial ones."""
    config = BertConfig.from_pretrained(folder)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    config.classifier_dropout = 0.0
    model = BertForSequenceClassification.from_pretrained(folder, config=config).to(dtype).train()
    chosen = elements(mask, ours, model)
    parameters = {n: model.get_parameter(n) for n in chosen}
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in chosen)
    before = {n: p.detach().clone() for n, p in parameters.items()}
    decays = lambda parameter: a.weight_decay_on == "all" or parameter.dim() > 1
    groups = [dict(params=[p for p in parameters.values() if decays(p)], weight_decay=a.weight_decay),
              dict(params=[p for p in parameters.values() if not decays(p)], weight_decay=0.0)]
    adam = torch.optim.AdamW(groups, lr=a.learning_rate, betas=(0.9, 0.999), eps=1e-6)
    schedule = SCHEDULES[a.schedule](adam, int(-(-STEPS * WARMUP // 1)), STEPS)
    found = dict(loss=[], gradient_norm=[], learning_rate=[])
    for batch in batches:
        model.zero_grad()
        size = len(batch) if a.gradient_accumulation == 1 else STEP // a.gradient_accumulation
        weight = None if a.class_weights is None else torch.tensor(a.class_weights, dtype=dtype)
        total = len(batch) if weight is None else weight[[e["label"] for e in batch]].sum()
        loss = 0.0
        for part in (batch[i:i + size] for i in range(0, len(batch), size)):
            texts = [(e["text"], e["pair"]) if "pair" in e else e["text"] for e in part]
            x = tokenizer(texts, padding=True, truncation=True, max_length=length, return_tensors="pt")
            labels = torch.tensor([e["label"] for e in part])
            if size == len(batch) and weight is None:
                own = model(**x, labels=labels).loss
            else:
                own = torch.nn.CrossEntropyLoss(weight=weight, reduction="sum")(model(**x).logits, labels) / total
            own.backward()
            loss += own.item()
        for name, elements_of in chosen.items():
            if elements_of is not None:
                parameters[name].grad *= elements_of
        norm = torch.stack([p.grad.double().norm() for p in parameters.values() if p.grad is not None]).norm()
        if a.max_gradient_norm:
            torch.nn.utils.clip_grad_norm_(parameters.values(), a.max_gradient_norm)
        rate = adam.param_groups[0]["lr"]
        adam.step()
        schedule.step()
        for name, elements_of in chosen.items():
            if elements_of is not None:
                # What does not train does not decay.
                parameters[name].data.copy_(torch.where(elements_of.bool(), parameters[name], before[name]))
        for key, value in zip(found, [loss, norm.item(), rate]):
            found[key].append(value)
    return found, {n: p.detach() for n, p in parameters.items()}, before


def compare(ours, found, tuned, before):
    """The largest differences by what is compared, and the tensor that moved most otherwise."""
    worst = {}
    for key, want in found.items():
        got, want = ours[key].double(), torch.tensor(want, dtype=torch.float64)
        worst[key] = ((got - want).abs() / want.abs().clamp(min=1e-9)).max().item() if len(got) == len(want) else 9e9
    names = {n.removeprefix("tuned.") for n in ours if n.startswith("tuned.")}
    moved = [(9e9, name) for name in names ^ set(tuned)]
    for name in names & set(tuned):
        # A key's bias moves by rounding noise alone: softmax does not see it.
        if not name.endswith("key.bias"):
            want = (tuned[name] - before[name]).double().norm()
            moved.append((((ours["tuned." + name] - tuned[name]).double().norm() / want.clamp(min=1e-9)).item(), name))
    worst["moved"], name = max(moved)
    return worst, name


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tunemask", required=True, help="the program")
    p.add_argument("--model", default="builtin:tiny", help="builtin:tiny, or a Hugging Face folder of BERT")
    p.add_argument("--masks", nargs="+", default=MASKS)
    p.add_argument("--learning-rate", type=float, default=1e-4, help="the highest; one that is too high for a mask magnifies "
                   "rounding, as for full on a pretrained model")
    p.add_argument("--weight-decay", type=float, default=0.0)
    p.add_argument("--weight-decay-on", choices=["matrices", "all"], default="matrices")
    p.add_argument("--max-gradient-norm", type=float)
    p.add_argument("--schedule", choices=SCHEDULES, default="linear")
    p.add_argument("--gradient-accumulation", type=int, default=1, help="batches of a step, of 16 examples together")
    p.add_argument("--class-weights", type=float, nargs=2)
    p.add_argument("--fixture", help="write what PyTorch found to this file")
    a = p.parse_args()
    failed, results = False, {}
    per_step, more = a.gradient_accumulation, ""
    if per_step > 1:
        more += f"gradient_accumulation = {per_step}\n"
    if a.class_weights:
        more += f"class_weights = {a.class_weights}\n"
    experiment = EXPERIMENT.format(model=a.model, rate=a.learning_rate, decay=a.weight_decay, decay_on=a.weight_decay_on,
                                   schedule=a.schedule, masks=", ".join(f'"{m}"' for m in a.masks if m != "frozen"),
                                   batch=STEP // per_step, limit=160 if per_step == 1 else 150, more=more)
    optimizer = ["--weight-decay", a.weight_decay, "--weight-decay-on", a.weight_decay_on, "--schedule", a.schedule]
    optimizer += ["--max-gradient-norm", a.max_gradient_norm] if a.max_gradient_norm else []
    optimizer += ["--batch-size", STEP // per_step] if per_step > 1 else []
    optimizer += ["--class-weights", ",".join(map(str, a.class_weights))] if a.class_weights else []
    run = lambda *words: subprocess.run([a.tunemask, *map(str, words)], check=True, stdout=subprocess.PIPE).stdout.decode()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        file, examples, initial, out = (folder / n for n in ["e.toml", "examples.jsonl", "initial", "out.safetensors"])
        file.write_text(experiment)
        examples.write_text(run("order", file, "--format", "examples"))
        batches = [[] for _ in range(STEPS)]
        for line in examples.read_text().split("\n")[:-1]:
            example = json.loads(line)
            batches[example["step"] - 1].append(example)
        run("export", file, "--epoch", "initial", "--out", initial)
        tokenizer = AutoTokenizer.from_pretrained(initial)
        for mask in a.masks:
            run("probe", "--model", initial, "--kind", "classification", "--labels", 2, "--examples", examples,
                "--mask", mask, "--head", initial / "model.safetensors", "--out", out, "--max-length", 128,
                "--steps", STEPS, "--learning-rate", a.learning_rate, "--seed", SEED, "--device", "cpu", *optimizer)
            ours = load_file(out)
            found, tuned, before = peer(initial, batches, tokenizer, mask, ours, 128, a)
            worst, name = compare(ours, found, tuned, before)
            good, word = all(worst[key] <= bound for key, bound in BOUNDS.items()), "ok"
            if not good:
                # Steps that are too large magnify rounding. Then both are held to PyTorch in float64.
                double = peer(initial, batches, tokenizer, mask, ours, 128, a, torch.float64)
                single = found | {"tuned." + n: t for n, t in tuned.items()}
                single = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in single.items()}
                (mine, _), (theirs, _) = (compare(one, *double) for one in (ours, single))
                good = all(mine[key] <= max(BOUNDS[key], 3 * theirs[key]) for key in BOUNDS)
                word = "ok beside float64: " + ", ".join(f"{k} {mine[k]:.1e}, PyTorch's float32 {theirs[k]:.1e}" for k in BOUNDS)
            failed |= not good
            print(f"{mask:18} loss {worst['loss']:.1e}  gradient norm {worst['gradient_norm']:.1e}  "
                  f"learning rate {worst['learning_rate']:.1e}  moved {worst['moved']:.1e} ({name})  "
                  + ("" if good else "WRONG, not ") + word, flush=True)
            norms = {n: t.double().norm().item() for n, t in sorted(tuned.items()) if not n.endswith("key.bias")}
            results[mask] = found | {"tuned_norm": norms}
    if a.fixture:
        rows = [[e["row"] for e in batch] for batch in batches]
        made = dict(experiment=experiment, learning_rate=a.learning_rate, optimizer=[str(word) for word in optimizer],
                    rows=rows, masks=results)
        short = lambda x: (float(f"{x:.7g}") if isinstance(x, float) else {k: short(v) for k, v in x.items()}
                           if isinstance(x, dict) else [short(v) for v in x] if isinstance(x, list) else x)
        pathlib.Path(a.fixture).write_text(json.dumps(short(made), separators=(",", ":")) + "\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
