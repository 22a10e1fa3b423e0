//! `git cat-file --batch`: many questions about objects to one process.

use gitpod_core::{Error, Result};

use super::failure::Attempt;
use super::tool::Session;
use crate::RepositoryFile;

/// Longest object that is read.
const MAX_OBJECT: usize = 1 << 20;
/// Room for the line before each object.
const MAX_HEADER: usize = 256;

/// An object that was asked for and exists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) id: String,
    is_file: bool,
    content: Vec<u8>,
}

impl Object {
    /// As the file at `path`, if it is one.
    pub(super) fn into_file(self, path: &str) -> Option<RepositoryFile> {
        self.is_file.then(|| RepositoryFile {
            path: path.to_owned(),
            content: self.content,
        })
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
    let limit = questions.len() * (MAX_OBJECT + MAX_HEADER);
    session.set_max_output(limit);
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
    if output.stdout.len() >= limit {
        return Err(too_long(attempt));
    }
    parse(&output.stdout, questions.len()).ok_or_else(|| too_long(attempt))
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
/// longer than allowed, or the output ends too soon.
fn parse(output: &[u8], count: usize) -> Option<Vec<Option<Object>>> {
    let mut rest = output;
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count {
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let Some((id, kind, size)) = header(line) else {
            answers.push(None);
            continue;
        };
        if size > MAX_OBJECT {
            return None;
        }
        let (content, after) = rest.split_at_checked(size)?;
        rest = after.strip_prefix(b"\n")?;
        answers.push(Some(Object {
            id,
            is_file: kind == "blob",
            content: content.to_vec(),
        }));
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
        let answers = parse(output.as_bytes(), 3).unwrap();
        assert_eq!(answers[0].as_ref().unwrap().content, b"a\nb\n");
        assert_eq!(answers[1], None);
        assert!(!answers[2].as_ref().unwrap().is_file);
    }

    #[test]
    fn what_is_too_long_or_cut_off_is_no_answer() {
        for output in [
            format!("{ID} blob 9999999\nx"),
            format!("{ID} blob 4\nab"),
            String::new(),
        ] {
            assert_eq!(parse(output.as_bytes(), 1), None, "{output}");
        }
    }

    proptest! {
        #[test]
        fn hostile_output_does_not_panic(output in proptest::collection::vec(any::<u8>(), 0..300), count in 0_usize..4) {
            let _ = parse(&output, count);
        }
    }
}
