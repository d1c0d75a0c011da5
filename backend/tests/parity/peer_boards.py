#!/usr/bin/env python3
"""Holds `tunemask export EXPERIMENT` to the programs that read it: pandas, TensorBoard and W&B.

    pip install pandas pyarrow tensorboard wandb
    python peer_boards.py --tunemask ../../../target/release/tunemask
    python peer_boards.py --fixtures ../fixtures/boards

The first trains a small grid on the built-in model and tasks, one rate of which diverges, exports all that `export` can, and
sees that pandas reads the three forms of each table equal, cell for cell; that TensorBoard's EventAccumulator has every figure
of every step, rounded to f32, and its plugin the settings of every run; and that W&B's DataStore and its messages have every
figure of every step, bit for bit, with config, summary and exit. Ends with 1 if anything differs.

The second writes what the unit tests of `backend/src/records` hold the framing to: files that these libraries wrote.
"""
import argparse, glob, hashlib, json, math, os, pathlib, subprocess, sys, tempfile

import numpy as np

EXPERIMENT = """
name = "boards, \\"quoted\\""
tasks = ["sentiment", "inference"]
masks = ["layernorms", "full"]
learning_rates = [1e-3, 1.0]
seeds = [1, 2]
epochs = 2
train_limit = 100
eval_limit = 40
"""
POINTS = {"train/loss": "loss", "train/learning_rate": "learning_rate", "train/gradient_norm": "gradient_norm",
          "train/tokens_per_s": "tokens_per_s", "train/epoch": "epoch"}


def records():
    import wandb
    wandb._assert_is_internal_process = True
    from wandb.proto import wandb_internal_pb2
    from wandb.sdk.internal.datastore import DataStore
    return wandb_internal_pb2, DataStore()


