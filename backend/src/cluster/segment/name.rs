//! What a segment is called: `TASK.ATTEMPT.NODE.PID.jsonl`.

use serde::{Deserialize, Serialize};
use std::fmt;

const EXTENSION: &str = ".jsonl";

/// The name of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SegmentName(String);

impl SegmentName {
    /// Of an attempt at a task by a process of a node; what cannot stand in a file's name is left out.
    pub(crate) fn new(task: usize, attempt: u32, node: &str, pid: u32) -> Self {
        let node: String = node.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        Self(format!("{task:05}.{attempt}.{node}.{pid}{EXTENSION}"))
    }

    /// A file's name, if it is one of a segment.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(EXTENSION)?.split('.');
        let is_number = |part: Option<&str>| part.is_some_and(|text| text.parse::<u64>().is_ok());
        let whole = is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some();
        (whole && is_number(parts.next()) && parts.next().is_none()).then(|| Self(name.to_owned()))
    }

    /// The task.
    pub(crate) fn task(&self) -> Option<usize> {
        self.0.split('.').next()?.parse().ok()
    }

    /// Whether a process of a node writes it.
    pub(crate) fn is_of(&self, node: &str) -> bool {
        self.node() == Self::new(0, 0, node, 0).node()
    }

    /// The node, without what cannot stand in a file's name.
    pub(crate) fn node(&self) -> Option<&str> {
        self.0.split('.').nth(2)
    }

    /// The process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.0.split('.').nth(3)?.parse().ok()
    }

    /// The file's name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_task_and_no_other_file_is_a_segment() {
        let name = SegmentName::new(7, 2, "node-1.lab/../x", 99);
        assert_eq!(name.as_str(), "00007.2.node-1labx.99.jsonl");
        assert_eq!(SegmentName::parse(name.as_str()), Some(name.clone()));
        assert_eq!((name.task(), name.node(), name.pid()), (Some(7), Some("node-1labx"), Some(99)));
        assert!(name.is_of("node-1.lab/../x") && !name.is_of("node-2"));
        for other in
            ["", "plan.json", "1.2.n.jsonl", "1.2.n.x.jsonl", "1.2.n.3.4.jsonl", ".1.2.n.3.jsonl.swp"]
        {
            assert_eq!(SegmentName::parse(other), None, "{other}");
        }
    }
}
