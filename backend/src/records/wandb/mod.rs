//! An experiment as Weights & Biases reads it: a folder for each run, as its program writes them where it has no network, for
//! `wandb sync`.
//!
//! A run's folder is `offline-run-DATE_TIME-ID`, with all there is in `run-ID.wandb`. In reading order:

/// The messages that are written.
mod messages;
/// A file of records.
mod log;

use super::boards::{Begun, Board};
use super::column::moment;
use super::runs::RunRows;
use super::timeline::each_moment;
use super::{Recorded, RecordsError, Value};
use log::Log;
use messages::{
    ConfigRecord, HeaderRecord, HistoryRecord, HistoryStep, Item, Record, RunExitRecord, RunRecord,
    SummaryRecord, Timestamp, VersionInfo,
};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::ExperimentState;

/// The oldest program that reads what is written here, as its own files say it.
const MIN_CONSUMER: &str = "0.40.0";
/// Where runs go unless `wandb sync --project` says otherwise.
const PROJECT: &str = "tunemask";

/// Folders of runs for `wandb sync`.
#[derive(Clone, Copy, Debug)]
pub struct Wandb;

impl Board for Wandb {
    fn file(&self, out: &Path, begun: Begun<'_>) -> PathBuf {
        // 2026-11-29T15:11:07.123Z as 20261129_151107; the experiment's, so that another try of a run takes the folder's
        // place.
        let digits: String =
            moment(begun.experiment.created_ms).chars().filter(char::is_ascii_digit).take(14).collect();
        let (day, time) = digits.split_at(8);
        let id = begun.id;
        out.join(format!("offline-run-{day}_{time}-{id}")).join(format!("run-{id}.wandb"))
    }

    fn write(&self, of: Recorded<'_>, begun: Begun<'_>, out: &mut dyn Write) -> Result<(), RecordsError> {
        let mut log = Log::begin(BufWriter::new(out))?;
        let producer = concat!("tunemask ", env!("CARGO_PKG_VERSION")).to_owned();
        let version_info = Some(VersionInfo { producer, min_consumer: MIN_CONSUMER.to_owned() });
        log.write(Record { header: Some(HeaderRecord { version_info }), ..Record::default() })?;
        log.write(Record { run: Some(run(of, begun)), ..Record::default() })?;

        let start = begun.started_ms() as f64 / 1000.0;
        let mut summary: BTreeMap<String, String> = BTreeMap::new();
        each_moment(of.reader, begun.id, begun.run, |moment| {
            let mut items: Vec<Item> =
                moment.scalars.into_iter().map(|s| Item::of_step(s.tag, number(s.value))).collect();
            items.push(Item::of_step("_timestamp", number(start + moment.elapsed_secs)));
            items.push(Item::of_step("_runtime", number(moment.elapsed_secs)));
            items.push(Item::of_step("_step", moment.step.to_string()));
            summary.extend(items.iter().map(|item| (item.nested_key.concat(), item.value_json.clone())));
            let step = Some(HistoryStep { num: i64::try_from(moment.step).unwrap_or(i64::MAX) });
            log.write(Record { history: Some(HistoryRecord { item: items, step }), ..Record::default() })
        })?;
        let results = RunRows::new(of.state, of.id, begun.experiment).results(begun.id, begun.run);
        summary.extend(results.into_iter().filter_map(|r| Some((r.name, json(r.value)?))));
        let update = summary.into_iter().map(|(key, value)| Item::new(key, value)).collect();
        log.write(Record { summary: Some(SummaryRecord { update }), ..Record::default() })?;
        if let Some(exit_code) = exit_code(begun.run.status) {
            let runtime = begun.run.elapsed_secs as i32;
            log.write(Record { exit: Some(RunExitRecord { exit_code, runtime }), ..Record::default() })?;
        }
        log.finish()
    }

    fn about(&self, _: Recorded<'_>, _: &ExperimentState, _: &Path) -> Option<(PathBuf, Vec<u8>)> {
        None
    }
}

fn run(of: Recorded<'_>, begun: Begun<'_>) -> RunRecord {
    let (spec, ms) = (&begun.run.spec, begun.started_ms());
    let settings = RunRows::new(of.state, of.id, begun.experiment).settings(begun.id, begun.run);
    let update = settings.into_iter().filter_map(|s| Some(Item::new(s.name, json(s.value)?))).collect();
    RunRecord {
        run_id: begun.id.0.clone(),
        project: PROJECT.into(),
        config: Some(ConfigRecord { update }),
        run_group: begun.experiment.experiment.name.clone(),
        job_type: spec.task.name().to_string(),
        display_name: format!(
            "{} {} lr {:?} seed {}",
            spec.task.name(),
            spec.mask,
            spec.learning_rate,
            spec.seed
        ),
        notes: begun
            .run
            .failure
            .clone()
            .into_iter()
            .chain(begun.run.notes.clone())
            .collect::<Vec<_>>()
            .join("\n"),
        start_time: Some(Timestamp { seconds: (ms / 1000) as i64, nanos: (ms % 1000) as i32 * 1_000_000 }),
    }
}

/// How a run's program ended; `None` if it has not.
fn exit_code(status: RunStatus) -> Option<i32> {
    match status {
        // One that was cut short did what was asked of it.
        RunStatus::Finished | RunStatus::Retired => Some(0),
        RunStatus::Failed | RunStatus::Interrupted => Some(1),
        // What a program that is ended by Ctrl-C has there.
        RunStatus::Cancelled => Some(255),
        RunStatus::Queued | RunStatus::Running => None,
    }
}

/// A number in the JSON of W&B, which spells those that JSON cannot.
fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        format!("{value:?}")
    }
}

fn json(value: Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Decimal(value) => Some(number(value)),
        other => serde_json::to_string(&other).ok(),
    }
}
