//! What a repository holds, as the hub lists it.

use super::HubError;
use super::asked::Asked;
use super::checksum::Sum;
use super::client::Client;
use super::folder::is_inside;
use serde::Deserialize;
use tunemask_shared::hub::is_commit;

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path, with `/` between the parts.
    pub path: String,
    /// Bytes, if the hub says.
    pub size: Option<u64>,
    /// By what it is named and verified, if the hub says.
    pub sum: Option<Sum>,
}

/// A state of a repository.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// What the hub calls it, which is another name than asked for where it was renamed.
    pub repository: String,
    /// The commit.
    pub commit: String,
    /// Its files.
    pub entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    id: String,
    #[serde(default)]
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: String,
    size: Option<u64>,
}

/// Asks what a repository holds at a revision: one request for all names, sizes and checksums.
///
/// # Errors
/// The hub cannot be reached, does not let this user see it, or does not answer as a hub does.
pub(super) fn list(client: &Client<'_>, asked: Asked<'_>, revision: &str) -> Result<Listing, HubError> {
    let text = client.info(asked, revision)?;
    let wrong = |why: String| client.wrong(asked, why);
    let info: Info = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("its listing cannot be read ({error})")))?;
    if !is_commit(&info.sha) {
        return Err(wrong("its listing names no commit".into()));
    }
    if let Some(outside) = info.siblings.iter().find(|file| !is_inside(&file.rfilename)) {
        return Err(wrong(format!("it lists a file outside of its folder ({:?})", outside.rfilename)));
    }
    let entries = info.siblings.into_iter().map(|file| Entry {
        size: file.lfs.as_ref().and_then(|lfs| lfs.size).or(file.size),
        sum: match (&file.lfs, &file.blob_id) {
            (Some(lfs), _) => Sum::read(&lfs.sha256),
            (None, Some(id)) => Sum::read(id),
            (None, None) => None,
        },
        path: file.rfilename,
    });
    Ok(Listing { repository: info.id, commit: info.sha, entries: entries.collect() })
}
