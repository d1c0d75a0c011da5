//! Where the reader is: the page, and how its charts and tables are set, as a URL and back.

use crate::filter::Filter;
use crate::format::parse_finite;
use crate::grouping::Grouping;
use crate::interval::Interval;
use crate::setting::{Axis, Outliers, Setting};
use crate::sort::Sort;
use crate::trial::Trial;
use crate::visibility::Visibility;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tunemask_shared::comparison::{Comparison, WrongChoice};
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

impl ChartOrder {
    /// Charts in this order, without those that are hidden.
    pub fn apply<T>(&self, mut charts: Vec<T>, word: impl Fn(&T) -> String) -> Vec<T> {
        charts.retain(|chart| !self.hidden.contains(&word(chart)));
        let place = |chart: &T| {
            let word = word(chart);
            self.pinned.iter().position(|pinned| *pinned == word).unwrap_or(self.pinned.len())
        };
        charts.sort_by_key(place);
        charts
    }
}

impl Prefill {
    /// Reads `table1` or `table1-quick`.
    fn study(word: &str) -> Prefill {
        let (name, size) = match word.strip_suffix("-quick") {
            Some(name) => (name, Size::Quick),
            None => (word, Size::Full),
        };
        Study::named(name).map_or(Prefill::Nothing, |study| Prefill::Study(study, size))
    }
}

/// What of an experiment's runs is shown, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewOptions {
    /// How charts are drawn.
    pub setting: Setting,
    /// The part of their horizontal axis shown, if not all.
    pub zoom: Option<Interval>,
    /// Which of them stand where.
    pub charts: ChartOrder,
    /// Which runs are shown.
    pub filter: Filter,
    /// How the table of runs is sorted; in the order of training if not.
    pub sort: Option<Sort>,
    /// Which of them the charts draw.
    pub visibility: Visibility,
    /// The text that they read.
    pub trial: Trial,
    /// Which of them stand first in the list and are drawn above all others, in this order.
    pub pinned: Vec<RunId>,
}

impl ViewOptions {
    /// Puts a run first, behind those that are there already, or back where it was.
    pub fn toggle_pin(&mut self, run: &RunId) {
        match self.pinned.iter().position(|other| other == run) {
            Some(at) => drop(self.pinned.remove(at)),
            None => self.pinned.push(run.clone()),
        }
    }
}

/// Which charts stand first and which not at all, by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartOrder {
    /// Those before all others, in this order.
    pub pinned: Vec<String>,
    /// Those that are not shown.
    pub hidden: Vec<String>,
}

/// An address: the page and its view.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Which page.
    pub page: Page,
    /// What of it is shown.
    pub view: ViewOptions,
}