def fixtures(folder):
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.plugins.hparams import plugin_data_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter
    folder.mkdir(exist_ok=True)
    about = plugin_data_pb2.HParamsPluginData()
    about.session_start_info.hparams["learning_rate"].number_value = 0.001
    about.session_start_info.group_name = "aa"
    about.session_start_info.start_time_secs = 1.5
    plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="hparams", content=about.SerializeToString())
    value = summary_pb2.Summary.Value
    events = [
        event_pb2.Event(wall_time=1.5, file_version="brain.Event:2"),
        event_pb2.Event(wall_time=1.5, summary=summary_pb2.Summary(value=[
            value(tag="_hparams_/session_start_info", metadata=summary_pb2.SummaryMetadata(plugin_data=plugin))])),
        event_pb2.Event(wall_time=2.5, step=300, summary=summary_pb2.Summary(value=[
            value(tag="train/loss", simple_value=0.1), value(tag="eval/γ", simple_value=0.0)])),
    ]
    with open(folder / "events.bin", "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()

    pb, store = records()
    small, large = folder / "run.bin", pathlib.Path(tempfile.mkdtemp()) / "large"
    small.unlink(missing_ok=True)
    header, run, history, end = (pb.Record(num=i + 1) for i in range(4))
    header.header.version_info.producer, header.header.version_info.min_consumer = "tunemask", "0.40.0"
    run.run.run_id, run.run.project, run.run.display_name = "aa", "tunemask", "rte γ"
    run.run.config.update.add(key="seed", value_json="3")
    run.run.start_time.seconds, run.run.start_time.nanos = 1795965067, 725000000
    history.history.item.add(nested_key=["train/loss"], value_json="NaN")
    history.history.step.num = 0
    end.exit.exit_code, end.exit.runtime = 1, 7
    store.open_for_write(str(small))
    for record in (header, run, history, end):
        store.write(record)
    store.close()
    # Records that end everywhere about the end of a block, and some of several blocks.
    pb, store = records()
    store.open_for_write(str(large))
    for number, length in enumerate([*range(32700, 32780), 0, 65536, 100000, 1], 1):
        record = pb.Record(num=number)
        record.summary.update.add(key="k", value_json="x" * length)
        store.write(record)
    store.close()
    (folder / "large.sha256").write_text(hashlib.sha256(large.read_bytes()).hexdigest() + "\n")


def same(a, b):
    return a == b or a != a and b != b


def tables(folder):
    """The tables, of which all three forms must say the same."""
    import pandas as pd
    out = {}
    for name in ("runs", "points", "evaluations"):
        csv = pd.read_csv(folder / f"{name}.csv", dtype={"run": str})
        lines = pd.read_json(folder / f"{name}.jsonl", lines=True, dtype={"run": str}, precise_float=True)
        parquet = pd.read_parquet(folder / f"{name}.parquet")
        assert list(csv) == list(lines) == list(parquet), name
        for column in parquet:
            read = [parquet[column], csv[column], lines[column]]
            if "datetime" in str(parquet[column].dtype):
                read = [pd.to_datetime(series, utc=True, format="ISO8601").dt.as_unit("ms") for series in read]
            cells = [[None if pd.isna(x) and not isinstance(x, float) else x for x in series] for series in read]
            cells = [[math.nan if x is None else x for x in series] for series in cells]
            wrong = [i for i, (a, b, c) in enumerate(zip(*cells, strict=True)) if not (same(a, b) and same(a, c))]
            assert not wrong, f"{name}.{column}, row {wrong[0]}: {[series[wrong[0]] for series in cells]}"
        print(f"{name}: {len(parquet)} rows of {len(list(parquet))} columns, equal in all forms")
        out[name] = parquet
    return out


def expected(tables, run):
    """Every figure of a run by tag and step."""
    want = {}
    points = tables["points"].query("run == @run")
    for tag, column in POINTS.items():
        want[tag] = dict(zip(points.step, points[column]))
    for row in tables["evaluations"].query("run == @run").itertuples():
        tag = f"eval/{row.metric}" if row.set == first_set(tables, run) else f"eval/{row.set}/{row.metric}"
        want.setdefault(tag, {})[row.step] = row.value
    return {tag: figures for tag, figures in want.items() if figures}


def first_set(tables, run):
    """A task's own development set comes first."""
    return tables["evaluations"].query("run == @run").iloc[0].set


def tensorboard(folder, tables):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2
    figures = 0
    for run in tables["runs"].itertuples():
        path, = glob.glob(str(folder / f"*-{run.run}"))
        read = EventAccumulator(path, size_guidance={"scalars": 0}).Reload()
        want = expected(tables, run.run)
        assert set(read.Tags()["scalars"]) == set(want), (read.Tags(), sorted(want))
        for tag, steps in want.items():
            events = read.Scalars(tag)
            assert [event.step for event in events] == list(steps), (run.run, tag)
            for event, value in zip(events, steps.values()):
                with np.errstate(over="ignore"):
                    assert same(event.value, float(np.float32(value))), (run.run, tag, event.step, event.value, value)
            figures += len(events)
        about = plugin_data_pb2.HParamsPluginData()
        contents = read.PluginTagToContent("hparams")
        about.ParseFromString(contents["_hparams_/session_start_info"])
        hparams = about.session_start_info.hparams
        assert hparams["mask"].string_value == run.mask and hparams["seed"].number_value == run.seed
        about.ParseFromString(contents["_hparams_/session_end_info"])
        assert about.session_end_info.status == (1 if run.status == "finished" else 2)
    root = EventAccumulator(str(folder)).Reload()
    about = plugin_data_pb2.HParamsPluginData()
    about.ParseFromString(root.PluginTagToContent("hparams")["_hparams_/experiment"])
    assert {"learning_rate", "mask", "seed"} <= {info.name for info in about.experiment.hparam_infos}
    assert "eval/accuracy" in {info.name.tag for info in about.experiment.metric_infos}
    print(f"TensorBoard: {figures} figures of {len(tables['runs'])} runs")


def weights_and_biases(folder, tables):
    figures = 0
    for run in tables["runs"].itertuples():
        path, = glob.glob(str(folder / f"offline-run-*-{run.run}/run-{run.run}.wandb"))
        pb, store = records()
        store.open_for_scan(path)
        kinds, read, summary, number = [], {}, {}, 0
        while (data := store.scan_data()) is not None:
            record, number = pb.Record(), number + 1
            record.ParseFromString(data)
            assert record.num == number and record.SerializeToString() == data
            kind = record.WhichOneof("record_type")
            kinds.append(kind)
            if kind == "run":
                config = {item.key: json.loads(item.value_json) for item in record.run.config.update}
                assert record.run.run_id == run.run and record.run.run_group == 'boards, "quoted"'
            if kind == "history":
                for item in record.history.item:
                    key, = item.nested_key
                    read.setdefault(key, {})[record.history.step.num] = json.loads(item.value_json)
            if kind == "summary":
                summary = {item.key: json.loads(item.value_json) for item in record.summary.update}
            if kind == "exit":
                assert record.exit.exit_code == (0 if run.status == "finished" else 1)
        assert kinds[:2] == ["header", "run"] and kinds[-2:] == ["summary", "exit"]
        assert (config["mask"], config["seed"], config["learning_rate"]) == (run.mask, run.seed, run.learning_rate)
        assert summary["status"] == run.status
        want = expected(tables, run.run)
        own = {tag: steps for tag, steps in read.items() if not tag.startswith("_")}
        assert set(own) == set(want), (sorted(own), sorted(want))
        for tag, steps in want.items():
            assert list(own[tag]) == list(steps), (run.run, tag)
            assert all(same(a, b) for a, b in zip(own[tag].values(), steps.values())), (run.run, tag)
            assert same(summary[tag], list(steps.values())[-1])
            figures += len(steps)
    print(f"W&B: {figures} figures of {len(tables['runs'])} runs")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tunemask", type=pathlib.Path)
    parser.add_argument("--fixtures", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.fixtures:
        fixtures(arguments.fixtures)
    if not arguments.tunemask:
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "x.toml").write_text(EXPERIMENT)
        home, program = folder / "home", str(arguments.tunemask.resolve())
        # Runs that diverge end it with 1.
        subprocess.run([program, "run", folder / "x.toml", "--home", home, "--json"], stdout=subprocess.DEVNULL)
        call = [program, "export", "1", "--home", home]
        for ending in ("csv", "jsonl", "parquet"):
            files = {f"--{name}": folder / f"{name}.{ending}" for name in ("runs", "points", "evaluations")}
            subprocess.run([*call, *(str(part) for pair in files.items() for part in pair)], check=True)
        boards = ["--tensorboard", folder / "tensorboard", "--wandb", folder / "wandb"]
        subprocess.run([*call, *boards], check=True)
        read = tables(folder)
        print(read["runs"].status.value_counts().to_dict())
        tensorboard(folder / "tensorboard", read)
        weights_and_biases(folder / "wandb", read)


if __name__ == "__main__":
    os.environ.setdefault("WANDB_MODE", "offline")
    sys.exit(main())
