use std::collections::BTreeMap;
use std::process::ExitCode;

use gitpod_core::context::{ContextUrl, Reference};
use serde::Serialize;

use super::arguments::Context;
use super::failure::Failure;
use super::output;

pub(super) fn run(command: &Context) -> Result<ExitCode, Failure> {
    let Context::Parse(options) = command;
    let context: ContextUrl = options.url.parse()?;
    output::json(&Meaning::of(&context))?;
    Ok(ExitCode::SUCCESS)
}

/// What a URL means, as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meaning<'a> {
    title: String,
    clone_url: &'a str,
    owner: &'a str,
    name: &'a str,
    reference: ReferenceMeaning<'a>,
    checkout_location: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    build_image: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceMeaning<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// Names to ask the remote for; the first that exists is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_branch: Option<String>,
}

impl<'a> Meaning<'a> {
    fn of(context: &'a ContextUrl) -> Self {
        Self {
            title: context.title(),
            clone_url: context.clone_url.as_str(),
            owner: &context.owner,
            name: &context.name,
            reference: ReferenceMeaning::of(&context.reference),
            checkout_location: context.checkout_location(),
            env: context
                .env
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
            referrer: context
                .referrer
                .as_ref()
                .map(|referrer| referrer.name.as_str()),
            build_image: context.build_image,
            warnings: &context.warnings,
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
            Reference::Tag(name) => ("tag", Some(name), None),
            Reference::Commit(name) => ("commit", Some(name), None),
            Reference::PullRequest { number, head } => ("pullRequest", Some(head), Some(*number)),
            Reference::Issue(number) => ("issue", None, Some(*number)),
            _ => ("other", None, None),
        };
        Self {
            kind,
            name: name.map(String::as_str),
            number,
            candidates: reference.candidates(),
            local_branch: reference.local_branch(),
        }
    }
}
