//! The training step beside PyTorch's: each mask alone, and sweeps of which runs share what they can.
//!
//! ```sh
//! cargo bench --bench peer -- --peer peer_torch.py --python python3 --model MODEL --data glue --threads 2
//! ```
//!
//! Both programs train the same examples: a file of as many rows as a measurement takes steps, of which each takes one epoch
//! to warm up and one with the clock running. They alternate, and of each the median of the rounds counts. The
//! peer is `peer_torch.py`: what a user of PyTorch and Hugging Face writes today. Prints a Markdown table of ratios.

use clap::Parser;
use serde_json::Value;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Time the training step beside PyTorch's on RTE
#[derive(Parser, Debug)]
struct Arguments {
    /// The peer's program
    #[arg(long)]
    peer: PathBuf,
    /// A Python with torch, transformers and safetensors
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// A Hugging Face folder
    #[arg(long)]
    model: PathBuf,
    /// Folder of the GLUE folders
    #[arg(long)]
    data: PathBuf,
    /// Threads of both
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Steps with the clock running
    #[arg(long, default_value_t = 20)]
    steps: usize,
    /// `cpu` or `cuda:0`
    #[arg(long, default_value = "cpu")]
    device: String,
    /// `f32` or `bf16`
    #[arg(long, default_value = "f32")]
    dtype: String,
    /// Let the peer compile its model
    #[arg(long)]
    compile: bool,
    /// Only the cases whose name holds this
    #[arg(long)]
    only: Option<String>,
    /// What cargo gives a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// Runs that are timed together.
struct Case {
    name: String,
    masks: Vec<String>,
    rates: usize,
    seeds: usize,
}

const RATES: [&str; 7] = ["1e-5", "5e-5", "1e-4", "5e-4", "1e-3", "5e-3", "1e-2"];
const BATCH: usize = 16;

fn cases(layers: usize) -> Vec<Case> {
    let case = |name: &str, masks: &[&str], rates, seeds| Case {
        name: name.to_owned(),
        masks: masks.iter().map(ToString::to_string).collect(),
        rates,
        seeds,
    };
    let top = format!("single_norm:{layers}");
    let lower = format!("single_norm:{}", layers.saturating_sub(1).max(1));
    let every: Vec<String> = (1..=layers).map(|layer| format!("single_norm:{layer}")).collect();
    let every: Vec<&str> = every.iter().map(String::as_str).collect();
    let alone = ["layernorms", "bitfit", "mha", "ffn", &lower, "frozen", "full"];
    let mut all: Vec<Case> = alone.iter().map(|mask| case(mask, &[mask], 1, 1)).collect();
    let sweeps = ["frozen", &top, "layernorms"];
    all.extend(sweeps.iter().map(|mask| case(&format!("{mask}, 7 learning rates"), &[mask], 7, 1)));
    all.push(case(&format!("single_norm:1 to {layers}, 3 seeds"), &every, 1, 3));
    all.push(case("layernorms, 7 learning rates, 3 seeds", &["layernorms"], 7, 3));
    all
}

/// A program's figures of one measurement.
#[derive(Clone, Copy)]
struct Figures {
    steps_per_s: f64,
    memory_mib: f64,
    products_share: f64,
    shared: f64,
}

fn json(command: &mut Command) -> Result<Value, Box<dyn Error>> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().rfind(|line| line.starts_with('{')).ok_or("it printed no figures")?;
    Ok(serde_json::from_str(line)?)
}

fn figures(value: &Value) -> Figures {
    let number = |name: &str| value[name].as_f64().unwrap_or(f64::NAN);
    let memory = if value["peak_device_mib"].is_number() { "peak_device_mib" } else { "peak_rss_mib" };
    Figures {
        steps_per_s: number("steps_per_s"),
        memory_mib: number(memory),
        products_share: number("products_share"),
        shared: number("shared"),
    }
}

