//! Jobs: confined, bounded, and gone when they are done.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gitpod_core::instance::{Network, RunAs};
use gitpod_core::job::{Job, JobRunner as _};
use gitpod_core::mount::Mount;
use gitpod_core::{ErrorKind, Result};

use crate::world::{PATIENCE, World};

crate::cases![
    output_and_exit_code_come_back,
    output_is_bounded_to_its_tail,
    a_slow_job_is_killed,
    a_dropped_job_is_killed,
    a_missing_program_is_not_found,
    git_clones_from_a_mounted_repository,
    a_job_gains_no_privileges,
];

fn job(script: &str) -> Job {
    Job::new("test", ["sh", "-c", script].map(String::from).to_vec())
}

async fn output_and_exit_code_come_back(world: Arc<World>) -> Result<()> {
    let output = world
        .runtime
        .run(&job("echo out; echo err >&2; exit 3"))
        .await?;
    assert_eq!(output.exit.code, Some(3));
    assert_eq!(
        (&*output.stdout, &*output.stderr),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert!(slots(&world).is_empty());
    Ok(())
}

async fn output_is_bounded_to_its_tail(world: Arc<World>) -> Result<()> {
    let mut job = job("head -c 1M /dev/zero; echo the end");
    job.max_output = 100;
    let output = world.runtime.run(&job).await?;
    assert_eq!(output.stdout.len(), 100);
    assert!(output.stdout.ends_with(b"the end\n"));
    Ok(())
}

async fn a_slow_job_is_killed(world: Arc<World>) -> Result<()> {
    let mut job = job("sleep 1000 & sleep 1000");
    job.timeout = Duration::from_millis(300);
    let output = tokio::time::timeout(PATIENCE, world.runtime.run(&job))
        .await
        .unwrap()?;
    assert!(output.timed_out && !output.exit.is_success(), "{output:?}");
    Ok(())
}

async fn a_dropped_job_is_killed(world: Arc<World>) -> Result<()> {
    let job = job("sleep 1000");
    let run = tokio::time::timeout(Duration::from_millis(300), world.runtime.run(&job));
    assert!(run.await.is_err(), "it cannot be done yet");
    let gone = async {
        while !slots(&world).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("the job's slot is freed");
    Ok(())
}

async fn a_missing_program_is_not_found(world: Arc<World>) -> Result<()> {
    let missing = Job::new("test", vec![String::from("no-such-program")]);
    let error = world.runtime.run(&missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    assert!(slots(&world).is_empty());
    Ok(())
}

async fn git_clones_from_a_mounted_repository(world: Arc<World>) -> Result<()> {
    let repository = world.path().join("repository");
    let script = "git init -q \"$1\" && cd \"$1\" && echo 1 > file && git add . && git -c user.name=a -c user.email=a@b commit -qm first";
    let made = std::process::Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&repository)
        .status()
        .unwrap();
    assert!(made.success());
    let upper = world.path().join("upper");
    fs::create_dir(&upper).unwrap();
    std::os::unix::fs::chown(&upper, Some(33333), Some(33333)).unwrap();
    // The repository is root's, the job is not: git asks for this, by a file, since it hands nothing else down.
    let script = "git config --global safe.directory '*' && git clone \"file://$REPOSITORY\" /workspace/repository";
    let mut clone = job(script);
    clone.run_as = RunAs::GITPOD;
    clone.network = Network::Host;
    clone.env = vec![
        (
            String::from("PATH"),
            String::from("/usr/local/bin:/usr/bin:/bin"),
        ),
        (String::from("HOME"), String::from("/home/gitpod")),
        (String::from("REPOSITORY"), repository.display().to_string()),
    ];
    clone.mounts = vec![
        Mount::Bind {
            source: repository.clone(),
            target: repository,
            read_only: true,
        },
        Mount::Overlay {
            lowers: Vec::new(),
            upper: upper.clone(),
            work: world.path().join("work"),
            target: PathBuf::from("/workspace"),
        },
    ];
    let output = world.runtime.run(&clone).await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.exit.is_success(), "{said}");
    let file = upper.join("repository/file");
    assert_eq!(fs::read(&file).unwrap(), b"1\n");
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(file).unwrap());
    assert_eq!(owner, 33333);
    Ok(())
}

async fn a_job_gains_no_privileges(world: Arc<World>) -> Result<()> {
    let output = world
        .runtime
        .run(&job("grep NoNewPrivs /proc/self/status"))
        .await?;
    assert_eq!(output.stdout, b"NoNewPrivs:\t1\n");
    Ok(())
}

fn slots(world: &World) -> Vec<String> {
    fs::read_dir(world.path().join("state/slots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}
