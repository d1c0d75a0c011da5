//! What breaks on the way.

use super::{MODEL, Place, said, unfinished, weights};
use sha2::{Digest, Sha256};
use std::fs;
use std::time::Duration;
use tunemask::hub::{Freshness, Update, Wanted};
use tunemask_shared::run::hexadecimal;

#[test]
fn a_connection_that_breaks_is_resumed() {
    let place = Place::with_model(&weights(300_000));
    place.hub.fault(|faults| faults.cut = Some(120_000));
    let folder = place.model().unwrap().snapshot.folder;
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights(300_000));
    let store: Vec<_> =
        place.hub.take_log().into_iter().filter(|asked| asked.path.starts_with("/store/")).collect();
    let ranges: Vec<_> = store.iter().map(|asked| asked.range.as_deref()).collect();
    assert_eq!(ranges, [None, Some("bytes=120000-"), Some("bytes=240000-")]);
    // What the store calls the file, so that another file in its place is sent whole.
    let sum = store[0].path.trim_start_matches("/store/");
    assert!(
        store[1..].iter().all(|asked| asked.if_range.as_deref() == Some(&format!("\"{sum}\""))),
        "{store:#?}"
    );
    assert_eq!((store[0].status, store[1].status), (200, 206));
}

#[test]
fn a_whole_file_instead_of_its_rest_starts_anew() {
    let place = Place::with_model(&weights(300_000));
    place.hub.fault(|faults| (faults.cut, faults.no_ranges) = (Some(120_000), true));
    // It never comes whole: after some tries without anything new that is said.
    let sentence = said(place.model());
    assert!(
        sentence.contains("cannot reach") && sentence.contains("model.safetensors broke off"),
        "{sentence}"
    );
    place.hub.fault(|faults| faults.cut = None);
    place.hub.take_log();
    let folder = place.model().unwrap().snapshot.folder;
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights(300_000));
    let asked = place.hub.take_log();
    // The rest was asked for, all came, and all is right.
    assert!(
        asked.iter().any(|asked| asked.range.as_deref() == Some("bytes=120000-") && asked.status == 200),
        "{asked:#?}"
    );
}

#[test]
fn a_connection_that_stands_still_is_given_up_and_resumed() {
    let mut place = Place::with_model(&weights(200_000));
    place.environment.download_timeout = Duration::from_millis(300);
    place.hub.fault(|faults| faults.stall = Some(150_000));
    let folder = place.model().unwrap().snapshot.folder;
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights(200_000));
    assert!(place.hub.take_log().iter().any(|asked| asked.range.as_deref() == Some("bytes=150000-")));
}

#[test]
fn a_wrong_byte_is_found_and_fetched_again() {
    let place = Place::with_model(&weights(100_000));
    place.hub.fault(|faults| faults.flips = 1);
    let (fetched, heard) = place.hear(MODEL, &Wanted::Model, Freshness::AsItIs);
    let folder = fetched.unwrap().snapshot.folder;
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights(100_000));
    let note = Update::Note("model.safetensors came with wrong bytes; fetching it again".into());
    assert!(heard.contains(&note), "{heard:?}");
}

#[test]
fn bytes_that_stay_wrong_never_get_a_name() {
    let place = Place::with_model(&weights(100_000));
    place.hub.fault(|faults| faults.flips = 9);
    let sentence = said(place.model());
    assert!(
        sentence.starts_with("model.safetensors of hf:acme/tiny came with wrong bytes twice"),
        "{sentence}"
    );
    assert!(unfinished(&place.repository()).is_empty());
    assert!(!place.repository().join("refs").exists());
    let sum = tunemask_shared::run::hexadecimal(&sha2::Sha256::digest(weights(100_000)));
    assert!(sentence.contains(&sum) && !place.repository().join("blobs").join(sum).exists(), "{sentence}");
    place.hub.fault(|faults| faults.flips = 0);
    place.model().unwrap();
}

