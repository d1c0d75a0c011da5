//! Answers held against the description.

use super::asked::{predictions, refusals, start_and_cancel};
use super::rig::{Answer, Rig, small};
use super::rows::tables;
use super::schema::{errors, resolved};
use crate::artifacts::Tuned;
use crate::server::api::{description, endpoints};
use axum::body::Body;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::experiment::{
    DecayOn, EngineKind, EpsilonPlace, Experiment, FurtherRates, ReportedEpoch,
};
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::halving::Halving;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::mask::{MaskSwitches, OutlierPool, OutlierStatistic};
use tunemask_shared::run::{Precision, RunSpec};
use tunemask_shared::schedule::Decay;
use tunemask_shared::task::Task;

/// What no test can bring about: an error of the program, and a full disk.
const BEYOND: [&str; 2] = ["500", "507"];

/// What an operation answers: status and media type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    pub operation: String,
    status: String,
    media: String,
}

pub struct Described {
    document: Value,
    pub rig: Rig,
    seen: BTreeSet<Said>,
}

impl Described {
    fn new() -> Self {
        let document = serde_json::from_str(description::TEXT).unwrap();
        Self { document, rig: Rig::new(), seen: BTreeSet::new() }
    }

    /// All that the description says may be answered.
    pub fn all(&self) -> BTreeSet<Said> {
        let mut all = BTreeSet::new();
        for (path, methods) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let content = &resolved(&self.document, response)["content"];
                    for media in content.as_object().unwrap().keys() {
                        let operation = format!("{method} {path}");
                        all.insert(Said { operation, status: status.clone(), media: media.clone() });
                    }
                }
            }
        }
        all
    }

    /// Asks for `path`, an address of the template `of`, and holds the answer against the description.
    pub async fn ask(&mut self, operation: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let (method, template) = operation.split_once(' ').unwrap();
        let answer = self.rig.ask(&method.to_uppercase(), &format!("/api/v1{path}"), headers, body).await;
        let (status, media) = (answer.status.to_string(), answer.header("content-type").to_owned());
        let about = format!("{operation} {path}: {status} {media}");
        let responses = &self.document["paths"][template][method]["responses"];
        let response = responses.get(&status).unwrap_or_else(|| panic!("{about}: {}", answer.text()));
        let response = resolved(&self.document, response);
        let content = response["content"].get(&media).unwrap_or_else(|| panic!("{about} is not described"));
        if media.ends_with("json") {
            let wrong = errors(&self.document, &content["schema"], &answer.json());
            assert!(wrong.is_empty(), "{about}:\n{}", wrong.join("\n"));
        } else {
            assert!(!answer.body.is_empty(), "{about}");
        }
        for header in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
            assert!(!answer.header(header).is_empty(), "{about}: {header}");
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{about}");
        self.seen.insert(Said { operation: operation.to_owned(), status, media });
        answer
    }

    pub async fn get(&mut self, template: &str, path: &str) -> Answer {
        self.ask(&format!("get {template}"), path, &[], Body::empty()).await
    }
}

#[test]
fn every_path_is_described_and_every_description_has_its_path() {
    let described = Described::new();
    let paths = described.document["paths"].as_object().unwrap();
    let of = |(path, methods): (&String, &Value)| {
        methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect::<Vec<_>>()
    };
    let written: BTreeSet<String> = paths.iter().flat_map(of).collect();
    let served = endpoints::endpoints();
    let served = served.iter().map(|one| format!("{} {}", one.method.as_str().to_lowercase(), one.path));
    assert_eq!(written, served.collect());
    // Parameters of a path are those that its template names.
    for (path, methods) in paths {
        let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        for operation in methods.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.map(|parameter| resolved(&described.document, parameter));
            let own = parameters.filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap());
            assert_eq!(named, own.collect(), "{path}");
        }
    }
}

