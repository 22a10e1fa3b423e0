//! Sizes, for people.

/// `512 MiB`, `30 GiB`; rounded up, as a file system of 30 GiB has a little less for files.
pub(crate) fn in_words(bytes: u64) -> String {
    match bytes.div_ceil(1 << 20) {
        mib @ 0..1024 => format!("{mib} MiB"),
        mib => format!("{} GiB", mib.div_ceil(1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_size_has_the_unit_that_fits() {
        assert_eq!(in_words(64 << 20), "64 MiB");
        assert_eq!(in_words(1 << 30), "1 GiB");
        assert_eq!(in_words((30 << 30) - (600 << 20)), "30 GiB");
    }
}
