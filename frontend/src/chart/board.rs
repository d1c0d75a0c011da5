//! What the charts of an experiment share: setting, runs, crosshair, zoom.

use super::area::PlotSize;
use super::choice::automatic_grouping;
use super::drawing::{Drawing, PlotOptions, draw};
use super::frame_scheduler::FrameScheduler;
use super::line::{Drawn, LineKey, Lines, lines};
use super::preferences;
use super::quantity::Quantity;
use super::zoom::Zoom;
use crate::grouping::Grouping;
use crate::interval::Interval;
use crate::legend::{Contender, Legend, Nodes, PicturedModel, Run};
use crate::nav::{Nav, use_nav};
use crate::net::client::{Client, Question, use_client};
use crate::net::store::{Store, use_store};
use crate::progress::no_points_reason;
use crate::route::ShownValues;
use crate::setting::{ScaleKind, Setting};
use crate::visibility::Visibility;
use leptos::prelude::*;
use std::collections::HashSet;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState};

/// The crosshair.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// Where it stands on the horizontal axis.
    pub x: f64,
    /// The chart that leads it.
    pub leader: Quantity,
}

/// The charts of an experiment. Copies are the same board.
#[derive(Clone, Copy)]
pub struct Board {
    store: Store,
    nav: Nav,
    subject: StoredValue<Subject>,
    /// Whose charts they are; of a comparison the baseline's.
    pub id: ExperimentId,
    /// How they are drawn.
    pub setting: Memo<Setting>,
    /// The runs shown, in their order.
    pub runs: Memo<Vec<RunId>>,
    /// The same in the order that the reader chose.
    pub sorted: Memo<Vec<RunId>>,
    /// Those that the charts draw.
    pub drawn: Memo<Vec<RunId>>,
    /// Which of them make one line.
    pub grouping: Memo<Grouping>,
    /// Names and styles.
    pub legend: Memo<Legend>,
    /// The part of the horizontal axis shown, if not all.
    x_zoom: RwSignal<Option<Interval>>,
    /// Charts that show a part of their vertical axis.
    y_zooms: RwSignal<Vec<ShownValues>>,
    /// The crosshair of all charts.
    pub cursor: RwSignal<Option<Cursor>>,
    /// Runs that have lines of their own above all others.
    pub pinned: Memo<Vec<RunId>>,
    /// The line that stands out.
    pub highlighted: RwSignal<Option<LineKey>>,
    /// The line that was pointed at in a chart last, to be found in the list.
    pub sought: RwSignal<Option<LineKey>>,
    /// When each chart shows new points.
    pub scheduler: FrameScheduler,
}

/// Whose charts a board has.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Those runs of the experiment that the address filters.
    Filtered,
    /// One of its runs.
    Run(RunId),
    /// What is compared, in these groups unless the reader chooses others.
    Compared(Vec<Contender>, Grouping),
}

impl Subject {
    /// Whether the address says which of the runs are drawn, and which stand first.
    fn is_chosen(&self) -> bool {
        *self == Subject::Filtered
    }

    /// Whether its runs may be of several experiments.
    fn has_several(&self) -> bool {
        matches!(self, Subject::Compared(..))
    }
}

