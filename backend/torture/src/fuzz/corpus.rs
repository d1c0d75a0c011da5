//! Valid inputs of every target: what the program's own tests read, and what is made here.

use super::Target;
use super::{models, plans};
use safetensors::Dtype;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file;
use tunemask_shared::mask::Mask;

/// Valid inputs of a target.
pub(super) fn corpus(target: Target) -> io::Result<Vec<Vec<u8>>> {
    match target {
        Target::Message => files("shared/tests/golden", |name| name.starts_with("from_page.")),
        Target::ExperimentFile => {
            let mut all = files("examples", |name| name.ends_with(".toml"))?;
            all.push(experiment_file::write(&Experiment::default()).into_bytes());
            Ok(all)
        }
        Target::Mask => Ok(masks()),
        Target::Tsv => Ok(ROWS.map(|text| text.as_bytes().to_vec()).into()),
        Target::Csv => Ok(TABLES.map(|text| text.as_bytes().to_vec()).into()),
        Target::JsonLines => Ok(OBJECTS.map(|text| text.as_bytes().to_vec()).into()),
        Target::DatasetToml => Ok(DATASETS.map(|text| text.as_bytes().to_vec()).into()),
        Target::PlanJson => plans::plan_corpus(),
        Target::Segment => plans::segment_corpus(),
        Target::Conll => Ok(WORDS.map(|text| text.as_bytes().to_vec()).into()),
        Target::Parquet => {
            let fixtures = "backend/tests/fixtures/parquet";
            let mut all = files(&format!("{fixtures}/hub/rte"), |name| !name.starts_with("test"))?;
            all.extend(files(&format!("{fixtures}/hub/conll2003/train"), |_| true)?);
            Ok(all)
        }
        Target::Safetensors => [Dtype::F32, Dtype::BF16, Dtype::F16]
            .into_iter()
            .map(|dtype| models::weights(dtype).map_err(io::Error::other))
            .collect(),
        Target::Pickle => files("backend/tests/fixtures/checkpoints", |name| name.ends_with(".bin")),
        Target::TokenizerJson => Ok(vec![models::tokenizer().to_string().into_bytes()]),
        Target::ConfigJson => Ok(vec![models::config().to_string().into_bytes()]),
    }
}

fn masks() -> Vec<Vec<u8>> {
    let written = [
        "random:100",
        "random:100:7",
        "single_norm:2",
        "outliers:16",
        "outliers_random:16:3",
        "layernorms + bitfit",
        "full - ffn",
        "layernorms & bitfit",
        "(mha + ffn) - bitfit",
        "farthest:16 per module in layers(*).ln",
        "largest:5 per tensor in (embeddings.words + pooler)",
        "layers(1-2,4-).attention_output.weight",
        "random:7:3 in layers(2).ffn.bias - single_norm:1",
    ];
    let plain = Mask::plain().into_iter().map(|mask| mask.to_string());
    plain.chain(written.map(str::to_owned)).map(String::into_bytes).collect()
}

const ROWS: [&str; 4] = [
    "index\tsentence1\tsentence2\tlabel\n0\tthe dog sleeps\tthe dog\tentailment\n1\tthe dog\tno\tnot_entailment\n",
    "sentence\tlabel\nthe dog sleeps\t1\nno dog\t0\nthe dog\t1\n",
    "sentence1\tsentence2\tlabel\tidx\r\n\"the \"\"dog\"\"\"\tsleeps\t0\t0\r\nno\tdog\t1\t1\r\n",
    "\u{feff}text\tscore\nthe dog\t1.5\nno dog\t2.25\nthe\t-3e-1\n",
];

const TABLES: [&str; 4] = [
    "text,label\nthe dog sleeps,good\nno dog,bad\nthe dog,good\na cat,bad\n",
    "id,sentence1,sentence2,label\r\n1,\"the, \"\"dog\"\"\",sleeps,0\r\n2,no,\"a\ndog\",1\r\n3,the,dog,0\r\n4,a,cat,1\r\n",
    "text,score\nthe dog,1.5\nno dog,2.25\nthe,-3e-1\na cat,0\n",
    "\u{feff}text,label\nthe dog,toxic|insult\nno dog,\nthe,insult\na cat,toxic\n",
];

const OBJECTS: [&str; 4] = [
    "{\"text\": \"the dog sleeps\", \"label\": \"good\"}\n{\"text\": \"no dog\", \"label\": \"bad\"}\n{\"text\": \"a\", \"label\": \
     \"bad\"}\n",
    "{\"tokens\": [\"the\", \"dog\"], \"ner_tags\": [\"O\", \"B-PER\"]}\n{\"tokens\": [\"sleeps\"], \"ner_tags\": [\"O\"]}\n",
    "[{\"premise\": \"a\", \"hypothesis\": \"b\", \"label\": 0}, {\"premise\": \"the dog\", \"hypothesis\": \"c\", \"label\": 1}]",
    "{\"text\": \"the dog\", \"score\": 1.5}\n{\"text\": \"no\", \"score\": 2.25}\n{\"text\": \"a cat\", \"score\": -0.5}\n",
];

/// Beside the files of `rows.rs`.
const DATASETS: [&str; 4] = [
    "name = \"reviews\"\ntrain = \"train.csv\"\ndevelopment = [\"dev.csv\"]\ntext = \"review\"\nlabel = \"stars\"\nkind = \
     \"classification\"\nlabels = [\"bad\", \"good\"]\nmetric = [\"macro_f1\", \"accuracy\"]\nignore = [\"id\", \"other\", \
     \"score\", \"kinds\"]\n",
    "train = \"train.csv\"\nsplit = 0.25\ntext = [\"review\", \"other\"]\nlabel = \"score\"\nkind = \"regression\"\nmetric = \
     \"spearman\"\n",
    "train = \"train.csv\"\ndevelopment = \"dev.csv\"\ntext = \"review\"\nlabel = \"kinds\"\nkind = \"multi-label\"\nseparator = \
     \"|\"\nlabels = [\"a\", \"b\"]\n",
    "name = \"words\"\ntrain = \"words.jsonl\"\ndevelopment = \"words.jsonl\"\ntext = \"words\"\nlabel = \"tags\"\nkind = \
     \"tagging\"\n",
];

const WORDS: [&str; 4] = [
    "-DOCSTART- -X- -X- O\n\nthe DT B-NP O\ndog NN I-NP B-PER\nsleeps VBZ B-VP O\n\ndog NN B-NP B-LOC\n",
    "the DT\ndog NN\nsleeps VBZ\n\n( -LRB-\ndog NN\n",
    "# sent_id = 1\n1\tthe\tthe\tDET\tDT\t_\t2\tdet\t_\t_\n2\tdog\tdog\tNOUN\tNN\t_\t0\troot\t_\tname=B-PER\n\n",
    "1 a NN I-NP B-PER\n2 b NN I-NP E-PER\n\n1 c NN I-NP O\n2 d NN I-NP S-LOC\n",
];

/// The files of a folder of the repository, in the order of their names.
fn files(folder: &str, of_interest: impl Fn(&str) -> bool) -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries: io::Result<Vec<fs::DirEntry>> = fs::read_dir(folder)?.collect();
    let named = |entry: &fs::DirEntry| of_interest(&entry.file_name().to_string_lossy());
    let mut paths: Vec<PathBuf> = entries?.iter().filter(|e| named(e)).map(fs::DirEntry::path).collect();
    paths.sort();
    paths.iter().map(fs::read).collect()
}
