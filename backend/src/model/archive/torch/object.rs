//! The objects that a `state_dict` is made of, and what may be called to make them.

use crate::model::archive::Scalar;
use std::borrow::Cow;

/// A value without parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Object<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    /// A number of no use here.
    Number,
    Global(Global),
}

/// What a pickle may name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    OrderedDict,
    Tensor,
    Parameter,
    Storage(StorageKind),
}

impl Global {
    /// What `module.name` is, if a `state_dict` has any use for it.
    pub(super) fn find(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Some(Self::Tensor),
            ("torch._utils", "_rebuild_parameter") => Some(Self::Parameter),
            ("torch" | "torch.cuda" | "torch.storage", name) => {
                KINDS.into_iter().find(|kind| kind.storage == name).map(Self::Storage)
            }
            _ => None,
        }
    }
}

/// A class of storages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StorageKind {
    storage: &'static str,
    /// Bytes of a scalar.
    pub bytes: usize,
}

const KINDS: [StorageKind; 10] = [
    StorageKind { storage: "FloatStorage", bytes: 4 },
    StorageKind { storage: "DoubleStorage", bytes: 8 },
    StorageKind { storage: "HalfStorage", bytes: 2 },
    StorageKind { storage: "BFloat16Storage", bytes: 2 },
    StorageKind { storage: "LongStorage", bytes: 8 },
    StorageKind { storage: "IntStorage", bytes: 4 },
    StorageKind { storage: "ShortStorage", bytes: 2 },
    StorageKind { storage: "CharStorage", bytes: 1 },
    StorageKind { storage: "ByteStorage", bytes: 1 },
    StorageKind { storage: "BoolStorage", bytes: 1 },
];

impl StorageKind {
    /// What its scalars are.
    pub(super) fn scalar(self) -> Scalar {
        match self.storage {
            "FloatStorage" => Scalar::F32,
            "DoubleStorage" => Scalar::F64,
            "HalfStorage" => Scalar::F16,
            "BFloat16Storage" => Scalar::Bf16,
            other => Scalar::Other(Cow::Borrowed(other.trim_end_matches("Storage"))),
        }
    }
}

/// Scalars that tensors are views of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Storage<'a> {
    /// The key of the storage that it is, or is a part of.
    pub key: &'a str,
    pub kind: StorageKind,
    /// Where it begins in that one, in scalars.
    pub start: u64,
}
