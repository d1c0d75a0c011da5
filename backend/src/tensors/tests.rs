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
    file.say("epoch", 3);
    file.write(&path).unwrap();
    let mut read = TensorReader::open(&path).unwrap();
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(read.floats("b").unwrap()), bits(vec![1.5, -0.0, f32::MIN_POSITIVE, f32::MAX]));
    assert_eq!(read.counts("a").unwrap(), [7, u32::MAX]);
    assert_eq!(read.dims("b"), Some(&[2, 2][..]));
    assert!(read.floats("none").unwrap().is_empty() && read.dims("c").is_none());
    assert_eq!((read.number("epoch").unwrap(), read.said("step")), (3, None));
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
