//! What the environment says; the rest is tested against a hub, in `tests/hub`.

use super::environment::Environment;
use super::{Requests, data_names};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn read(variables: &[(&str, &str)]) -> Environment {
    let find = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(*value))
    };
    Environment::read(find, Some(PathBuf::from("/home/u"))).unwrap()
}

#[test]
fn the_cache_is_where_pythons_is() {
    let cache = |variables: &[(&str, &str)]| read(variables).cache;
    assert_eq!(cache(&[]), Path::new("/home/u/.cache/huggingface/hub"));
    assert_eq!(cache(&[("XDG_CACHE_HOME", "/x")]), Path::new("/x/huggingface/hub"));
    assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "~/hf")]), Path::new("/home/u/hf/hub"));
    let both = [("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HOME", "/hf"), ("HF_HUB_CACHE", "")];
    assert_eq!(cache(&both), Path::new("/old"));
    assert_eq!(cache(&[("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/new")]), Path::new("/new"));
    assert!(Environment::read(|_| None, None).is_err());
}

#[test]
fn switches_addresses_and_times_are_read_as_python_reads_them() {
    for on in ["1", "true", "YES", "On"] {
        assert_eq!(read(&[("HF_HUB_OFFLINE", on)]).requests, Requests::Forbidden("HF_HUB_OFFLINE"));
    }
    assert_eq!(read(&[("TRANSFORMERS_OFFLINE", "1")]).requests, Requests::Forbidden("TRANSFORMERS_OFFLINE"));
    for off in ["0", "", "false", "no"] {
        assert_eq!(read(&[("HF_HUB_OFFLINE", off)]).requests, Requests::Allowed);
    }
    assert_eq!(read(&[]).offline("--offline").requests, Requests::Forbidden("--offline"));
    assert_eq!(read(&[]).endpoint, "https://huggingface.co");
    assert_eq!(read(&[("HF_ENDPOINT", "https://hub.example/")]).endpoint, "https://hub.example");
    let times = read(&[("HF_HUB_DOWNLOAD_TIMEOUT", "30"), ("HF_HUB_ETAG_TIMEOUT", "-1")]);
    assert_eq!(
        (times.download_timeout, times.answer_timeout),
        (Duration::from_secs(30), Duration::from_secs(10))
    );
}

#[test]
fn a_token_is_found_where_python_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let (home, other) = (folder.path().join("hf"), folder.path().join("other"));
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("token"), "hf_home\n").unwrap();
    std::fs::write(&other, " hf_other\n").unwrap();
    let (home, other) = (home.to_str().unwrap(), other.to_str().unwrap());
    let secret = |variables: &[(&str, &str)]| read(variables).token.map(|token| token.secret);
    assert_eq!(secret(&[("HF_HOME", home)]).as_deref(), Some("hf_home"));
    assert_eq!(secret(&[("HF_HOME", home), ("HF_TOKEN_PATH", other)]).as_deref(), Some("hf_other"));
    let all = [("HF_HOME", home), ("HF_TOKEN_PATH", other), ("HF_TOKEN", "hf_set\n")];
    assert_eq!(secret(&all).as_deref(), Some("hf_set"));
    assert_eq!(secret(&[&all[..], &[("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]].concat()), None);
    // What no header can hold would be an error of the network's.
    assert_eq!(secret(&[("HF_HOME", "/nowhere"), ("HF_TOKEN", "a\nb")]), None);
    let shown = format!("{:?}", read(&all));
    assert!(!shown.contains("hf_set") && shown.contains("Token from HF_TOKEN"), "{shown}");
}

#[test]
fn sets_are_told_by_their_names() {
    for path in [
        "rte/train-00000-of-00001.parquet",
        "conll2003/train/0000.parquet",
        "data/training.csv",
        "train.jsonl",
    ] {
        assert!(data_names::is_training(path) && !data_names::is_development(path), "{path}");
    }
    for path in ["mnli/validation_matched-0.parquet", "dev.tsv", "x/val/0.parquet", "a.valid.csv"] {
        assert!(data_names::is_development(path) && !data_names::is_training(path), "{path}");
    }
    assert!(!data_names::is_training("trainer.csv") && !data_names::is_development("evaluate/deviant.csv"));
    assert!(
        data_names::is_of_task("SST-2/train.tsv", "sst2")
            && data_names::is_of_task("conll2003/train/0.parquet", "ner")
    );
    assert!(!data_names::is_of_task("rte.csv", "rte") && !data_names::is_of_task("cola/train.tsv", "rte"));
}
