//! Addresses: whose they are, what they ask for, and where a redirect leads.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ureq::http::Uri;

/// What need not be escaped in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Scheme, host and port: who gets the token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Origin(String, String, Option<u16>);

impl Origin {
    pub(super) fn of(address: &Uri) -> Option<Self> {
        let scheme = address.scheme_str()?.to_ascii_lowercase();
        let usual = if scheme == "https" { 443 } else { 80 };
        let port = address.port_u16().or(Some(usual));
        Some(Self(scheme, address.host()?.to_ascii_lowercase(), port))
    }
}

/// A part of an address: a branch with slashes is one part.
pub(super) fn escaped(part: &str) -> String {
    utf8_percent_encode(part, PLAIN).to_string()
}

/// The file that an address of one asks for: what stands behind the commit.
pub(super) fn file_of(address: &Uri) -> String {
    let path = address.path().split_once("/resolve/").and_then(|(_, rest)| rest.split_once('/'));
    let path = path.map_or(address.path(), |(_, path)| path);
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Where a redirect leads.
pub(super) fn joined(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with("http://") || to.starts_with("https://") {
        return to.parse().ok();
    }
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    if let Some(elsewhere) = to.strip_prefix("//") {
        return format!("{scheme}://{elsewhere}").parse().ok();
    }
    if to.starts_with('/') {
        return format!("{scheme}://{authority}{to}").parse().ok();
    }
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{to}").parse().ok()
}
