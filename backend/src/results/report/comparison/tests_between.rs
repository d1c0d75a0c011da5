//! What can be tested between the baseline and each of the others, and why the rest cannot: the tests are those of
//! `significance`, on the cells of two studies.

use super::contender::Contender;
use super::scores::Match;
use crate::results::format::column;
use crate::results::report::evidence::p_value;
use crate::results::report::kept;
use crate::results::significance::{
    Cell as TestedCell, MIN_SEEDS, PairTest, Scope, Study, holm, pair_test, score_alike,
};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Block, Cell, Column, Table};
use tunemask_shared::run::RunSpec;
use tunemask_shared::text::{NONE, count, thousands};

/// The level at which a difference is shown.
const ALPHA: f64 = 0.05;

/// One of the others against the baseline in a match.
struct Pair<'a> {
    matched: &'a Match<'a>,
    baseline: &'a Contender,
    other: &'a Contender,
    /// The test, or why there is none.
    outcome: Result<Tested, String>,
}

/// A difference and what is known of how sure it is.
struct Tested {
    test: PairTest,
    /// On the method, else on the trained models, else not-a-number.
    interval: [f64; 2],
    p: f64,
    /// Corrected over the tests of its task.
    p_holm: f64,
    examples: usize,
}

/// The tests as a table, a sentence each; what cannot be tested with its reason.
pub(super) fn tests_between(all: &[Contender], studies: &[Study], matches: &[Match<'_>]) -> Vec<Block> {
    let (Some((baseline, others)), Some((study, other_studies))) = (all.split_first(), studies.split_first())
    else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    let mut alone = 0;
    for matched in matches {
        for (place, (other, other_study)) in others.iter().zip(other_studies).enumerate() {
            let masks = (matched.masks[0], matched.masks[place + 1]);
            let outcome = match masks {
                (Some(mask), Some(other_mask)) => {
                    let sides = [
                        Side { of: baseline, study, mask },
                        Side { of: other, study: other_study, mask: other_mask },
                    ];
                    test(matched, &sides)
                }
                // Of several masks or tasks some may be of one alone: that is no pair. A run of another task is.
                (None, Some(_)) if matched.mask.is_none() => Err(format!(
                    "{} has no runs on {}: other tasks have other examples, and nothing pairs them.",
                    baseline.name,
                    matched.task.title()
                )),
                (None, Some(_)) | (Some(_), None) => {
                    alone += usize::from(matched.mask.is_some());
                    continue;
                }
                (None, None) => continue,
            };
            pairs.push(Pair { matched, baseline, other, outcome });
        }
    }
    correct(&mut pairs);
    let mut blocks = Vec::new();
    if pairs.is_empty() {
        blocks.push(Block::Paragraph(
            "They have no mask and task in common, so there is nothing to test between them.".into(),
        ));
    } else {
        let explained = explained(baseline, &pairs);
        let legend = std::slice::from_ref(&explained);
        let table = kept(table(&pairs), &["comparison", "tests"], "comparison-tests", legend);
        blocks.extend([Block::Table(table), Block::Paragraph(explained)]);
    }
    if alone > 0 {
        let what = count(alone, "cell");
        let verb = if alone == 1 { "is" } else { "are" };
        blocks.push(Block::Paragraph(format!(
            "{what} of a mask and a task that only one of two has {verb} not tested."
        )));
    }
    blocks
}

/// One side of a test.
struct Side<'a> {
    of: &'a Contender,
    study: &'a Study,
    mask: &'a Mask,
}

impl<'a> Side<'a> {
    fn cell(&self, matched: &Match<'_>) -> Result<&'a TestedCell, String> {
        let left_out = || {
            let found = self.study.left_out.iter().find(|c| c.mask == *self.mask && c.task == *matched.task);
            found.map_or_else(|| "it has no results".to_owned(), |cell| cell.why.clone())
        };
        self.study.cell(self.mask, matched.task).ok_or_else(|| format!("{}: {}.", self.of.name, left_out()))
    }

    /// What determines the runs of its cell.
    fn specs(&self, cell: &TestedCell) -> Vec<&'a RunSpec> {
        cell.runs.iter().filter_map(|run| self.of.runs.get(run)).map(|run| &run.spec).collect()
    }
}