impl Page {
    /// Reads a path such as `/experiments/3`; `prefill`, `asked` and `compared` are what the query says of a form, of a report
    /// and of a comparison.
    fn read(path: &str, prefill: Prefill, asked: ReportRequest, compared: &str) -> Page {
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
                let words = comparison.words().into_iter().map(|word| encoded(&word)).collect::<Vec<_>>();
                format!("/compare?of={}", words.join(","))
            }
            Page::Compare(Err(_)) => "/compare".into(),
            Page::Experiment(id) => format!("/experiments/{id}"),
            Page::Try(id) => format!("/experiments/{id}/try"),
            Page::Run(id, run) => {
                format!("/experiments/{id}/runs/{}", utf8_percent_encode(&run.0, ENCODED))
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

impl Route {
    /// The page of an experiment with these of its runs alone.
    pub fn of_runs(id: ExperimentId, runs: Vec<RunId>) -> Route {
        let filter = Filter { runs, ..Filter::default() };
        Route { page: Page::Experiment(id), view: ViewOptions { filter, ..ViewOptions::default() } }
    }

    /// Reads a path and a query; what cannot be read keeps its default.
    pub fn read(path: &str, query: &str) -> Route {
        let mut view = ViewOptions::default();
        let (mut prefill, mut asked, mut compared) =
            (Prefill::Nothing, ReportRequest::default(), String::new());
        for pair in query.trim_start_matches('?').split('&') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            let words = || value.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            match key {
                "axis" => view.setting.axis = Axis::read(&value).unwrap_or_default(),
                "smooth" => {
                    view.setting.smoothing =
                        parse_finite(&value).map_or(view.setting.smoothing, |w| w.clamp(0.0, 0.99));
                }
                "log" => view.setting.log_loss = value == "1",
                "outliers" if value == "ignore" => view.setting.outliers = Outliers::Ignored,
                "x" => view.zoom = Interval::read(&value),
                "pin" => view.charts.pinned = words(),
                "without" => view.charts.hidden = words(),
                "group" => view.setting.grouping = Grouping::read(&value),
                "task" => view.filter.tasks = words(),
                "mask" => view.filter.masks = words(),
                "status" => {
                    let named = |word: String| RunStatus::ALL.into_iter().find(|s| s.name() == word);
                    view.filter.statuses = words().into_iter().filter_map(named).collect();
                }
                "runs" => view.filter.runs = words().into_iter().map(RunId).collect(),
                "q" => view.filter.text = value,
                "hide" => view.visibility = Visibility::AllBut(words().into_iter().map(RunId).collect()),
                "top" => view.pinned = words().into_iter().map(RunId).collect(),
                "of" => compared = value,
                "show" => view.visibility = Visibility::Only(words().into_iter().map(RunId).collect()),
                "sort" => view.sort = Sort::read(&value),
                "layout" => asked.layout = LAYOUT_WORDS.iter().find(|(_, w)| *w == value).map(|(l, _)| *l),
                "margin" => asked.margin = parse_finite(&value),
                "run" => asked.run = Some(RunId(value)),
                "study" => prefill = Prefill::study(&value),
                "from" => {
                    prefill =
                        value.parse().map_or(Prefill::Nothing, |id| Prefill::Experiment(ExperimentId(id)));
                }
                key => view.trial.take(key, &value),
            }
        }
        Route { page: Page::read(path, prefill, asked, &compared), view }
    }

    /// The address. Defaults are left out.
    pub fn url(&self) -> String {
        let mut url = self.page.url();
        let plain = ViewOptions::default();
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
            add("group", grouping.word());
        }
        if setting.outliers == Outliers::Ignored {
            add("outliers", "ignore".into());
        }
        if let Some(zoom) = self.view.zoom {
            add("x", zoom.word());
        }
        if !self.view.charts.pinned.is_empty() {
            add("pin", encoded_list(&self.view.charts.pinned));
        }
        if !self.view.charts.hidden.is_empty() {
            add("without", encoded_list(&self.view.charts.hidden));
        }
        let filter = &self.view.filter;
        if !filter.tasks.is_empty() {
            add("task", encoded_list(&filter.tasks));
        }
        if !filter.masks.is_empty() {
            add("mask", encoded_list(&filter.masks));
        }
        if !filter.statuses.is_empty() {
            let names: Vec<&str> = filter.statuses.iter().map(|s| s.name()).collect();
            add("status", names.join(","));
        }
        if !filter.runs.is_empty() {
            let ids: Vec<String> = filter.runs.iter().map(|run| run.0.clone()).collect();
            add("runs", encoded_list(&ids));
        }
        if !filter.text.trim().is_empty() {
            add("q", utf8_percent_encode(filter.text.trim(), ENCODED).to_string());
        }
        if let Some(sort) = self.view.sort {
            add("sort", sort.word());
        }
        let ids = |runs: &mut dyn Iterator<Item = &RunId>| {
            encoded_list(&runs.map(|run| run.0.clone()).collect::<Vec<_>>())
        };
        match &self.view.visibility {
            Visibility::AllBut(hidden) if hidden.is_empty() => {}
            Visibility::AllBut(hidden) => add("hide", ids(&mut hidden.iter())),
            Visibility::Only(shown) => add("show", ids(&mut shown.iter())),
        }
        if !self.view.pinned.is_empty() {
            add("top", ids(&mut self.view.pinned.iter()));
        }
        for (key, value) in self.view.trial.words() {
            add(key, utf8_percent_encode(&value, ENCODED).to_string());
        }
        url
    }
}

/// What is encoded of a value: all but letters, digits and what addresses have no other use for.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// A word, percent-encoded.
fn encoded(word: &str) -> String {
    utf8_percent_encode(word, ENCODED).to_string()
}

