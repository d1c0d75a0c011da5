//! Where the reader is: the page, and how its charts and tables are set, as a URL and back.

/// Words in an address.
mod encoding;
/// The pages.
mod page;
/// What of a page's runs is shown.
mod view;

pub use page::{Page, Prefill};
pub use view::{ChartOrder, ShownValues, Toward, ViewOptions};

use crate::filter::Filter;
use crate::format::parse_finite;
use crate::grouping::Grouping;
use crate::interval::Interval;
use crate::legend::Colours;
use crate::setting::{Axis, Outliers, ScaleKind};
use crate::sort::Sort;
use crate::visibility::Visibility;
use encoding::{decoded, encoded, encoded_list};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{LAYOUT_WORDS, ReportRequest};
use tunemask_shared::run::{RunId, RunStatus};

/// An address: the page and its view.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Which page.
    pub page: Page,
    /// What of it is shown.
    pub view: ViewOptions,
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
            let Some((key, raw)) = pair.split_once('=') else { continue };
            let value = decoded(raw);
            // Commas set words apart; those of a word are encoded.
            let words = || raw.split(',').filter(|w| !w.is_empty()).map(decoded).collect::<Vec<_>>();
            match key {
                "axis" => view.setting.axis = Axis::read(&value).unwrap_or_default(),
                "smooth" => {
                    view.setting.smoothing =
                        parse_finite(&value).map_or(view.setting.smoothing, |w| w.clamp(0.0, 0.99));
                }
                "logx" => view.setting.x_scale = ScaleKind::read(&value),
                "log" => view.setting.loss_scale = ScaleKind::read(&value),
                "outliers" if value == "ignore" => view.setting.outliers = Outliers::Ignored,
                "colour" => view.setting.colours = Colours::read(&words()),
                "x" => view.zoom = Interval::read(&value),
                "y" => {
                    view.shown_values = words().iter().filter_map(|word| ShownValues::read(word)).collect()
                }
                "pin" => view.charts.pinned = words(),
                "order" => view.charts.moved = words(),
                "without" => view.charts.hidden = words(),
                "group" => view.setting.grouping = Grouping::read(&value),
                "task" => view.filter.tasks = words(),
                "mask" => view.filter.masks = words(),
                "rate" => view.filter.rates = words(),
                // That of a text that is tried is "seed".
                "seeds" => view.filter.seeds = words(),
                "status" => {
                    let named = |word: String| RunStatus::ALL.into_iter().find(|s| s.name() == word);
                    view.filter.statuses = words().into_iter().filter_map(named).collect();
                }
                "node" => view.filter.nodes = words(),
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
        if let Some(word) = setting.x_scale.word() {
            add("logx", word.into());
        }
        if let Some(word) = setting.loss_scale.word() {
            add("log", word.into());
        }
        if let Some(grouping) = setting.grouping {
            add("group", grouping.word());
        }
        if setting.outliers == Outliers::Ignored {
            add("outliers", "ignore".into());
        }
        if !setting.colours.is_empty() {
            add("colour", encoded_list(&setting.colours.words()));
        }
        if let Some(zoom) = self.view.zoom {
            add("x", zoom.word());
        }
        if !self.view.shown_values.is_empty() {
            let words: Vec<String> = self.view.shown_values.iter().map(ShownValues::word).collect();
            add("y", encoded_list(&words));
        }
        if !self.view.charts.pinned.is_empty() {
            add("pin", encoded_list(&self.view.charts.pinned));
        }
        if !self.view.charts.moved.is_empty() {
            add("order", encoded_list(&self.view.charts.moved));
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
        if !filter.rates.is_empty() {
            add("rate", encoded_list(&filter.rates));
        }
        if !filter.seeds.is_empty() {
            add("seeds", encoded_list(&filter.seeds));
        }
        if !filter.statuses.is_empty() {
            let names: Vec<&str> = filter.statuses.iter().map(|s| s.name()).collect();
            add("status", names.join(","));
        }
        if !filter.nodes.is_empty() {
            add("node", encoded_list(&filter.nodes));
        }
        if !filter.runs.is_empty() {
            let ids: Vec<String> = filter.runs.iter().map(|run| run.0.clone()).collect();
            add("runs", encoded_list(&ids));
        }
        if !filter.text.trim().is_empty() {
            add("q", encoded(filter.text.trim()));
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
            add(key, encoded(&value));
        }
        url
    }
}

#[cfg(test)]
mod tests;