#[test]
fn a_busy_hub_is_asked_again() {
    let place = Place::with_model(&weights(5000));
    place.hub.fault(|faults| faults.busy = 2);
    place.model().unwrap();
    let place = Place::with_model(&weights(5000));
    place.hub.fault(|faults| faults.busy = 100);
    let sentence = said(place.model());
    assert!(sentence.contains("answered hf:acme/tiny with 503; try again later"), "{sentence}");
}

#[test]
fn no_network_is_one_sentence() {
    let mut place = Place::with_model(&weights(5000));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    place.environment.endpoint = format!("http://{nobody}");
    let sentence = said(place.model());
    assert!(sentence.starts_with(&format!("cannot reach http://{nobody} for {MODEL}")), "{sentence}");
    assert!(sentence.contains("HTTPS_PROXY") && !sentence.contains('\n'), "{sentence}");
}

/// It is known before the first byte.
#[test]
fn a_disk_without_room_is_known_beforehand() {
    let place = Place::with_model(&weights(5000));
    place.hub.fault(|faults| faults.claimed = Some(1 << 60));
    let sentence = said(place.model());
    assert!(sentence.starts_with("hf:acme/tiny needs 4611686018.4 GB more in"), "{sentence}");
    assert!(sentence.contains("make room, or name another folder with HF_HOME"), "{sentence}");
    assert_eq!(place.hub.take_log().len(), 1);
    assert!(!place.environment.cache.exists());
}

/// What is here of a file already is not needed once more.
#[test]
fn a_download_that_goes_on_needs_room_for_the_rest_alone() {
    let place = Place::with_model(&weights(5000));
    place.hub.fault(|faults| faults.claimed = Some(1 << 60));
    let blobs = place.repository().join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    let sum = hexadecimal(&Sha256::digest(weights(5000)));
    for (program, bytes) in [(7, 5), (8, 1 << 40)] {
        // Nothing is written: it takes no room.
        let left = fs::File::create(blobs.join(format!("{sum}.{program}.incomplete"))).unwrap();
        left.set_len(bytes).unwrap();
    }
    let sentence = said(place.model());
    assert!(sentence.starts_with("hf:acme/tiny needs 4611684918.9 GB more in"), "{sentence}");
}

/// What a program that was killed has left is gone on with, and nothing of it is seen before it is whole.
#[cfg(unix)]
#[test]
fn what_a_killed_program_left_is_gone_on_with() {
    use std::process::{Command, Stdio};
    let place = Place::new();
    super::commands::put_bert(&place.hub, "acme/tiny");
    place.hub.fault(|faults| faults.stall = Some(1_000_000));
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
        command.args(["fetch", "--model", MODEL]).env("HF_HUB_CACHE", &place.environment.cache);
        command.env("HF_ENDPOINT", &place.hub.endpoint).env_remove("HF_HUB_OFFLINE").env_remove("HF_TOKEN");
        command.stderr(Stdio::null()).stdout(Stdio::null());
        command
    };
    let mut killed = program().spawn().unwrap();
    let begin = std::time::Instant::now();
    while unfinished(&place.repository()).iter().all(|path| path.metadata().unwrap().len() < 1_000_000) {
        assert!(begin.elapsed() < Duration::from_secs(60), "{:#?}", place.hub.peek_log());
        std::thread::sleep(Duration::from_millis(10));
    }
    // SIGKILL.
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!place.repository().join("refs").exists());
    place.hub.fault(|faults| faults.stall = None);
    place.hub.take_log();
    assert!(program().status().unwrap().success());
    let log = place.hub.take_log();
    let store: Vec<_> = log.iter().filter(|asked| asked.path.starts_with("/store/")).collect();
    assert_eq!((store.len(), store[0].range.as_deref(), store[0].status), (1, Some("bytes=1000000-"), 206));
    assert!(unfinished(&place.repository()).is_empty());
    let folder = place.model().unwrap().snapshot.folder;
    for (path, bytes) in super::commands::bert() {
        assert!(fs::read(folder.join(&path)).unwrap() == bytes, "{path}");
    }
}
