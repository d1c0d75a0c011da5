//! Files that are made to do harm, or are broken as if they were.

use super::folder::{self, folder, tensors, write_pickle, write_safetensors};
use crate::model::open;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The error of a folder, read on a thread with a small stack: what recurses in a file's depth ends the program.
fn error(folder: &Path) -> String {
    let folder = folder.to_str().unwrap().to_owned();
    let reading = std::thread::Builder::new().stack_size(256 << 10).spawn(move || open(&folder).map(|_| ()));
    reading.unwrap().join().unwrap().unwrap_err().to_string()
}

/// Writes a pickle where `torch.save` puts it, in both containers, and gives both errors.
fn errors(pickle: &[u8]) -> [String; 2] {
    let dir = folder();
    let path = dir.path().join("pytorch_model.bin");
    write_zip(&path, &[("x/data.pkl", pickle)], zip::CompressionMethod::Stored);
    let zipped = error(dir.path());
    fs::write(&path, [LEGACY, pickle, b"\x80\x02]."].concat()).unwrap();
    [zipped, error(dir.path())]
}

/// Magic number, version and machine of the container before PyTorch 1.6.
const LEGACY: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.";

fn write_zip(path: &Path, entries: &[(&str, &[u8])], method: zip::CompressionMethod) {
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn no_depth_of_nesting_ends_the_program() {
    let million = 1_000_000;
    let repeated = |part: &[u8]| part.repeat(million);
    let nested: [Vec<u8>; 7] = [
        [b"N".to_vec(), repeated(b"\x85")].concat(),
        [b"N".to_vec(), vec![b'('; 2 * million], vec![b't'; 2 * million]].concat(),
        [vec![b']'; million], vec![b'a'; million - 1]].concat(),
        [repeated(b"}N"), vec![b's'; million]].concat(),
        [repeated(b"ccollections\nOrderedDict\n"), repeated(b")R")].concat(),
        [b"N".to_vec(), repeated(b"\x85b")].concat(),
        [b"Nq\x00".to_vec(), repeated(b"h\x00h\x00\x86q\x00")].concat(),
    ];
    for pickle in nested {
        let start = format!("{:?}", &pickle[..4]);
        let pickle = [b"\x80\x02", &pickle[..], b"."].concat();
        for text in errors(&pickle) {
            assert!(text.contains("pytorch_model.bin: ") && text.len() < 300, "{start}: {text}");
        }
    }
}

#[test]
fn sizes_are_those_of_the_file() {
    let text = |head: &[u8]| [b"\x80\x02", head, b"abc."].concat();
    for pickle in [
        text(b"X\xff\xff\xff\xff"),
        text(b"T\xff\xff\xff\x7f"),
        text(b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"),
    ] {
        for text in errors(&pickle) {
            assert!(text.contains("truncated: its pickle ends early"), "{text}");
        }
    }
    let [zipped, _] = errors(&vec![b'N'; 5 << 20]);
    assert!(zipped.contains("its pickle has more than 4 MiB"), "{zipped}");
    let [zipped, legacy] = errors(&vec![b'N'; 3 << 20]);
    assert!([zipped, legacy].iter().all(|text| text.contains("more than 1048576 values")));
}

#[test]
fn a_pickle_that_does_something_is_named_and_not_run() {
    let witness = tempfile::tempdir().unwrap().path().join("witness");
    let command = format!("touch {}", witness.display());
    let call = format!("cposix\nsystem\n(X{}{command}tR.", "\u{1}".repeat(0));
    let mut pickle = b"\x80\x02".to_vec();
    let (head, tail) = call.split_once(&command).unwrap();
    pickle.extend(head.as_bytes());
    pickle.extend((command.len() as u32).to_le_bytes());
    pickle.extend(command.as_bytes());
    pickle.extend(tail.as_bytes());
    for text in errors(&pickle) {
        assert!(text.contains("it holds more than a state_dict (posix.system); save the model's"), "{text}");
    }
    assert!(!witness.exists());
    // A name is shown as a name, whatever it is.
    let [zipped, _] = errors(b"\x80\x02c\x1b[31m<b>\nx y\n.");
    assert!(zipped.contains("(31mb.xy)"), "{zipped}");
}

#[test]
fn archives_are_stored_whole_and_fit_into_themselves() {
    let dir = folder();
    let path = dir.path().join("pytorch_model.bin");
    write_pickle(dir.path(), &tensors());
    let whole = fs::read(&path).unwrap();
    assert!(open(dir.path().to_str().unwrap()).is_ok());
    // Every number of the zip's own records, at its largest: an error, or the same model.
    let is_record =
        |at: usize| [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"].iter().any(|m| whole[at..].starts_with(*m));
    let records: Vec<usize> = (0..whole.len() - 4).filter(|&at| is_record(at)).collect();
    assert!(records.len() > 80);
    for at in records.iter().step_by(7).chain(records.last()) {
        for field in (4..46).step_by(2) {
            let mut changed = whole.clone();
            changed.iter_mut().skip(at + field).take(4).for_each(|byte| *byte = 0xff);
            fs::write(&path, changed).unwrap();
            _ = open(dir.path().to_str().unwrap());
        }
    }
    fs::write(&path, &whole[..whole.len() - 30]).unwrap();
    assert!(error(dir.path()).contains("truncated: no zip directory at its end"));
    write_zip(&path, &[("x/version", b"3")], zip::CompressionMethod::Stored);
    assert!(error(dir.path()).contains("a zip archive without data.pkl"));
    write_zip(
        &path,
        &[("x/data.pkl", b"\x80\x02}."), ("x/byteorder", b"big")],
        zip::CompressionMethod::Stored,
    );
    assert!(error(dir.path()).contains("big-endian"));
    // Marked as deflated in the directory.
    let mut deflated = whole.clone();
    let entry = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    deflated[entry + 10] = 8;
    fs::write(&path, deflated).unwrap();
    assert!(error(dir.path()).contains("compressed or encrypted inside"));
}

#[test]
fn a_config_makes_no_room_that_the_file_does_not_fill() {
    let dir = folder();
    let mut config = folder::config();
    config["vocab_size"] = 10_000_000.into();
    config["hidden_size"] = 16_384.into();
    fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    assert!(error(dir.path()).contains("`hidden_size` and the other sizes make 16"), "{}", error(dir.path()));
    // A view of one scalar, spread over ten million times a hundred.
    config["hidden_size"] = 100.into();
    config["num_hidden_layers"] = 1.into();
    fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    let parameters = tunemask_shared::shape::ModelShape {
        vocabulary: 10_000_000,
        hidden: 100,
        layers: 1,
        ..folder::SHAPE
    };
    let spread: Vec<folder::Tensor> = parameters
        .parameters()
        .iter()
        .map(|p| folder::Tensor { name: p.name(), dims: p.hugging_face_dims(), values: vec![1.0] })
        .collect();
    folder::write_views(dir.path(), &spread, |_| 0);
    assert!(error(dir.path()).contains("its tensors overlap: "), "{}", error(dir.path()));
    // The same with strides of their own reaches beyond its storage.
    write_pickle(dir.path(), &spread);
    assert!(error(dir.path()).contains("does not fit into its storage"), "{}", error(dir.path()));
}

#[test]
fn headers_are_held_against_the_file() {
    let dir = folder();
    let path = dir.path().join("model.safetensors");
    for length in [u64::MAX, 1 << 40, 17 << 20] {
        fs::write(&path, [&length.to_le_bytes()[..], b"{}"].concat()).unwrap();
        assert!(error(dir.path()).contains("not a safetensors file"));
    }
    fs::write(&path, [&1000u64.to_le_bytes()[..], b"{}"].concat()).unwrap();
    assert!(error(dir.path()).contains("truncated: its header alone needs 1008 bytes and it has 10"));
    let header =
        r#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,18446744073709551612]}}"#;
    fs::write(&path, [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat()).unwrap();
    assert!(error(dir.path()).contains("model.safetensors: "));
    let deep = "[".repeat(1 << 20);
    fs::write(&path, [&(1u64 << 20).to_le_bytes()[..], b"{", &deep.as_bytes()[1..]].concat()).unwrap();
    assert!(error(dir.path()).contains("its header cannot be understood"));
    fs::write(dir.path().join("config.json"), &deep).unwrap();
    assert!(error(dir.path()).contains("config.json: not valid JSON"));
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    for name in ["config.json", "model.safetensors", "pytorch_model.bin"] {
        let dir = folder();
        let path = dir.path().join(name);
        _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(error(dir.path()).contains(&format!("{name}: is a pipe; a file is needed")));
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(error(dir.path()).contains(&format!("{name}: is a device; a file is needed")));
    }
}

#[test]
fn every_cut_and_every_flipped_byte_of_a_pickle_is_survived() {
    let dir = folder();
    let path = dir.path().join("pytorch_model.bin");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints/legacy.bin");
    let whole = fs::read(file).unwrap();
    for at in (0..whole.len()).step_by(13) {
        fs::write(&path, &whole[..at]).unwrap();
        let text = error(dir.path());
        assert!(text.contains("truncated") || text.contains("pickle"), "{at}: {text}");
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        fs::write(&path, flipped).unwrap();
        _ = open(dir.path().to_str().unwrap());
    }
}

#[test]
fn other_files_are_named() {
    let dir = folder();
    let path = dir.path().join("pytorch_model.bin");
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    write_safetensors(dir.path(), &tensors());
    let misnamed = fs::read(dir.path().join("model.safetensors")).unwrap();
    fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    let cases: [(&[u8], &str); 5] = [
        (&tar, "a tar archive, as PyTorch wrote before 0.1.10; load and save it again"),
        (b"\x1f\x8b\x08\x00", "compressed with gzip; unpack it"),
        (b"\x89HDF\r\n", "an HDF5 file, as TensorFlow writes"),
        (b"\x80\x02}q\x00.", "a pickle, but not one of torch.save"),
        (&misnamed, "a safetensors file; name it model.safetensors"),
    ];
    for (bytes, expected) in cases {
        fs::write(&path, bytes).unwrap();
        assert!(error(dir.path()).contains(expected), "{}", error(dir.path()));
    }
}
