//! Files of tensors: whole, damaged, sealed.

use super::*;
use std::fs;

#[test]
fn what_is_written_is_read_and_every_cut_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/x.safetensors");
    let mut file = TensorWriter::default();
    file.floats("b", vec![2, 2], vec![1.5, -0.0, f32::MIN_POSITIVE, f32::MAX]);
    file.counts("a", vec![7, u32::MAX]);
    file.floats("none", vec![0], vec![]);
    file.set_metadata("epoch", 3);
    file.write(&path).unwrap();
    let mut read = TensorReader::open(&path).unwrap();
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(read.floats("b").unwrap()), bits(vec![1.5, -0.0, f32::MIN_POSITIVE, f32::MAX]));
    assert_eq!(read.counts("a").unwrap(), [7, u32::MAX]);
    assert_eq!(read.dims("b"), Some(&[2, 2][..]));
    assert!(read.floats("none").unwrap().is_empty() && read.dims("c").is_none());
    assert_eq!((read.number("epoch").unwrap(), read.metadata("step")), (3, None));
    assert!(read.floats("a").unwrap_err().to_string().contains("a is U32 where F32 is needed"));
    assert!(read.floats("c").unwrap_err().to_string().contains("it has no c"));
    let mut names = read.names();
    names.sort();
    assert_eq!(names, ["a", "b", "none"]);

    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(TensorReader::open(&path).is_err(), "{length} bytes");
    }
    fs::write(&path, [&bytes[..], b"x"].concat()).unwrap();
    assert!(TensorReader::open(&path).is_err());
}

#[test]
fn dimensions_are_those_of_the_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = TensorWriter::default();
    file.floats("a", vec![2, 3], vec![0.0; 5]);
    let error = file.write(&folder.path().join("x.safetensors")).unwrap_err();
    assert!(error.to_string().contains("a has 5 values for [2, 3]"), "{error}");
}

fn sealed() -> TensorWriter<'static> {
    let mut file = TensorWriter::default();
    file.floats("values", vec![2, 2], vec![1.5, -0.0, f32::MIN_POSITIVE, f32::MAX]);
    file.counts("reads", vec![7, 9]);
    file.floats("values.1", vec![1], vec![2.0]);
    file.set_metadata("steps", 3);
    file.seal();
    file
}

#[test]
fn a_bit_that_flips_in_a_sealed_file_is_seen_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    sealed().write(&path).unwrap();
    let read = || -> Result<(), TensorsError> {
        let mut file = TensorReader::open(&path)?;
        assert!(file.is_sealed());
        file.floats("values")?;
        file.counts("reads")?;
        // As readers do that go on until one is absent.
        if file.dims("values.1").is_some() {
            file.floats("values.1")?;
        }
        file.number("steps").map(drop)
    };
    read().unwrap();
    let bytes = fs::read(&path).unwrap();
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, flipped).unwrap();
        // A space behind the header is all that may be another without a difference.
        if let Ok(()) = read() {
            let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            assert!(bit / 8 < header && bytes[bit / 8] == b' ', "bit {bit}");
        }
    }
}

#[test]
fn what_is_not_written_to_its_end_leaves_the_old_file_and_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    replace(&path, b"old").unwrap();
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let half =
        |file: &mut fs::File| std::io::Write::write_all(file, b"ne").and_then(|()| Err::<(), _>(full()));
    let error = replace::replace_with(&path, half).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(
        (fs::read(&path).unwrap(), fs::read_dir(folder.path()).unwrap().count()),
        (b"old".to_vec(), 1)
    );
    replace(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn what_killed_writers_left_is_swept_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let left = [".a.checkpoint.new", ".a.checkpoint.x1Y2z3.new", ".a.safetensors.QwErTy.new"];
    let others = ["a.checkpoint", ".hidden", ".notes.new", "a.checkpoint.new"];
    left.iter().chain(&others).for_each(|name| fs::write(folder.path().join(name), "").unwrap());
    sweep(folder.path(), &["checkpoint", "safetensors"]);
    assert!(left.iter().all(|name| !folder.path().join(name).exists()));
    assert!(others.iter().all(|name| folder.path().join(name).exists()));
}

#[test]
fn the_same_tensors_and_words_are_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let write = |words: &[usize], length: usize| {
        let mut file = TensorWriter::default();
        if length > 0 {
            file.floats("b", vec![length], vec![0.5; length]);
            file.counts("a", vec![3]);
        }
        words.iter().for_each(|n| file.set_metadata(format!("key {n}"), "\"word\"\n".repeat(*n)));
        file.write(&path).unwrap();
        fs::read(&path).unwrap()
    };
    for length in [0, 1, 5] {
        let (up, down): (Vec<usize>, Vec<usize>) = ((0..20).collect(), (0..20).rev().collect());
        assert_eq!(write(&up, length), write(&down, length));
        // Another reader takes it, and finds values at a multiple of 8.
        let bytes = write(&up, length);
        let (header, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(header % 8, 0);
        assert_eq!(metadata.metadata().as_ref().unwrap()["key 2"], "\"word\"\n\"word\"\n");
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.len(), if length > 0 { 2 } else { 0 });
    }
    assert!(safetensors::SafeTensors::deserialize(&write(&[], 2)).is_ok());
}