/// Words apart by commas, each percent-encoded.
fn encoded_list(words: &[String]) -> String {
    words.iter().map(|word| encoded(word)).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was() {
        let route = Route {
            page: Page::Experiment(ExperimentId(3)),
            view: ViewOptions {
                setting: Setting {
                    axis: Axis::Time,
                    smoothing: 0.9,
                    log_loss: true,
                    grouping: Some(Grouping::over_seeds()),
                    outliers: Outliers::Ignored,
                },
                zoom: Interval::between(20.0, 80.0),
                charts: ChartOrder { pinned: vec!["speed".into()], hidden: vec!["rate".into()] },
                filter: Filter {
                    tasks: vec!["rte".into()],
                    masks: vec!["single_norm:3".into(), "a b%".into()],
                    statuses: vec![RunStatus::Running, RunStatus::Failed],
                    runs: vec![RunId("0a".into()), RunId("1b".into())],
                    text: "seed 1".into(),
                },
                sort: Sort::read("-best"),
                trial: Trial::default(),
                visibility: Visibility::AllBut([RunId("0a".into())].into()),
                pinned: vec![RunId("1b".into())],
            },
        };
        let url = route.url();
        assert_eq!(
            url,
            "/experiments/3?axis=time&smooth=0.9&log=1&group=seeds&outliers=ignore&x=20.00..80.00&pin=speed&without=rate&task=rte\
             &mask=single_norm:3,a%20b%25&status=running,failed&runs=0a,1b&q=seed%201&sort=-best&hide=0a&top=1b"
        );
        let (path, query) = url.split_once('?').unwrap();
        assert_eq!(Route::read(path, query), route);
        // None shown is not all shown.
        let none =
            Route { view: ViewOptions { visibility: Visibility::none(), ..ViewOptions::default() }, ..route };
        assert_eq!(none.url(), "/experiments/3?show=");
        assert_eq!(Route::read("/experiments/3", "show="), none);
    }

    #[test]
    fn a_text_that_is_tried_stands_in_the_address() {
        let trial = Trial {
            task: Some("inference".parse().unwrap()),
            text: "so 100 % good?".into(),
            seed: Some(2),
            ..Trial::default()
        };
        let route =
            Route { page: Page::Try(ExperimentId(3)), view: ViewOptions { trial, ..ViewOptions::default() } };
        let url = route.url();
        assert_eq!(url, "/experiments/3/try?on=inference&text=so%20100%20%25%20good%3F&seed=2");
        let (path, query) = url.split_once('?').unwrap();
        assert_eq!(Route::read(path, query), route);
    }

    #[test]
    fn pinned_charts_stand_first_and_hidden_ones_not_at_all() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let order = ChartOrder { pinned: words(&["speed", "rate"]), hidden: words(&["norm", "gone"]) };
        let charts = words(&["loss", "norm", "rate", "speed"]);
        assert_eq!(order.apply(charts, String::clone), ["speed", "rate", "loss"]);
    }

    #[test]
    fn defaults_are_short_and_nonsense_is_ignored() {
        let plain = Route { page: Page::Experiments, view: ViewOptions::default() };
        assert_eq!(plain.url(), "/");
        assert_eq!(Route::read("/", "?axis=bananas&smooth=NaN&status=lost&sort=-&x"), plain);
        assert_eq!(Route::read("/experiments/x", "").page, Page::Missing);
        assert_eq!(Route::read("/new", "?from=7").page, Page::New(Prefill::Experiment(ExperimentId(7))));
        assert_eq!(Route::read("/experiments/3/results", "").page, Page::Missing);
        for url in [
            "/experiments/3/rates",
            "/experiments/3/runs/0a1b2c",
            "/experiments/3/try",
            "/experiments/3/table?layout=outliers",
            "/experiments/4/verdicts?margin=1.5",
            "/new?from=7",
            "/new?study=table3",
            "/new?study=table1-quick",
            "/compare?of=3,5",
            "/compare?of=3:0a1b2c,5:0a1b2c",
        ] {
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            assert_eq!(Route::read(path, query).page.url(), url);
        }
        assert_eq!(Route::read("/compare", "?of=3").page, Page::Compare(Err(WrongChoice::One)));
        let broken = Route::read("/", "?mask=%e2%82%ac%4");
        assert_eq!(broken.view.filter.masks, ["€%4"]);
    }
}
