//! Files that go to the server, with how far they are. Not through the socket: the browser reads them from the disk as they
//! go, and they may be large.

use crate::root;
use leptos::prelude::*;
use tunemask_shared::dataset::{UPLOAD_PATH, Uploaded};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FileList, FormData, ProgressEvent, XmlHttpRequest};

/// How far an upload is.
#[derive(Clone, Debug, PartialEq)]
pub enum Upload {
    /// Bytes are on their way.
    Sends {
        /// Bytes that were sent.
        bytes: u64,
        /// Bytes in all.
        of: u64,
    },
    /// All were sent, and the server reads them.
    Reads,
    /// The server keeps them.
    Done(Uploaded),
    /// The server does not keep them, or has not got them.
    Failed(String),
}

/// An upload that goes on. It ends when this is dropped.
pub struct Sending {
    request: XmlHttpRequest,
    _progress: Closure<dyn FnMut(ProgressEvent)>,
    _sent: Closure<dyn FnMut()>,
    _answered: Closure<dyn FnMut()>,
    _failed: Closure<dyn FnMut()>,
}

/// What to say where no answer came.
const BROKEN: &str = "The upload broke off. See that the program runs, and that what you chose is a file and still \
                      there; then choose it again.";

impl Sending {
    /// Sends files; how far they are comes into a signal. `None` if the browser cannot, which the signal says, too.
    pub fn begin(files: &FileList, state: RwSignal<Option<Upload>>) -> Option<Sending> {
        state.set(Some(Upload::Sends { bytes: 0, of: 0 }));
        let sending = send(files, state);
        if sending.is_err() {
            state.set(Some(Upload::Failed(BROKEN.into())));
        }
        sending.ok()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.request.set_onload(None);
        self.request.set_onerror(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
            upload.set_onload(None);
        }
        // One that has ended has nothing to be broken off.
        let _ = self.request.abort();
    }
}

fn send(files: &FileList, state: RwSignal<Option<Upload>>) -> Result<Sending, JsValue> {
    let form = FormData::new()?;
    for file in (0..files.length()).filter_map(|place| files.get(place)) {
        form.append_with_blob_and_filename("file", &file, &file.name())?;
    }
    let request = XmlHttpRequest::new()?;
    request.open("POST", &root::href(UPLOAD_PATH))?;
    // The form may be gone when a word comes; then nobody waits for it.
    let hear = move |upload| {
        let _ = state.try_set(Some(upload));
    };
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        hear(Upload::Sends { bytes: event.loaded() as u64, of: event.total() as u64 });
    });
    let sent = Closure::<dyn FnMut()>::new(move || hear(Upload::Reads));
    let asked = request.clone();
    let answered = Closure::<dyn FnMut()>::new(move || {
        let text = asked.response_text().ok().flatten().unwrap_or_default();
        hear(answer(asked.status().unwrap_or_default(), text));
    });
    let failed = Closure::<dyn FnMut()>::new(move || hear(Upload::Failed(BROKEN.into())));
    let upload = request.upload()?;
    upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    upload.set_onload(Some(sent.as_ref().unchecked_ref()));
    request.set_onload(Some(answered.as_ref().unchecked_ref()));
    request.set_onerror(Some(failed.as_ref().unchecked_ref()));
    request.send_with_opt_form_data(Some(&form))?;
    Ok(Sending { request, _progress: progress, _sent: sent, _answered: answered, _failed: failed })
}

/// What an answer means.
fn answer(status: u16, text: String) -> Upload {
    match (status, serde_json::from_str(&text)) {
        (200, Ok(uploaded)) => Upload::Done(uploaded),
        _ if text.is_empty() => Upload::Failed(format!("The program answered with {status}; try again.")),
        _ => Upload::Failed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_folder_or_a_sentence() {
        let folder = r#"{"folder":"/home/data/0a","files":["a.csv"]}"#;
        let done = Uploaded { folder: "/home/data/0a".into(), files: vec!["a.csv".into()] };
        assert_eq!(answer(200, folder.into()), Upload::Done(done));
        let said = "a.csv, line 3: 1 column; the header has 2";
        assert_eq!(answer(422, said.into()), Upload::Failed(said.into()));
        assert_eq!(
            answer(502, String::new()),
            Upload::Failed("The program answered with 502; try again.".into())
        );
    }
}
