//! Words for names of workspaces: short, easy to say and to spell, harmless in any pair.

pub(super) const ADJECTIVES: [&str; 64] = [
    "agile", "amber", "ample", "azure", "bold", "brave", "breezy", "bright", "brisk", "bronze",
    "calm", "candid", "cheery", "civil", "clear", "clever", "copper", "coral", "cosmic", "cozy",
    "crisp", "curious", "deft", "eager", "early", "easy", "fair", "fleet", "fresh", "gentle",
    "glad", "golden", "grand", "green", "happy", "hardy", "honest", "indigo", "jolly", "keen",
    "kind", "lively", "lucid", "lunar", "mellow", "merry", "mild", "neat", "nimble", "noble",
    "patient", "polite", "proud", "quick", "quiet", "rapid", "ruby", "silver", "solid", "steady",
    "sunny", "swift", "tidy", "warm",
];

pub(super) const NOUNS: [&str; 64] = [
    "acorn", "anchor", "badger", "bamboo", "beacon", "birch", "bison", "canyon", "cedar", "cobalt",
    "comet", "condor", "cricket", "crystal", "delta", "dolphin", "ember", "falcon", "fern",
    "finch", "fjord", "forest", "garden", "gecko", "glacier", "harbor", "hazel", "heron", "island",
    "jaguar", "juniper", "kestrel", "lagoon", "lantern", "lemur", "lotus", "lynx", "magnet",
    "maple", "meadow", "meteor", "nebula", "oasis", "orchid", "otter", "panther", "pebble",
    "pelican", "pepper", "planet", "prairie", "quartz", "raven", "river", "robin", "saffron",
    "sparrow", "summit", "thunder", "tiger", "tulip", "valley", "walnut", "willow",
];

/// Letters and digits of suffixes: none that is easily taken for another.
pub(super) const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_word_occurs_twice_or_breaks_the_shape_of_an_id() {
        let words: HashSet<&str> = ADJECTIVES.into_iter().chain(NOUNS).collect();
        assert_eq!(words.len(), ADJECTIVES.len() + NOUNS.len());
        for word in words {
            let shaped = word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(shaped && (2..=16).contains(&word.len()), "{word}");
        }
        assert_eq!(
            ALPHABET.iter().collect::<HashSet<_>>().len(),
            ALPHABET.len()
        );
    }
}
