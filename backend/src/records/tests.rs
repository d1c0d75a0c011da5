//! Tables are read back as they were written, equal in all forms.

use super::column::moment;
use super::*;
use crate::files::Existing;
use crate::store::{Reader, Store};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use tunemask_shared::event::{Evaluation, EventKind, ExperimentId, Outcome, Points};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::fixtures::{points, run_spec};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::task::Task;

/// A cell as a reader of any form has it: a moment is a text outside parquet, and not-a-number equals itself.
#[derive(Debug, PartialEq)]
enum Read {
    Missing,
    Text(String),
    Whole(u64),
    Decimal(u64),
    Flag(bool),
}

type Rows = Vec<BTreeMap<String, Read>>;

const NAME: &str = "a \"b\",\nγ";

/// MNLI, which has two development sets: one run that finished, one that diverged, one that waits.
fn log(home: &Path) -> (ExperimentId, Vec<RunId>) {
    let spec = |seed| RunSpec { task: Task::mnli(), seed, dropout: Some(0.1), ..run_spec() };
    let runs: Vec<RunId> = (1..4).map(|seed| spec(seed).id().unwrap()).collect();
    let experiment = Experiment { name: NAME.into(), tasks: vec!["mnli".into()], ..Experiment::default() };
    let id = ExperimentId(1);
    let mut lines =
        vec![EventKind::Created { experiment_id: id, experiment, runs: runs.clone(), plan: None }];
    lines.extend((1..4).map(|seed| EventKind::Queued {
        run: spec(seed).id().unwrap(),
        spec: Box::new(spec(seed)),
        trainable: 36_864,
        alone: false,
    }));
    for (run, losses) in runs.iter().zip([[0.1 + 0.2, 5e-324], [f64::NAN, f64::NEG_INFINITY]]) {
        lines.push(EventKind::Started {
            run: run.clone(),
            device: "cpu".into(),
            steps: 4,
            train_examples: 9,
            eval_examples: vec![4, 4],
            notes: vec!["one".into(), "two".into()],
            together: Some(2),
            node: None,
        });
        // Two lines of the log.
        for batch in [1, 3] {
            let points = Points {
                step: vec![batch, batch + 1],
                epoch: vec![0.5, 1.0],
                loss: losses.into(),
                learning_rate: vec![1e-5, 1e300],
                gradient_norm: vec![f64::INFINITY, 0.0],
                tokens_per_s: vec![1.0, 2.5],
                elapsed_secs: vec![0.25, 0.5],
            };
            lines.push(EventKind::Points { run: run.clone(), points });
        }
    }
    let scores = |value: f64| {
        let set = |set| move |metric| Score { metric, set, value: value + f64::from(set) };
        let metrics = [Metric::Accuracy, Metric::Loss];
        [metrics.map(set(0)), metrics.map(set(1))].concat()
    };
    for (epoch, value) in [(1, 0.5), (2, 0.75), (3, 0.25)] {
        let step = 2 * u64::from(epoch);
        let evaluation = Evaluation { epoch, step, scores: scores(value), elapsed_secs: 0.5 };
        lines.push(EventKind::Evaluated { run: runs[0].clone(), evaluation });
    }
    let outcome = Outcome {
        best_epoch: 2,
        metrics: scores(0.75),
        stopped_after: None,
        frozen_unchanged: true,
        elapsed_secs: 9.5,
        trained_sha256: "cc".into(),
    };
    lines.push(EventKind::Finished { run: runs[0].clone(), outcome });
    lines.push(EventKind::WeightsDropped { run: runs[0].clone(), rule: KeepWeights::Last(2) });
    let reason = "diverged at step 4: loss is not finite".into();
    lines.push(EventKind::Failed { run: runs[1].clone(), reason, cause: FailureCause::Diverged });
    Store::open(home).unwrap().append(lines).unwrap();
    (id, runs)
}