fn test(matched: &Match<'_>, [baseline, other]: &[Side<'_>; 2]) -> Result<Tested, String> {
    let cells = [other.cell(matched)?, baseline.cell(matched)?];
    comparable([other, baseline], cells)?;
    let mut alike = cells.map(Clone::clone);
    score_alike(&mut alike);
    let [left, right] = &alike;
    let test = pair_test(left, right).ok_or("They have runs of different numbers of seeds.")?;
    let on_method = (test.interval, test.p);
    let on_models = test.trained_models.map(|models| (models.interval, models.p));
    let (interval, p) = match test.method.speaks_for {
        Scope::Method | Scope::DevelopmentSet => on_method,
        Scope::TrainedModels | Scope::Measured => on_models.unwrap_or(([f64::NAN; 2], f64::NAN)),
    };
    let examples = left.predictions.first().map_or(0, |predictions| predictions.len());
    Ok(Tested { test, interval, p, p_holm: f64::NAN, examples })
}

/// Whether two cells can be held against each other: scored alike, on the same examples, with the same seeds.
fn comparable(sides: [&Side<'_>; 2], cells: [&TestedCell; 2]) -> Result<(), String> {
    let [left, right] = [sides[0].specs(cells[0]), sides[1].specs(cells[1])];
    if cells[0].runs == cells[1].runs {
        return Err("They are the same runs.".into());
    }
    let (Some(one), Some(other)) = (left.first(), right.first()) else {
        return Err("Their runs are not known.".into());
    };
    if one.data != other.data || one.eval_limit != other.eval_limit {
        return Err("They were scored on different examples, so no test can pair them.".into());
    }
    if one.clips_predictions() != other.clips_predictions() {
        return Err(
            "Predictions of one alone are clipped to the task's range, so their scores are not of one kind."
                .into(),
        );
    }
    let seeds = |specs: &[&RunSpec]| specs.iter().map(|spec| spec.seed).collect::<Vec<_>>();
    let (left, right) = (seeds(&left), seeds(&right));
    // Two models can be compared whatever their seeds.
    if left != right && left.len().max(right.len()) > 1 {
        let list = |seeds: &[u64]| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        return Err(format!(
            "Their seeds differ ({}; {}): a test pairs runs of the same seed.",
            list(&right),
            list(&left)
        ));
    }
    Ok(())
}

/// Corrects the p-values of each task for their number.
fn correct(pairs: &mut [Pair<'_>]) {
    let mut tasks = Vec::new();
    for pair in pairs.iter() {
        if !tasks.contains(&pair.matched.task) {
            tasks.push(pair.matched.task);
        }
    }
    for task in tasks {
        let own = || pairs.iter().filter(|pair| pair.matched.task == task);
        let planned: Vec<f64> =
            own().map(|pair| pair.outcome.as_ref().map_or(f64::NAN, |tested| tested.p)).collect();
        let mut corrected = holm(&planned).into_iter();
        for pair in pairs.iter_mut().filter(|pair| pair.matched.task == task) {
            let p = corrected.next().unwrap_or(f64::NAN);
            if let Ok(tested) = &mut pair.outcome {
                tested.p_holm = p;
            }
        }
    }
}

fn table(pairs: &[Pair<'_>]) -> Table {
    let several = pairs.len() > 1;
    let mut columns = vec![Column::words("Compared"), Column::words("Score")];
    columns.extend(["Difference", "95 % interval", "p"].map(Column::numbers));
    if several {
        columns.push(Column::numbers("p (Holm)"));
    }
    columns.push(Column::words("What it says"));
    let row = |pair: &Pair<'_>| {
        let metric = pair.matched.task.primary_metric();
        let mask = pair.matched.mask.map(Mask::to_string);
        let mut cells = vec![
            Cell {
                under: mask.unwrap_or_default(),
                ..Cell::text(format!("{} − {}", pair.other.name, pair.baseline.name))
            },
            Cell::text(column(pair.matched.task, metric, 0)),
        ];
        match &pair.outcome {
            Ok(tested) => {
                let [low, high] = tested.interval;
                let interval = if low.is_nan() {
                    NONE.to_owned()
                } else {
                    format!("{} to {}", pair.size(low), pair.size(high))
                };
                cells.push(Cell::text(pair.size(tested.test.difference)));
                cells.push(Cell::text(interval));
                cells.push(Cell::text(p_value(tested.p)));
                if several {
                    cells.push(Cell::text(p_value(tested.p_holm)));
                }
                cells.push(Cell::text(pair.sentence(tested)));
            }
            Err(why) => {
                cells.extend(vec![Cell::text(NONE); if several { 4 } else { 3 }]);
                cells.push(Cell::text(format!("Not tested. {why}")));
            }
        }
        cells
    };
    Table::new("Tests against the baseline", columns, pairs.iter().map(row).collect())
}

impl Pair<'_> {
    fn in_points(&self) -> bool {
        self.matched.task.primary_metric().in_percent()
    }

    /// A difference with its sign, in points where the metric is in percent.
    fn size(&self, difference: f64) -> String {
        let text = match self.in_points() {
            true => format!("{:.1}", difference * 100.0),
            false => format!("{difference:.4}"),
        };
        match text.strip_prefix('-') {
            Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_owned(),
            Some(size) => format!("−{size}"),
            None => text,
        }
    }

    /// What a test says, and of what.
    fn sentence(&self, tested: &Tested) -> String {
        let Tested { test, p_holm, examples, .. } = tested;
        let metric = self.matched.task.primary_metric().title();
        let (other, baseline) = (&self.other.name, &self.baseline.name);
        let size = self.size(test.difference.abs());
        let unit = if self.in_points() { " points" } else { "" };
        let what = match test.difference {
            d if d > 0.0 => format!("The {metric} of {other} is {size}{unit} higher than that of {baseline}"),
            d if d < 0.0 => format!("The {metric} of {other} is {size}{unit} lower than that of {baseline}"),
            _ => format!("The {metric} of {other} equals that of {baseline}"),
        };
        // Whatever varies has an interval with a width.
        if tested.interval == [0.0, 0.0] {
            return format!("{what}: they predict the same for every example at every seed.");
        }
        let seeds = count(test.method.seeds as usize, "seed");
        let shown = *p_holm < ALPHA;
        let found = match test.method.speaks_for {
            Scope::Measured => {
                return format!(
                    "{what}. Whether that is chance cannot be said: {}.",
                    test.method.limit().unwrap_or_default()
                );
            }
            _ if p_holm.is_nan() => return format!("{what}. Nothing tells how that varies."),
            Scope::Method if shown => format!(". That is shown for the method, by {}.", test.method),
            Scope::Method => {
                ". That may be chance: no difference of the methods is shown, nor that there is none.".into()
            }
            Scope::DevelopmentSet if shown => format!(
                ". Other seeds would show it, too, on these examples. {}.",
                test.method.limit().unwrap_or_default()
            ),
            Scope::DevelopmentSet => {
                ". That may be chance: no difference is shown, nor that there is none.".into()
            }
            Scope::TrainedModels => {
                let models = if test.method.seeds == 1 { "these two models" } else { "these models" };
                let examples = thousands(*examples as u64);
                let verdict = match shown {
                    true => format!(
                        " on these {examples} examples, and {models} would differ on others like them"
                    ),
                    false => format!(
                        " on these {examples} examples, and that may be chance: no difference of {models} is shown"
                    ),
                };
                format!(
                    "{verdict}. Of the method that says nothing: {seeds} cannot tell how training varies, {MIN_SEEDS} or more can."
                )
            }
        };
        let caution = test.method.caution().map_or_else(String::new, |caution| format!(" {caution}."));
        format!("{what}{found}{caution}")
    }
}

fn explained(baseline: &Contender, pairs: &[Pair<'_>]) -> String {
    let corrected = if pairs.len() > 1 { " Holm's correction is for the tests of a task." } else { "" };
    format!(
        "Differences are from the baseline, {}, in percentage points where the metric is in percent. The p-value is two-sided; a \
         difference is shown if it is below {ALPHA}.{corrected} The tests are those of verdicts and of `tunemask table --pairs`.",
        baseline.name
    )
}
