//! Files changed at random, from a fixed seed: a fuzz test that always costs the same and can be repeated.
//!
//! `GITPOD_YML_MUTATIONS=1000000 cargo test --release -p gitpod-core --test gitpod_yml mutated` does more than CI;
//! `GITPOD_YML_SEED=n` starts elsewhere.

use std::fs;
use std::path::Path;

use gitpod_core::gitpod_yml::{Mode, parse};

use super::mutator::{Mutator, number};
use super::yaml::PARTS;

const MUTATIONS: u64 = 4_000;
const LONGEST: usize = 4_096;

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
        let text = Mutator::new(seed, index).input(&files, PARTS, LONGEST);
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
