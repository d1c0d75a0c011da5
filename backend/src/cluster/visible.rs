//! Which GPUs a program sees: `CUDA_VISIBLE_DEVICES`, as the user or a job system has set it, and as a worker gets it.
//!
//! A list of numbers, or of identifiers (`GPU-…`, `MIG-…`), of which prefixes will do. What stands in it is numbered from 0
//! again: `cuda:1` is the second of the list. CUDA reads it up to the first entry that names no GPU. A worker gets a list of
//! one, so that it sees no other GPU than its own, whatever it does.

use super::DevicesError;

/// Its name.
pub(crate) const CUDA_VISIBLE_DEVICES: &str = "CUDA_VISIBLE_DEVICES";

/// Which GPUs this program sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisibleGpus {
    /// All of the machine's.
    All,
    /// These, in this order.
    Listed(Vec<String>),
}

impl VisibleGpus {
    /// As the environment says it.
    pub fn of_this_program() -> Self {
        // What is no text names no GPU.
        std::env::var_os(CUDA_VISIBLE_DEVICES)
            .map_or(Self::All, |value| Self::read(value.to_str().unwrap_or_default()))
    }

    /// The value of the variable.
    pub fn read(value: &str) -> Self {
        let names_one = |entry: &&str| {
            let is_number = !entry.is_empty() && entry.bytes().all(|byte| byte.is_ascii_digit());
            is_number || entry.starts_with("GPU-") || entry.starts_with("MIG-")
        };
        Self::Listed(value.split(',').map(str::trim).take_while(names_one).map(str::to_owned).collect())
    }

    /// The value with which a worker sees one of them alone, by the number that it has for this program.
    ///
    /// # Errors
    /// This program does not see it.
    pub fn only(&self, ordinal: usize) -> Result<String, DevicesError> {
        match self {
            Self::All => Ok(ordinal.to_string()),
            Self::Listed(gpus) => {
                let not_there = || DevicesError::NotVisible { ordinal, visible: gpus.join(",") };
                gpus.get(ordinal).cloned().ok_or_else(not_there)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_in_the_list_that_was_inherited() {
        let slurm = VisibleGpus::read("4, 7");
        assert_eq!([0, 1].map(|ordinal| slurm.only(ordinal)), ["4", "7"].map(|gpu| Ok(gpu.to_owned())));
        let why = slurm.only(2).unwrap_err().to_string();
        assert!(why.contains("cuda:2") && why.contains("`4,7`"), "{why}");
        assert_eq!(VisibleGpus::All.only(3), Ok("3".into()));
        let named = VisibleGpus::read("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6,MIG-1a,2");
        assert_eq!(named.only(0), Ok("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6".into()));
        assert_eq!((named.only(1), named.only(2)), (Ok("MIG-1a".into()), Ok("2".into())));
    }

    #[test]
    fn the_list_ends_where_cuda_ends_it() {
        assert_eq!(VisibleGpus::read("1,-1,0"), VisibleGpus::Listed(vec!["1".into()]));
        for none in ["", "-1", "NoDevFiles", " ", "x,0"] {
            assert_eq!(VisibleGpus::read(none), VisibleGpus::Listed(Vec::new()), "{none:?}");
            let why = VisibleGpus::read(none).only(0).unwrap_err().to_string();
            assert!(why.contains("no GPU"), "{why}");
        }
    }
}
