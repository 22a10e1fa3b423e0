use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::{Error, Result};

/// Most patterns of a rule.
const MAX_PATTERNS: usize = 32;
/// Longest pattern. Matching costs the product of the lengths of pattern and name.
const MAX_LENGTH: usize = 255;

/// Which branches are prebuilt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BranchRule {
    /// The default branch alone.
    DefaultBranch,
    /// Every branch.
    #[default]
    AllBranches,
    /// Those that fit a pattern.
    MatchedBranches(BranchPatterns),
}

impl BranchRule {
    /// Whether `branch` is prebuilt, and why.
    pub fn admits(&self, branch: Option<&str>, default_branch: Option<&str>) -> (bool, Reason) {
        match (self, branch) {
            (Self::AllBranches, _) => (true, Reason::AllBranches),
            (_, None) => (false, Reason::BranchUnknown),
            (Self::DefaultBranch, branch) if branch == default_branch => {
                (true, Reason::DefaultBranch)
            }
            (Self::DefaultBranch, _) => (false, Reason::NotDefaultBranch),
            (Self::MatchedBranches(patterns), Some(branch)) if patterns.match_branch(branch) => {
                (true, Reason::BranchMatched)
            }
            (Self::MatchedBranches(_), Some(_)) => (false, Reason::BranchUnmatched),
        }
    }
}

/// Patterns with commas between: `*` stands for anything without a slash, `**` for anything, `?` for one character without a
/// slash. A pattern fits at the end of a name, behind any directories: `feature-*` fits `team/feature-1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BranchPatterns(Vec<String>);

impl BranchPatterns {
    /// Whether one of them fits.
    pub fn match_branch(&self, branch: &str) -> bool {
        branch.len() <= MAX_LENGTH && self.0.iter().any(|pattern| fits(pattern, branch))
    }
}

impl FromStr for BranchPatterns {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text
            .split(',')
            .take(MAX_PATTERNS + 1)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        let hint = "write patterns such as `main, release/**`, with `*`, `**` and `?`";
        if parts.is_empty() || parts.len() > MAX_PATTERNS {
            return Err(Error::invalid("a rule for branches has one to 32 patterns")
                .with_context("patterns", parts.len())
                .with_hint(hint));
        }
        let unfit = |part: &&&str| {
            part.len() > MAX_LENGTH
                || part.contains(|c: char| c.is_control() || "[]{}\\ ".contains(c))
        };
        if let Some(part) = parts.iter().find(unfit) {
            let column = text
                .find(part)
                .map_or(1, |at| text[..at].chars().count() + 1);
            return Err(Error::invalid("not a pattern for branches")
                .with_context("pattern", part.escape_debug().take(80).collect::<String>())
                .with_context("column", column)
                .with_hint(hint));
        }
        Ok(Self(parts.into_iter().map(str::to_owned).collect()))
    }
}

impl fmt::Display for BranchPatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

impl TryFrom<String> for BranchPatterns {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<BranchPatterns> for String {
    fn from(patterns: BranchPatterns) -> Self {
        patterns.to_string()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Segment,
    /// `**`
    Everything,
    /// `**/`: any directories, or none.
    Directories,
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = vec![Token::Directories];
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let at_start = tokens
            .last()
            .is_some_and(|token| matches!(token, Token::Directories | Token::Letter('/')));
        let (token, length) = match letter {
            '*' if at_start && rest.starts_with("**/") => (Token::Directories, 3),
            '*' if rest.starts_with("**") => (Token::Everything, 2),
            '*' => (Token::Segment, 1),
            '?' => (Token::One, 1),
            letter => (Token::Letter(letter), letter.len_utf8()),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

/// Whether `pattern` fits the whole of `name`: a table of which beginnings of both fit, row by row.
fn fits(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut row = vec![false; name.len() + 1];
    row[0] = true;
    for token in tokens(pattern) {
        let mut next = vec![false; name.len() + 1];
        // Whether some shorter beginning fitted, all of which the token may go on from.
        let mut reachable = false;
        for end in 0..=name.len() {
            let letter = end.checked_sub(1).and_then(|at| name.get(at)).copied();
            let before = end > 0 && row[end - 1];
            next[end] = match token {
                Token::Letter(wanted) => before && letter == Some(wanted),
                Token::One => before && letter != Some('/'),
                Token::Segment => {
                    reachable = row[end] || reachable && letter != Some('/');
                    reachable
                }
                Token::Everything => {
                    reachable |= row[end];
                    reachable
                }
                Token::Directories => {
                    let ends_directory = reachable && letter == Some('/');
                    reachable |= row[end];
                    row[end] || ends_directory
                }
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
