//! The points of a run, as many as a page has use for: one each while they are few, then buckets of two, four, eight steps.
//!
//! Buckets depend on the points and on how many there may be, not on how the points came: who goes on with buckets that were
//! sent has, bit for bit, what the sender has. Columns of points that are shorter than their steps end in not-a-number. A bucket
//! in which a value is not finite has a mean that is not finite, so that its line breaks; its lowest and highest value are of
//! the others.

use crate::event::Points;
use serde::{Deserialize, Serialize};

/// Buckets of all runs that a page watches, together: some 15 MiB of points, and with their extremes twice as much.
pub const WATCHED_BUCKETS: usize = 1 << 18;
/// Fewest buckets of a run, however many are watched.
pub const FEWEST_BUCKETS: usize = 128;

/// How many buckets a run may have where so many are watched: of more than 2,048 runs all together have more than
/// [`WATCHED_BUCKETS`].
pub fn most_buckets(runs: usize) -> usize {
    (WATCHED_BUCKETS / runs.max(1)).max(FEWEST_BUCKETS)
}

/// The points of a run in buckets of equally many steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Buckets {
    /// Most buckets; a bucket that would be one too many doubles the steps of all.
    most: usize,
    /// Steps of a bucket, a power of two.
    stride: usize,
    /// Steps in the last bucket, up to `stride`; 0 where there is no point.
    in_last: usize,
    /// Of each bucket the step, epoch and seconds at its end, and the means of what has a value at each step.
    points: Points,
    /// The lowest values of each bucket; nothing while a bucket is a step.
    #[serde(default, skip_serializing_if = "Extremes::is_empty")]
    lowest: Extremes,
    /// The highest values of each bucket; nothing while a bucket is a step.
    #[serde(default, skip_serializing_if = "Extremes::is_empty")]
    highest: Extremes,
    /// The last step as it came; nothing while a bucket is a step.
    #[serde(default, skip_serializing_if = "Points::is_empty")]
    newest: Points,
}

/// The lowest or the highest value of each bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Extremes {
    /// Of the loss.
    #[serde(with = "crate::number::columns")]
    pub loss: Vec<f64>,
    /// Of the learning rate.
    #[serde(with = "crate::number::columns")]
    pub learning_rate: Vec<f64>,
    /// Of the gradient's norm.
    #[serde(with = "crate::number::columns")]
    pub gradient_norm: Vec<f64>,
    /// Of the tokens a second.
    #[serde(with = "crate::number::columns")]
    pub tokens_per_s: Vec<f64>,
}

/// Columns of points of which a bucket has the mean.
const VALUES: usize = 4;

impl Extremes {
    /// Whether it is of buckets of one step.
    pub fn is_empty(&self) -> bool {
        self.loss.is_empty()
    }

    fn columns(&mut self) -> [&mut Vec<f64>; VALUES] {
        [&mut self.loss, &mut self.learning_rate, &mut self.gradient_norm, &mut self.tokens_per_s]
    }
}

/// The columns of points of which a bucket has the mean; of the others it has the last.
fn values(points: &mut Points) -> [&mut Vec<f64>; VALUES] {
    let Points { step: _, epoch: _, loss, learning_rate, gradient_norm, tokens_per_s, elapsed_secs: _ } =
        points;
    [loss, learning_rate, gradient_norm, tokens_per_s]
}

impl Buckets {
    /// No points; of at most `most` buckets, two or more.
    pub fn new(most: usize) -> Buckets {
        let (points, newest) = (Points::default(), Points::default());
        let (lowest, highest) = (Extremes::default(), Extremes::default());
        Buckets { most: most.max(2), stride: 1, in_last: 0, points, lowest, highest, newest }
    }

    /// These points, in at most `most` buckets, two or more.
    pub fn of(points: &Points, most: usize) -> Buckets {
        let mut buckets = Buckets::new(most);
        buckets.extend(points);
        buckets
    }

    /// Of each bucket the step, epoch and seconds at its end, and the means of what has a value at each step: the points
    /// themselves while a bucket is a step.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// The lowest and the highest values of each bucket; `None` while a bucket is a step.
    pub fn extremes(&self) -> Option<[&Extremes; 2]> {
        (self.stride > 1).then_some([&self.lowest, &self.highest])
    }

    /// The last step as it came; no row where there is no point.
    pub fn newest(&self) -> Points {
        if self.stride > 1 { self.newest.clone() } else { self.points.last() }
    }

