//! Inputs changed at random: from one seed and index always the same one.

/// Splitmix64: small, and good enough to choose with.
pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        Self(seed.wrapping_mul(1 << 32).wrapping_add(index))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from((z ^ (z >> 31)) % end).unwrap()
    }

    /// One of `seeds`, changed up to six times with pieces of itself, of the others and of `parts`.
    pub(crate) fn input(&mut self, seeds: &[String], parts: &[&str], longest: usize) -> String {
        let mut text = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut text, seeds, parts, longest);
        }
        text
    }

    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }

    fn change(&mut self, text: &mut String, seeds: &[String], parts: &[&str], longest: usize) {
        let (a, b) = (self.place(text), self.place(text));
        let (start, end) = (a.min(b), a.max(b));
        match self.below(5) {
            0 => text.insert_str(start, parts[self.below(parts.len())]),
            1 => text.replace_range(start..end, ""),
            2 => {
                let part = text[start..end].to_owned();
                let at = self.place(text);
                text.insert_str(at, &part);
            }
            3 => {
                let other = &seeds[self.below(seeds.len())];
                let (a, b) = (self.place(other), self.place(other));
                text.insert_str(start, &other[a.min(b)..a.max(b)]);
            }
            _ => text.truncate(start),
        }
        text.truncate(text.floor_char_boundary(longest));
    }
}

/// A number that the environment may set.
pub(crate) fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}
