//! Which of several files counts, and why.

use gitpod_core::ErrorKind;
use gitpod_core::configuration::{Choice, Source, choose};
use gitpod_core::devcontainer::{self, Location, Mode, locate};
use gitpod_core::gitpod_yml;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn one_of_several_devcontainers_counts() {
    let (main, hidden) = (".devcontainer/devcontainer.json", ".devcontainer.json");
    let (a, b) = (
        ".devcontainer/a/devcontainer.json",
        ".devcontainer/b/devcontainer.json",
    );
    for (paths, wanted, expected, reason) in [
        (&[main][..], None, main, "it is the only one"),
        (&[hidden], None, hidden, "it is the only one"),
        (&[b], None, b, "it is the only one"),
        (
            &[a, hidden, main],
            None,
            main,
            "it is in the first of the usual places",
        ),
        (
            &[a, hidden],
            None,
            hidden,
            "it is in the first of the usual places",
        ),
        (
            &[b, a],
            None,
            a,
            "nobody chose and none is in a usual place; it is the first by name",
        ),
        (&[main, a, b], Some("b"), b, "it was chosen"),
        (&[main, a], Some(a), a, "it was chosen"),
        (&[main, a], Some(main), main, "it was chosen"),
        (
            &[
                "README.md",
                "x/.devcontainer.json",
                ".devcontainer/a/b/devcontainer.json",
                main,
            ],
            None,
            main,
            "it is the only one",
        ),
    ] {
        let located = locate(paths.iter().copied(), wanted).unwrap().unwrap();
        assert_eq!(
            (located.path.as_str(), located.reason.as_str()),
            (expected, reason)
        );
        let others = paths
            .iter()
            .filter(|path| **path != expected && devcontainer::is_place(path));
        assert_eq!(located.others.len(), others.count(), "{located:?}");
    }
    assert_eq!(
        locate(
            ["devcontainer.json", ".devcontainer//devcontainer.json"],
            None
        )
        .unwrap(),
        None
    );
    let missing = locate([main], Some("c")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(missing.to_string().contains("wanted: c"), "{missing}");
}

fn located() -> Location {
    locate([".devcontainer.json"], None).unwrap().unwrap()
}

fn decide(yml: Option<&str>, json: Option<&str>) -> gitpod_core::Result<Choice> {
    let yml = yml.map(|text| gitpod_yml::parse(text, Mode::Lenient));
    let json = json.map(|text| (located(), devcontainer::parse(text, Mode::Lenient)));
    choose(yml, json)
}

#[test]
fn a_gitpod_yml_that_says_anything_comes_first() {
    const JSON: &str = r#"{"image": "debian", "imag": 1}"#;
    for (yml, json, expected, reason) in [
        (
            Some("image: x\n"),
            Some(JSON),
            ".gitpod.yml",
            ".gitpod.yml comes before .devcontainer.json",
        ),
        (
            Some("image: x\n"),
            Some("{"),
            ".gitpod.yml",
            ".gitpod.yml comes before .devcontainer.json",
        ),
        (
            Some("image: x\n"),
            None,
            ".gitpod.yml",
            "the repository has a .gitpod.yml",
        ),
        (
            Some("# nothing\n"),
            None,
            ".gitpod.yml",
            "the repository has a .gitpod.yml",
        ),
        (
            Some("# nothing\n"),
            Some(JSON),
            ".devcontainer.json",
            ".gitpod.yml says nothing, but .devcontainer.json: it is the only one",
        ),
        (
            None,
            Some(JSON),
            ".devcontainer.json",
            "the repository has no .gitpod.yml, but .devcontainer.json: it is the only one",
        ),
        (
            None,
            None,
            "",
            "the repository has neither a .gitpod.yml nor a devcontainer.json",
        ),
    ] {
        let choice = decide(yml, json).unwrap();
        let source = match choice.source {
            Source::GitpodYml(..) => ".gitpod.yml",
            Source::Devcontainer(location, _, problems) => {
                assert_eq!((location, problems.len()), (located(), 1));
                ".devcontainer.json"
            }
            Source::Nothing => "",
        };
        assert_eq!((source, choice.reason.as_str()), (expected, reason));
    }
}

#[test]
fn a_file_that_is_wrong_is_an_error_and_not_a_reason_for_the_other_one() {
    let wrong = decide(Some("tasks: 1\n"), Some("{}")).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::ConfigInvalid);
    let text = wrong.to_string();
    assert!(
        text.starts_with(".gitpod.yml is not valid")
            && text.contains("not read: .devcontainer.json"),
        "{text}"
    );
    let wrong = decide(Some(""), Some("{\"image\": 1}")).unwrap_err();
    assert!(
        wrong
            .to_string()
            .starts_with(".devcontainer.json is not valid: line 1, column 11"),
        "{wrong}"
    );
}