fn of_csv(text: &str, types: &BTreeMap<String, ColumnType>) -> Rows {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let cell = |name: &str, text: &str| match types[name] {
        _ if text.is_empty() => Read::Missing,
        ColumnType::Text | ColumnType::Time => Read::Text(text.into()),
        ColumnType::Whole => Read::Whole(text.parse().unwrap()),
        ColumnType::Decimal => Read::Decimal(text.parse::<f64>().unwrap().to_bits()),
        ColumnType::Flag => Read::Flag(text.parse().unwrap()),
    };
    let records = reader.records().map(Result::unwrap);
    let row = |record: ::csv::StringRecord| {
        names.iter().zip(&record).map(|(name, text)| (name.clone(), cell(name, text))).collect()
    };
    records.map(row).collect()
}

fn of_json_lines(text: &str, types: &BTreeMap<String, ColumnType>) -> Rows {
    let cell = |name: &str, value: &serde_json::Value| match (types[name], value) {
        (_, serde_json::Value::Null) => Read::Missing,
        (ColumnType::Text | ColumnType::Time, value) => Read::Text(value.as_str().unwrap().into()),
        (ColumnType::Whole, value) => Read::Whole(value.as_u64().unwrap()),
        (ColumnType::Decimal, serde_json::Value::String(named)) => {
            Read::Decimal(named.parse::<f64>().unwrap().to_bits())
        }
        (ColumnType::Decimal, value) => Read::Decimal(value.as_f64().unwrap().to_bits()),
        (ColumnType::Flag, value) => Read::Flag(value.as_bool().unwrap()),
    };
    let object = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let row =
        |line: &str| object(line).as_object().unwrap().iter().map(|(n, v)| (n.clone(), cell(n, v))).collect();
    text.lines().map(row).collect()
}

fn parquet(bytes: &[u8]) -> SerializedFileReader<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

fn of_parquet(bytes: &[u8]) -> Rows {
    let cell = |field: Field| match field {
        Field::Null => Read::Missing,
        Field::Str(text) => Read::Text(text),
        Field::Long(number) => Read::Whole(number.try_into().unwrap()),
        Field::Double(number) => Read::Decimal(number.to_bits()),
        Field::Bool(flag) => Read::Flag(flag),
        Field::TimestampMillis(ms) => Read::Text(moment(ms.try_into().unwrap())),
        other => panic!("{other:?}"),
    };
    let reader = parquet(bytes);
    let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
    rows.map(|row| row.into_columns().into_iter().map(|(n, f)| (n, cell(f))).collect()).collect()
}

/// A table's columns with their types, as parquet declares them.
fn types(bytes: &[u8]) -> BTreeMap<String, ColumnType> {
    use ::parquet::basic::{LogicalType, Type};
    let schema = parquet(bytes).metadata().file_metadata().schema_descr_ptr();
    let column = |column: &::parquet::schema::types::ColumnDescPtr| {
        let column_type = match (column.physical_type(), column.logical_type_ref()) {
            (Type::BYTE_ARRAY, Some(LogicalType::String)) => ColumnType::Text,
            (Type::INT64, Some(LogicalType::Timestamp(_))) => ColumnType::Time,
            (Type::INT64, Some(LogicalType::Integer(_))) => ColumnType::Whole,
            (Type::DOUBLE, None) => ColumnType::Decimal,
            (Type::BOOLEAN, None) => ColumnType::Flag,
            other => panic!("{}: {other:?}", column.name()),
        };
        (column.name().to_owned(), column_type)
    };
    schema.columns().iter().map(column).collect()
}

/// A table, which all forms say alike.
fn read(table: Table, of: Recorded<'_>) -> (Rows, BTreeMap<String, ColumnType>) {
    let written = |form| {
        let mut out = Vec::new();
        (write(table, of, form, &mut out).unwrap(), out)
    };
    let [(count, parquet), (_, csv), (_, json)] = [Form::Parquet, Form::Csv, Form::JsonLines].map(written);
    let types = types(&parquet);
    let rows = of_parquet(&parquet);
    assert_eq!(rows.len() as u64, count);
    assert_eq!(of_csv(std::str::from_utf8(&csv).unwrap(), &types), rows);
    assert_eq!(of_json_lines(std::str::from_utf8(&json).unwrap(), &types), rows);
    (rows, types)
}

