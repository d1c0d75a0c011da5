//! What is called with an input: the functions of the library that users' inputs go through.
//!
//! Each takes any bytes. It panics if the program is wrong, and for no other reason.

use super::Target;
use super::models::{self, SHAPE};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;
use tunemask::model::{Delta, Tokenizer};
use tunemask::{data, lab, model};
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment};
use tunemask_shared::experiment_file::{self, ExperimentFile};
use tunemask_shared::facts::Facts;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::protocol::{FromPage, MAX_MESSAGE_BYTES};
use tunemask_shared::task::TaskName;
use tunemask_shared::validation::validate;

/// Whether the input is taken, and not refused.
type Taken = bool;

/// A page's message, as the socket reads it.
pub fn message(input: &[u8]) {
    read_message(input);
}

/// An experiment file, as `run` and the interface read it.
pub fn experiment_file(input: &[u8]) {
    read_experiment_file(input);
}

/// A mask, as it stands in a form.
pub fn mask(input: &[u8]) {
    read_mask(input);
}

/// A file of tab-separated rows: as one of GLUE's, and as a user's own.
pub fn tsv(input: &[u8]) {
    read_data(&[("RTE/train.tsv", input), ("RTE/dev.tsv", input)]);
    read_data(&[("train.tsv", input), ("dev.tsv", input)]);
}

/// A file of words with tags: as CoNLL-2003's, and as the Penn Treebank's.
pub fn conll(input: &[u8]) {
    read_data(&[("conll2003/train.txt", input), ("conll2003/valid.txt", input)]);
    read_data(&[("ptb/train.txt", input), ("ptb/dev.txt", input)]);
}

/// A file of rows as the hub has them.
pub fn parquet(input: &[u8]) {
    read_parquet(input);
}

/// A model's weights, and what a run has trained.
pub fn safetensors(input: &[u8]) {
    read_model("model.safetensors", input);
    let folder = scratch();
    let path = folder.path().join("delta.safetensors");
    put(&path, input);
    _ = Delta::open(&path, &SHAPE);
}

/// A model's weights as PyTorch writes them.
pub fn pickle(input: &[u8]) {
    read_model("pytorch_model.bin", input);
}

/// A tokenizer.
pub fn tokenizer_json(input: &[u8]) {
    read_tokenizer(input, "BertTokenizer");
    read_tokenizer(input, "PreTrainedTokenizerFast");
}

/// A model's config.
pub fn config_json(input: &[u8]) {
    read_config(input);
}

/// Whether an input is taken.
pub(super) fn is_taken(target: Target, input: &[u8]) -> Taken {
    match target {
        Target::Message => read_message(input),
        Target::ExperimentFile => read_experiment_file(input),
        Target::Mask => read_mask(input),
        Target::Tsv => {
            read_data(&[("RTE/train.tsv", input), ("RTE/dev.tsv", input)])
                || read_data(&[("train.tsv", input), ("dev.tsv", input)])
        }
        Target::Conll => {
            read_data(&[("conll2003/train.txt", input), ("conll2003/valid.txt", input)])
                || read_data(&[("ptb/train.txt", input), ("ptb/dev.txt", input)])
        }
        Target::Parquet => read_parquet(input),
        Target::Safetensors => read_model("model.safetensors", input),
        Target::Pickle => read_model("pytorch_model.bin", input),
        Target::TokenizerJson => read_tokenizer(input, "BertTokenizer"),
        Target::ConfigJson => read_config(input),
    }
}

fn read_message(input: &[u8]) -> Taken {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    if text.len() > MAX_MESSAGE_BYTES {
        return false;
    }
    let Ok(message) = serde_json::from_str::<FromPage>(text) else { return false };
    // What was read is written, and read again the same.
    let written = serde_json::to_string(&message).unwrap_or_default();
    let again = serde_json::from_str::<FromPage>(&written).map(|again| serde_json::to_string(&again));
    assert!(matches!(&again, Ok(Ok(again)) if *again == written), "{written} became {again:?}");
    if let FromPage::Start { experiment, .. } | FromPage::Plan { experiment, .. } = &message {
        _ = validate(experiment, tiny());
    }
    true
}

fn read_experiment_file(input: &[u8]) -> Taken {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(file) = ExperimentFile::read(text) else { return false };
    if let Err(errors) = validate(&file.experiment, tiny()) {
        // Each has its line.
        errors.iter().for_each(|error| _ = file.place(error).to_string());
    }
    let written = experiment_file::write(&file.experiment);
    let again = ExperimentFile::read(&written).map(|again| again.experiment);
    let is_number = |e: &Experiment| !format!("{e:?}").contains("NaN");
    let same = again.as_ref().is_ok_and(|again| *again == file.experiment || !is_number(again));
    assert!(same, "{written} became {again:?}");
    true
}

