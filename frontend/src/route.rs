//! Where the reader is: the page, and how its charts and tables are set, as a URL and back.

use crate::chart::setting::{Axis, Grouping, Setting};
use crate::decimal;
use crate::sort::Sort;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{LAYOUT_WORDS, REPORT_WORDS, ReportRequest, kind_word, layout_word};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::study::{Size, Study};

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// All experiments.
    Experiments,
    /// The form.
    New(From),
    /// One experiment.
    Experiment(ExperimentId),
    /// A report on one.
    Report(ExperimentId, ReportRequest),
    /// No such address.
    Missing,
}

/// What fills in the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The defaults.
    #[default]
    Nothing,
    /// An experiment.
    Experiment(ExperimentId),
    /// One of the paper's studies.
    Study(Study, Size),
}

impl From {
    /// Reads `table1` or `table1-quick`.
    fn study(word: &str) -> From {
        let (name, size) = match word.strip_suffix("-quick") {
            Some(name) => (name, Size::Quick),
            None => (word, Size::Full),
        };
        Study::named(name).map_or(From::Nothing, |study| From::Study(study, size))
    }
}

/// What of an experiment's runs is shown, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// How charts are drawn.
    pub setting: Setting,
    /// Tasks shown; all if empty.
    pub tasks: Vec<String>,
    /// Masks shown; all if empty.
    pub masks: Vec<String>,
    /// Status of the runs shown; all if empty.
    pub status: Vec<RunStatus>,
    /// How the table of runs is sorted; in the order of training if not.
    pub sort: Option<Sort>,
}

/// An address: the page and its view.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Which page.
    pub page: Page,
    /// What of it is shown.
    pub view: View,
}

/// Every status with its word, in the order of a run's life.
pub const STATUS_WORDS: [(RunStatus, &str); 6] = [
    (RunStatus::Queued, "queued"),
    (RunStatus::Running, "running"),
    (RunStatus::Finished, "finished"),
    (RunStatus::Failed, "failed"),
    (RunStatus::Cancelled, "cancelled"),
    (RunStatus::Interrupted, "interrupted"),
];

