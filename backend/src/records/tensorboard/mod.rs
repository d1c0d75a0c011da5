//! An experiment as TensorBoard reads it: a folder for each run, with a file of events, and settings for its table of
//! hyperparameters (the plugin `hparams`).
//!
//! Figures are rounded to f32, which is what TensorBoard's scalars are. Not-a-number and the infinities stay what they are.
//! In reading order:

/// The messages that are written.
mod messages;
/// A file of records.
mod file;

use super::boards::{Begun, Board};
use super::runs::RunRows;
use super::timeline::{each_moment, tag};
use super::{Recorded, RecordsError, Value};
use file::EventFile;
use messages::{
    Event, ExperimentInfo, HParamInfo, HParamValue, HParamsPluginData, MetricInfo, MetricName, PluginData,
    SessionEndInfo, SessionStartInfo, Summary, SummaryMetadata, SummaryValue,
};
use prost::Message;
use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::{ExperimentState, RunState};

/// TensorBoard's folder of an experiment.
#[derive(Clone, Copy, Debug)]
pub struct TensorBoard;

impl Board for TensorBoard {
    fn file(&self, out: &Path, begun: Begun<'_>) -> PathBuf {
        // Another try of a run takes the file's place.
        let secs = begun.experiment.created_ms / 1000;
        out.join(folder(begun)).join(format!("events.out.tfevents.{secs}.tunemask.{}", begun.id))
    }

    fn write(&self, of: Recorded<'_>, begun: Begun<'_>, out: &mut dyn Write) -> Result<(), RecordsError> {
        let start = begun.started_ms() as f64 / 1000.0;
        let mut file = EventFile::begin(BufWriter::new(out), start)?;
        let settings = RunRows::new(of.state, of.id, begun.experiment).settings(begun.id, begun.run);
        let hparams = settings.into_iter().filter_map(|setting| Some((setting.name, value(setting.value)?)));
        let session = SessionStartInfo {
            hparams: hparams.collect(),
            group_name: begun.id.0.clone(),
            start_time_secs: start,
        };
        let about = HParamsPluginData { session_start_info: Some(session), ..HParamsPluginData::default() };
        file.write(&event(start, 0, vec![plugin("_hparams_/session_start_info", &about)]))?;
        let mut last = start;
        each_moment(of.reader, begun.id, begun.run, |moment| {
            last = start + moment.elapsed_secs;
            let scalar = |scalar: super::timeline::Scalar| SummaryValue {
                tag: scalar.tag,
                simple_value: Some(scalar.value as f32),
                metadata: None,
            };
            file.write(&event(last, moment.step, moment.scalars.into_iter().map(scalar).collect()))
        })?;
        let end = SessionEndInfo { status: status(begun.run.status), end_time_secs: end(begun.run, last) };
        let about = HParamsPluginData { session_end_info: Some(end), ..HParamsPluginData::default() };
        file.write(&event(last, begun.run.step, vec![plugin("_hparams_/session_end_info", &about)]))?;
        file.finish()
    }

    /// What the table of hyperparameters shows of all runs.
    fn about(
        &self,
        of: Recorded<'_>,
        experiment: &ExperimentState,
        out: &Path,
    ) -> Option<(PathBuf, Vec<u8>)> {
        let rows = RunRows::new(of.state, of.id, experiment);
        let runs: Vec<(_, &RunState)> =
            experiment.runs.iter().filter_map(|run| of.state.runs.get_key_value(run)).collect();
        let mut hparam_infos: Vec<HParamInfo> = Vec::new();
        let mut tags = BTreeSet::new();
        for (id, run) in &runs {
            for setting in rows.settings(id, run) {
                let known = hparam_infos.iter().any(|info| info.name == setting.name);
                if let (false, Some(value)) = (known, value(setting.value)) {
                    hparam_infos.push(HParamInfo { name: setting.name, data_type: value.data_type() });
                }
            }
            let sets = 0..u8::try_from(run.spec.task.development_sets().len()).unwrap_or(u8::MAX);
            for metric in run.spec.task.metrics().iter().copied().chain([Metric::Loss]) {
                tags.extend(sets.clone().map(|set| tag(run, metric, set)));
            }
        }
        let metric = |tag| MetricInfo { name: Some(MetricName { group: String::new(), tag }) };
        let created = experiment.created_ms as f64 / 1000.0;
        let info = ExperimentInfo {
            description: String::new(),
            time_created_secs: created,
            hparam_infos,
            metric_infos: tags.into_iter().map(metric).collect(),
            name: experiment.experiment.name.clone(),
        };
        let about = HParamsPluginData { experiment: Some(info), ..HParamsPluginData::default() };
        let mut bytes = Vec::new();
        let mut file = EventFile::begin(&mut bytes, created).ok()?;
        file.write(&event(created, 0, vec![plugin("_hparams_/experiment", &about)])).ok()?;
        file.finish().ok()?;
        let name = format!("events.out.tfevents.{}.tunemask.experiment", experiment.created_ms / 1000);
        Some((out.join(name), bytes))
    }
}

/// A folder's name that says which run it is, and that TensorBoard shows.
fn folder(begun: Begun<'_>) -> String {
    let spec = &begun.run.spec;
    let words = format!("{}-{}-lr{:?}-seed{}", spec.task.name(), spec.mask, spec.learning_rate, spec.seed);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c } else { '_' };
    let words: String = words.chars().map(plain).take(80).collect();
    format!("{words}-{}", begun.id)
}

fn event(wall_time: f64, step: u64, value: Vec<SummaryValue>) -> Event {
    Event {
        wall_time,
        step: i64::try_from(step).unwrap_or(i64::MAX),
        file_version: None,
        summary: Some(Summary { value }),
    }
}

fn plugin(tag: &str, about: &HParamsPluginData) -> SummaryValue {
    let data = PluginData { plugin_name: "hparams".into(), content: about.encode_to_vec() };
    let metadata = Some(SummaryMetadata { plugin_data: Some(data) });
    SummaryValue { tag: tag.into(), simple_value: None, metadata }
}

fn value(value: Value) -> Option<HParamValue> {
    match value {
        Value::Missing => None,
        Value::Text(text) => Some(HParamValue::text(text)),
        Value::Whole(number) | Value::Time(number) => Some(HParamValue::number(number as f64)),
        Value::Decimal(number) => Some(HParamValue::number(number)),
        Value::Flag(flag) => Some(HParamValue::flag(flag)),
    }
}

/// `tensorboard.hparams.Status`.
fn status(status: RunStatus) -> i32 {
    match status {
        // One that was cut short did what was asked of it.
        RunStatus::Finished | RunStatus::Retired => 1,
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted => 2,
        RunStatus::Queued | RunStatus::Running => 3,
    }
}

fn end(run: &RunState, last: f64) -> f64 {
    run.ended_ms.map_or(last, |ms| ms as f64 / 1000.0)
}