    /// Most buckets that it may have.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Steps of a bucket; the last may have fewer.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Steps of the last bucket.
    pub fn in_last(&self) -> usize {
        self.in_last
    }

    /// Steps of all.
    pub fn steps(&self) -> usize {
        (self.points.len() * self.stride + self.in_last).saturating_sub(self.stride)
    }

    /// Whether it has no point.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Goes on with the steps that come next.
    pub fn extend(&mut self, more: &Points) {
        for row in 0..more.len() {
            self.push(more, row);
        }
        if !more.is_empty() && self.stride > 1 {
            self.newest = more.last();
        }
    }

    /// Takes a step; what its row lacks is not a number.
    fn push(&mut self, more: &Points, row: usize) {
        if self.in_last == self.stride && self.points.len() == self.most {
            self.double();
        }
        let Points { step, epoch, loss, learning_rate, gradient_norm, tokens_per_s, elapsed_secs } = more;
        let given = |column: &Vec<f64>| column.get(row).copied().unwrap_or(f64::NAN);
        let (step, epoch, elapsed_secs) = (step[row], given(epoch), given(elapsed_secs));
        let given = [loss, learning_rate, gradient_norm, tokens_per_s].map(given);
        if self.in_last == self.stride || self.points.is_empty() {
            self.points.step.push(step);
            self.points.epoch.push(epoch);
            self.points.elapsed_secs.push(elapsed_secs);
            push_row(values(&mut self.points), given);
            if self.stride > 1 {
                push_row(self.lowest.columns(), given.map(finite_or_nan));
                push_row(self.highest.columns(), given.map(finite_or_nan));
            }
            self.in_last = 1;
            return;
        }
        self.in_last += 1;
        let share = 1.0 / self.in_last as f64;
        set_last(&mut self.points.step, |_| step);
        set_last(&mut self.points.epoch, |_| epoch);
        set_last(&mut self.points.elapsed_secs, |_| elapsed_secs);
        for (mean, given) in values(&mut self.points).into_iter().zip(given) {
            set_last(mean, |mean| mean + (given - mean) * share);
        }
        for (lowest, given) in self.lowest.columns().into_iter().zip(given.map(finite_or_nan)) {
            set_last(lowest, |lowest| lowest.min(given));
        }
        for (highest, given) in self.highest.columns().into_iter().zip(given.map(finite_or_nan)) {
            set_last(highest, |highest| highest.max(given));
        }
    }

    /// Puts every two buckets together.
    fn double(&mut self) {
        if self.stride == 1 {
            for extremes in [&mut self.lowest, &mut self.highest] {
                for (extreme, value) in extremes.columns().into_iter().zip(values(&mut self.points)) {
                    *extreme = value.iter().copied().map(finite_or_nan).collect();
                }
            }
        }
        // All are full, and there are as many as may be: the last has a partner, or becomes half of a bucket.
        let is_paired = self.points.len().is_multiple_of(2);
        pair(&mut self.points.step, |_, later| later);
        pair(&mut self.points.epoch, |_, later| later);
        pair(&mut self.points.elapsed_secs, |_, later| later);
        values(&mut self.points).into_iter().for_each(|mean| pair(mean, |a, b| a + (b - a) / 2.0));
        self.lowest.columns().into_iter().for_each(|lowest| pair(lowest, f64::min));
        self.highest.columns().into_iter().for_each(|highest| pair(highest, f64::max));
        self.in_last = if is_paired { 2 * self.stride } else { self.stride };
        self.stride *= 2;
    }
}

fn push_row(columns: [&mut Vec<f64>; VALUES], row: [f64; VALUES]) {
    columns.into_iter().zip(row).for_each(|(column, value)| column.push(value));
}

fn set_last<T: Copy>(column: &mut [T], to: impl FnOnce(T) -> T) {
    if let Some(last) = column.last_mut() {
        *last = to(*last);
    }
}

/// What is not finite is no extreme: `min` and `max` pass over not-a-number alone.
fn finite_or_nan(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// Makes one of every two; the last of an odd number stays as it is.
fn pair<T: Copy>(column: &mut Vec<T>, one: impl Fn(T, T) -> T) {
    let pairs = column.len().div_ceil(2);
    for i in 0..pairs {
        let (first, second) = (column[2 * i], column.get(2 * i + 1).copied());
        column[i] = second.map_or(first, |second| one(first, second));
    }
    column.truncate(pairs);
}

#[cfg(test)]
mod tests;