#[test]
fn every_form_is_read_back_as_the_log_has_it() {
    let home = tempfile::tempdir().unwrap();
    let (id, runs) = log(home.path());
    let reader = Reader::open(home.path()).unwrap();
    let state = reader.state().unwrap();
    let of = Recorded { state: &state, id, reader: &reader };

    let (rows, _) = read(Table::Points, of);
    let decimal = |x: f64| Read::Decimal(x.to_bits());
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[0]["run"], Read::Text(runs[0].0.clone()));
    assert_eq!((&rows[0]["loss"], &rows[1]["loss"]), (&decimal(0.1 + 0.2), &decimal(5e-324)));
    assert_eq!((&rows[7]["step"], &rows[7]["loss"]), (&Read::Whole(4), &decimal(f64::NEG_INFINITY)));
    assert_eq!((&rows[6]["loss"], &rows[6]["gradient_norm"]), (&decimal(f64::NAN), &decimal(f64::INFINITY)));

    let (rows, _) = read(Table::Evaluations, of);
    assert_eq!(rows.len(), 12);
    let last = &rows[11];
    assert_eq!(
        (&last["set"], &last["metric"]),
        (&Read::Text("mismatched".into()), &Read::Text("loss".into()))
    );
    assert_eq!((&last["epoch"], &last["value"]), (&Read::Whole(3), &decimal(1.25)));

    let (rows, _) = read(Table::Runs, of);
    let [finished, failed, waits] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(finished["experiment_name"], Read::Text(NAME.into()));
    assert_eq!((&finished["best_epoch"], &finished["last_epoch"]), (&Read::Whole(2), &Read::Whole(3)));
    let figures = ["best_accuracy", "best_accuracy_mismatched", "last_loss", "last_loss_mismatched"];
    assert_eq!(figures.map(|name| &finished[name]), [0.75, 1.75, 0.25, 1.25].map(decimal).each_ref());
    assert_eq!((&finished["frozen_unchanged"], &finished["dropout"]), (&Read::Flag(true), &decimal(0.1)));
    assert_eq!(
        (&finished["weights_dropped"], &failed["weights_dropped"]),
        (&Read::Text("last:2".into()), &Read::Missing)
    );
    assert_eq!(
        (&finished["notes"], &finished["train_limit"]),
        (&Read::Text("one\ntwo".into()), &Read::Missing)
    );
    assert_eq!((&failed["status"], &failed["best_accuracy"]), (&Read::Text("failed".into()), &Read::Missing));
    assert_eq!(failed["train_loss"], decimal(f64::NEG_INFINITY));
    assert_eq!((&waits["started_at"], &waits["steps"]), (&Read::Missing, &Read::Missing));
    // What determines a run is in its row: its id can be found again.
    for (row, run) in rows.iter().zip(&runs) {
        let Read::Text(spec) = &row["spec"] else { panic!("{row:?}") };
        assert_eq!(serde_json::from_str::<RunSpec>(spec).unwrap().id().unwrap(), *run);
    }
}

#[test]
fn a_table_without_rows_has_the_same_columns() {
    let (full, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (id, _) = log(full.path());
    let experiment = Experiment { name: NAME.into(), tasks: vec!["mnli".into()], ..Experiment::default() };
    let created = EventKind::Created { experiment_id: id, experiment, runs: Vec::new(), plan: None };
    Store::open(empty.path()).unwrap().append(vec![created]).unwrap();
    for table in [Table::Runs, Table::Points, Table::Evaluations] {
        let [some, none] = [&full, &empty].map(|home| {
            let reader = Reader::open(home.path()).unwrap();
            let state = reader.state().unwrap();
            read(table, Recorded { state: &state, id, reader: &reader })
        });
        assert!(none.0.is_empty() && !some.0.is_empty());
        assert_eq!(none.1, some.1);
    }
}

#[test]
fn more_rows_than_a_group_holds_are_all_there() {
    let steps = 70_000;
    let points = points(0..steps);
    let mut out = Vec::new();
    assert_eq!(write_points(&RunId("a".into()), &points, Form::Parquet, &mut out).unwrap(), steps);
    let rows = of_parquet(&out);
    assert!(rows.iter().map(|row| &row["step"]).eq(&(0..steps).map(Read::Whole).collect::<Vec<_>>()));
}

#[test]
fn a_file_is_whole_or_as_it_was() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (id, _) = log(home.path());
    let reader = Reader::open(home.path()).unwrap();
    let state = reader.state().unwrap();
    let of = Recorded { state: &state, id, reader: &reader };
    let path = out.path().join("runs.csv");
    assert_eq!(save(Table::Runs, of, &path, Existing::Keep).unwrap(), 3);
    let error = save(Table::Points, of, &path, Existing::Keep).unwrap_err().to_string();
    assert!(error.contains("runs.csv: already there; replace it with --force"), "{error}");
    assert_eq!(save(Table::Points, of, &path, Existing::Replace).unwrap(), 8);
    let unknown = Recorded { id: ExperimentId(9), ..of };
    let error = save(Table::Runs, unknown, &path, Existing::Replace).unwrap_err().to_string();
    assert_eq!(error, "experiment 9 is not in the log");
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 9);
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 1);
}

