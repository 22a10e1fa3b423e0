//! Environment variables: which source wins, which pattern, what is left out, and registries' credentials.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gitpod_core::Secret;
use gitpod_core::environment::{
    IMAGE_AUTH, ImageAuth, ProjectVariable, Purpose, Repository, RepositoryPattern, Source,
    Sources, UserVariable, Variable, check_variable, may_be_set_by_address, resolve,
};
use proptest::prelude::*;

const REPOSITORY: Repository<'_> = Repository {
    owner: "Acme",
    name: "Web",
};

fn pattern(text: &str) -> RepositoryPattern {
    text.parse().unwrap()
}

fn user(name: &str, value: &str, of: &str) -> UserVariable {
    UserVariable {
        name: name.to_owned(),
        value: value.into(),
        pattern: pattern(of),
    }
}

fn project(name: &str, value: &str, prebuilds_only: bool) -> ProjectVariable {
    ProjectVariable {
        name: name.to_owned(),
        value: value.into(),
        prebuilds_only,
    }
}

fn shown(variables: &[Variable]) -> Vec<(&str, &str, Source)> {
    variables
        .iter()
        .map(|v| (v.name.as_str(), v.value.expose().as_str(), v.source))
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    list.iter().map(own).collect()
}

#[test]
fn patterns_match_repositories() {
    for (text, owner, name, expected) in [
        ("acme/web", "Acme", "Web", true),
        ("ACME/web", "acme", "WEB", true),
        ("acme/web", "acme", "api", false),
        ("acme/*", "acme", "api", true),
        ("*/web", "else", "web", true),
        ("*/*", "a", "b", true),
        ("acme/*", "acme/team", "web", false),
        ("acme/**", "acme/team", "web", true),
        ("acme/**", "acme", "web", true),
        ("acme/team/web", "acme/team", "web", true),
        ("acme/*/web", "acme/team", "web", true),
        ("*/**", "acme/a/b", "web", true),
        ("acme/web/**", "acme", "web", false),
        ("**", "", "", false),
    ] {
        let matched = text
            .parse::<RepositoryPattern>()
            .is_ok_and(|pattern| pattern.matches(owner, name));
        assert_eq!(matched, expected, "{text} for {owner}/{name}");
    }
    for bad in [
        "", "acme", "/web", "acme/", "**/web", "a/we*", "a/b c", "a/ü",
    ] {
        assert!(bad.parse::<RepositoryPattern>().is_err(), "{bad}");
    }
}

#[test]
fn the_most_specific_pattern_wins_whatever_the_order() {
    let by_specificity = ["acme/web", "acme/*", "acme/**", "*/web", "*/*", "*/**"];
    for (weaker, text) in by_specificity.iter().enumerate().skip(1) {
        for stronger in &by_specificity[..weaker] {
            for swapped in [false, true] {
                let mut variables = vec![user("A", "weak", text), user("A", "strong", stronger)];
                if swapped {
                    variables.reverse();
                }
                let sources = Sources {
                    user: &variables,
                    ..Sources::default()
                };
                let found = resolve(sources, Purpose::Workspace, Some(REPOSITORY));
                assert_eq!(
                    shown(&found.variables),
                    [("A", "strong", Source::User)],
                    "{stronger} against {text}"
                );
            }
        }
    }
}

#[test]
fn later_sources_win_and_prebuilds_see_no_user() {
    let configuration = pairs(&[("A", "file"), ("ONLY", "file")]);
    let organization = [("A".to_owned(), Secret::from("organization"))];
    let users = [user("A", "user", "*/*"), user("U", "user", "acme/web")];
    let projects = [project("A", "project", false), project("P", "hidden", true)];
    let address = pairs(&[("A", "address")]);
    let all = Sources {
        configuration: &configuration,
        organization: &organization,
        user: &users,
        project: &projects,
        address: &address,
        image_auth_in_workspace: false,
    };
    let workspace = resolve(all, Purpose::Workspace, Some(REPOSITORY));
    assert_eq!(
        shown(&workspace.variables),
        [
            ("A", "address", Source::Address),
            ("ONLY", "file", Source::Configuration),
            ("U", "user", Source::User)
        ]
    );
    let prebuild = resolve(all, Purpose::Prebuild, Some(REPOSITORY));
    assert_eq!(
        shown(&prebuild.variables),
        [
            ("A", "project", Source::Project),
            ("ONLY", "file", Source::Configuration),
            ("P", "hidden", Source::Project)
        ]
    );
    let no_repository = resolve(all, Purpose::Workspace, None);
    assert!(no_repository.variables.iter().all(|v| v.name != "U"));
    let sources = [
        Source::Configuration,
        Source::Organization,
        Source::User,
        Source::Project,
        Source::Address,
    ];
    for (index, last) in sources.iter().enumerate() {
        let limited = Sources {
            organization: if index >= 1 { all.organization } else { &[] },
            user: if index >= 2 { all.user } else { &[] },
            project: if index >= 3 { all.project } else { &[] },
            address: if index >= 4 { all.address } else { &[] },
            ..all
        };
        let found = resolve(limited, Purpose::Workspace, Some(REPOSITORY));
        assert_eq!(found.variables[0].source, *last);
    }
}