#[test]
fn what_is_seldom_written_is_described_too() {
    let document: Value = serde_json::from_str(description::TEXT).unwrap();
    let check = |name: &str, value: Value| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let wrong = errors(&document, &schema, &value);
        assert!(wrong.is_empty(), "{name} {value}:\n{}", wrong.join("\n"));
    };
    let switches = MaskSwitches {
        outlier_pool: OutlierPool::Each,
        outlier_statistic: OutlierStatistic::Magnitude,
        ..MaskSwitches::default()
    };
    for kind in [json!({ "multi_label": ["a", "b"] }), json!({ "regression": { "low": 0.0, "high": 5.0 } })] {
        let metric = if kind.get("regression").is_some() { "rmse" } else { "micro_f1" };
        let task: Task = serde_json::from_value(json!({
            "source": "own", "name": "own:x", "kind": kind, "pairs": false, "metrics": [metric],
            "development_sets": ["dev"], "size": "small",
        }))
        .unwrap();
        for precision in [None, Some(Precision::Tf32), Some(Precision::Bf16), Some(Precision::FrozenBf16)] {
            let spec = RunSpec {
                task: task.clone(),
                switches,
                precision,
                dropout: Some(0.1),
                train_limit: Some(1),
                clip_predictions: true,
                weight_decay: 0.01,
                weight_decay_on: DecayOn::All,
                max_gradient_norm: Some(1.0),
                schedule: Decay::Cosine,
                gradient_accumulation: 2,
                early_stopping: Some(2),
                class_weights: Some(ClassWeights::Balanced),
                engine_kind: EngineKind::Candle,
                ..run_spec()
            };
            check("RunSpec", serde_json::to_value(spec).unwrap());
        }
    }
    let further = FurtherRates { task: "rte".into(), mask: "full".into(), learning_rates: vec![1e-4] };
    let experiment = Experiment {
        delta: Some("x".into()),
        further_rates: vec![further],
        epsilon_place: EpsilonPlace::Keras,
        weight_decay: 0.01,
        weight_decay_on: DecayOn::All,
        max_gradient_norm: Some(1.0),
        schedule: Decay::Cosine,
        gradient_accumulation: 2,
        early_stopping: Some(2),
        class_weights: Some(ClassWeights::Balanced),
        outlier_pool: OutlierPool::Gamma,
        outlier_statistic: OutlierStatistic::Magnitude,
        clip_predictions: true,
        halving: Some(Halving { keep: 0.5, after: vec![1, 3] }),
        engine: EngineKind::Candle,
        places: vec!["desk".into()],
        ..Experiment::starter()
    };
    check("Experiment", serde_json::to_value(&experiment).unwrap());
    let class_weights = Some(ClassWeights::Each(vec![0.5, 2.0]));
    check("Experiment", serde_json::to_value(Experiment { class_weights, ..experiment }).unwrap());
    for name in tunemask_shared::metric::Metric::ALL.map(|metric| metric.name()) {
        check("Metric", json!(name));
    }
}

