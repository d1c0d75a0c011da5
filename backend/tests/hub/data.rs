//! Data sets of the hub, from an empty cache to a finished run: CoNLL-2003, and such as are the user's own tasks.

use super::commands::{command, ended, put_bert};
use super::fake::Hub;
use super::parquet::{Column, write};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

const MODEL: &str = "hf:acme/bert";
const WNUT: &str = "hf:acme/wnut";
const PARQUET: &str = "refs/convert/parquet";

/// A hub with the small BERT, and a folder of one's own.
struct Desk {
    hub: Hub,
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
        put_bert(&hub, "acme/bert");
        Self { hub, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts files at a branch of a data set; returns the commit.
    fn put(&self, name: &str, revision: &str, files: &[(&str, Vec<u8>)]) -> String {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, &bytes[..])).collect();
        self.hub.put("datasets", name, revision, &files)
    }

    /// A data set of which the hub has a script, and what it has made of it.
    fn put_converted(&self, name: &str, files: &[(&str, Vec<u8>)]) -> String {
        self.put(name, "main", &[("script.py", b"import os".to_vec()), ("README.md", b"#".to_vec())]);
        self.put(name, PARQUET, files)
    }

    /// The program on these arguments, with the cache of this desk.
    fn tunemask(&self, arguments: &[&str]) -> Output {
        command(&self.hub, &self.path("hf"), arguments).current_dir(self.folder.path()).output().unwrap()
    }

    /// Trains one run on a data folder in a home.
    fn run(&self, home: &str, data: &str, task: &str, more: &[&str]) -> Output {
        let text = format!(
            "name = \"hub\"\nmodel = \"{MODEL}\"\ndata = {data:?}\ntasks = [\"{task}\"]\nmasks = [\"layernorms\"]\n\
             learning_rates = [1e-2]\nseeds = [1]\nepochs = 2\n"
        );
        fs::write(self.path("e.toml"), text).unwrap();
        let fixed = ["run", "e.toml", "--home", home, "--threads", "1", "--json"];
        self.tunemask(&[&fixed[..], more].concat())
    }
}

/// What a run printed.
struct Events(Vec<Value>);