#[test]
fn boards_have_what_was_measured_in_the_order_of_steps() {
    let home = tempfile::tempdir().unwrap();
    let (_, runs) = log(home.path());
    let reader = Reader::open(home.path()).unwrap();
    let state = reader.state().unwrap();
    let mut steps = Vec::new();
    timeline::each_moment(&reader, &runs[0], &state.runs[&runs[0]], |moment| {
        let tags: Vec<&str> = moment.scalars.iter().map(|scalar| scalar.tag.as_str()).collect();
        let evaluated = tags.contains(&"eval/accuracy") && tags.contains(&"eval/mismatched/loss");
        steps.push((moment.step, tags.contains(&"train/loss"), evaluated));
        Ok(())
    })
    .unwrap();
    // Evaluations after steps 2, 4 and 6, the last without a point.
    let expected = [(1, true, false), (2, true, true), (3, true, false), (4, true, true), (6, false, true)];
    assert_eq!(steps, expected);
}

#[test]
fn a_board_has_a_file_for_every_run_that_has_begun() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (id, runs) = log(home.path());
    let reader = Reader::open(home.path()).unwrap();
    let state = reader.state().unwrap();
    let of = Recorded { state: &state, id, reader: &reader };
    let boards: [(&str, &dyn Board); 2] = [("tensorboard", &TensorBoard), ("wandb", &Wandb)];
    for (name, board) in boards {
        let out = out.path().join(name);
        let written = save_board(board, of, &out, Existing::Keep).unwrap();
        assert_eq!(written, Written { runs: 2, left_out: 1 }, "the third has not begun");
        let names = |folder: &Path| {
            let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
            let mut names: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
            names.sort();
            names
        };
        let all = names(&out);
        for run in &runs[..2] {
            let own = all.iter().find(|folder| folder.ends_with(&format!("-{run}"))).unwrap();
            assert_eq!(names(&out.join(own)).len(), 1, "{own}");
        }
        assert_eq!(all.len(), if name == "wandb" { 2 } else { 3 }, "{all:?}");
        let error = save_board(board, of, &out, Existing::Keep).unwrap_err().to_string();
        assert!(error.contains("already there; replace it with --force"), "{error}");
        save_board(board, of, &out, Existing::Replace).unwrap();
        assert_eq!(names(&out), all, "the same log gives the same files");
    }
}

/// An experiment may have thousands of runs: what was read of one is written before the next is read.
#[test]
fn the_steps_of_all_runs_are_written_a_run_at_a_time() {
    let runs: Vec<RunId> = (1..4).map(|n| RunId(format!("{n:016x}"))).collect();
    let (sent, written) = std::sync::mpsc::channel();
    let (mut read, mut rows) = (0, 0);
    let all = write_series(&runs, Form::JsonLines, Sent(sent), |run| {
        rows += written.try_iter().flatten().filter(|byte| *byte == b'\n').count();
        assert_eq!(rows, 2 * read, "what was read of the runs before {run}");
        read += 1;
        Ok::<_, RecordsError>(points(1..3))
    });
    assert_eq!(all.unwrap(), 6);
    let stopped =
        write_series(&runs, Form::Csv, std::io::sink(), |_| Err(RecordsError::Unknown(ExperimentId(7))));
    assert!(matches!(stopped, Err(RecordsError::Unknown(ExperimentId(7)))), "{stopped:?}");
}

/// Hands on what is written.
struct Sent(std::sync::mpsc::Sender<Vec<u8>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
