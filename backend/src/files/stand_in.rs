//! What is saved in a file's place when a download goes wrong.

/// Bytes of a web page that are looked at.
const START: usize = 512;

/// What a file is instead of what its name says, with what to do; `None` if it may be what it says.
pub(crate) fn stand_in(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Some("a Git LFS pointer, not the file itself; fetch it with `git lfs pull` in its folder");
    }
    let start = super::unmarked(bytes);
    let start = start[..start.len().min(START)].trim_ascii_start().to_ascii_lowercase();
    let page = [&b"<!doctype html"[..], b"<html"].iter().any(|tag| start.starts_with(tag));
    page.then_some(
        "a web page was saved in the file's place; download the file itself (raw, or /resolve/ on the hub)",
    )
}
