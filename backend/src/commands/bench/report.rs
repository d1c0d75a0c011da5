//! What is printed.

use serde::Serialize;
use tunemask_engine::Precision;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::text::{count, thousands};

/// The figures, in the words of a side-by-side with PyTorch. `trainable` does not count the head.
#[derive(Debug, Serialize)]
pub struct Report {
    pub engine: EngineKind,
    pub device: String,
    pub dtype: Precision,
    pub mask: String,
    pub batch: u32,
    /// Runs that were timed.
    pub runs: usize,
    /// Runs that stepped together.
    pub gang: usize,
    /// Of the first mask.
    pub trainable: usize,
    pub steps_per_s: f64,
    pub examples_per_s: f64,
    /// Real tokens; there is no padding.
    pub tokens_per_s: f64,
    /// Share of the time in which matrix products ran.
    pub products_share: f64,
    /// Share of the rows that were not computed, because they are the same for several runs.
    pub shared: f64,
    #[serde(with = "tunemask_shared::number")]
    pub mean_loss: f64,
    /// `None` where the system does not say.
    pub peak_rss_mib: Option<f64>,
    /// Of a GPU's memory, what the engine ever held at a time; cuBLAS's own room is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_device_mib: Option<f64>,
    pub threads: usize,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let together = if self.gang > 1 { format!(" in gangs of {}", self.gang) } else { String::new() };
        let memory =
            self.peak_rss_mib.map_or_else(String::new, |m| format!(", {m:.0} MiB of memory at most"));
        format!(
            "{} with {} trainable scalars, {}{together}, batches of {}, on {}{} with {}\n\
             {:.2} steps/s, {:.1} examples/s, {} tokens/s; mean loss {:.4}{memory}\n\
             {:.0} % of the time in matrix products, {:.0} % of the rows shared",
            self.mask,
            thousands(self.trainable as u64),
            count(self.runs, "run"),
            self.batch,
            self.device,
            if self.engine == EngineKind::Candle { " by candle" } else { "" },
            count(self.threads, "thread"),
            self.steps_per_s,
            self.examples_per_s,
            thousands(self.tokens_per_s as u64),
            self.mean_loss,
            100.0 * self.products_share,
            100.0 * self.shared,
        )
    }
}

/// The most memory this program ever held, in MiB; Linux says it in `/proc`.
pub fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
