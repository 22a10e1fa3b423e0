//! Git's answers about a working tree, parsed. Pure.

use super::{GitStatus, MAX_LISTED};

/// Parses what `git status --porcelain=v2 --branch -z --untracked-files=all` prints.
///
/// Understands what it can and leaves the rest out: the bytes come from a hostile repository. Lists hold at most
/// [`MAX_LISTED`] names, the totals are exact. Names that are not UTF-8 are shown with replacement characters.
pub fn parse_status(output: &[u8]) -> GitStatus {
    let mut status = GitStatus::default();
    let mut records = output.split(|&byte| byte == 0);
    while let Some(record) = records.next() {
        match record {
            [b'#', b' ', header @ ..] => read_header(&mut status, header),
            [b'?', b' ', name @ ..] => {
                status.total_untracked_files += 1;
                list(&mut status.untracked_files, name);
            }
            [b'1' | b'2' | b'u', b' ', ..] => {
                let fields = match record[0] {
                    b'1' => 8,
                    b'2' => 9,
                    _ => 10,
                };
                if record[0] == b'2' {
                    // The name it had before is a record of its own.
                    records.next();
                }
                let Some(name) = record.splitn(fields + 1, |&b| b == b' ').nth(fields) else {
                    continue;
                };
                status.total_uncommitted_files += 1;
                list(&mut status.uncommitted_files, name);
            }
            _ => {}
        }
    }
    status
}

fn read_header(status: &mut GitStatus, header: &[u8]) {
    let header = String::from_utf8_lossy(header);
    match header.split_once(' ') {
        Some(("branch.oid", oid)) if oid != "(initial)" => {
            oid.clone_into(&mut status.latest_commit);
        }
        Some(("branch.head", head)) if head != "(detached)" => head.clone_into(&mut status.branch),
        _ => {}
    }
}

fn list(names: &mut Vec<String>, name: &[u8]) {
    if names.len() < MAX_LISTED {
        names.push(String::from_utf8_lossy(name).into_owned());
    }
}

/// Parses what `git log -z --format='%H: %s'` prints.
pub fn parse_log(output: &[u8]) -> Vec<String> {
    output
        .split(|&byte| byte == 0)
        .filter(|record| !record.is_empty())
        .take(MAX_LISTED)
        .map(|record| {
            let line = String::from_utf8_lossy(record);
            line.chars().take(500).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_kind_of_record() {
        let hash = "a".repeat(40);
        let output = format!(
            "# branch.oid {hash}\0# branch.head feature/x\0# branch.upstream origin/x\0# branch.ab +1 -0\0# stash 2\0\
             1 .M N... 100644 100644 100644 {hash} {hash} a file\0\
             2 R. N... 100644 100644 100644 {hash} {hash} R100 new name\0old name\0\
             u UU N... 100644 100644 100644 100644 {hash} {hash} {hash} both\0\
             ? new\nline\0! ignored\0"
        );
        let status = parse_status(output.as_bytes());
        assert_eq!(status.branch, "feature/x");
        assert_eq!(status.latest_commit, hash);
        assert_eq!(status.uncommitted_files, ["a file", "new name", "both"]);
        assert_eq!(status.untracked_files, ["new\nline"]);
        assert_eq!(
            (status.total_uncommitted_files, status.total_untracked_files),
            (3, 1)
        );
    }

    #[test]
    fn no_commits_and_a_detached_head_are_empty() {
        let status = parse_status(b"# branch.oid (initial)\0# branch.head (detached)\0");
        assert_eq!(status, GitStatus::default());
    }

    proptest! {
        #[test]
        fn names_survive_and_totals_are_exact(
            changed in proptest::collection::vec("[^\0]{1,30}", 0..150),
            untracked in proptest::collection::vec("[^\0]{1,30}", 0..150),
        ) {
            let hash = "0".repeat(40);
            let mut output = Vec::new();
            for name in &changed {
                output.extend(format!("1 .M N... 100644 100644 100644 {hash} {hash} {name}\0").into_bytes());
            }
            for name in &untracked {
                output.extend(format!("? {name}\0").into_bytes());
            }
            let status = parse_status(&output);
            prop_assert_eq!(status.total_uncommitted_files, changed.len() as u64);
            prop_assert_eq!(status.total_untracked_files, untracked.len() as u64);
            prop_assert_eq!(&status.uncommitted_files[..], &changed[..changed.len().min(MAX_LISTED)]);
            prop_assert_eq!(&status.untracked_files[..], &untracked[..untracked.len().min(MAX_LISTED)]);
        }

        #[test]
        fn hostile_bytes_do_not_panic(output in proptest::collection::vec(any::<u8>(), 0..600)) {
            let status = parse_status(&output);
            prop_assert!(status.uncommitted_files.len() <= MAX_LISTED);
            parse_log(&output);
        }
    }
}
