//! The curves of what is compared, on one board: a line for each run, or for each task and mask of an experiment.

use crate::chart::board::{Board, Subject};
use crate::chart::figure::Chart;
use crate::chart::quantity::Quantity;
use crate::grouping::{Field, Fields, Grouping};
use crate::legend::Contender;
use crate::net::store::use_store;
use crate::page::toolbar::ComparedToolbar;
use leptos::prelude::*;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::task::Task;

/// The charts.
#[component]
pub fn Curves(comparison: Comparison, contenders: Vec<Contender>) -> impl IntoView {
    let store = use_store();
    let baseline = comparison.experiments().into_iter().next()?;
    let grouping = match comparison {
        Comparison::Experiments(_) => Grouping::by(Fields::of(&[Field::Mask, Field::Task])),
        Comparison::Runs(_) => Grouping::Runs,
    };
    let tasks = store.state.with_untracked(|state| {
        let mut tasks: Vec<Task> = Vec::new();
        for run in contenders.iter().flat_map(|c| &c.runs).filter_map(|run| state.runs.get(run)) {
            if !tasks.contains(&run.spec.task) {
                tasks.push(run.spec.task.clone());
            }
        }
        tasks
    });
    let several_runs = contenders.iter().any(|contender| contender.runs.len() > 1);
    let board = Board::new(baseline, Subject::Compared(contenders, grouping));
    let charts = Quantity::of_tasks(&tasks).into_iter().enumerate();
    let charts =
        charts.map(|(place, quantity)| view! { <Chart board=board place=place quantity=quantity /> });
    Some(view! {
        <ComparedToolbar board=board />
        {several_runs.then(|| view! {
            <p class="hint chart-hint">"Of each cell the runs that its score is of: those at the picked learning rate."</p>
        })}
        <div class="charts">{charts.collect_view()}</div>
    })
}
