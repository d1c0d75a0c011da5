//! What a script asks, well and badly: texts, experiments to start, what is not there, a program that ends.

use super::described::Described;
use super::rig::small;
use axum::body::{Body, Bytes};
use serde_json::json;
use std::collections::BTreeSet;
use std::io;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::protocol::MAX_MESSAGE_BYTES;

fn toml(text: &str) -> (Vec<(&'static str, &'static str)>, Body) {
    (vec![("content-type", "application/toml")], Body::from(text.to_owned()))
}

/// A text through the runs of the experiment.
pub async fn predictions(of: &mut Described, run: &str) {
    let (predict, path) = ("post /experiments/{experiment}/predictions", "/experiments/1/predictions");
    let json = [("content-type", "application/json")];
    let text = "{\"text\": \"the food was good\"}";
    let answer = of.ask(predict, path, &json, Body::from(text)).await.json();
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let sum: f64 = rows[0]["mean"]["classes"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12 && answer["shared"].as_f64().unwrap() > 0.0, "{answer}");
    for (headers, body, status, words) in [
        (&json[..], "{\"text\": ", 400, "EOF"),
        (&json, "[]", 400, "expected an object"),
        (&json, "{\"text\": \" \"}", 422, "write a text"),
        (&json, "{\"text\": \"a\", \"masks\": [\"full\"]}", 422, "has no mask `full`"),
        (&json, "{\"text\": \"a\", \"task\": \"tags\"}", 422, "has no task `tags`"),
        (&json, "{\"text\": \"a\", \"seeds\": [9]}", 422, "has no seed 9"),
        (&[], text, 415, "application/json"),
    ] {
        let answer = of.ask(predict, path, headers, Body::from(body)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.json()["detail"].as_str().unwrap().contains(words), "{}", answer.text());
    }
    let long = Body::from(vec![b' '; MAX_MESSAGE_BYTES + 1]);
    assert_eq!(of.ask(predict, path, &json, long).await.status, 413);
    // Nothing is left of the only run that is asked.
    let file = of.rig.lab.home().join("runs").join(format!("{run}.safetensors"));
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    let body = Body::from("{\"text\": \"the food\", \"masks\": [\"layernorms\"]}");
    let answer = of.ask(predict, path, &json, body).await;
    assert!(answer.status == 409 && answer.text().contains("not found"), "{}", answer.text());
    std::fs::rename(&aside, &file).unwrap();
    // Others have every place.
    let readers = of.rig.worker.readers.clone();
    let places: Vec<_> = std::iter::from_fn(|| readers.enter().ok()).collect();
    let answer = of.ask(predict, path, &json, Body::from(text)).await;
    assert!(answer.status == 503 && answer.text().contains("try again in a moment"), "{}", answer.text());
    drop(places);
    assert_eq!(of.ask(predict, path, &json, Body::from(text)).await.status, 200);
}

/// What every operation refuses.
pub async fn refusals(of: &mut Described) {
    let operations: BTreeSet<String> = of.all().into_iter().map(|said| said.operation).collect();
    for operation in operations {
        let (_, template) = operation.split_once(' ').unwrap();
        let path =
            template.replace("{experiment}", "77").replace("{run}", "none").replace("{report}", "table");
        for (header, status) in [(("authorization", "none"), 401), (("host", "evil.example"), 403)] {
            assert_eq!(of.ask(&operation, &path, &[header], Body::empty()).await.status, status);
        }
        if template.contains('{') {
            assert_eq!(of.ask(&operation, &path, &[], Body::empty()).await.status, 404);
        }
    }
    let never = of.get("/experiments/{experiment}", "/experiments/small").await;
    assert!(never.text().contains("there is no experiment `small`"), "{}", never.text());
}

/// What LoRA trained is the folder of an adapter.
async fn adapter(of: &mut Described) {
    let id = of.rig.train(Experiment { masks: vec!["lora:2 in mha".into()], ..small() }).await;
    let run = of.rig.lab.runs(id).unwrap()[0].clone();
    let answer = of.get("/runs/{run}/delta", &format!("/runs/{run}/delta")).await;
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{run}.adapter.tar\""));
    let written = tempfile::tempdir().unwrap();
    tar::Archive::new(&answer.body[..]).unpack(written.path()).unwrap();
    for file in ["adapter_config.json", "adapter_model.safetensors", "README.md"] {
        assert!(written.path().join(format!("{run}.adapter")).join(file).exists(), "{file}");
    }
}

