//! In which order features are installed.

use std::collections::BTreeMap;

use gitpod_core::ErrorKind;

use super::file;

/// `needs` lists features and what they depend on: `a: b c`.
fn order(features: &[&str], first: &[&str], needs: &[&str]) -> gitpod_core::Result<Vec<String>> {
    let features: Vec<String> = features
        .iter()
        .map(|id| format!("\"{id}\": {{}}"))
        .collect();
    let (features, first) = (features.join(","), serde_json::to_string(first).unwrap());
    let text =
        format!("{{\"features\": {{{features}}}, \"overrideFeatureInstallOrder\": {first}}}");
    let needs: BTreeMap<String, Vec<String>> = needs
        .iter()
        .map(|line| {
            let (id, needs) = line.split_once(": ").unwrap();
            let needs = needs.split(' ').map(str::to_owned).collect();
            (id.to_owned(), needs)
        })
        .collect();
    file(&text).feature_order(&needs)
}

#[test]
fn dependencies_come_first_then_the_order_that_the_file_asks_for() {
    for (features, first, needs, expected) in [
        (
            &["r/b:1", "r/a:1"][..],
            &[][..],
            &[][..],
            &["r/b:1", "r/a:1"][..],
        ),
        (
            &["r/b:1", "r/a:1", "r/c"],
            &["r/c", "r/a"],
            &[],
            &["r/c", "r/a:1", "r/b:1"],
        ),
        (&["r/b:1", "r/a:1"], &[], &["r/b: r/a"], &["r/a:1", "r/b:1"]),
        (
            &["r/b:1", "r/a:1"],
            &["r/b"],
            &["r/b: r/a:1"],
            &["r/a:1", "r/b:1"],
        ),
        (
            &["r/b"],
            &[],
            &["r/b: r/x:2", "r/x: r/y"],
            &["r/y", "r/x:2", "r/b"],
        ),
        (
            &["h:5000/b:1", "h:5000/a@sha256:00"],
            &["h:5000/a"],
            &[],
            &["h:5000/a@sha256:00", "h:5000/b:1"],
        ),
        (&[], &["r/a"], &[], &[]),
    ] {
        let order = order(features, first, needs).unwrap();
        assert_eq!(order, expected, "{features:?} {first:?}");
    }
    let circle = order(&["a", "b", "c"], &[], &["a: b", "b: a"]).unwrap_err();
    assert_eq!(circle.kind(), ErrorKind::ConfigInvalid);
    assert!(circle.to_string().contains("features: a, b"), "{circle}");
}
