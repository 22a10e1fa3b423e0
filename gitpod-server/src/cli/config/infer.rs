use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::process::ExitCode;

use gitpod_core::gitpod_yml::{self, Listing, MAX_CONTENT};

use crate::cli::arguments::Format;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;

/// Prints what a server would infer from a directory's files.
pub(super) fn run(format: Format, directory: &Path) -> Result<ExitCode, Failure> {
    let mut listing = Listing::new(names(directory)?);
    let wanted: Vec<String> = listing.wanted().map(str::to_owned).collect();
    for path in wanted {
        // What cannot be read, or is no text, tells nothing.
        if let Ok(text) = read(&directory.join(&path)) {
            listing = listing.with(path, text);
        }
    }
    let inferred = gitpod_yml::infer(&listing);
    match format {
        Format::Json => output::json(&inferred.config)?,
        Format::Table => output::line(inferred.to_yaml().trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The files that inference looks at, relative to `directory`.
fn names(directory: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for below in Listing::directories() {
        match fs::read_dir(directory.join(below)) {
            Ok(entries) => names.extend(
                entries
                    .flatten()
                    .filter(|entry| entry.path().is_file())
                    .filter_map(|entry| entry.file_name().into_string().ok())
                    .map(|name| match *below {
                        "" => name,
                        below => format!("{below}/{name}"),
                    }),
            ),
            Err(e) if below.is_empty() => {
                let what = format!("cannot read {}", directory.display());
                let mut failure = Failure::io(&what, &e);
                if e.kind() == ErrorKind::NotFound {
                    failure.exit = Exit::NotFound;
                }
                return Err(failure);
            }
            Err(_) => {}
        }
    }
    Ok(names)
}

/// A file, as far as inference looks into it.
fn read(path: &Path) -> io::Result<String> {
    let limit = u64::try_from(MAX_CONTENT).map_or(u64::MAX, |most| most + 1);
    let mut text = String::new();
    fs::File::open(path)?
        .take(limit)
        .read_to_string(&mut text)?;
    Ok(text)
}
