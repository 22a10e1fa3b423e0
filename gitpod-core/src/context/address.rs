//! From what people write as an address to a URL that git can clone.

use url::Url;

use crate::{Error, Result};

/// The address as a URL, without credentials.
///
/// # Errors
/// Not an address, a scheme that is not cloned from, or a password in it.
pub(super) fn parse(text: &str) -> Result<Url> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(not_an_address(text).with_hint("it holds blanks or control characters"));
    }
    let mut url = match text.find("://") {
        Some(end) if is_scheme(&text[..end]) => absolute(text)?,
        _ => short(text)?,
    };
    check_scheme(&url)?;
    if url.password().is_some() {
        return Err(credentials(url.host_str().unwrap_or_default()));
    }
    if url.scheme() != "ssh" && !url.username().is_empty() {
        let _ = url.set_username("");
    }
    Ok(url)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn absolute(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|error| not_an_address(text).with_source(error))
}

/// `git@host:owner/repo`, `host:owner/repo` or `host/owner/repo`.
fn short(text: &str) -> Result<Url> {
    if text.starts_with(['/', '.', '~']) {
        return Err(not_an_address(text)
            .with_hint("for a repository of this machine write file:// and its absolute path"));
    }
    let before_slash = &text[..text.find(['/', '#']).unwrap_or(text.len())];
    match before_slash.split_once(':') {
        Some((_, secret)) if secret.contains('@') => {
            let host = secret.rsplit('@').next().unwrap_or_default();
            Err(credentials(host))
        }
        Some((_, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            bare(text, before_slash)
        }
        Some((host, _)) if !host.is_empty() => {
            let path = text[host.len() + 1..].trim_start_matches('/');
            absolute(&format!("ssh://{host}/{path}"))
        }
        Some(_) => Err(not_an_address(text)),
        None => bare(text, before_slash),
    }
}

fn bare(text: &str, host: &str) -> Result<Url> {
    let name = host.split(':').next().unwrap_or_default();
    let local = name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.");
    if !local && !name.contains('.') {
        let hint = "write the whole address, such as https://github.com/owner/repo";
        return Err(not_an_address(text).with_hint(hint));
    }
    let scheme = if local { "http" } else { "https" };
    absolute(&format!("{scheme}://{text}"))
}

fn check_scheme(url: &Url) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "file" if !host.is_empty() => Err(Error::invalid(
            "a file:// address cannot name another machine",
        )
        .with_context("host", host)
        .with_hint("write file:// and an absolute path, with three slashes in all")),
        "file" => Ok(()),
        "https" | "http" | "ssh" | "git" => {
            let option = |text: &str| text.starts_with('-');
            if host.is_empty() || option(host) || option(url.username()) {
                return Err(not_an_address(url.as_str()));
            }
            Ok(())
        }
        scheme => Err(Error::unsupported("cannot clone from such an address")
            .with_context("scheme", scheme)
            .with_hint("use https://, http://, ssh://, git:// or file://")),
    }
}

/// The address itself would show the password, so the error leaves it out.
fn credentials(host: &str) -> Error {
    Error::invalid("the address holds a password or token")
        .with_context("host", host)
        .with_hint("leave `user:password@` out; anybody who sees the workspace would see it")
}

pub(super) fn not_an_address(text: &str) -> Error {
    // Whatever stands before an @ may be a secret.
    let shown = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    Error::invalid("not the address of a repository")
        .with_context(
            "address",
            shown.escape_debug().take(120).collect::<String>(),
        )
        .with_hint("paste a git URL, such as https://github.com/owner/repo")
}
