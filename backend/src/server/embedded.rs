//! Files within the program as a file system.

use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::future::{Ready, ready};
use std::io::{self, Cursor, ErrorKind, SeekFrom};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// Files within the program as the file system that tower-http serves.
pub(super) struct Embedded<Files>(PhantomData<fn() -> Files>);

/// A file that is being read.
pub(super) struct Open(Cursor<Cow<'static, [u8]>>);

/// A file's size in bytes.
pub(super) struct Size(u64);

impl<Files: RustEmbed> Embedded<Files> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }

    /// What tower-http calls `./NAME`.
    fn find(path: &Path) -> io::Result<Cow<'static, [u8]>> {
        let name = path.strip_prefix(".").unwrap_or(path).to_str();
        let file = name.and_then(Files::get).ok_or(ErrorKind::NotFound)?;
        Ok(file.data)
    }
}

impl<Files> Clone for Embedded<Files> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<Files: RustEmbed + 'static> Backend for Embedded<Files> {
    type File = Open;
    type Metadata = Size;
    type OpenFuture = Ready<io::Result<Open>>;
    type MetadataFuture = Ready<io::Result<Size>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        ready(Self::find(&path).map(|bytes| Open(Cursor::new(bytes))))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(Self::find(&path).map(|bytes| Size(bytes.len() as u64)))
    }
}

impl File for Open {
    type Metadata = Size;
    type MetadataFuture<'a> = Ready<io::Result<Size>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(Size(self.0.get_ref().len() as u64)))
    }
}

impl Metadata for Size {
    fn is_dir(&self) -> bool {
        false
    }

    /// Not known, so that answers have no tag: what has a hash in its name needs none.
    fn modified(&self) -> io::Result<SystemTime> {
        Err(ErrorKind::Unsupported.into())
    }

    fn len(&self) -> u64 {
        self.0
    }
}

impl AsyncRead for Open {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncSeek for Open {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.0).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.0).poll_complete(context)
    }
}
