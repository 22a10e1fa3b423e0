use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the tests need from the machine.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The directory of `gitpod-server`, `gitpod` and `supervisor`.
    pub(crate) bin: PathBuf,
    pub(crate) chromium: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) npm: PathBuf,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    Run(Arc<Tools>),
    Fail(String),
    Ignore(String),
}

pub(crate) fn check() -> Verdict {
    let wish = env::var("GITPOD_TEST_BROWSER").unwrap_or_default();
    match (wish.as_str(), find()) {
        ("skip", _) => Verdict::Ignore("GITPOD_TEST_BROWSER=skip".to_owned()),
        ("" | "required", Ok(tools)) => Verdict::Run(Arc::new(tools)),
        ("required", Err(missing)) => Verdict::Fail(missing),
        ("", Err(missing)) => Verdict::Ignore(missing),
        (other, _) => Verdict::Fail(format!(
            "GITPOD_TEST_BROWSER is `required` or `skip`, not `{other}`"
        )),
    }
}

fn find() -> Result<Tools, String> {
    let bin = env::var_os("GITPOD_BIN").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release"),
        PathBuf::from,
    );
    for name in ["gitpod-server", "gitpod", "supervisor"] {
        if !bin.join(name).is_file() {
            return Err(format!(
                "{} is missing (`make build` makes it)",
                bin.join(name).display()
            ));
        }
    }
    // Namespaces of other users and their files: the sandbox that these tests are about needs the superuser here.
    if std::fs::metadata("/proc/self")
        .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0)
    {
        return Err("the sandbox with networks needs root".to_owned());
    }
    Ok(Tools {
        bin,
        chromium: on_path("chromium")
            .ok_or("chromium is missing (`.ci/setup test` installs it)")?,
        node: on_path("node").ok_or("node is missing (`.ci/setup build` installs it)")?,
        npm: on_path("npm").ok_or("npm is missing (`.ci/setup build` installs it)")?,
    })
}

fn on_path(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(name.as_ref()))
        .find(|file| file.is_file())
}