fn ours(a: &Arguments, data: &Path, case: &Case) -> Result<Figures, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    command.args(["bench", "--task", "rte", "--json", "--device", &a.device, "--dtype", &a.dtype]);
    command.arg("--model").arg(&a.model).arg("--data").arg(data);
    command.args(["--steps", &a.steps.to_string(), "--warmup-steps", &a.steps.to_string()]);
    command.args(["--threads", &a.threads.to_string(), "--learning-rates", &RATES[..case.rates].join(",")]);
    let seeds: Vec<String> = (0..case.seeds).map(|seed| seed.to_string()).collect();
    command.args(["--seeds", &seeds.join(",")]);
    case.masks.iter().for_each(|mask| _ = command.args(["--mask", mask]));
    Ok(figures(&json(&mut command)?))
}

/// The peer runs one after the other, at one speed: a run of each mask is enough to know it.
fn peer(a: &Arguments, data: &Path, case: &Case) -> Result<Figures, Box<dyn Error>> {
    let (mut secs, mut memory) = (0.0, 0.0f64);
    for mask in &case.masks {
        let mut command = Command::new(&a.python);
        command.arg(&a.peer).arg("--model").arg(&a.model);
        command.arg("--data").arg(data.join("RTE/train.tsv")).args(["--text", "sentence1", "sentence2"]);
        command.args(["--steps", &a.steps.to_string(), "--warmup-steps", &a.steps.to_string()]);
        command.args(["--mask", mask, "--dtype", &a.dtype, "--threads", &a.threads.to_string()]);
        if a.device != "cpu" {
            command.args(["--device", "cuda"]);
        } else {
            command.args(["--device", "cpu"]);
        }
        if a.compile {
            command.arg("--compile");
        }
        let own = figures(&json(&mut command)?);
        secs += 1.0 / own.steps_per_s;
        memory = memory.max(own.memory_mib);
    }
    let steps_per_s = case.masks.len() as f64 / secs;
    Ok(Figures { steps_per_s, memory_mib: memory, products_share: f64::NAN, shared: f64::NAN })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// A data folder with as many rows as the steps take: each program sees each of them once an epoch.
fn subset(a: &Arguments, folder: &Path) -> Result<(), Box<dyn Error>> {
    let source = a.data.join("RTE");
    let read = |name: &str| {
        fs::read_to_string(source.join(name)).map_err(|e| format!("{}: {e}", source.join(name).display()))
    };
    let train = read("train.tsv")?;
    let rows: Vec<&str> = train.split('\n').take(a.steps * BATCH + 1).collect();
    fs::create_dir_all(folder.join("RTE"))?;
    fs::write(folder.join("RTE/train.tsv"), rows.join("\n") + "\n")?;
    fs::write(folder.join("RTE/dev.tsv"), read("dev.tsv")?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let a = Arguments::parse();
    let config: Value = serde_json::from_str(&fs::read_to_string(a.model.join("config.json"))?)?;
    let layers = config["num_hidden_layers"].as_u64().ok_or("the model's config names no layers")? as usize;
    let folder = tempfile::tempdir()?;
    subset(&a, folder.path())?;
    let mut table = String::from(
        "| runs | steps/s beside the peer's | of which in products | rows shared | memory beside the peer's |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
    );
    let wanted = |case: &Case| a.only.as_ref().is_none_or(|only| case.name.contains(only.as_str()));
    for case in cases(layers).into_iter().filter(wanted) {
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for _ in 0..a.rounds {
            own.push(ours(&a, folder.path(), &case)?);
            other.push(peer(&a, folder.path(), &case)?);
        }
        let of = |all: &[Figures], get: fn(&Figures) -> f64| median(all.iter().map(get));
        let (ours, peers) = (of(&own, |f| f.steps_per_s), of(&other, |f| f.steps_per_s));
        let (memory, peers_memory) = (of(&own, |f| f.memory_mib), of(&other, |f| f.memory_mib));
        let (products, shared) = (of(&own, |f| f.products_share), of(&own, |f| f.shared));
        let row = format!(
            "| {} | {:.1} × | {:.0} % | {:.0} % | {:.2} × |",
            case.name,
            ours / peers,
            100.0 * products,
            100.0 * shared,
            memory / peers_memory
        );
        eprintln!("{row}  ({ours:.2} beside {peers:.2} steps/s, {memory:.0} beside {peers_memory:.0} MiB)");
        writeln!(table, "{row}")?;
    }
    print!("{table}");
    Ok(())
}
