//! What a runtime has to run, from what was prepared. Pure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gitpod_content::Volume;
use gitpod_core::class::Resources;
use gitpod_core::environment::Variable;
use gitpod_core::ide::IdeSpec;
use gitpod_core::image::ResolvedImage;
use gitpod_core::instance::{InstanceSpec, Network, RunAs};
use gitpod_core::mount::Mount;
use gitpod_core::task::TaskSpec;
use gitpod_core::workspace::Workspace;
use gitpod_core::{Error, InstanceId, Result, WorkspaceId};
use url::Url;

/// The search path when an image names none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What an instance is made of, beside its workspace's record.
#[derive(Debug)]
pub(super) struct Ingredients<'a> {
    pub(super) instance: InstanceId,
    /// Whether tasks run as in a fresh workspace.
    pub(super) fresh: bool,
    pub(super) image: &'a ResolvedImage,
    /// What others than the platform and the image set.
    pub(super) variables: &'a [Variable],
    pub(super) editor: &'a IdeSpec,
    pub(super) volume: &'a Volume,
    pub(super) resources: &'a Resources,
    /// When an editor that does not answer has failed.
    pub(super) editor_patience: Duration,
    pub(super) public_url: &'a Url,
    pub(super) supervisor_dir: Option<&'a Path>,
}

/// The specification of an instance.
///
/// # Errors
/// A value that cannot be written down as JSON; never in practice.
pub(super) fn compose(workspace: &Workspace, of: &Ingredients<'_>) -> Result<InstanceSpec> {
    let command = vec![
        String::from("/.supervisor/supervisor"),
        String::from("init"),
    ];
    let mut spec = InstanceSpec::new(of.instance, workspace.id.clone(), command);
    spec.rootfs = of.image.rootfs.clone();
    spec.mounts = vec![of.volume.mount.clone()];
    if let Some(supervisor) = of.supervisor_dir {
        spec.mounts.push(read_only(supervisor, "/.supervisor"));
        spec.mounts.push(read_only(&of.editor.package, "/ide"));
    }
    spec.env = environment(workspace, of)?;
    spec.cwd = PathBuf::from("/");
    spec.run_as = RunAs::ROOT;
    spec.resources = of.resources.clone();
    spec.network = Network::Egress;
    Ok(spec)
}

fn read_only(source: &Path, target: &str) -> Mount {
    Mount::Bind {
        source: source.to_owned(),
        target: PathBuf::from(target),
        read_only: true,
    }
}

/// Later entries win: the image's, those that were set, ours.
fn environment(workspace: &Workspace, of: &Ingredients<'_>) -> Result<Vec<(String, String)>> {
    let spec = &workspace.spec;
    let tasks: &[TaskSpec] = if of.fresh {
        &spec.fresh_tasks
    } else {
        &spec.restart_tasks
    };
    let mut env = vec![(String::from("PATH"), String::from(PATH))];
    env.extend(of.image.env.iter().cloned());
    let variables = of.variables.iter();
    env.extend(variables.map(|v| (v.name.clone(), v.value.expose().clone())));
    let host = of.public_url.origin().ascii_serialization();
    for (name, value) in [
        ("GITPOD_WORKSPACE_ID", workspace.id.to_string()),
        ("GITPOD_INSTANCE_ID", of.instance.to_string()),
        ("GITPOD_OWNER_ID", spec.owner.to_string()),
        ("GITPOD_HOST", host),
        (
            "GITPOD_WORKSPACE_URL",
            workspace_url(of.public_url, &workspace.id),
        ),
        ("GITPOD_WORKSPACE_CLASS", spec.class.clone()),
        ("GITPOD_WORKSPACE_CONTEXT_URL", spec.context.url.clone()),
        ("GITPOD_REPO_ROOT", below_workspace(&spec.checkout_location)),
        (
            "THEIA_WORKSPACE_ROOT",
            below_workspace(&spec.workspace_location),
        ),
        ("GITPOD_IDE_ALIAS", of.editor.id.clone()),
        (
            "SUPERVISOR_IDE_READY_TIMEOUT_SECONDS",
            whole_seconds(of.editor_patience).to_string(),
        ),
        ("GITPOD_TASKS", json("tasks", tasks)?),
        ("GITPOD_PORTS", json("ports", &spec.ports)?),
    ] {
        env.push((String::from(name), value));
    }
    Ok(env)
}

