//! Builds the page into `static/pkg`. Run it with `make page`; with the argument `size` it holds the page that was
//! built last to its size budget instead (`make size`).
//!
//! What the server may rely on:
//!
//! - `static/pkg/index.html` is the page, for `/` and for every path that the page routes itself. It is made
//!   from `static/index.html` and must not be cached. All addresses in it are relative to the root and begin with
//!   `"./`: for a page deeper down the server writes the way up instead, so that it works below any path.
//! - `/pkg/NAME` is `static/pkg/NAME`. Names that hold 16 hexadecimal digits of their content's SHA-256
//!   (`tunemask-0123456789abcdef.wasm`) never change and may be cached for ever.
//! - Beside each of them lie `NAME.br` and `NAME.gz`: the same bytes, compressed once at the highest level.
//! - `static/pkg/sizes.json` is for people and for the next build; it need not be served.
//!
//! What the template `static/index.html` may hold: `{{wasm}}`, `{{js}}`, `{{css}}` (all needed) and
//! `{{icons/FILE}}` for a file of `static/icons`. Each becomes the address of the hashed file. The style sheet
//! is `static/styles/*.css`, one behind the other in the order of their names.
//!
//! In reading order:

#![forbid(unsafe_code)]

mod bundle;
mod toolchain;
mod machine;
mod compile;
mod asset;
mod template;
mod sizes;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => bundle::run(),
        ["size"] => bundle::check_size(),
        _ => Err(anyhow::anyhow!("usage: tunemask-bundle [size]")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("page: {error:#}");
            ExitCode::FAILURE
        }
    }
}