impl Events {
    fn of(output: &Output) -> Self {
        Self(ended(output, true).lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn first(&self, event: &str) -> &Value {
        self.0.iter().find(|line| line["event"] == event).unwrap_or_else(|| panic!("{:#?}", self.0))
    }
}

/// A file of parquet.
fn parquet(columns: &[(&str, Column)], classes: &[(&str, &[String])]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    write(&path, columns, classes);
    fs::read(path).unwrap()
}

/// Sentences with tags as numbers of these classes, `count` of them.
fn tagged(count: i64, classes: &[&str]) -> Vec<u8> {
    let names: Vec<String> = classes.iter().map(|&name| name.to_owned()).collect();
    let sentence =
        |n: i64| ["the", "queen", "sold", "a", "lamp"].map(|word| format!("{word}{}", n % 3)).to_vec();
    let tags = |n: i64| vec![0, 1, 0, 1 + 2 * (n % 2), 2 + 2 * (n % 2)];
    let columns = [
        ("id", Column::Texts((0..count).map(|n| n.to_string()).collect())),
        ("tokens", Column::TextLists((0..count).map(sentence).collect())),
        ("ner_tags", Column::NumberLists((0..count).map(tags).collect())),
    ];
    parquet(&columns, &[("ner_tags", &names)])
}

const TYPES: [&str; 5] = ["O", "B-product", "I-product", "B-creative-work", "I-creative-work"];

fn fixture(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/hub").join(path)).unwrap()
}

#[test]
fn conll_comes_from_a_cold_hub_to_a_finished_run() {
    let desk = Desk::new();
    let sets = ["conll2003/train/0000.parquet", "conll2003/validation/0000.parquet"];
    let mut files = sets.map(|path| (path, fixture(path))).to_vec();
    files.push(("conll2003/test/0000.parquet", b"never fetched".to_vec()));
    let commit = desk.put_converted("eriktks/conll2003", &files);
    let name = "hf:eriktks/conll2003";
    let refused = ended(&desk.run("home", name, "ner", &["--offline"]), false);
    assert!(refused.contains("--offline forbids requests"), "{refused}");
    assert!(desk.hub.take_log().is_empty());

    let events = Events::of(&desk.run("home", name, "ner", &[]));
    assert_eq!(events.first("created")["experiment"]["data"], format!("{name}@{commit}"));
    let finished = events.first("finished");
    assert_eq!(finished["task"], "ner");
    assert!(finished["metrics"]["entity_f1"].is_number(), "{finished}");
    let asked = desk.hub.take_log();
    assert!(!asked.iter().any(|asked| asked.path.contains("test")), "{asked:#?}");

    // A known task is no data of one's own; the parts of GLUE are such.
    let known = ended(&desk.tunemask(&["data", "check", name]), false);
    assert!(known.contains("hf:eriktks/conll2003 is the task `ner`"), "{known}");
    assert!(known.contains("train with data = \"hf:eriktks/conll2003\" and tasks = [\"ner\"]"), "{known}");
    let part = |name: &str, set: &str| {
        (format!("{name}/{set}.parquet"), fixture("rte/train-00000-of-00001.parquet"))
    };
    let parts = [part("rte", "train"), part("rte", "validation"), part("sst2", "train")];
    let parts: Vec<(&str, Vec<u8>)> =
        parts.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
    desk.put("nyu-mll/glue", "main", &parts);
    let several = ended(&desk.tunemask(&["data", "check", "hf:nyu-mll/glue"]), false);
    assert!(several.contains("train with tasks = [\"sst2\", \"rte\"], or name a part"), "{several}");
    assert!(several.contains("has several parts (rte, sst2), of which some are known tasks"), "{several}");
    let one = ended(&desk.tunemask(&["data", "check", "hf:nyu-mll/glue", "--config", "rte"]), false);
    assert!(one.contains("rte of hf:nyu-mll/glue is the task `rte`"), "{one}");
    desk.hub.take_log();

    // Warm, and where nothing may be asked: the same bits.
    for (home, more) in [("warm", &[][..]), ("offline", &["--offline"])] {
        let again = Events::of(&desk.run(home, name, "ner", more));
        assert_eq!(again.first("finished")["trained_sha256"], finished["trained_sha256"]);
    }
    assert!(desk.hub.take_log().is_empty());
}

/// As WNUT-17 is: entities of six other types, in a part that is named like the data set.
#[test]
fn entities_of_other_types_are_a_task_of_ones_own() {
    let desk = Desk::new();
    let files = [
        ("wnut/train/0000.parquet", tagged(24, &TYPES)),
        ("wnut/validation/0000.parquet", tagged(6, &TYPES)),
        ("wnut/test/0000.parquet", tagged(5, &TYPES)),
    ];
    let commit = desk.put_converted("acme/wnut", &files);
    let events = Events::of(&desk.run("home", WNUT, "own:wnut", &[]));
    assert_eq!(events.first("created")["experiment"]["data"], format!("{WNUT}@{commit}"));
    let finished = events.first("finished");
    let metrics = ["entity_f1", "entity_precision", "entity_recall", "accuracy"];
    assert!(metrics.iter().all(|metric| finished["metrics"][metric].is_number()), "{finished}");
    desk.hub.take_log();
    let again = Events::of(&desk.run("warm", WNUT, "own:wnut", &["--offline"]));
    assert_eq!(again.first("finished")["trained_sha256"], finished["trained_sha256"]);
    // It is exported with its labels.
    let id = finished["run"].as_str().unwrap();
    ended(&desk.tunemask(&["export", id, "--home", "home", "--out", "out"]), true);
    let config: Value =
        serde_json::from_str(&fs::read_to_string(desk.path("out/config.json")).unwrap()).unwrap();
    assert!((0..5).all(|i| config["id2label"][i.to_string()] == TYPES[i]), "{}", config["id2label"]);
    assert!(desk.hub.take_log().is_empty());
}

/// Texts with labels in columns whose names say nothing.
fn reviews(count: i64) -> Vec<u8> {
    let text = |n: i64| format!("the queen {} a lamp {n}", if n % 2 == 0 { "liked" } else { "hated" });
    let columns = [
        ("body", Column::Texts((0..count).map(text).collect())),
        (
            "note",
            Column::Texts(
                (0..count).map(|n| format!("a longer text that is not meant, number {n}")).collect(),
            ),
        ),
        ("verdict", Column::Numbers((0..count).map(|n| n % 2).collect())),
    ];
    parquet(&columns, &[("verdict", &["good".to_owned(), "bad".to_owned()])])
}

#[test]
fn a_description_maps_the_columns_of_a_data_set() {
    let desk = Desk::new();
    // Without a development set, which is known after the first look.
    let commit = desk.put("acme/shop", "main", &[("data/train-00000-of-00001.parquet", reviews(40))]);
    fs::create_dir(desk.path("reviews")).unwrap();
    ended(&desk.tunemask(&["fetch", "--model", MODEL]), true);
    desk.hub.take_log();
    let toml = "data = \"hf:acme/shop\"\ntext = \"body\"\nlabel = \"verdict\"\n";
    fs::write(desk.path("reviews/dataset.toml"), toml).unwrap();
    let refused = ended(&desk.run("home", "reviews", "own:reviews", &["--offline"]), false);
    assert!(
        refused.contains("line 3: data: hf:acme/shop is not whole on this machine")
            && refused.contains("--offline forbids requests"),
        "{refused}"
    );
    assert!(desk.hub.take_log().is_empty());

    let events = Events::of(&desk.run("home", "reviews", "own:reviews", &[]));
    assert_eq!(events.first("downloaded")["name"], format!("hf:acme/shop@{commit}"));
    // The run says which state of it was read.
    let notes = events.first("started")["notes"].to_string();
    assert!(notes.contains(&format!("the files are those of hf:acme/shop@{commit}")), "{notes}");
    assert!(notes.contains("no development file; 4 of the 40 examples"), "{notes}");
    let finished = events.first("finished");
    desk.hub.take_log();

    // The branch moves; what is here stays.
    desk.put("acme/shop", "main", &[("data/train-00000-of-00001.parquet", reviews(30))]);
    let again = Events::of(&desk.run("warm", "reviews", "own:reviews", &[]));
    assert_eq!(again.first("finished")["trained_sha256"], finished["trained_sha256"]);
    let said = ended(&desk.tunemask(&["data", "check", "reviews"]), true);
    assert!(
        said.contains("own:reviews in reviews") && said.contains("data/train-00000-of-00001.parquet"),
        "{said}"
    );
    assert!(said.contains("data = \"hf:acme/shop\""), "{said}");
    assert!(desk.hub.take_log().is_empty());

    // The same of the data set itself, by its own name; its columns are not found.
    let said = ended(&desk.tunemask(&["data", "check", "hf:acme/shop", "--json"]), false);
    assert!(!said.contains("panicked"), "{said}");
    let output = desk.tunemask(&["data", "check", "hf:acme/shop", "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["task"], &facts["settings"]["data"]), (&"own:shop".into(), &"hf:acme/shop".into()));
    assert_eq!(facts["questions"][0]["field"], "label");
    let refused = ended(&desk.tunemask(&["data", "check", "hf:acme/shop", "--write"]), false);
    assert!(refused.contains("lies in the hub's cache"), "{refused}");
    assert!(desk.hub.take_log().is_empty());
}

#[test]
fn parts_of_a_data_set_are_named_or_asked_for() {
    let desk = Desk::new();
    let part = |name: &str| {
        [("train", 24), ("validation", 6)]
            .map(|(set, count)| (format!("{name}/{set}/0000.parquet"), tagged(count, &TYPES)))
    };
    let files: Vec<(String, Vec<u8>)> = [part("english"), part("german")].concat();
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
    desk.put_converted("acme/wnut", &files);
    // Nothing is downloaded of which nobody knows whether it is meant.
    let refused = ended(&desk.run("home", WNUT, "own:wnut", &[]), false);
    let told = "hf:acme/wnut has several parts (english, german); name one, as the task own:english";
    assert!(refused.contains(told), "{refused}");
    let resolved = |desk: &Desk| {
        desk.hub.take_log().iter().filter(|asked| asked.path.contains("datasets/acme/wnut/resolve")).count()
    };
    assert_eq!(resolved(&desk), 0);
    let events = Events::of(&desk.run("home", WNUT, "own:german", &[]));
    assert!(events.first("finished")["metrics"]["entity_f1"].is_number());
    assert!(desk.hub.take_log().iter().all(|asked| !asked.path.contains("english")));

    fs::create_dir(desk.path("mine")).unwrap();
    let write = |toml: &str| fs::write(desk.path("mine/dataset.toml"), toml).unwrap();
    write("data = \"hf:acme/wnut\"\nconfig = \"english\"\n");
    let events = Events::of(&desk.run("home", "mine", "own:mine", &[]));
    assert_eq!(events.first("finished")["task"], "own:mine");
    // By its files: those alone, and a share of them is split off.
    write("data = \"hf:acme/wnut\"\ntrain = \"english/train/*.parquet\"\n");
    desk.hub.take_log();
    let events = Events::of(&desk.run("home", "mine", "own:mine", &["--offline"]));
    assert!(events.first("started")["notes"].to_string().contains("no development file"));

    let check = |toml: &str| {
        write(toml);
        let output = desk.tunemask(&["data", "check", "mine"]);
        (
            output.status.success(),
            [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap()).concat(),
        )
    };
    for (toml, told) in [
        ("data = \"hf:acme/wnut\"\nconfig = \"../english\"\n", "there is no part `../english`"),
        ("data = \"hf:acme/wnut\"\n", "has several parts (english, german)"),
        ("data = \"acme/wnut\"\n", "data: `acme/wnut` does not begin with hf:"),
        ("config = \"english\"\n", "config: only a data set of the hub has parts"),
        ("data = \"hf:acme/wnut\"\ntrain = \"english/none.csv\"\n", "has no file of data `english/none.csv`"),
    ] {
        let (well, said) = check(toml);
        assert!(!well && said.contains(told), "{toml}{said}");
    }
    let said = ended(&desk.tunemask(&["data", "check", "hf:acme/wnut", "--config", "german"]), true);
    assert!(said.contains("own:german in ") && said.contains("config = \"german\""), "{said}");
}
