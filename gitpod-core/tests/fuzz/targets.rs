//! The parsers, each with what its inputs are made of.

use std::str::FromStr;

use gitpod_core::access::Scopes;
use gitpod_core::configuration::Parsed;
use gitpod_core::context::{ContextUrl, Hosts, Platform};
use gitpod_core::devcontainer::{self, Surroundings};
use gitpod_core::environment::{ImageAuth, RepositoryPattern, check_variable};
use gitpod_core::git::porcelain;

use gitpod_core::gitpod_yml::{self, Listing, Mode, infer};
use gitpod_core::image::ImageRef;
use gitpod_core::prebuild::BranchPatterns;
use gitpod_core::{Error, Result, UserId, WorkspaceId};

use super::files::files;
use super::yaml;

/// A parser.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// Inputs that it knows.
    pub(crate) seeds: fn() -> Vec<String>,
    /// What its language is made of.
    pub(crate) parts: &'static [&'static str],
    /// Parses; says what it has to complain about.
    pub(crate) parse: fn(&str) -> Option<String>,
}

pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "gitpod_yml",
        seeds: || files("gitpod_yml/files"),
        parts: yaml::PARTS,
        parse: gitpod_yml,
    },
    Target {
        name: "devcontainer",
        seeds: || files("devcontainer/files"),
        parts: JSON,
        parse: devcontainer,
    },
    Target {
        name: "infer",
        seeds: || texts(MANIFESTS),
        parts: JSON,
        parse: inferred,
    },
    Target {
        name: "context",
        seeds: || texts(CONTEXTS),
        parts: &[
            "/", "-", "#", "?at=", "@", ":", "..", "%2F", "%", "tree", "pull/1", ".git", "=", ",",
            "https://", "\u{202e}", " ", "\0",
        ],
        parse: |text| complaint(ContextUrl::from_str(text)),
    },
    Target {
        name: "hosts",
        seeds: || texts(&["https://git.example/gitlab", "http://localhost:3000"]),
        parts: &["/", ":", "@", "..", "%2F", "?", "#", "[::1]", "http://"],
        parse: |text| complaint(Hosts::new().with(Platform::Gitea, text)),
    },
    Target {
        name: "workspace_id",
        seeds: || texts(&["amber-falcon-k3v9x2ab"]),
        parts: &["-", "a", "Z", "9", "_"],
        parse: |text| complaint(WorkspaceId::from_str(text)),
    },
    Target {
        name: "user_id",
        seeds: || texts(&["6f9619ff-8b86-4d01-b42d-00cf4fc964ff"]),
        parts: &["-", "a", "{", "}", "urn:uuid:"],
        parse: |text| complaint(UserId::from_str(text)),
    },
    Target {
        name: "image",
        seeds: || {
            texts(&[
                "host",
                "oci:/srv/images:v1",
                "docker.io/library/debian:12",
                "debian@sha256:00",
            ])
        },
        parts: &["/", ":", "@", "..", "-", "oci:", " ", "\0", "\n"],
        parse: |text| complaint(ImageRef::from_str(text)),
    },
    Target {
        name: "scopes",
        seeds: || {
            texts(&[
                "function:*",
                "resource:default",
                "resource:workspace::a-b::get/update,function:getWorkspace",
            ])
        },
        parts: &[
            "function:",
            "resource:",
            "::",
            "/",
            ",",
            "*",
            "get",
            "\u{7}",
        ],
        parse: |text| complaint(Scopes::parse(text.split(','))),
    },
    Target {
        name: "repository_pattern",
        seeds: || texts(&["owner/name", "*/*", "group/**"]),
        parts: &["*", "**", "/", ".", "Ä"],
        parse: |text| {
            complaint(
                RepositoryPattern::from_str(text)
                    .map(|pattern| pattern.matches("group/sub", "name")),
            )
        },
    },
    Target {
        name: "branch_patterns",
        seeds: || texts(&["main, release/**", "feature-?", "**/*-*"]),
        parts: &["*", "**", "/", "?", ",", " ", "[", "\\"],
        parse: |text| {
            complaint(
                BranchPatterns::from_str(text)
                    .map(|patterns| patterns.match_branch("team/a-a-a-a-a-a-a-a-a-b")),
            )
        },
    },
    Target {
        name: "variable",
        seeds: || texts(&["NAME=value", "PATH=/bin"]),
        parts: &["=", "_", "GITPOD_", "\0", " "],
        parse: |text| {
            text.split_once('=')
                .and_then(|(name, value)| complaint(check_variable(name, value)))
        },
    },
    Target {
        name: "image_auth",
        seeds: || texts(&["docker.io:dTpw,ghcr.io:443:dTpw"]),
        parts: &[",", ":", "/", "https://", "index.docker.io"],
        parse: |text| {
            ImageAuth::parse(text)
                .hosts()
                .next()
                .map(|_| String::from("credentials"))
        },
    },
    Target {
        name: "git_status",
        seeds: || {
            texts(&[
                "# branch.oid 1234\0# branch.head main\0# branch.ab +1 -2\u{0}1 .M N... 100644 100644 100644 a b f.rs\0? new\0",
            ])
        },
        parts: &[
            "\0", "# ", "branch.", "1 ", "2 ", "u ", "? ", "R100", "\n", " ",
        ],
        parse: |text| {
            porcelain::parse_status(text.as_bytes());
            None
        },
    },
    Target {
        name: "git_log",
        seeds: || texts(&["1234 a subject\u{0}005678 another\0"]),
        parts: &["\0", " ", "\n"],
        parse: |text| {
            porcelain::parse_log(text.as_bytes());
            None
        },
    },
];

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u0041",
    "/*",
    "*/",
    "//",
    "\n",
    "null",
    "true",
    "-1e9",
    "${",
    "${localEnv:A}",
    "\"image\": ",
    "\"features\": {",
    "\u{7}",
];

