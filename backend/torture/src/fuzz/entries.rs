//! What is called with an input: the functions of the library that users' inputs go through.
//!
//! Each takes any bytes. It panics if the program is wrong, and for no other reason.

use super::depth::{is_json, is_toml};
use super::models::{self, SHAPE};
use super::scratch::{put, scratch};
use super::{Depth, Target, plans, rows};
use std::sync::OnceLock;
use tunemask::model::{Delta, Tokenizer};
use tunemask::{lab, model};
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment};
use tunemask_shared::experiment_file::{self, ExperimentFile};
use tunemask_shared::facts::Facts;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::protocol::{FromPage, MAX_MESSAGE_BYTES};
use tunemask_shared::validation::validate;

/// A page's message, as the socket reads it.
pub fn message(input: &[u8]) {
    Target::Message.take(input);
}

/// An experiment file, as `run` and the interface read it.
pub fn experiment_file(input: &[u8]) {
    Target::ExperimentFile.take(input);
}

/// A mask, as it stands in a form.
pub fn mask(input: &[u8]) {
    Target::Mask.take(input);
}

/// A file of tab-separated rows: as one of GLUE's, and as a user's own.
pub fn tsv(input: &[u8]) {
    Target::Tsv.take(input);
}

/// A file of rows with commas between.
pub fn csv(input: &[u8]) {
    Target::Csv.take(input);
}

/// Rows as JSON: an object a line, or a list of them.
pub fn json_lines(input: &[u8]) {
    Target::JsonLines.take(input);
}

/// A file of words with tags: as CoNLL-2003's, and as the Penn Treebank's.
pub fn conll(input: &[u8]) {
    Target::Conll.take(input);
}

/// A file of rows as the hub has them.
pub fn parquet(input: &[u8]) {
    Target::Parquet.take(input);
}

/// What is said of a user's own data.
pub fn dataset_toml(input: &[u8]) {
    Target::DatasetToml.take(input);
}

/// A model's weights, and what a run has trained.
pub fn safetensors(input: &[u8]) {
    Target::Safetensors.take(input);
}

/// A model's weights as PyTorch writes them.
pub fn pickle(input: &[u8]) {
    Target::Pickle.take(input);
}

/// A tokenizer.
pub fn tokenizer_json(input: &[u8]) {
    Target::TokenizerJson.take(input);
}

/// A model's config.
pub fn config_json(input: &[u8]) {
    Target::ConfigJson.take(input);
}

/// What is to train, as a coordinator writes it for workers.
pub fn plan_json(input: &[u8]) {
    Target::PlanJson.take(input);
}

/// What became of it, as a worker writes it.
pub fn segment(input: &[u8]) {
    Target::Segment.take(input);
}

/// Lets an input in, in every way that its kind has.
pub(super) fn depth(target: Target, input: &[u8]) -> Depth {
    match target {
        Target::Message => Depth::of(is_json(input), read_message(input)),
        Target::ExperimentFile => Depth::of(is_toml(input), read_experiment_file(input)),
        // One parser reads all of it.
        Target::Mask => Depth::of(false, read_mask(input)),
        Target::Tsv | Target::Csv | Target::JsonLines | Target::Conll | Target::Parquet => {
            rows::rows(target, input)
        }
        Target::DatasetToml => rows::dataset_toml(input),
        Target::Safetensors => {
            let folder = scratch();
            let path = folder.path().join("delta.safetensors");
            put(&path, input);
            _ = Delta::open(&path, &SHAPE);
            let is_read = ::safetensors::SafeTensors::read_metadata(input).is_ok();
            Depth::of(is_read, read_model("model.safetensors", input))
        }
        Target::Pickle => Depth::of(is_torch(input), read_model("pytorch_model.bin", input)),
        Target::TokenizerJson => {
            let taken =
                ["BertTokenizer", "PreTrainedTokenizerFast"].map(|class| read_tokenizer(input, class));
            Depth::of(is_json(input), taken.contains(&true))
        }
        Target::ConfigJson => Depth::of(is_json(input), read_config(input)),
        Target::PlanJson => plans::plan(input),
        Target::Segment => plans::segment(input),
    }
}

/// Whether the input is taken, and not refused.
type Taken = bool;

/// Whether PyTorch could have begun and ended a file so: an archive with its directory's end, or its older form.
fn is_torch(input: &[u8]) -> bool {
    let is_archive = input.starts_with(b"PK\x03\x04") && input.windows(4).any(|bytes| bytes == b"PK\x05\x06");
    is_archive || input.starts_with(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9")
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
