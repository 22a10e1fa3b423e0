//! `docs/access.md` is what the rules come to. `BLESS=1` rewrites it.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::*;

const INTRODUCTION: &str = "\
# Who may do what

Generated from the rules in `gitpod-core/src/access` by its test `access`; `BLESS=1` writes it anew. `✓` is allowed.

Everything that no rule allows is denied. A blocked or deleted user may do nothing. A token with scopes may do what its user
may and its scopes allow. The program that embeds the platform may do everything. *Administrator* is a role in the installation,
*owner*, *member* and *collaborator* are roles in the organization that the resource belongs to; a *stranger* has an account and
belongs to another organization. Who has more roles may do all that each of them allows.
";

/// A heading, the kind, whether it is theirs, whether it is open to others.
const TABLES: [(&str, ResourceKind, bool, bool); 15] = [
    ("The installation", ResourceKind::Installation, false, false),
    ("Their own account", ResourceKind::User, true, false),
    ("Somebody else's account", ResourceKind::User, false, false),
    ("Their own token", ResourceKind::Token, true, false),
    ("Somebody else's token", ResourceKind::Token, false, false),
    ("An organization", ResourceKind::Organization, false, false),
    ("A project", ResourceKind::Project, false, false),
    ("A prebuild", ResourceKind::Prebuild, false, false),
    (
        "A workspace that they created",
        ResourceKind::Workspace,
        true,
        false,
    ),
    (
        "Somebody else's workspace",
        ResourceKind::Workspace,
        false,
        false,
    ),
    (
        "Somebody else's workspace that is shared",
        ResourceKind::Workspace,
        false,
        true,
    ),
    (
        "A port of a workspace that they created",
        ResourceKind::Port,
        true,
        false,
    ),
    (
        "Somebody else's port that is public",
        ResourceKind::Port,
        false,
        true,
    ),
    (
        "A snapshot that they took",
        ResourceKind::Snapshot,
        true,
        false,
    ),
    (
        "Somebody else's snapshot",
        ResourceKind::Snapshot,
        false,
        false,
    ),
];

fn document() -> String {
    let world = World::new();
    let user = |role, place| Principal::User(world.user(role, place));
    let principals = [
        ("nobody", Principal::Anonymous),
        ("stranger", user(Role::Member, None)),
        (
            "collaborator",
            user(Role::Member, Some(OrganizationRole::Collaborator)),
        ),
        ("member", user(Role::Member, Some(OrganizationRole::Member))),
        ("owner", user(Role::Member, Some(OrganizationRole::Owner))),
        ("administrator", user(Role::Admin, None)),
    ];
    let mut text = String::from(INTRODUCTION);
    for (title, kind, mine, open) in TABLES {
        let _ = write!(text, "\n## {title}\n\n| |");
        for (name, _) in &principals {
            let _ = write!(text, " {name} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(principals.len()));
        for action in Action::ALL
            .iter()
            .filter(|action| action.resource() == kind)
        {
            let _ = write!(text, "| `{action}` |");
            for (_, principal) in &principals {
                let resource = world.resource(kind, mine, open);
                let mark = if allowed(principal, *action, resource) {
                    "✓"
                } else {
                    ""
                };
                let _ = write!(text, " {mark} |");
            }
            text.push('\n');
        }
    }
    text.push_str("\nA public project, prebuild or snapshot is like one of their own organization to every user, for looking at and starting from:\n\n| | stranger |\n|---|---|\n");
    let stranger = user(Role::Member, None);
    for kind in [
        ResourceKind::Project,
        ResourceKind::Prebuild,
        ResourceKind::Snapshot,
    ] {
        for action in Action::ALL
            .iter()
            .filter(|action| action.resource() == kind)
        {
            let resource = world.resource(kind, false, true);
            let mark = if allowed(&stranger, *action, resource) {
                "✓"
            } else {
                ""
            };
            let _ = writeln!(text, "| `{action}` | {mark} |");
        }
    }
    text
}

#[test]
fn the_documented_table_is_true() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    let document = document();
    if env::var_os("BLESS").is_some() {
        fs::write(&file, &document).unwrap();
    }
    let checked_in = fs::read_to_string(&file).unwrap();
    assert!(
        checked_in == document,
        "{} is not what the rules come to; run with BLESS=1 and commit",
        file.display()
    );
}

#[test]
fn action_names_are_those_of_their_serialization() {
    for action in Action::ALL {
        assert_eq!(serde_json::to_value(action).unwrap(), action.to_string());
    }
}
