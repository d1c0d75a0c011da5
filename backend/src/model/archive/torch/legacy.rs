//! The container before PyTorch 1.6 (and of `_use_new_zipfile_serialization=False`): pickles of a magic number, a
//! version, the machine, the object and the keys of its storages; then each storage as its length and its scalars.

use super::object::{Object, StorageKind};
use super::pickle::Pickle;
use super::problem::Problem;
use super::span::{MAX_PICKLE_BYTES, Span};
use super::state_dict::{self, Storages, Tensor};
use super::value::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// The pickle of the magic number behind its version: a long of ten bytes.
const MAGIC: &[u8] = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
const VERSION: i64 = 1001;

/// Whether a file begins as this container does.
pub(super) fn is(start: &[u8]) -> bool {
    start.first() == Some(&0x80) && start.get(2..).is_some_and(|rest| rest.starts_with(MAGIC))
}

/// The file's tensors by name.
pub(super) fn tensors(file: &mut File, size: u64) -> Result<BTreeMap<String, Tensor>, Problem> {
    let bytes = Span { start: 0, len: size.min(MAX_PICKLE_BYTES) }.bytes(file)?;
    let mut rest = &bytes[..];
    Pickle::read(&mut rest)?;
    let version = Pickle::read(&mut rest)?;
    if !matches!(version.top(), Value::Object(Object::Int(VERSION))) {
        return Err("a container of another version than torch.save's 1001".into());
    }
    let machine = Pickle::read(&mut rest)?;
    let little = machine.entries(machine.top()).find(|(key, _)| *key == "little_endian");
    if little.is_some_and(|(_, value)| matches!(value, Value::Object(Object::Bool(false)))) {
        return Err("written on a big-endian machine; load and save it again on another".into());
    }
    let object = Pickle::read(&mut rest)?;
    let keys = Pickle::read(&mut rest)?;
    let Value::Items(keys_in_order) = keys.top() else {
        return Err("no list of storages after its object; copy it again".into());
    };
    let mut storages = Storages::default();
    let named: HashMap<&str, StorageKind> = object.storages().map(|s| (s.key, s.kind)).collect();
    let mut at = (bytes.len() - rest.len()) as u64;
    for &key in keys_in_order {
        let Value::Object(Object::Text(key)) = keys.get(key) else {
            return Err("a storage's key is not text".into());
        };
        let kind = named.get(key).ok_or("a storage that belongs to no tensor; copy it again")?;
        let mut length = [0; 8];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut length)?;
        let len = u64::from_le_bytes(length).checked_mul(kind.bytes as u64);
        let span = len.map(|len| Span { start: at + 8, len });
        let end = span.and_then(|span| span.start.checked_add(span.len)).filter(|&end| end <= size);
        let (Some(span), Some(end)) = (span, end) else {
            return Err("truncated: a storage extends past its end; copy it again".into());
        };
        storages.insert(key, span);
        at = end;
    }
    state_dict::tensors(&object, &storages)
}