/// Rounded up: a limit is never made shorter, nor zero.
fn whole_seconds(time: Duration) -> u32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

fn below_workspace(location: &str) -> String {
    if location.is_empty() {
        String::from("/workspace")
    } else {
        format!("/workspace/{location}")
    }
}

fn json<T: serde::Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| {
        Error::unexpected("cannot write down for the supervisor")
            .with_context("what", what)
            .with_source(e)
    })
}

/// Where a workspace is reached: `http://<id>.ws.<host>[:port]`.
pub(crate) fn workspace_url(public_url: &Url, id: &WorkspaceId) -> String {
    let host = public_url.host_str().unwrap_or("localhost");
    let port = public_url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{id}.ws.{host}{port}", public_url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitpod_core::environment::{Purpose, Sources, resolve};
    use gitpod_core::image::{ImageRef, RootFs};
    use gitpod_core::workspace::{ContextRecord, NewWorkspace};
    use gitpod_core::{OrganizationId, Timestamp, UserId};

    fn composed(env: &[(&str, &str)]) -> InstanceSpec {
        let mut new = NewWorkspace::new(
            UserId::random(),
            OrganizationId::random(),
            ContextRecord::new("https://git.example/o/r"),
        );
        new.checkout_location = String::from("r");
        new.env = env
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        new.fresh_tasks = vec![TaskSpec::new("0", "build", "make")];
        let id = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
        let workspace = Workspace::new(id.clone(), new, Timestamp::UNIX_EPOCH);
        let mount = Mount::Tmpfs {
            target: PathBuf::from("/workspace"),
            size: 1,
        };
        let mut image = ResolvedImage::new(ImageRef::Host, RootFs::Host);
        image.env = vec![(String::from("LANG"), String::from("C.UTF-8"))];
        let sources = Sources {
            configuration: &workspace.spec.env,
            ..Sources::default()
        };
        let environment = resolve(sources, Purpose::Workspace, None);
        let of = Ingredients {
            variables: &environment.variables,
            instance: InstanceId::random(),
            fresh: true,
            image: &image,
            editor: &IdeSpec::new(
                "terminal",
                "Terminal",
                "1",
                PathBuf::from("/cache/terminal"),
            ),
            volume: &Volume::new(id, mount, PathBuf::from("/upper")),
            resources: &Resources::unlimited(),
            editor_patience: Duration::from_millis(1500),
            public_url: &Url::parse("http://localhost:8080").unwrap(),
            supervisor_dir: Some(Path::new("/data/supervisor")),
        };
        compose(&workspace, &of).unwrap()
    }

    fn last<'a>(spec: &'a InstanceSpec, name: &str) -> Option<&'a str> {
        let found = spec.env.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_supervisor_learns_all_it_needs() {
        let spec = composed(&[("COLOR", "blue")]);
        assert_eq!(spec.mounts.len(), 3);
        assert_eq!(last(&spec, "COLOR"), Some("blue"));
        assert_eq!(last(&spec, "LANG"), Some("C.UTF-8"));
        assert_eq!(last(&spec, "GITPOD_REPO_ROOT"), Some("/workspace/r"));
        assert_eq!(last(&spec, "THEIA_WORKSPACE_ROOT"), Some("/workspace"));
        assert_eq!(
            last(&spec, "GITPOD_WORKSPACE_URL"),
            Some("http://amber-falcon-k3v9x2ab.ws.localhost:8080")
        );
        assert_eq!(
            last(&spec, "SUPERVISOR_IDE_READY_TIMEOUT_SECONDS"),
            Some("2"),
            "never shorter than the server's own"
        );
        let tasks: Vec<TaskSpec> =
            serde_json::from_str(last(&spec, "GITPOD_TASKS").unwrap()).unwrap();
        assert_eq!(tasks[0].command, "make");
    }

    #[test]
    fn a_repository_cannot_pose_as_the_platform() {
        let spec = composed(&[("GITPOD_HOST", "evil"), ("SUPERVISOR_X", "y")]);
        assert_eq!(last(&spec, "GITPOD_HOST"), Some("http://localhost:8080"));
        assert_eq!(last(&spec, "SUPERVISOR_X"), None);
    }
}