pub async fn start_and_cancel(of: &mut Described) {
    let start = "post /experiments";
    let json = [("content-type", "application/json; charset=utf-8")];
    for (headers, body, status, words) in [
        (&json[..], "{", 400, "EOF while parsing"),
        (&json, "{\"mask\": []}", 400, "unknown field `mask`"),
        (&json, "[]", 400, "expected an object"),
        (&json, "{\"masks\": [\"fulll\"], \"seeds\": [1, 1]}", 422, "masks[0]: "),
        (&[("content-type", "application/toml")], "masks = [", 400, "line 1: "),
        (&[("content-type", "text/plain")], "{}", 415, "application/json"),
    ] {
        let answer = of.ask(start, "/experiments", headers, Body::from(body)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.json()["detail"].as_str().unwrap().contains(words), "{}", answer.text());
    }
    let wrong =
        of.ask(start, "/experiments", &json, Body::from("{\"seeds\": [1, 1], \"epochs\": 0}")).await.json();
    let fields: BTreeSet<&str> =
        wrong["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, BTreeSet::from(["epochs", "seeds[1]"]));
    let long = Body::from(vec![b' '; MAX_MESSAGE_BYTES + 1]);
    assert_eq!(of.ask(start, "/experiments", &json, long).await.status, 413);
    let broken = futures_util::stream::iter([Ok(Bytes::from("{")), Err(io::Error::other("cut"))]);
    let answer = of.ask(start, "/experiments", &json, Body::from_stream(broken)).await;
    assert!(answer.status == 400 && answer.text().contains("broke off"), "{}", answer.text());

    // What is started is what an experiment file holds; one that is known already is not trained again.
    let again = serde_json::to_string(&small()).unwrap();
    let answer = of.ask(start, "/experiments", &json, Body::from(again)).await;
    assert_eq!((answer.status, answer.header("location")), (201, "experiments/2"));
    assert_eq!(answer.json()["id"], 2);
    let shown = of.get("/experiments/{experiment}", "/experiments/2").await.json();
    assert_eq!((&shown["runs"]["finished"], &shown["over"]), (&json!(2), &json!(true)));

    let (headers, body) = toml(
        "name = \"long\"\ntasks = [\"sentiment\"]\nmasks = [\"frozen\", \"layernorms\"]\nlearning_rates = [1e-3]\n\
         seeds = [7]\nepochs = 2000\ntrain_limit = 400\n",
    );
    let answer = of.ask(start, "/experiments", &headers, body).await;
    assert_eq!(answer.json()["id"], 3);
    let unfinished = of.rig.lab.runs(tunemask_shared::event::ExperimentId(3)).unwrap()[0].clone();
    for what in ["delta", "model"] {
        let answer = of.get(&format!("/runs/{{run}}/{what}"), &format!("/runs/{unfinished}/{what}")).await;
        assert_eq!(answer.status, 409, "{}", answer.text());
    }
    let report = "/experiments/{experiment}/reports/{report}";
    let answer = of.get(report, "/experiments/3/reports/results?format=csv").await;
    assert!(answer.status == 409 && answer.text().contains("ask for markdown"), "{}", answer.text());
    let answer = of.get(report, "/experiments/3/reports/results?format=markdown").await;
    assert!(answer.text().contains("as soon as a run has finished"), "{}", answer.text());
    let cancel = "post /experiments/{experiment}/cancel";
    let answer = of.ask(cancel, "/experiments/3/cancel", &[], Body::empty()).await;
    assert_eq!(answer.json()["id"], 3);
    let lab = of.rig.lab.clone();
    let ended = tokio::task::spawn_blocking(move || {
        let mut heard = lab.subscribe();
        let open = || lab.state().runs.values().any(|run| !run.status.is_over());
        while open() {
            heard.blocking_next().expect("the lab goes on");
        }
    });
    ended.await.unwrap();
    let shown = of.get("/experiments/{experiment}", "/experiments/3").await.json();
    assert_eq!(shown["runs"]["cancelled"], 2);
    adapter(of).await;

    // A program that ends.
    let lab = of.rig.lab.clone();
    let run = lab.runs(tunemask_shared::event::ExperimentId(1)).unwrap()[0].clone();
    tokio::task::spawn_blocking(move || lab.shut_down()).await.unwrap();
    let again = serde_json::to_string(&small()).unwrap();
    assert_eq!(of.ask(start, "/experiments", &json, Body::from(again)).await.status, 503);
    assert_eq!(of.ask(cancel, "/experiments/3/cancel", &[], Body::empty()).await.status, 503);
    assert_eq!(of.get("/runs/{run}/points", &format!("/runs/{run}/points")).await.status, 503);
    for format in ["csv", "jsonl"] {
        let path = format!("/experiments/1/points?format={format}");
        assert_eq!(of.get("/experiments/{experiment}/points", &path).await.status, 503, "{format}");
    }

    // Last: the clock of these tests jumps where all wait.
    tokio::time::pause();
    let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, io::Error>>());
    assert_eq!(of.ask(start, "/experiments", &json, never).await.status, 408);
    let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, io::Error>>());
    let predict = "post /experiments/{experiment}/predictions";
    assert_eq!(of.ask(predict, "/experiments/1/predictions", &json, never).await.status, 408);
}