impl Board {
    /// The board of an experiment.
    pub fn new(id: ExperimentId, subject: Subject) -> Board {
        let (store, nav) = (use_store(), use_nav());
        preferences::keep(nav);
        let setting = Memo::new(move |_| nav.route.with(|r| r.view.setting.clone()));
        let subject = StoredValue::new(subject);
        let grid = Memo::new(move |_| {
            subject.with_value(|subject| store.state.with(|state| legend_of(id, subject, state)))
        });
        let nodes = Memo::new(move |before: Option<&Nodes>| {
            store
                .state
                .with(|s| s.experiments.get(&id).map(|found| Nodes::of(found, &s.runs, before)))
                .unwrap_or_default()
        });
        let client = use_client();
        let of_one = !subject.with_value(Subject::has_several);
        let model = of_one.then(|| model_of(id, store, client)).flatten();
        // Runs that train change a great deal, but not this.
        let legend = Memo::new(move |_| {
            let model = model.and_then(|model| model.get());
            let legend = grid.get().trained_at(nodes.get()).on(model);
            setting.with(|setting| legend.coloured(&setting.colours))
        });
        let runs = Memo::new(move |_| match subject.get_value() {
            Subject::Run(run) => vec![run],
            Subject::Compared(contenders, _) => of_all(contenders),
            Subject::Filtered => nav.route.with(|route| {
                store.state.with(|s| {
                    let shown = s.experiments.get(&id).map(|found| route.view.filter.apply(s, found));
                    shown.into_iter().flatten().map(|(id, _)| id.clone()).collect::<Vec<_>>()
                })
            }),
        });
        let sort = Memo::new(move |_| nav.route.with(|r| r.view.sort));
        let sorted = Memo::new(move |_| match sort.get() {
            None => runs.get(),
            Some(sort) => store.state.with(|state| {
                runs.with(|ids| {
                    let runs = ids.iter().filter_map(|id| state.runs.get_key_value(id)).collect();
                    legend.with(|legend| sort.apply(runs, legend))
                })
            }),
        });
        let drawn = Memo::new(move |_| {
            let visibility = match subject.with_value(Subject::is_chosen) {
                true => nav.route.with(|r| r.view.visibility.clone()),
                false => Visibility::default(),
            };
            runs.with(|runs| runs.iter().filter(|run| visibility.shows(run)).cloned().collect::<Vec<_>>())
        });
        let grouping = Memo::new(move |_| {
            let seeds = legend.with(|l| l.seeds.len());
            let automatic = || automatic_grouping(drawn.with(Vec::len), seeds);
            match subject.get_value() {
                Subject::Filtered => setting.with(|s| s.grouping).unwrap_or_else(automatic),
                Subject::Run(_) => Grouping::Runs,
                Subject::Compared(_, grouping) => grouping,
            }
        });
        let pinned = Memo::new(move |_| match subject.with_value(Subject::is_chosen) {
            true => nav.route.with(|r| r.view.pinned.clone()),
            false => Vec::new(),
        });
        // The address follows when a pointer lets go: browsers take no more than some changes of it a second.
        let addressed_x = Memo::new(move |_| nav.route.with(|r| r.view.zoom));
        let x_zoom = RwSignal::new(addressed_x.get_untracked());
        Effect::watch(move || addressed_x.get(), move |zoom, _, _| x_zoom.set(*zoom), false);
        let addressed_y = Memo::new(move |_| nav.route.with(|r| r.view.shown_values.clone()));
        let y_zooms = RwSignal::new(addressed_y.get_untracked());
        Effect::watch(move || addressed_y.get(), move |zooms, _, _| y_zooms.set(zooms.clone()), false);
        let cursor = RwSignal::new(None);
        let axis = Memo::new(move |_| setting.with(|s| s.axis));
        Effect::watch(move || axis.get(), move |_, _, _| cursor.set(None), false);
        let scheduler = FrameScheduler::new(move || {
            store.state.with(|_| ());
            store.series.with(|_| ());
        });
        Board {
            store,
            nav,
            subject,
            id,
            setting,
            runs,
            sorted,
            drawn,
            grouping,
            legend,
            x_zoom,
            y_zooms,
            cursor,
            pinned,
            highlighted: RwSignal::new(None),
            sought: RwSignal::new(None),
            scheduler,
        }
    }

    /// Whether the reader says which charts stand first and which not at all: of one run all are shown.
    pub fn can_be_ordered(&self) -> bool {
        self.subject.with_value(Subject::is_chosen)
    }

    /// What its charts show of the tasks that are shown, in the usual order.
    pub fn quantities(&self) -> Vec<Quantity> {
        let shown = self.nav.route.with(|r| r.view.filter.tasks.clone());
        let mut tasks = self.legend.with(|l| l.tasks.clone());
        tasks.retain(|task| shown.is_empty() || shown.contains(&task.to_string()));
        Quantity::of_tasks(&tasks)
    }

    /// The line that a run is part of, or its own if it is pinned.
    pub fn line_of(&self, run: &RunId) -> LineKey {
        let grouping = self.grouping.get();
        let own = grouping == Grouping::Runs || self.pinned.with(|pinned| pinned.contains(run));
        let group = || {
            let place = self.store.state.with(|state| {
                let run = Run { id: run, state: state.runs.get(run)? };
                Some(self.legend.with(|legend| legend.place(run).group(grouping)))
            });
            place.map(LineKey::group)
        };
        if own { None } else { group() }.unwrap_or_else(|| LineKey::run(run))
    }

    /// The parts of its axes that a chart shows.
    pub fn zoom_of(&self, quantity: &Quantity) -> Zoom {
        let chart = quantity.word();
        let own = |zooms: &Vec<ShownValues>| zooms.iter().find(|z| z.chart == chart).map(|z| z.shown);
        Zoom { x: self.x_zoom.get(), y: self.y_zooms.with(own) }
    }

