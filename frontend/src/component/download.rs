//! Files for the reader to keep.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement,
    Url,
};

/// Pixels of a PNG file for each pixel of the page: sharp on paper and on fine screens.
const PNG_SCALE: f64 = 2.0;

/// What an SVG file is.
pub const SVG: &str = "image/svg+xml";

/// Hands a text to the browser as a file.
pub fn save(name: &str, mime: &str, text: &str) {
    // A browser that refuses any of these steps has no way to save a file at all.
    let _ = blob(mime, text).and_then(|blob| save_blob(name, &blob));
}

/// Draws an SVG text that tells its own size, and hands it to the browser as a PNG file.
pub fn save_png(name: String, svg: &str) {
    let _ = try_save_png(name, svg);
}

fn blob(mime: &str, text: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&JsValue::from_str(text)), &options)
}

fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

fn try_save_png(name: String, svg: &str) -> Result<(), JsValue> {
    let image = HtmlImageElement::new()?;
    let drawn = image.clone();
    let loaded = Closure::once_into_js(move || {
        let _ = draw(name, &drawn);
    });
    image.set_onload(Some(loaded.unchecked_ref()));
    // Not as a blob's address: a canvas that has drawn one may not be read in every browser.
    let text = String::from(js_sys::encode_uri_component(svg));
    image.set_src(&format!("data:{SVG},{text}"));
    Ok(())
}

fn draw(name: String, image: &HtmlImageElement) -> Result<(), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let size = |pixels: u32| f64::from(pixels) * PNG_SCALE;
    let (width, height) = (size(image.width()), size(image.height()));
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let Some(context) = canvas.get_context("2d")? else { return Ok(()) };
    let context: CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)?;
    let done = Closure::once_into_js(move |blob: Option<Blob>| {
        let _ = blob.map(|blob| save_blob(&name, &blob));
    });
    canvas.to_blob(done.unchecked_ref())
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
