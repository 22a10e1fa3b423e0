use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gitpod_core::{Error, ErrorKind, Result};

/// The files of the page, by URL path. What is not in the list when the server starts is not served: no path of a request ever
/// reaches the file system.
#[derive(Debug)]
pub(super) struct Assets {
    files: HashMap<String, (PathBuf, &'static str)>,
}

/// What the page may load: its own files and nothing else. xterm.js writes its colours into style elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

impl Assets {
    /// Lists the page in `dir`.
    pub(super) fn list(dir: &Path) -> Result<Self> {
        let failed = |error: io::Error| {
            Error::new(ErrorKind::Unavailable, "cannot read the terminal's page")
                .with_context("path", dir.display())
                .with_source(error)
        };
        let mut files = HashMap::new();
        collect(dir, "", &mut files).map_err(failed)?;
        match files.get("/index.html").cloned() {
            Some(index) => files.insert("/".to_owned(), index),
            None => return Err(failed(io::Error::other("index.html is missing"))),
        };
        Ok(Self { files })
    }

    /// The file at a URL path. Read at each request: browsers keep them, and this process stays small.
    pub(super) async fn get(&self, path: &str) -> Response {
        let Some((file, kind)) = self.files.get(path) else {
            return (StatusCode::NOT_FOUND, "there is no such page\n").into_response();
        };
        match tokio::fs::read(file).await {
            Ok(bytes) => {
                let headers = [
                    (header::CONTENT_TYPE, *kind),
                    (header::CACHE_CONTROL, "no-cache"),
                    (header::CONTENT_SECURITY_POLICY, POLICY),
                    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                    (header::REFERRER_POLICY, "no-referrer"),
                ];
                (headers, Bytes::from(bytes)).into_response()
            }
            Err(error) => {
                tracing::warn!(path, %error, "a file of the terminal's page cannot be read");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "a file of this page cannot be read\n",
                )
                    .into_response()
            }
        }
    }
}

fn collect(
    dir: &Path,
    below: &str,
    files: &mut HashMap<String, (PathBuf, &'static str)>,
) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{below}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else if let Some(kind) = content_type(&entry.path()) {
            files.insert(path, (entry.path(), kind));
        }
    }
    Ok(())
}

fn content_type(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "html" => Some("text/html; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "mjs" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}