    /// Shows these parts of a chart's axes, and of all others the horizontal one.
    pub fn zoom_to(&self, quantity: &Quantity, zoom: Zoom) {
        let now = untrack(|| self.zoom_of(quantity));
        if now.x != zoom.x {
            self.x_zoom.set(zoom.x);
        }
        if now.y != zoom.y {
            let chart = quantity.word();
            self.y_zooms.update(|zooms| {
                zooms.retain(|z| z.chart != chart);
                zooms.extend(zoom.y.map(|shown| ShownValues { chart, shown }));
            });
        }
    }

    /// Whether a chart shows a part of an axis.
    pub fn is_zoomed(&self) -> bool {
        self.x_zoom.with(Option::is_some) || self.y_zooms.with(|zooms| !zooms.is_empty())
    }

    /// Shows all of every axis.
    pub fn reset_zoom(&self) {
        self.x_zoom.set(None);
        self.y_zooms.set(Vec::new());
        self.remember_zoom();
    }

    /// Writes the parts of the axes that are shown into the address.
    pub fn remember_zoom(&self) {
        let (zoom, shown_values) = (self.x_zoom.get_untracked(), self.y_zooms.get_untracked());
        if self.nav.route.with_untracked(|r| r.view.zoom != zoom || r.view.shown_values != shown_values) {
            self.nav.update_view(|view| {
                view.zoom = zoom;
                view.shown_values = shown_values;
            });
        }
    }

    /// Why a chart has no line.
    pub fn no_points_reason(&self, quantity: &Quantity) -> String {
        self.store.state.with(|state| {
            if self.runs.with(|runs| !runs.is_empty()) && self.drawn.with(Vec::is_empty) {
                return "All runs are hidden".to_owned();
            }
            self.drawn.with(|ids| {
                let runs =
                    ids.iter().filter_map(|id| state.runs.get(id)).filter(|run| quantity.concerns(run));
                no_points_reason(runs.map(|run| run.status))
            })
        })
    }

    /// The lines of a chart with all of their points that the page holds, as they stand now; tracks all that they depend on but the data, for
    /// which the frames of charts are scheduled.
    pub fn lines(&self, quantity: &Quantity) -> Lines {
        let (setting, grouping) = (self.setting.get(), self.grouping.get());
        self.store.state.with_untracked(|state| {
            self.store.series.with_untracked(|store| {
                self.drawn.with(|ids| {
                    let known = ids.iter().filter_map(|id| state.runs.get_key_value(id));
                    let runs: Vec<_> = known.map(|(id, state)| Run { id, state }).collect();
                    self.pinned.with(|pinned| {
                        let drawn = Drawn { runs: &runs, pinned, grouping };
                        self.legend.with(|legend| lines(quantity, &setting, drawn, store, legend))
                    })
                })
            })
        })
    }

    /// A chart as it stands now; tracks what its lines do, and how they are shown.
    pub fn draw(&self, quantity: &Quantity, size: PlotSize) -> Drawing {
        let setting = self.setting.get();
        let y_scale = if quantity.may_be_log() { setting.loss_scale } else { ScaleKind::Linear };
        let (axis, x_scale, outliers) = (setting.axis, setting.x_scale, setting.outliers);
        let options = PlotOptions { axis, zoom: self.zoom_of(quantity), x_scale, y_scale, outliers };
        draw(self.lines(quantity), size, options)
    }
}

/// The model of an experiment, once it is known: asked about here, which costs the server nothing a second time.
fn model_of(id: ExperimentId, store: Store, client: Client) -> Option<Memo<Option<PicturedModel>>> {
    let of =
        |found: &ExperimentState| (Question::of_model(&found.experiment), found.experiment.mask_switches());
    let (question, switches) = store.state.with_untracked(|s| s.experiments.get(&id).map(of))?;
    client.know(question.clone());
    Some(Memo::new(move |_| client.shape(&question).map(|shape| PicturedModel { shape, switches })))
}

/// Names and styles of a board's runs.
fn legend_of(id: ExperimentId, subject: &Subject, state: &LabState) -> Legend {
    match subject {
        Subject::Filtered | Subject::Run(_) => {
            state.experiments.get(&id).map(|found| Legend::new(found, &state.runs)).unwrap_or_default()
        }
        // Runs one by one are told apart by their names; experiments by what of their grids is drawn as well.
        Subject::Compared(contenders, grouping) => {
            let mut legend = Legend { contenders: contenders.clone(), ..Legend::default() };
            if *grouping != Grouping::Runs {
                state.experiments.values().for_each(|found| legend.add(found, &state.runs));
            }
            legend
        }
    }
}

/// The runs of all that is compared, each once.
fn of_all(contenders: Vec<Contender>) -> Vec<RunId> {
    let mut seen = HashSet::new();
    let runs = contenders.into_iter().flat_map(|contender| contender.runs);
    runs.filter(|run| seen.insert(run.clone())).collect()
}
