use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// Longest pattern.
const MAX_LENGTH: usize = 1_024;

/// For which repositories a variable is: `owner/name`, where `*` stands for one part and a last `**` for all that follow.
///
/// Ordered by how specific it is, the left parts first: `owner/name` is greater than `owner/*`, that than `owner/**`, that
/// than `*/name`. Letters of either case are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryPattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Literal(String),
    One,
    Rest,
}

impl RepositoryPattern {
    /// Whether `owner` (a group and its subgroups, for hosts that nest them) and `name` are what the pattern means.
    pub fn matches(&self, owner: &str, name: &str) -> bool {
        let owner = owner.trim_matches('/').to_lowercase();
        let name = name.to_lowercase();
        let mut words = owner.split('/').chain([name.as_str()]);
        for part in &self.0 {
            let Some(word) = words.next() else {
                return false;
            };
            match part {
                Part::Literal(literal) if literal != word => return false,
                Part::Literal(_) | Part::One => {}
                Part::Rest => return true,
            }
        }
        words.next().is_none()
    }

    fn score(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map(|part| match part {
            Part::Literal(_) => 3,
            Part::One => 2,
            Part::Rest => 1,
        })
    }

    /// Compares how specific two patterns are.
    pub fn cmp_specificity(&self, other: &Self) -> Ordering {
        self.score().cmp(other.score())
    }
}

impl FromStr for RepositoryPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = |message: &str| {
            let shown: String = text.chars().take(128).collect();
            Err(Error::invalid(message.to_owned())
                .with_context("pattern", shown)
                .with_hint("use `owner/name`, `owner/*`, `owner/**` or `*/*`"))
        };
        if text.len() > MAX_LENGTH {
            return invalid("the pattern of repositories is too long");
        }
        let words: Vec<String> = text.split('/').map(str::to_lowercase).collect();
        if words.len() < 2 {
            return invalid("a pattern of repositories has an owner and a name");
        }
        let last = words.len() - 1;
        let mut parts = Vec::new();
        for (index, word) in words.into_iter().enumerate() {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
            parts.push(match word.as_str() {
                "*" => Part::One,
                "**" if index == last => Part::Rest,
                "**" => return invalid("`**` can only be the last part of a pattern"),
                "" => return invalid("a part of the pattern of repositories is empty"),
                word if word.bytes().all(plain) => Part::Literal(word.to_owned()),
                _ => {
                    return invalid(
                        "a part of a pattern is `*`, or of letters, digits and the characters _ - .",
                    );
                }
            });
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for RepositoryPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(match part {
                Part::Literal(literal) => literal,
                Part::One => "*",
                Part::Rest => "**",
            })?;
        }
        Ok(())
    }
}
