use gitpod_core::{Error, Result};

/// Longest reference that is looked at.
const MAX_LENGTH: usize = 512;
/// How many names a suggestion lists.
const MAX_SUGGESTIONS: usize = 3;

/// Checks that `name` can be a branch, a tag or a commit, by git's rules; what looks like an option cannot.
pub(super) fn check_reference(name: &str) -> Result<()> {
    let well_formed = !name.is_empty()
        && name.len() <= MAX_LENGTH
        && name != "@"
        && !name.starts_with(['-', '/'])
        && !name.ends_with(['/', '.'])
        && !name.contains("..")
        && !name.contains("@{")
        && !name
            .chars()
            .any(|c| c.is_control() || " ~^:?*[\\".contains(c))
        && name.split('/').all(|part| {
            !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none()
        });
    if well_formed {
        Ok(())
    } else {
        Err(Error::invalid("not a name of a branch, tag or commit")
            .with_context(
                "reference",
                name.escape_debug().take(128).collect::<String>(),
            )
            .with_hint("give a branch, a tag, or the full hash of a commit"))
    }
}

/// Whether `text` is the full hash of an object.
pub(super) fn is_full_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether `text` may be an abbreviated hash.
pub(super) fn is_short_hash(text: &str) -> bool {
    (7..40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The names most like `wanted`, best first.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = wanted.to_lowercase();
    let mut scored: Vec<(usize, &str)> = names
        .filter_map(|name| Some((likeness(&lower, &name.to_lowercase())?, name)))
        .collect();
    scored.sort_unstable();
    scored.dedup();
    scored.truncate(MAX_SUGGESTIONS);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// Smaller is more alike; `None`: not at all.
fn likeness(wanted: &str, name: &str) -> Option<usize> {
    let is_part = |whole: &str, part: &str| {
        !part.is_empty()
            && (whole
                .strip_suffix(part)
                .is_some_and(|rest| rest.ends_with('/'))
                || whole
                    .strip_prefix(part)
                    .is_some_and(|rest| rest.starts_with('/')))
    };
    if wanted == name {
        return Some(0);
    }
    if is_part(wanted, name) || is_part(name, wanted) {
        return Some(1);
    }
    let distance = strsim::osa_distance(wanted, name);
    (distance <= 1 + wanted.chars().count() / 4).then_some(1 + distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_revision_syntax_are_not_references() {
        for good in [
            "main",
            "feature/x",
            "v1.0",
            "a-b",
            "ünïcode",
            "refs/heads/main",
            "-".repeat(3).replace('-', "x").as_str(),
        ] {
            check_reference(good).unwrap();
        }
        for bad in [
            "",
            "-",
            "--upload-pack=id",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "@",
            "@{1}",
            "a@{u}",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a.",
            "a\nb",
            "a\0b",
            "a*",
            "a\\b",
            &"x".repeat(513),
        ] {
            assert!(check_reference(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_nearest_names_come_first() {
        let names = ["main", "maintenance", "feature/login", "Develop", "v1.2"];
        let near = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(near("mian"), ["main"]);
        assert_eq!(near("develop"), ["Develop"]);
        assert_eq!(near("login"), ["feature/login"]);
        assert_eq!(near("feature/login/src/lib.rs"), ["feature/login"]);
        assert_eq!(near("v1.3"), ["v1.2"]);
        assert!(near("zzzzzz").is_empty());
    }
}