const CONTEXTS: &[&str] = &[
    "https://github.com/o/r/tree/a/b",
    "https://gitlab.com/g/s/r/-/merge_requests/3",
    "https://bitbucket.org/o/r/src/main/f",
    "https://bb.example/projects/K/repos/r/browse/f?at=refs%2Fheads%2Fx",
    "https://dev.azure.com/o/p/_git/r?version=GBmain",
    "https://codeberg.org/o/r/src/branch/x",
    "git@host.example:o/r.git#main",
    "A=b,C=d%20e/referrer:jetbrains-gateway:goland/imagebuild/https://github.com/o/r",
];

const MANIFESTS: &[&str] = &[
    "{\"scripts\": {\"build\": \"tsc\", \"dev\": \"vite\"}, \"packageManager\": \"pnpm@9\"}",
    "[package]\nname = \"x\"\n\n[workspace]\n",
    "services:\n  db:\n    ports: [\"5432:5432\"]\n",
    "all: build\n\nbuild:\n\tmake x\n",
];

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

fn complaint<T>(result: Result<T>) -> Option<String> {
    result.err().map(|error: Error| {
        assert!(error.hint().is_some(), "{error} has no hint");
        error.to_string()
    })
}

fn first_problem<C>(parsed: &Parsed<C>) -> Option<String> {
    parsed.problems.first().map(ToString::to_string)
}

fn gitpod_yml(text: &str) -> Option<String> {
    let strict = gitpod_yml::parse(text, Mode::Strict);
    gitpod_yml::parse(text, Mode::Lenient);
    first_problem(&strict)
}

fn devcontainer(text: &str) -> Option<String> {
    let parsed = devcontainer::parse(text, Mode::Strict);
    let applied = parsed.config.apply(&Surroundings::new(
        ".devcontainer/devcontainer.json",
        "app",
        "w1",
    ));
    assert!(applied.notices.len() < 300);
    first_problem(&parsed)
}

/// The text is each of the files that inference looks into.
fn inferred(text: &str) -> Option<String> {
    let names = [
        "package.json",
        "Cargo.toml",
        "pyproject.toml",
        "compose.yaml",
        "Makefile",
        "a.csproj",
        "pom.xml",
        "deno.jsonc",
    ];
    let listing = names
        .into_iter()
        .fold(Listing::default(), |listing, name| listing.with(name, text));
    let yaml = infer(&listing).to_yaml();
    let read = gitpod_yml::parse(&yaml, Mode::Strict);
    assert!(
        read.accepted(),
        "what is inferred is not accepted: {yaml}: {:?}",
        read.problems
    );
    None
}
