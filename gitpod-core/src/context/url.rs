use std::fmt;
use std::str::FromStr;

use url::Url;

use super::prefix::{self, Prefix, Referrer};
use super::reference::{Reference, check_name};
use super::{address, page};
use crate::{Error, Result};

/// Longest context URL.
pub const MAX_LENGTH: usize = 4096;
/// Longest directory name made of a repository's name.
const MAX_DIRECTORY: usize = 64;

/// What a context URL means. Parse it with [`FromStr`]; it prints as it is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextUrl {
    /// The repository's clone URL, without credentials.
    pub clone_url: Url,
    /// Which state of it.
    pub reference: Reference,
    /// Whose it is: the path before its name (`owner`, `group/subgroup`); empty when there is none.
    pub owner: String,
    /// Its name, without `.git`.
    pub name: String,
    /// Environment for the workspace.
    pub env: Vec<(String, String)>,
    /// Where the link came from.
    pub referrer: Option<Referrer>,
    /// Whether the image shall be built anew.
    pub build_image: bool,
    /// Parts that were left out, for people.
    pub warnings: Vec<String>,
    /// The address as it prints.
    address: String,
}

impl ContextUrl {
    /// For people: `owner/name @ branch`.
    pub fn title(&self) -> String {
        let slash = if self.owner.is_empty() { "" } else { "/" };
        let Self { owner, name, .. } = self;
        format!("{owner}{slash}{name}{}", self.reference.title())
    }

    /// Where the repository is checked out below `/workspace` unless its configuration says otherwise: its name, without
    /// what could surprise a shell.
    pub fn checkout_location(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name: String = self
            .name
            .chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .skip_while(|c| !c.is_ascii_alphanumeric() && *c != '_')
            .take(MAX_DIRECTORY)
            .collect();
        if name.is_empty() {
            String::from("repository")
        } else {
            name
        }
    }
}

impl FromStr for ContextUrl {
    type Err = Error;

    /// Reads a context URL.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): not an address, a password in it, a broken reference;
    /// [`Unsupported`](crate::ErrorKind::Unsupported): a scheme or prefix whose meaning is not supported. Each with a hint.
    fn from_str(text: &str) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(
                Error::invalid("the context URL is too long").with_context("bytes", text.len())
            );
        }
        let text = text.trim().trim_start_matches(['/', '#']);
        let (prefix, text) = prefix::take(text)?;
        let mut url = address::parse(text)?;
        let fragment = url.fragment().filter(|f| !f.is_empty()).map(str::to_owned);
        url.set_fragment(None);
        if url.scheme().starts_with("http") {
            let path = url.path().trim_end_matches('/').to_owned();
            url.set_path(&path);
        }
        let address = url.to_string();
        let place = place(&url)?;
        let (reference, address) = match (place.reference, fragment) {
            (Reference::Head, Some(name)) => {
                let name = prefix::decode(&name).unwrap_or(name);
                let name = check_name(&name)?;
                url.set_fragment(Some(&name));
                let printed = url.to_string();
                (Reference::Named(name), printed)
            }
            // Behind a page's path a fragment is a line or a heading.
            (reference, _) => (reference, address),
        };
        let Prefix {
            env,
            referrer,
            build_image,
            warnings,
        } = prefix;
        Ok(Self {
            clone_url: place.clone_url,
            reference,
            owner: place.owner,
            name: place.name,
            env,
            referrer,
            build_image,
            warnings,
            address,
        })
    }
}

impl fmt::Display for ContextUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = Prefix {
            env: self.env.clone(),
            referrer: self.referrer.clone(),
            build_image: self.build_image,
            warnings: Vec::new(),
        };
        write!(f, "{prefix}{}", self.address)
    }
}

struct Place {
    clone_url: Url,
    reference: Reference,
    owner: String,
    name: String,
}

/// Where the repository is and which state of it the page is about.
fn place(url: &Url) -> Result<Place> {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let raw: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    let broken = || address::not_an_address(url.as_str());
    let decoded: Option<Vec<String>> = raw.iter().map(|s| prefix::decode(s)).collect();
    let segments = decoded.ok_or_else(broken)?;
    let has_pages = url.scheme().starts_with("http");
    let length = if has_pages {
        page::address_length(&host, &segments)
    } else {
        segments.len()
    };
    let least = if has_pages && page::is_known(&host) {
        2
    } else {
        1
    };
    let (repository, rest) = segments.split_at(length);
    let unfit =
        |s: &String| s == "." || s == ".." || s.contains(|c: char| c == '/' || c.is_control());
    if repository.iter().any(unfit) {
        return Err(broken());
    }
    let (Some((name, owner)), true) = (repository.split_last(), length >= least) else {
        return Err(broken().with_hint("the address names no repository, such as owner/repo"));
    };
    let name = name.strip_suffix(".git").unwrap_or(name).to_owned();
    if name.is_empty() {
        return Err(broken());
    }
    let owner = if url.scheme() == "file" {
        String::new()
    } else {
        owner.join("/")
    };
    let mut clone_url = url.clone();
    if length < raw.len() || (has_pages && page::is_known(&host)) {
        let suffix = if page::is_known(&host) && raw[length - 1].strip_suffix(".git").is_none() {
            ".git"
        } else {
            ""
        };
        clone_url.set_path(&format!("/{}{suffix}", raw[..length].join("/")));
    }
    Ok(Place {
        clone_url,
        reference: page::reference(&host, &split_encoded(rest))?,
        owner,
        name,
    })
}

/// Slashes that a page's address encodes are slashes of a name all the same.
fn split_encoded(rest: &[String]) -> Vec<String> {
    rest.iter()
        .flat_map(|segment| segment.split('/'))
        .map(str::to_owned)
        .collect()
}
