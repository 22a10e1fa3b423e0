use gitpod_core::content::{CloneTarget, ContentSource, GitSource};
use gitpod_core::port::{PortSpec, Protocol, Visibility};
use gitpod_core::proto::gitpod::v1 as wire;
use gitpod_core::workspace::NewWorkspace;

use super::editor_reference;

/// What an instance needs, as clients see it. Values of environment variables stay here: they may be secrets.
pub(in crate::api) fn spec_message(spec: &NewWorkspace) -> wire::WorkspaceSpec {
    let variables = spec.env.iter().chain(&spec.address_env);
    let variables = variables.map(|(name, _)| wire::EnvironmentVariable {
        name: name.clone(),
        value: String::new(),
    });
    wire::WorkspaceSpec {
        initializer: wire::WorkspaceInitializer {
            specs: initializers(&spec.source),
        }
        .into(),
        r#type: wire::workspace_spec::WorkspaceType::WORKSPACE_TYPE_REGULAR.into(),
        ports: spec.ports.iter().flat_map(ports).collect(),
        environment_variables: variables.collect(),
        admission: wire::AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY.into(),
        class: spec.class.clone(),
        editor: spec.editor.as_deref().map(editor_reference).into(),
        ..wire::WorkspaceSpec::default()
    }
}

fn initializers(source: &ContentSource) -> Vec<wire::workspace_initializer::Spec> {
    match source {
        ContentSource::Git(git) => vec![wire::workspace_initializer::Spec {
            spec: Some(wire::workspace_initializer::spec::Spec::Git(Box::new(
                git_initializer(git),
            ))),
        }],
        ContentSource::Composite(parts) => parts.iter().flat_map(initializers).collect(),
        // `Empty`, and sources to come that the contract has no message for.
        _ => Vec::new(),
    }
}

fn git_initializer(git: &GitSource) -> wire::GitInitializer {
    use wire::git_initializer::CloneTargetMode as Mode;
    let (mode, target) = match &git.target {
        CloneTarget::RemoteHead => (Mode::CLONE_TARGET_MODE_REMOTE_HEAD, ""),
        // The contract has no mode for tags: to it, a tag is a commit by another name.
        CloneTarget::Commit(target) | CloneTarget::Tag(target) => {
            (Mode::CLONE_TARGET_MODE_REMOTE_COMMIT, target.as_str())
        }
        CloneTarget::Branch(target) => (Mode::CLONE_TARGET_MODE_REMOTE_BRANCH, target.as_str()),
        CloneTarget::LocalBranch(target) => (Mode::CLONE_TARGET_MODE_LOCAL_BRANCH, target.as_str()),
    };
    wire::GitInitializer {
        remote_uri: git.remote.to_string(),
        upstream_remote_uri: git
            .upstream
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        target_mode: mode.into(),
        clone_target: target.to_owned(),
        checkout_location: git.checkout_location.clone(),
        config: wire::git_initializer::GitConfig {
            custom_config: git.config.iter().cloned().collect(),
            ..wire::git_initializer::GitConfig::default()
        }
        .into(),
    }
}

/// Longest range of configured ports that is spelled out; a range may hold all 65535.
const SPELLED_OUT: usize = 32;

fn ports(spec: &PortSpec) -> impl Iterator<Item = wire::WorkspacePort> {
    (spec.start..=spec.end)
        .take(SPELLED_OUT)
        .map(|port| wire::WorkspacePort {
            port: port.into(),
            admission: admission(spec.visibility).into(),
            protocol: protocol(spec.protocol).into(),
            name: spec.name.clone().unwrap_or_default(),
            description: spec.description.clone().unwrap_or_default(),
            ..wire::WorkspacePort::default()
        })
}

pub(super) fn admission(visibility: Visibility) -> wire::AdmissionLevel {
    match visibility {
        Visibility::Private => wire::AdmissionLevel::ADMISSION_LEVEL_OWNER_ONLY,
        Visibility::Public => wire::AdmissionLevel::ADMISSION_LEVEL_EVERYONE,
    }
}

pub(super) fn protocol(protocol: Protocol) -> wire::workspace_port::Protocol {
    match protocol {
        Protocol::Http => wire::workspace_port::Protocol::PROTOCOL_HTTP,
        Protocol::Https => wire::workspace_port::Protocol::PROTOCOL_HTTPS,
    }
}

#[cfg(test)]
mod tests {
    use gitpod_core::workspace::ContextRecord;
    use gitpod_core::{OrganizationId, UserId};
    use url::Url;

    use super::*;

    fn spec() -> NewWorkspace {
        let context = ContextRecord::new("https://git.example/o/r");
        NewWorkspace::new(UserId::random(), OrganizationId::random(), context)
    }

    #[test]
    fn values_of_variables_stay_here() {
        let mut spec = spec();
        spec.env = vec![(String::from("TOKEN"), String::from("hunter2"))];
        let message = spec_message(&spec);
        assert_eq!(message.environment_variables[0].name, "TOKEN");
        assert!(!format!("{message:?}").contains("hunter2"));
    }

    #[test]
    fn a_huge_range_of_ports_makes_no_huge_message() {
        let mut spec = spec();
        let mut range = PortSpec::new(1);
        range.end = u16::MAX;
        spec.ports = vec![range];
        assert_eq!(spec_message(&spec).ports.len(), SPELLED_OUT);
    }

    #[test]
    fn the_clone_target_is_told() {
        use wire::git_initializer::CloneTargetMode as Mode;
        let mut spec = spec();
        let git = GitSource::new(Url::parse("https://git.example/o/r").unwrap(), "r")
            .with_target(CloneTarget::Branch(String::from("dev")));
        spec.source = ContentSource::Composite(vec![ContentSource::Git(Box::new(git))]);
        let message = spec_message(&spec);
        let specs = &message.initializer.specs;
        let Some(wire::workspace_initializer::spec::Spec::Git(git)) = &specs[0].spec else {
            panic!("not git: {specs:?}");
        };
        assert_eq!(git.target_mode, Mode::CLONE_TARGET_MODE_REMOTE_BRANCH);
        assert_eq!(git.clone_target, "dev");
    }
}
