//! What the hub refuses, in one sentence each; and who gets the token.

use super::fake::Closed;
use super::{Place, said, weights};
use tunemask::hub::{Freshness, Token, Update, Wanted};

fn closed(place: &Place, status: u16, code: &'static str) {
    let closed = Closed { owner: "acme".into(), token: "hf_good".into(), status, code };
    place.hub.fault(|faults| faults.closed = Some(closed));
}

fn token(secret: &str) -> Option<Token> {
    Some(Token { secret: secret.into(), source: "HF_TOKEN".into() })
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::with_model(&weights(5000));
    let missing = said(place.fetch("hf:acme/nothing", &Wanted::Model));
    let expected = format!(
        "{} has no model acme/nothing, or it is private; see that it is spelled right, or set HF_TOKEN",
        place.hub.endpoint
    );
    assert!(missing.starts_with(&expected), "{missing}");
    assert!(said(place.data("hf:acme/nothing", &[])).contains("has no data set acme/nothing"));
    let revision = said(place.fetch("hf:acme/tiny@v9", &Wanted::Model));
    assert!(
        revision.starts_with("acme/tiny has no revision `v9`; leave it out for the newest"),
        "{revision}"
    );
    place.hub.fault(|faults| faults.gone = Some("vocab.txt".into()));
    let entry = said(place.model());
    assert_eq!(entry, "hf:acme/tiny has no file vocab.txt any more; try again");
}

#[test]
fn what_is_private_or_gated_says_how_to_get_in() {
    let mut place = Place::with_model(&weights(50_000));
    closed(&place, 401, "RepoNotFound");
    let private = said(place.model());
    assert!(
        private.contains(
            "or it is private; see that it is spelled right, or set HF_TOKEN to a token that may read it"
        ),
        "{private}"
    );
    for status in [401, 403] {
        closed(&place, status, "GatedRepo");
        let gated = said(place.model());
        let page = format!("{}/acme/tiny", place.hub.endpoint);
        assert_eq!(
            gated,
            format!("acme/tiny asks for its owner's leave; ask for it at {page}, then set HF_TOKEN")
        );
    }
    place.environment.token = token("hf_bad");
    let gated = said(place.model());
    assert!(gated.ends_with("for the owner of the token from HF_TOKEN"), "{gated}");
    closed(&place, 401, "");
    let bad = said(place.model());
    assert!(
        bad.ends_with("does not accept the token from HF_TOKEN; make a new one, or take it away"),
        "{bad}"
    );
    assert!(!bad.contains("hf_bad"));
    // With the right one it comes, and the token has gone to the hub alone: not to where large files lie.
    place.environment.token = token("hf_good");
    place.hub.take_log();
    place.model().unwrap();
    let log = place.hub.take_log();
    let (store, hub): (Vec<_>, Vec<_>) = log.iter().partition(|asked| asked.path.starts_with("/store/"));
    assert_eq!(store.len(), 1);
    assert!(store[0].token.is_none(), "{store:?}");
    assert!(hub.iter().all(|asked| asked.token.as_deref() == Some("hf_good")), "{hub:?}");
}

#[test]
fn a_renamed_repository_is_found_under_its_old_name() {
    let place = Place::with_model(&weights(50_000));
    place.hub.fault(|faults| faults.renamed = Some(("old/small".into(), "acme/tiny".into())));
    let (fetched, heard) = place.hear("hf:old/small", &Wanted::Model, Freshness::AsItIs);
    // As Python does: under the name that was asked for.
    assert!(fetched.unwrap().snapshot.folder.starts_with(place.environment.cache.join("models--old--small")));
    assert!(heard.contains(&Update::Note("old/small is called acme/tiny now".into())), "{heard:?}");
}

/// Before a byte of it is downloaded.
#[test]
fn what_cannot_be_read_is_named() {
    let place = Place::new();
    let of = |files: &[(&str, &[u8])]| {
        place.hub.put("models", "acme/tiny", "main", files);
        said(place.model())
    };
    let keras: [(&str, &[u8]); 3] = [("config.json", b"{}"), ("vocab.txt", b"x"), ("tf_model.h5", b"x")];
    assert_eq!(
        of(&keras),
        "hf:acme/tiny has neither model.safetensors nor pytorch_model.bin; it has tf_model.h5, which cannot be read"
    );
    let adapter: [(&str, &[u8]); 2] = [("adapter_config.json", b"{}"), ("adapter_model.safetensors", b"x")];
    assert_eq!(
        of(&adapter),
        "hf:acme/tiny is not a model that can be read: it has no config.json, but adapter_config.json"
    );
    let packed: [(&str, &[u8]); 2] = [("README.md", b"#"), ("tiny.Q4_K_M.gguf", b"GGUF")];
    assert_eq!(
        of(&packed),
        "hf:acme/tiny is not a model that can be read: it has no config.json, but tiny.Q4_K_M.gguf"
    );
    let pieces: [(&str, &[u8]); 3] =
        [("config.json", b"{}"), ("spiece.model", b"x"), ("model.safetensors", b"x")];
    assert_eq!(
        of(&pieces),
        "hf:acme/tiny has no tokenizer that can be read: no tokenizer.json, no vocab.txt, no vocab.json with merges.txt"
    );
    assert!(place.hub.take_log().iter().all(|asked| asked.path.starts_with("/api/")));
    // By its config, which comes first: not by gigabytes of weights.
    let weights = super::weights(50_000);
    let other: [(&str, &[u8]); 3] = [
        ("config.json", b"{\"model_type\": \"gpt2\"}"),
        ("vocab.txt", b"x"),
        ("model.safetensors", &weights),
    ];
    place.hub.take_log();
    assert_eq!(of(&other), "hf:acme/tiny cannot be used: `model_type` is \"gpt2\"");
    assert_eq!(place.hub.take_log().len(), 2);
    place.hub.put("datasets", "acme/script", "main", &[("script.py", b"import os")]);
    assert_eq!(
        said(place.data("hf:acme/script", &[])),
        "hf:acme/script has no data that can be read: no parquet, CSV, TSV or JSON"
    );
    assert!(!place.repository().join("refs").exists());
}
