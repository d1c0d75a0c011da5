//! Files and texts for the reader to keep.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Hands a text to the browser as a file.
pub fn save(name: &str, mime: &str, text: &str) {
    // A browser that refuses any of these steps has no way to save a file at all.
    let _ = try_save(name, mime, text);
}

fn try_save(name: &str, mime: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

/// A name that every file system takes.
pub fn file_name(parts: &[&str], extension: &str) -> String {
    let joined = parts.join(" ").to_lowercase();
    let words = joined.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    format!("{}.{extension}", words.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn file_names_are_plain() {
        assert_eq!(super::file_name(&["RTE, 3 masks", "Loss"], "csv"), "rte-3-masks-loss.csv");
    }
}