impl Page {
    /// Reads a path such as `/experiments/3`; `from` and `asked` are what the query says of a form and of a report.
    fn read(path: &str, from: From, asked: ReportRequest) -> Page {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        match parts[..] {
            [] | ["experiments"] => Page::Experiments,
            ["new"] => Page::New(from),
            ["experiments", id] => id.parse().map_or(Page::Missing, |id| Page::Experiment(ExperimentId(id))),
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

    /// The page's address, without a view.
    pub fn url(&self) -> String {
        match self {
            Page::Experiments | Page::Missing => "/".into(),
            Page::New(From::Nothing) => "/new".into(),
            Page::New(From::Experiment(id)) => format!("/new?from={id}"),
            Page::New(From::Study(study, size)) => {
                let quick = if *size == Size::Quick { "-quick" } else { "" };
                format!("/new?study={}{quick}", study.name())
            }
            Page::Experiment(id) => format!("/experiments/{id}"),
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

impl Route {
    /// Reads a path and a query; what cannot be read keeps its default.
    pub fn read(path: &str, query: &str) -> Route {
        let mut view = View::default();
        let (mut from, mut asked) = (From::Nothing, ReportRequest::default());
        for pair in query.trim_start_matches('?').split('&') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            let value = decode(value);
            let words = || value.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            match key {
                "axis" => view.setting.axis = Axis::read(&value).unwrap_or_default(),
                "smooth" => {
                    view.setting.smoothing =
                        decimal::read(&value).map_or(view.setting.smoothing, |w| w.clamp(0.0, 0.99));
                }
                "log" => view.setting.log_loss = value == "1",
                "group" => view.setting.grouping = Grouping::read(&value),
                "task" => view.tasks = words(),
                "mask" => view.masks = words(),
                "status" => {
                    let known = |word: String| STATUS_WORDS.iter().find(|(_, w)| *w == word).map(|(s, _)| *s);
                    view.status = words().into_iter().filter_map(known).collect();
                }
                "sort" => view.sort = Sort::read(&value),
                "layout" => asked.layout = LAYOUT_WORDS.iter().find(|(_, w)| *w == value).map(|(l, _)| *l),
                "margin" => asked.margin = decimal::read(&value),
                "run" => asked.run = Some(RunId(value)),
                "study" => from = From::study(&value),
                "from" => {
                    from = value.parse().map_or(From::Nothing, |id| From::Experiment(ExperimentId(id)));
                }
                _ => {}
            }
        }
        Route { page: Page::read(path, from, asked), view }
    }

    /// The address. Defaults are left out.
    pub fn url(&self) -> String {
        let mut url = self.page.url();
        let plain = View::default();
        let mut add = |key: &str, value: String| {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(key);
            url.push('=');
            url.push_str(&value);
        };
        let (setting, default) = (&self.view.setting, &plain.setting);
        if setting.axis != default.axis {
            add("axis", setting.axis.word().into());
        }
        if setting.smoothing != default.smoothing {
            add("smooth", format!("{}", setting.smoothing));
        }
        if setting.log_loss {
            add("log", "1".into());
        }
        if let Some(grouping) = setting.grouping {
            add("group", grouping.word().into());
        }
        let list = |words: &[String]| words.iter().map(|w| encode(w)).collect::<Vec<_>>().join(",");
        if !self.view.tasks.is_empty() {
            add("task", list(&self.view.tasks));
        }
        if !self.view.masks.is_empty() {
            add("mask", list(&self.view.masks));
        }
        if !self.view.status.is_empty() {
            let words: Vec<&str> = self.view.status.iter().map(|&s| status_word(s)).collect();
            add("status", words.join(","));
        }
        if let Some(sort) = self.view.sort {
            add("sort", sort.word());
        }
        url
    }
}

/// A status as a word.
pub fn status_word(status: RunStatus) -> &'static str {
    STATUS_WORDS.iter().find(|(s, _)| *s == status).map_or("", |(_, word)| word)
}

fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was() {
        let route = Route {
            page: Page::Experiment(ExperimentId(3)),
            view: View {
                setting: Setting {
                    axis: Axis::Time,
                    smoothing: 0.9,
                    log_loss: true,
                    grouping: Some(Grouping::Seeds),
                },
                tasks: vec!["rte".into()],
                masks: vec!["single_norm:3".into(), "a b%".into()],
                status: vec![RunStatus::Running, RunStatus::Failed],
                sort: Sort::read("-best"),
            },
        };
        let url = route.url();
        assert_eq!(
            url,
            "/experiments/3?axis=time&smooth=0.9&log=1&group=seeds&task=rte\
             &mask=single_norm:3,a%20b%25&status=running,failed&sort=-best"
        );
        let (path, query) = url.split_once('?').unwrap();
        assert_eq!(Route::read(path, query), route);
    }

    #[test]
    fn defaults_are_short_and_nonsense_is_ignored() {
        let plain = Route { page: Page::Experiments, view: View::default() };
        assert_eq!(plain.url(), "/");
        assert_eq!(Route::read("/", "?axis=bananas&smooth=NaN&status=lost&sort=-&x"), plain);
        assert_eq!(Route::read("/experiments/x", "").page, Page::Missing);
        assert_eq!(Route::read("/new", "?from=7").page, Page::New(From::Experiment(ExperimentId(7))));
        assert_eq!(Route::read("/experiments/3/results", "").page, Page::Missing);
        for url in [
            "/experiments/3/rates",
            "/experiments/3/table?layout=outliers",
            "/experiments/4/verdicts?margin=1.5",
            "/new?from=7",
            "/new?study=table3",
            "/new?study=table1-quick",
        ] {
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            assert_eq!(Route::read(path, query).page.url(), url);
        }
        assert_eq!(decode("%e2%82%ac%4"), "€%4");
    }
}