fn read_mask(input: &[u8]) -> Taken {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(mask) = text.parse::<Mask>() else { return false };
    let written = mask.to_string();
    let again = written.parse::<Mask>();
    assert_eq!(again.as_ref(), Ok(&mask), "{text} was written as {written}");
    let Some(Ok(model)) = &tiny().model else { return false };
    let switches = MaskSwitches::default();
    let resolved = mask.trains(&model.shape, switches, 1, None);
    _ = mask.sketch(&model.shape, switches);
    if let (Ok(count), Ok(resolved)) = (mask.count(&model.shape, switches), resolved) {
        assert_eq!(count, resolved.len(), "{text}");
    }
    true
}

/// A data folder of these files: what is in it, and all of its tasks.
fn read_data(files: &[(&str, &[u8])]) -> Taken {
    let folder = scratch();
    files.iter().for_each(|(name, bytes)| put(&folder.path().join(name), bytes));
    let Ok(facts) = data::tasks_in(folder.path()) else { return false };
    let taken = facts.tasks.iter().filter(|task| load(task.name(), folder.path())).count();
    taken > 0
}

fn load(name: &TaskName, folder: &Path) -> Taken {
    let Ok(task) = data::task(name, Some(folder)) else { return false };
    _ = data::fingerprint(&task, Some(folder));
    data::load(&task, Some(folder), tokenizer(), 32, Some(64), Some(64)).is_ok()
}

fn read_parquet(input: &[u8]) -> Taken {
    let named = ["rte/train-00000-of-00001.parquet", "rte/validation-00000-of-00001.parquet"];
    let tagged = ["conll2003/train/0000.parquet", "conll2003/validation/0000.parquet"];
    let own = ["train.parquet", "dev.parquet"];
    let taken = [named, tagged, own].map(|names| read_data(&names.map(|name| (name, input))));
    taken.contains(&true)
}

fn read_model(name: &str, input: &[u8]) -> Taken {
    let folder = scratch();
    models::write_settings(folder.path());
    put(&folder.path().join(name), input);
    model::open(&folder.path().to_string_lossy()).is_ok()
}

fn read_tokenizer(input: &[u8], class: &str) -> Taken {
    let folder = scratch();
    models::write_settings(folder.path());
    put(&folder.path().join("tokenizer.json"), input);
    let settings =
        serde_json::json!({ "tokenizer_class": class, "model_input_names": ["input_ids", "token_type_ids"] });
    put(&folder.path().join("tokenizer_config.json"), settings.to_string().as_bytes());
    let Ok(tokenizer) = Tokenizer::open(folder.path()) else { return false };
    for text in ["", "the dog", "The\u{301} [MASK]\u{200b} 東京 [E1]", &"dog ".repeat(40)] {
        _ = tokenizer.encode(text, Some("sleep"), 8);
        _ = tokenizer.encode_words(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), 8);
    }
    true
}

fn read_config(input: &[u8]) -> Taken {
    let folder = scratch();
    models::write_settings(folder.path());
    put(&folder.path().join("config.json"), input);
    lab::inspect(&folder.path().to_string_lossy(), None).model.is_some_and(|model| model.is_ok())
}

/// What is known of the built-in model.
fn tiny() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(|| lab::inspect(BUILTIN_MODEL, None))
}

fn tokenizer() -> &'static Tokenizer {
    static TOKENIZER: OnceLock<Tokenizer> = OnceLock::new();
    TOKENIZER.get_or_init(|| match model::tokenizer(BUILTIN_MODEL) {
        Ok(tokenizer) => tokenizer,
        Err(error) => panic!("the built-in model has a tokenizer: {error}"),
    })
}

/// An empty folder, in memory where the system has such folders. Each input has its own: what is remembered of a file is
/// known by its name and its time.
fn scratch() -> TempDir {
    static MEMORY: OnceLock<PathBuf> = OnceLock::new();
    let memory = MEMORY.get_or_init(|| {
        let shared = PathBuf::from("/dev/shm");
        if shared.is_dir() { shared } else { std::env::temp_dir() }
    });
    match tempfile::tempdir_in(memory) {
        Ok(folder) => folder,
        Err(error) => panic!("there is no room for an input: {error}"),
    }
}

fn put(path: &Path, bytes: &[u8]) {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    if let Err(error) = made {
        panic!("there is no room for an input: {error}");
    }
}
