//! The pages, and what of an address is theirs.

use super::encoding::{encoded, encoded_list};
use tunemask_shared::comparison::{Comparison, WrongChoice};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{REPORT_WORDS, ReportRequest, kind_word, layout_word};
use tunemask_shared::run::RunId;
use tunemask_shared::study::{Size, Study};

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// All experiments.
    Experiments,
    /// The form.
    New(Prefill),
    /// One experiment.
    Experiment(ExperimentId),
    /// One of its runs.
    Run(ExperimentId, RunId),
    /// A text of the reader's own through the runs of one.
    Try(ExperimentId),
    /// A report on one.
    Report(ExperimentId, ReportRequest),
    /// Runs or experiments beside each other, or why these cannot be compared.
    Compare(Result<Comparison, WrongChoice>),
    /// No such address.
    Missing,
}

/// What the form is filled in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefill {
    /// The defaults.
    #[default]
    Nothing,
    /// An experiment.
    Experiment(ExperimentId),
    /// One of the paper's studies.
    Study(Study, Size),
}

impl Prefill {
    /// Reads `table1` or `table1-quick`.
    pub(super) fn study(word: &str) -> Prefill {
        let (name, size) = match word.strip_suffix("-quick") {
            Some(name) => (name, Size::Quick),
            None => (word, Size::Full),
        };
        Study::named(name).map_or(Prefill::Nothing, |study| Prefill::Study(study, size))
    }
}

impl Page {
    /// Reads a path such as `/experiments/3`; `prefill`, `asked` and `compared` are what the query says of a form, of a report
    /// and of a comparison.
    pub(super) fn read(path: &str, prefill: Prefill, asked: ReportRequest, compared: &str) -> Page {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        match parts[..] {
            [] | ["experiments"] => Page::Experiments,
            ["new"] => Page::New(prefill),
            ["compare"] => Page::Compare(Comparison::read(compared)),
            ["experiments", id] => id.parse().map_or(Page::Missing, |id| Page::Experiment(ExperimentId(id))),
            ["experiments", id, "runs", run] => {
                id.parse().map_or(Page::Missing, |id| Page::Run(ExperimentId(id), RunId(run.to_owned())))
            }
            ["experiments", id, "try"] => id.parse().map_or(Page::Missing, |id| Page::Try(ExperimentId(id))),
            ["experiments", id, word] => {
                // The results stand on the experiment's own page.
                let known = REPORT_WORDS.iter().skip(1).find(|(_, w)| *w == word);
                known.zip(id.parse().ok()).map_or(Page::Missing, |((kind, _), id)| {
                    Page::Report(ExperimentId(id), ReportRequest { kind: *kind, ..asked })
                })
            }
            _ => Page::Missing,
        }
    }

    /// The experiment of which it is.
    pub fn experiment(&self) -> Option<ExperimentId> {
        match self {
            Page::Experiment(id) | Page::Run(id, _) | Page::Try(id) | Page::Report(id, _) => Some(*id),
            Page::Experiments | Page::New(_) | Page::Compare(_) | Page::Missing => None,
        }
    }

    /// The page's address, without a view.
    pub fn url(&self) -> String {
        match self {
            Page::Experiments | Page::Missing => "/".into(),
            Page::New(Prefill::Nothing) => "/new".into(),
            Page::New(Prefill::Experiment(id)) => format!("/new?from={id}"),
            Page::New(Prefill::Study(study, size)) => {
                let quick = if *size == Size::Quick { "-quick" } else { "" };
                format!("/new?study={}{quick}", study.name())
            }
            Page::Compare(Ok(comparison)) => {
                format!("/compare?of={}", encoded_list(&comparison.words()))
            }
            Page::Compare(Err(_)) => "/compare".into(),
            Page::Experiment(id) => format!("/experiments/{id}"),
            Page::Try(id) => format!("/experiments/{id}/try"),
            Page::Run(id, run) => {
                format!("/experiments/{id}/runs/{}", encoded(&run.0))
            }
            Page::Report(id, asked) => {
                let layout = asked.layout.map(|l| format!("layout={}", layout_word(l)));
                let margin = asked.margin.map(|m| format!("margin={m}"));
                let run = asked.run.as_ref().map(|r| format!("run={r}"));
                let query: Vec<String> = [layout, margin, run].into_iter().flatten().collect();
                let mark = if query.is_empty() { "" } else { "?" };
                format!("/experiments/{id}/{}{mark}{}", kind_word(asked.kind), query.join("&"))
            }
        }
    }
}