#[test]
fn what_may_not_be_set_is_told_without_its_value() {
    let configuration = pairs(&[
        ("GITPOD_HOST", "x"),
        ("SUPERVISOR_ADDR", "x"),
        ("1A", "x"),
        ("OK", "x"),
        ("NUL", "a\0b"),
    ]);
    let address = pairs(&[("LD_PRELOAD", "x"), ("bash_env", "x"), ("FINE", "x")]);
    let sources = Sources {
        configuration: &configuration,
        address: &address,
        ..Sources::default()
    };
    let found = resolve(sources, Purpose::Workspace, None);
    let names: Vec<&str> = found.variables.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["OK", "FINE"]);
    let ignored: Vec<&str> = found.ignored.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(
        ignored,
        [
            "GITPOD_HOST",
            "SUPERVISOR_ADDR",
            "1A",
            "NUL",
            "LD_PRELOAD",
            "bash_env"
        ]
    );
    for denied in [
        "PATH",
        "PS1",
        "GIT_SSH_COMMAND",
        "JAVA_TOOL_OPTIONS",
        "X_HOME",
        "node_options",
    ] {
        assert!(!may_be_set_by_address(denied), "{denied}");
    }
}

#[test]
fn stored_variables_are_checked() {
    assert!(check_variable("A_1", "x").is_ok());
    assert!(check_variable(IMAGE_AUTH, "host:eDp5").is_ok());
    let long = "x".repeat(32_768);
    for (name, value) in [
        ("", "x"),
        ("A-B", "x"),
        ("GITPOD_TASKS", "x"),
        ("A", " "),
        ("A", long.as_str()),
        (&long[..256], "x"),
    ] {
        let error = check_variable(name, value).unwrap_err();
        assert!(error.hint().is_some() && error.to_string().len() < 300);
    }
}

#[test]
fn registries_credentials_are_taken_apart() {
    let auth = ImageAuth::parse(
        " ghcr.io : Zm9vOmJhcg== ,registry.example:5000:YTpi,alone,host:,:cred,:::,https://index.docker.io/v1/:Yzpk,GHCR.io:bmV3",
    );
    let hosts: Vec<&str> = auth.hosts().collect();
    assert_eq!(hosts, ["ghcr.io", "registry.example:5000", "docker.io"]);
    for (host, credentials) in [
        ("ghcr.io", "bmV3"),
        ("registry.example:5000", "YTpi"),
        ("registry-1.docker.io", "Yzpk"),
    ] {
        assert_eq!(auth.get(host).unwrap().expose(), credentials);
    }
    assert!(auth.get("registry.example").is_none());
    assert!(!format!("{auth:?}").contains("YTpi"));
    assert!(ImageAuth::parse("").is_empty());
}

#[test]
fn credentials_enter_the_workspace_only_if_the_project_lets_them() {
    let projects = [project(IMAGE_AUTH, "ghcr.io:eDp5", false)];
    for allowed in [false, true] {
        let sources = Sources {
            project: &projects,
            image_auth_in_workspace: allowed,
            ..Sources::default()
        };
        let found = resolve(sources, Purpose::Workspace, None);
        assert_eq!(found.image_auth.hosts().collect::<Vec<_>>(), ["ghcr.io"]);
        assert_eq!(found.variables.len(), usize::from(allowed));
    }
}

proptest! {
    #[test]
    fn patterns_print_as_they_parse(text in "([a-z0-9_.-]{1,5}|\\*)(/([a-z0-9_.-]{1,5}|\\*)){1,3}(/\\*\\*)?") {
        let parsed = pattern(&text);
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn no_value_makes_the_credentials_reader_panic(value in any::<String>()) {
        ImageAuth::parse(&value);
    }

    #[test]
    fn each_name_is_there_once(names in proptest::collection::vec("[A-C]", 0..12)) {
        let list: Vec<(String, String)> = names.iter().map(|n| (n.clone(), "x".to_owned())).collect();
        let sources = Sources { configuration: &list[..list.len() / 2], address: &list, ..Sources::default() };
        let found = resolve(sources, Purpose::Workspace, None);
        let mut seen: Vec<&str> = found.variables.iter().map(|v| v.name.as_str()).collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), count);
    }
}
