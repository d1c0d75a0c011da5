//! Figures of examples that may have several labels.

/// What is predicted of each example and what is right, `[examples, labels]`: whether it has each label.
#[derive(Clone, Copy, Debug)]
pub struct LabelSets<'a> {
    /// Labels of the task; at least one.
    pub labels: usize,
    /// As predicted.
    pub predicted: &'a [bool],
    /// As it is.
    pub actual: &'a [bool],
}

/// How often a label is right, predicted and there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelCounts {
    /// Examples that have it and of which it is predicted.
    pub right: f64,
    /// Examples of which it is predicted.
    pub predicted: f64,
    /// Examples that have it.
    pub actual: f64,
}

impl LabelCounts {
    /// Their F1; 0 of a label that is neither predicted nor there.
    pub fn f1(self) -> f64 {
        let both = self.predicted + self.actual;
        if both == 0.0 { 0.0 } else { 2.0 * self.right / both }
    }

    fn add(&mut self, predicted: bool, actual: bool) {
        self.right += f64::from(u8::from(predicted && actual));
        self.predicted += f64::from(u8::from(predicted));
        self.actual += f64::from(u8::from(actual));
    }
}

impl<'a> LabelSets<'a> {
    /// Predicted and actual labels of each example.
    fn examples(self) -> impl Iterator<Item = (&'a [bool], &'a [bool])> {
        self.predicted.chunks_exact(self.labels).zip(self.actual.chunks_exact(self.labels))
    }

    /// The counts of each label.
    pub fn by_label(self) -> Vec<LabelCounts> {
        let mut counts = vec![LabelCounts::default(); self.labels];
        for (predicted, actual) in self.examples() {
            let pairs = predicted.iter().zip(actual);
            counts.iter_mut().zip(pairs).for_each(|(counts, (&p, &a))| counts.add(p, a));
        }
        counts
    }

    /// F1 of all labels of all examples together. Not-a-number without examples.
    pub fn micro_f1(self) -> f64 {
        if self.actual.is_empty() {
            return f64::NAN;
        }
        let mut all = LabelCounts::default();
        self.predicted.iter().zip(self.actual).for_each(|(&p, &a)| all.add(p, a));
        all.f1()
    }

    /// Mean F1 of all labels, each counting the same; 0 of one that is neither predicted nor there. Not-a-number without
    /// examples.
    pub fn macro_f1(self) -> f64 {
        if self.actual.is_empty() {
            return f64::NAN;
        }
        self.by_label().into_iter().map(LabelCounts::f1).sum::<f64>() / self.labels as f64
    }

    /// Share of the examples of which every label is right. Not-a-number without examples.
    pub fn subset_accuracy(self) -> f64 {
        let (right, all) = self.examples().fold((0.0, 0.0), |(right, all), (predicted, actual)| {
            (right + f64::from(u8::from(predicted == actual)), all + 1.0)
        });
        right / all
    }
}
