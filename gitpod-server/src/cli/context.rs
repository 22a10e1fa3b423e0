use std::collections::BTreeMap;
use std::process::ExitCode;

use gitpod_core::context::{ContextUrl, Hosts, Platform, Reference, RepositoryContext, Subject};
use gitpod_core::{Error, PrebuildId, SnapshotId};
use serde::Serialize;

use super::arguments::Context;
use super::failure::Failure;
use super::output;

pub(super) fn run(command: &Context) -> Result<ExitCode, Failure> {
    let Context::Parse(options) = command;
    let context = ContextUrl::parse(&options.url, &hosts(&options.platform)?)?;
    output::json(&Meaning::of(&context))?;
    Ok(ExitCode::SUCCESS)
}

fn hosts(options: &[String]) -> Result<Hosts, Error> {
    options.iter().try_fold(Hosts::new(), |hosts, option| {
        let (platform, base) = option.split_once('=').ok_or_else(|| {
            Error::invalid("the option names no platform")
                .with_context("platform", option)
                .with_hint("write it as gitlab=https://git.example/gitlab")
        })?;
        hosts.with(platform.parse::<Platform>()?, base)
    })
}

/// What a URL means, as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meaning<'a> {
    /// The canonical form.
    url: String,
    title: String,
    #[serde(flatten)]
    repository: Option<RepositoryMeaning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer_editor: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    build_image: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    prebuild: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryMeaning<'a> {
    platform: Platform,
    clone_url: &'a str,
    owner: &'a str,
    name: &'a str,
    reference: ReferenceMeaning<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_file: bool,
    checkout_location: String,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceMeaning<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// What a comparison is with.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// Names to ask the remote for; the first that exists is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_branch: Option<String>,
    /// Why git cannot get at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreachable: Option<String>,
}

impl<'a> Meaning<'a> {
    fn of(context: &'a ContextUrl) -> Self {
        let (repository, snapshot) = match &context.subject {
            Subject::Repository(repository) => (Some(RepositoryMeaning::of(repository)), None),
            Subject::Snapshot(id) => (None, Some(SnapshotId::to_string(id))),
            _ => (None, None),
        };
        let referrer = context.referrer.as_ref();
        Self {
            url: context.to_string(),
            title: context.title(),
            repository,
            snapshot,
            env: context
                .env
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
            referrer: referrer.map(|referrer| referrer.name.as_str()),
            referrer_editor: referrer.and_then(|referrer| referrer.editor.as_deref()),
            build_image: context.build_image,
            prebuild: context.prebuild.as_ref().map(PrebuildId::to_string),
            warnings: &context.warnings,
        }
    }
}

impl<'a> RepositoryMeaning<'a> {
    fn of(repository: &'a RepositoryContext) -> Self {
        Self {
            platform: repository.platform,
            clone_url: repository.clone_url.as_str(),
            owner: &repository.owner,
            name: &repository.name,
            reference: ReferenceMeaning::of(&repository.reference),
            path: repository.path.as_deref(),
            is_file: repository.is_file,
            checkout_location: repository.checkout_location(),
        }
    }
}

impl<'a> ReferenceMeaning<'a> {
    fn of(reference: &'a Reference) -> Self {
        let (kind, name, number) = match reference {
            Reference::Head => ("head", None, None),
            Reference::Named(name) => ("named", Some(name), None),
            Reference::NamedWithPath(name) => ("namedWithPath", Some(name), None),
            Reference::Branch(name) => ("branch", Some(name), None),
            Reference::BranchWithPath(name) => ("branchWithPath", Some(name), None),
            Reference::Tag(name) => ("tag", Some(name), None),
            Reference::TagWithPath(name) => ("tagWithPath", Some(name), None),
            Reference::Commit(name) => ("commit", Some(name), None),
            Reference::PullRequest { number, head } => {
                ("pullRequest", head.as_ref(), Some(*number))
            }
            Reference::Issue(number) => ("issue", None, Some(*number)),
            Reference::Compare { head, .. } => ("compare", Some(head), None),
            _ => ("other", None, None),
        };
        let base = match reference {
            Reference::Compare { base, .. } => base.as_deref(),
            _ => None,
        };
        let (candidates, unreachable) = match reference.candidates() {
            Ok(candidates) => (candidates, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        Self {
            kind,
            name: name.map(String::as_str),
            base,
            number,
            candidates,
            local_branch: reference.local_branch(),
            unreachable,
        }
    }
}