#[tokio::test]
async fn every_answer_is_as_it_is_described() {
    let mut of = Described::new();
    let id = of.rig.train(small()).await;
    let run = of.rig.lab.runs(id).unwrap()[0].clone();

    let whole = of.get("/openapi.json", "/openapi.json").await;
    assert_eq!(whole.text(), description::TEXT);
    let listed = of.get("/experiments", "/experiments").await.json();
    assert_eq!(listed["experiments"][0]["runs"]["finished"], 2);
    let shown = of.get("/experiments/{experiment}", "/experiments/1").await.json();
    assert_eq!((&shown["experiment"]["name"], &shown["over"]), (&json!("small"), &json!(true)));
    let runs = of.get("/experiments/{experiment}/runs", "/experiments/1/runs").await.json();
    assert_eq!(runs["runs"][0]["id"], json!(run.0));
    let one = of.get("/runs/{run}", &format!("/runs/{run}")).await.json();
    assert_eq!(one, runs["runs"][0]);
    let points = of.get("/runs/{run}/points", &format!("/runs/{run}/points")).await.json();
    // 24 examples in batches of 16.
    assert_eq!(points["points"]["step"], json!([1, 2]));

    tables(&mut of, &run.0).await;

    let template = "/experiments/{experiment}/reports/{report}";
    let offered = of.get("/experiments/{experiment}/reports", "/experiments/1/reports").await.json();
    for report in offered["reports"].as_array().unwrap() {
        let kind = report["kind"].as_str().unwrap();
        for format in report["formats"].as_array().unwrap() {
            let path = format!("/experiments/1/reports/{kind}?format={}", format.as_str().unwrap());
            assert_eq!(of.get(template, &path).await.status, 200, "{path}");
        }
    }
    let path = "/experiments/1/reports";
    let markdown = [("accept", "text/markdown")];
    let answer =
        of.ask(&format!("get {template}"), &format!("{path}/results"), &markdown, Body::empty()).await;
    assert!(
        answer.text().contains("| layernorms |") || answer.text().contains("`layernorms`"),
        "{}",
        answer.text()
    );
    for (wrong, status) in [
        ("results?format=jsonl", 400),
        ("results?margin=2", 400),
        ("table?layout=columns", 400),
        ("verdicts?margin=0", 422),
        ("weights?run=none", 422),
        ("none", 404),
    ] {
        assert_eq!(of.get(template, &format!("{path}/{wrong}")).await.status, status, "{wrong}");
    }
    let xml = [("accept", "application/xml")];
    let answer = of.ask(&format!("get {template}"), &format!("{path}/results"), &xml, Body::empty()).await;
    assert_eq!(answer.status, 406);
    let answer = of.get(template, &format!("{path}/weights?run={run}")).await;
    assert_eq!(answer.status, 200);

    // The same bytes as `export` writes; the archive is whole.
    let tuned = Tuned::open(of.rig.lab.home(), &run.0, ReportedEpoch::Best).unwrap();
    let written = tempfile::tempdir().unwrap();
    let path = written.path().join("delta.safetensors");
    crate::export::delta(&tuned, &path, crate::export::Existing::Keep).unwrap();
    let answer = of.get("/runs/{run}/delta", &format!("/runs/{run}/delta")).await;
    assert_eq!(answer.body, std::fs::read(&path).unwrap());
    let answer = of.get("/runs/{run}/model", &format!("/runs/{run}/model")).await;
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{run}.tar\""));
    tar::Archive::new(&answer.body[..]).unpack(written.path()).unwrap();
    let opened = crate::model::open(written.path().join(&run.0).to_str().unwrap()).unwrap();
    assert_eq!(opened.weights[..], tuned.weights()[..]);
    let left = std::fs::read_dir(of.rig.lab.home()).unwrap().map(|file| file.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with(".export-")));

    predictions(&mut of, &run.0).await;
    refusals(&mut of).await;
    start_and_cancel(&mut of).await;
    let all = of.all();
    let missed: Vec<&Said> =
        all.difference(&of.seen).filter(|said| !BEYOND.contains(&said.status.as_str())).collect();
    assert!(missed.is_empty(), "described, but never answered: {missed:#?}");
    assert!(of.seen.is_subset(&all));
}

#[tokio::test]
async fn a_run_says_that_its_weights_were_dropped() {
    let mut of = Described::new();
    let id = of.rig.train(Experiment { keep_weights: Some(KeepWeights::None), ..small() }).await;
    let lab = of.rig.lab.clone();
    let dropped = tokio::task::spawn_blocking(move || {
        let mut heard = lab.subscribe();
        while lab.state().runs.values().any(|run| run.weights_dropped.is_none()) {
            heard.blocking_next().expect("the lab goes on");
        }
    });
    dropped.await.unwrap();
    let run = of.rig.lab.runs(id).unwrap()[0].clone();
    let one = of.get("/runs/{run}", &format!("/runs/{run}")).await.json();
    assert_eq!(one["weights_dropped"], "none");
    let template = "/experiments/{experiment}/runs";
    let listed = of.get(template, "/experiments/1/runs").await.json();
    assert_eq!(listed["runs"][0], one);
    for format in ["csv", "jsonl"] {
        let table = of.get(template, &format!("/experiments/1/runs?format={format}")).await.text();
        assert!(table.contains("weights_dropped"), "{table}");
    }
    let model = of.get("/runs/{run}/model", &format!("/runs/{run}/model")).await;
    assert!(model.status == 409 && model.text().contains("did not keep its weights"), "{}", model.text());
}
