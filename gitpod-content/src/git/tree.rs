//! The entries of a directory, as git keeps them.

use super::batch::Object;

/// What stands in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    /// A link, or another repository.
    Other,
}

/// The entries, if the object is a directory. Names that are no UTF-8 are left out: nobody could ask for them.
pub(super) fn entries(object: &Object) -> Option<Vec<Entry>> {
    // Two characters of the hash are one byte there.
    let hash = object.id.len() / 2;
    let mut rest = object.tree()?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == 0)?;
        let (mode, name) = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|line| line.split_once(' '))
            .unwrap_or_default();
        rest = rest.get(end + 1 + hash..)?;
        let kind = match mode {
            "40000" => Kind::Directory,
            mode if mode.starts_with("100") => Kind::File,
            _ => Kind::Other,
        };
        if !name.is_empty() {
            entries.push(Entry {
                name: name.to_owned(),
                kind,
            });
        }
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(content: &[u8]) -> Object {
        Object::of_tree(&"a".repeat(40), content)
    }

    #[test]
    fn names_and_kinds_are_read() {
        let mut content = Vec::new();
        for (mode, name) in [
            ("40000", &b"src"[..]),
            ("100644", b"a b"),
            ("120000", b"link"),
            ("100755", b"\xff"),
        ] {
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name);
            content.push(0);
            content.extend_from_slice(&[7; 20]);
        }
        let entry = |name: &str, kind| Entry {
            name: name.to_owned(),
            kind,
        };
        let expected = vec![
            entry("src", Kind::Directory),
            entry("a b", Kind::File),
            entry("link", Kind::Other),
        ];
        assert_eq!(entries(&tree(&content)), Some(expected));
        content.pop();
        assert_eq!(entries(&tree(&content)), None, "cut off");
    }

    proptest! {
        #[test]
        fn hostile_directories_do_not_panic(content in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = entries(&tree(&content));
        }
    }
}
