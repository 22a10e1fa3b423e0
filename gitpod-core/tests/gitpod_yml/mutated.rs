//! Files changed at random, from a fixed seed: a fuzz test that always costs the same and can be repeated.
//!
//! `GITPOD_YML_MUTATIONS=1000000 cargo test --release -p gitpod-core --test gitpod_yml mutated` does more than CI;
//! `GITPOD_YML_SEED=n` starts elsewhere.

use std::fs;
use std::path::Path;

use gitpod_core::gitpod_yml::{Mode, parse};

const MUTATIONS: u64 = 4_000;
const LONGEST: usize = 4_096;
const PARTS: [&str; 40] = [
    "\t",
    " ",
    "\n",
    "\r\n",
    ":",
    ": ",
    "- ",
    "-",
    "#",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "!",
    "!!str ",
    "<<: *a\n",
    "~",
    "yes",
    "012",
    "12:30",
    "1e3",
    "2020-01-01",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "? ",
    "é",
    "\\",
    "\u{7}",
    "tasks:\n",
    "ports:\n",
    "- port: 80\n",
    "\u{feff}",
];

/// Splitmix64: small, and good enough to choose with.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from((z ^ (z >> 31)) % end).unwrap()
    }

    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn change(&mut self, text: &mut String, others: &[String]) {
        let (a, b) = (self.place(text), self.place(text));
        let (start, end) = (a.min(b), a.max(b));
        match self.below(5) {
            0 => text.insert_str(start, PARTS[self.below(PARTS.len())]),
            1 => text.replace_range(start..end, ""),
            2 => {
                let part = text[start..end].to_owned();
                let at = self.place(text);
                text.insert_str(at, &part);
            }
            3 => {
                let other = &others[self.below(others.len())];
                let (a, b) = (self.place(other), self.place(other));
                text.insert_str(start, &other[a.min(b)..a.max(b)]);
            }
            _ => text.truncate(start),
        }
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn no_change_makes_the_parser_panic_or_contradict_itself() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gitpod_yml/files");
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    names.sort();
    let files: Vec<String> = names
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let seed = number("GITPOD_YML_SEED", 1);
    for index in 0..number("GITPOD_YML_MUTATIONS", MUTATIONS) {
        let mut random = Random(seed.wrapping_mul(1 << 32).wrapping_add(index));
        let mut text = files[random.below(files.len())].clone();
        for _ in 0..=random.below(6) {
            random.change(&mut text, &files);
        }
        let strict = parse(&text, Mode::Strict);
        let lenient = parse(&text, Mode::Lenient);
        let lines = u64::try_from(text.split('\n').count() + text.matches('\r').count()).unwrap();
        for problem in strict.problems.iter().chain(&lenient.problems) {
            assert!(
                problem.position.line <= lines,
                "{index}: {problem}: {text:?}"
            );
            assert!(problem.position.column <= 2 + u64::try_from(text.len()).unwrap());
        }
        if strict.accepted() {
            assert!(lenient.accepted(), "{index}: {text:?}");
            assert_eq!(strict.config, lenient.config, "{index}: {text:?}");
            // What was read is itself a file that says the same.
            let json = serde_json::to_string(&strict.config).unwrap();
            let again = parse(&json, Mode::Strict);
            assert!(again.accepted(), "{index}: {json}: {:?}", again.problems);
            assert_eq!(again.config, strict.config, "{index}: {text:?}");
        }
    }
}
