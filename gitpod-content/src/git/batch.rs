//! `git cat-file --batch`: many questions about objects to one process.

use gitpod_core::{Error, Result};

use super::failure::Attempt;
use super::tool::Session;
use crate::RepositoryFile;

/// Longest file that is read.
const MAX_OBJECT: usize = 1 << 20;
/// Longest directory that is read: some hundred thousand entries.
const MAX_TREE: usize = 8 << 20;
/// Room for the line before each object.
const MAX_HEADER: usize = 256;

/// An object that was asked for and exists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: String,
    kind: Kind,
    content: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
    Other,
}

/// What becomes of a file that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TooLong {
    Refused,
    Skipped,
}

impl Object {
    /// As the file at `path`, if it is one.
    pub(super) fn into_file(self, path: &str) -> Option<RepositoryFile> {
        (self.kind == Kind::File).then(|| RepositoryFile {
            path: path.to_owned(),
            content: self.content,
        })
    }

    /// What git keeps of it, if it is a directory.
    pub(super) fn tree(&self) -> Option<&[u8]> {
        (self.kind == Kind::Directory).then_some(&self.content)
    }

    #[cfg(test)]
    pub(super) fn of_tree(id: &str, content: &[u8]) -> Self {
        Self {
            id: id.to_owned(),
            kind: Kind::Directory,
            content: content.to_vec(),
        }
    }
}

/// Asks for objects, each by one line of git's revision language; the answers come in the same order.
///
/// Fails with `InvalidInput` when one of them is too long.
pub(super) async fn ask(
    session: &mut Session<'_>,
    attempt: &Attempt<'_>,
    git_dir: &str,
    questions: &[String],
) -> Result<Vec<Option<Object>>> {
    let output = answers(session, attempt, git_dir, questions).await?;
    parse(&output, questions.len(), TooLong::Refused).ok_or_else(|| too_long(attempt))
}

/// As [`ask`]; what is too long counts as missing.
pub(super) async fn ask_short(
    session: &mut Session<'_>,
    attempt: &Attempt<'_>,
    git_dir: &str,
    questions: &[String],
) -> Result<Vec<Option<Object>>> {
    let output = answers(session, attempt, git_dir, questions).await?;
    Ok(parse(&output, questions.len(), TooLong::Skipped).unwrap_or_default())
}

async fn answers(
    session: &mut Session<'_>,
    attempt: &Attempt<'_>,
    git_dir: &str,
    questions: &[String],
) -> Result<Vec<u8>> {
    session.set_max_output(questions.len() * (MAX_OBJECT + MAX_HEADER) + MAX_TREE);
    let git_dir = format!("--git-dir={git_dir}");
    let mut input = questions.join("\n");
    input.push('\n');
    let output = session
        .run_with(
            attempt,
            &[&git_dir, "cat-file", "--batch"],
            input.into_bytes(),
        )
        .await?;
    Ok(output.stdout)
}

fn too_long(attempt: &Attempt<'_>) -> Error {
    let error = Error::invalid(format!("cannot {}: a file is too long", attempt.what))
        .with_hint("a configuration file may have 1 MiB");
    match attempt.remote {
        Some(remote) => error.with_context("remote", remote),
        None => error,
    }
}

/// Parses `count` answers: `id type size LF content LF`, or a line of another shape for what is missing. `None`: an answer is
/// longer than allowed, or the output ends too soon. Skipping what is too long, there may be fewer answers than questions.
fn parse(output: &[u8], count: usize, too_long: TooLong) -> Option<Vec<Option<Object>>> {
    let mut rest = output;
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count {
        if rest.is_empty() && too_long == TooLong::Skipped {
            break;
        }
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let Some((id, kind, size)) = header(line) else {
            answers.push(None);
            continue;
        };
        let kind = match kind {
            "blob" => Kind::File,
            "tree" => Kind::Directory,
            _ => Kind::Other,
        };
        let most = match kind {
            Kind::Directory => MAX_TREE,
            Kind::File | Kind::Other => MAX_OBJECT,
        };
        let is_short = size <= most;
        match (too_long, rest.split_at_checked(size)) {
            (TooLong::Refused, _) if !is_short => return None,
            (TooLong::Refused, None) => return None,
            // What was cut off is the end of all that is known.
            (TooLong::Skipped, None) => return Some(answers),
            (_, Some((content, after))) => {
                rest = after.strip_prefix(b"\n")?;
                answers.push(is_short.then(|| Object {
                    id,
                    kind,
                    content: content.to_vec(),
                }));
            }
        }
    }
    Some(answers)
}

fn header(line: &[u8]) -> Option<(String, &str, usize)> {
    let mut fields = std::str::from_utf8(line).ok()?.split(' ');
    let (id, kind, size) = (fields.next()?, fields.next()?, fields.next()?);
    // The line for a missing object repeats the question, which may look like anything.
    let known = matches!(kind, "blob" | "tree" | "commit" | "tag") && fields.next().is_none();
    let is_id = super::refname::is_full_hash(id);
    (known && is_id).then_some(())?;
    Some((id.to_owned(), kind, size.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn answers_come_in_order_and_missing_ones_are_none() {
        let output = format!("{ID} blob 4\na\nb\n\nHEAD:a b missing\n{ID} tree 0\n\n");
        let answers = parse(output.as_bytes(), 3, TooLong::Refused).unwrap();
        assert_eq!(answers[0].as_ref().unwrap().content, b"a\nb\n");
        assert_eq!(answers[1], None);
        assert_eq!(answers[2].as_ref().unwrap().kind, Kind::Directory);
    }

    #[test]
    fn what_is_too_long_can_be_skipped() {
        let long = "x".repeat(MAX_OBJECT + 1);
        let output = format!("{ID} blob {}\n{long}\n{ID} blob 1\na\n", long.len());
        let answers = parse(output.as_bytes(), 2, TooLong::Skipped).unwrap();
        assert!(answers[0].is_none());
        assert_eq!(answers[1].as_ref().unwrap().content, b"a");
        assert_eq!(parse(output.as_bytes(), 2, TooLong::Refused), None);
        let cut = &output.as_bytes()[..output.len() / 2];
        assert_eq!(parse(cut, 2, TooLong::Skipped), Some(Vec::new()));
    }

    #[test]
    fn what_is_too_long_or_cut_off_is_no_answer() {
        for output in [
            format!("{ID} blob 9999999\nx"),
            format!("{ID} blob 4\nab"),
            String::new(),
        ] {
            assert_eq!(
                parse(output.as_bytes(), 1, TooLong::Refused),
                None,
                "{output}"
            );
        }
    }

    proptest! {
        #[test]
        fn hostile_output_does_not_panic(output in proptest::collection::vec(any::<u8>(), 0..300), count in 0_usize..4) {
            let _ = parse(&output, count, TooLong::Refused);
            let _ = parse(&output, count, TooLong::Skipped);
        }
    }
}
