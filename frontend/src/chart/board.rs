//! What the charts of an experiment share: setting, runs, crosshair, zoom.

use super::choice::automatic_grouping;
use super::drawing::{Drawing, PlotOptions, PlotSize, draw};
use super::frame_scheduler::FrameScheduler;
use super::line::{Run, lines};
use super::quantity::Quantity;
use crate::legend::Legend;
use crate::nav::use_nav;
use crate::net::store::{Store, use_store};
use crate::progress::no_points_reason;
use crate::setting::{Grouping, Setting};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::run::RunId;

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
    /// Whose charts they are.
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
    pub zoom: RwSignal<Option<(f64, f64)>>,
    /// The crosshair of all charts.
    pub cursor: RwSignal<Option<Cursor>>,
    /// The run that stands out.
    pub highlighted: RwSignal<Option<RunId>>,
    /// The run that was pointed at in a chart last, to be found in the list.
    pub sought: RwSignal<Option<RunId>>,
    /// When each chart shows new points.
    pub scheduler: FrameScheduler,
}

impl Board {
    /// The board of an experiment.
    pub fn new(id: ExperimentId) -> Board {
        let (store, nav) = (use_store(), use_nav());
        let setting = Memo::new(move |_| nav.route.with(|r| r.view.setting.clone()));
        let legend = Memo::new(move |_| {
            store.state.with(|s| s.experiments.get(&id).map(|e| Legend::new(e, &s.runs)).unwrap_or_default())
        });
        let runs = Memo::new(move |_| {
            nav.route
                .with(|route| {
                    store.state.with(|s| {
                        let found = s.experiments.get(&id)?;
                        let shown = route.view.filter.apply(s, found);
                        Some(shown.into_iter().map(|(id, _)| id.clone()).collect::<Vec<_>>())
                    })
                })
                .unwrap_or_default()
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
            let visibility = nav.route.with(|r| r.view.visibility.clone());
            runs.with(|runs| runs.iter().filter(|run| visibility.shows(run)).cloned().collect::<Vec<_>>())
        });
        let grouping = Memo::new(move |_| {
            let seeds = legend.with(|l| l.seeds.len());
            let automatic = || automatic_grouping(drawn.with(Vec::len), seeds);
            setting.with(|s| s.grouping).unwrap_or_else(automatic)
        });
        let zoom = RwSignal::new(None);
        let cursor = RwSignal::new(None);
        let axis = Memo::new(move |_| setting.with(|s| s.axis));
        Effect::watch(
            move || axis.get(),
            move |_, _, _| {
                zoom.set(None);
                cursor.set(None);
            },
            false,
        );
        let scheduler = FrameScheduler::new(move || {
            store.state.with(|_| ());
            store.series.with(|_| ());
        });
        Board {
            store,
            id,
            setting,
            runs,
            sorted,
            drawn,
            grouping,
            legend,
            zoom,
            cursor,
            highlighted: RwSignal::new(None),
            sought: RwSignal::new(None),
            scheduler,
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

    /// A chart as it stands now; tracks all that it depends on but the data, for which its frames are scheduled.
    pub fn draw(&self, quantity: &Quantity, size: PlotSize) -> Drawing {
        let (setting, grouping) = (self.setting.get(), self.grouping.get());
        let lines = self.store.state.with_untracked(|state| {
            self.store.series.with_untracked(|store| {
                self.drawn.with(|ids| {
                    let known = ids.iter().filter_map(|id| state.runs.get_key_value(id));
                    let runs: Vec<_> = known.map(|(id, state)| Run { id, state }).collect();
                    self.legend.with(|legend| lines(quantity, &setting, grouping, &runs, store, legend))
                })
            })
        });
        let log = setting.log_loss && quantity.may_be_log();
        draw(lines, size, PlotOptions { axis: setting.axis, zoom: self.zoom.get(), log })
    }
}
