//! What SciPy, statsmodels, scikit-learn and deepsig make of numbers, as `fixtures/statistics/make.py` wrote it.

use serde::Deserialize;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

#[derive(Deserialize)]
pub struct Fixtures {
    pub mcnemar: Vec<McNemarCase>,
    pub wilcoxon: Vec<WilcoxonCase>,
    pub holm: Vec<HolmCase>,
    pub student: Vec<StudentCase>,
    pub influence: Vec<InfluenceCase>,
    pub tagged: TaggedCase,
    pub label_sets: LabelSetsCase,
    pub crossed: Vec<CrossedCase>,
    pub orders: Vec<OrderCase>,
}

#[derive(Deserialize)]
pub struct McNemarCase {
    pub left_only: u64,
    pub right_only: u64,
    pub exact: f64,
    pub mid_p: f64,
    pub chi_square: f64,
}

#[derive(Deserialize)]
pub struct WilcoxonCase {
    pub differences: Vec<f64>,
    pub exact: bool,
    pub n: usize,
    pub statistic: f64,
    pub p: f64,
}

#[derive(Deserialize)]
pub struct HolmCase {
    pub p: Vec<f64>,
    pub holm: Vec<f64>,
}

#[derive(Deserialize)]
pub struct StudentCase {
    pub differences: Vec<f64>,
    pub bound: f64,
    pub p_above: f64,
    pub p_below: f64,
    pub interval: [f64; 2],
}

#[derive(Deserialize)]
pub struct LabelSetsCase {
    pub labels: u16,
    pub predicted: Vec<bool>,
    pub actual: Vec<bool>,
    pub influence: Vec<(Metric, Vec<f64>)>,
}

#[derive(Deserialize)]
pub struct InfluenceCase {
    pub metric: Metric,
    pub predicted: Vec<f32>,
    pub actual: Vec<f32>,
    pub influence: Vec<f64>,
}

#[derive(Deserialize)]
pub struct TaggedCase {
    pub precision: Vec<f64>,
    pub recall: Vec<f64>,
    pub counts: Vec<[u32; 3]>,
    pub influence: Vec<f64>,
}

#[derive(Deserialize)]
pub struct CrossedCase {
    pub seeds: u64,
    pub cells: Vec<CellCase>,
    pub difference: f64,
    pub p_models: f64,
    pub p: Option<f64>,
    pub p_above: Option<f64>,
    pub interval: Option<[f64; 2]>,
}

#[derive(Deserialize)]
pub struct CellCase {
    pub task: Task,
    pub mask: Mask,
    pub right: Vec<Vec<u16>>,
}

#[derive(Deserialize)]
pub struct OrderCase {
    pub left: Vec<f64>,
    pub right: Vec<f64>,
    pub violation_ratio: f64,
    pub epsilon_min: f64,
}

/// All of them.
pub fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("../fixtures/statistics/statistics.json")).unwrap()
}
