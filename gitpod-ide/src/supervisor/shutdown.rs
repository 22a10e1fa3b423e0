//! The end, in order: terminals, then the editor, then everything else; each politely first, all within a bounded time.

use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};
use tokio::time::{Instant, sleep};
use tracing::info;

use super::editor::Editor;
use super::process::{Member, descendants, snapshot};
use super::terminal::Terminals;

/// How often to look whether all have ended.
const LOOK: Duration = Duration::from_millis(20);

/// Ends everything. Returns within `grace`, more or less.
pub(crate) async fn end_everything(terminals: &Terminals, editor: &Editor, grace: Duration) {
    let started = Instant::now();
    let open = terminals.list();
    info!("ending {} terminals", open.len());
    futures::future::join_all(
        open.iter()
            .map(|session| terminals.shutdown(session, false)),
    )
    .await;
    editor
        .stop(grace.saturating_sub(started.elapsed()) / 2)
        .await;
    let patience = grace.saturating_sub(started.elapsed()).mul_f32(0.7);
    if !end_the_others(Signal::TERM, patience).await {
        end_the_others(Signal::KILL, grace.saturating_sub(started.elapsed())).await;
    }
    info!(
        "everything has ended after {} ms",
        started.elapsed().as_millis()
    );
}

/// Sends `signal` to every other process and waits; whether none is left.
async fn end_the_others(signal: Signal, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    let mut told: Vec<Pid> = Vec::new();
    loop {
        let others = others();
        if others.is_empty() {
            return true;
        }
        for other in others {
            // Those that come while we wait (a shell's last command) are told too.
            if !told.contains(&other.pid) {
                told.push(other.pid);
                let _ = kill_process(other.pid, signal);
                let _ = kill_process(other.pid, Signal::CONT);
            }
        }
        if Instant::now() >= deadline {
            return false;
        }
        sleep(LOOK).await;
    }
}

/// Everybody else: the whole process namespace for its first process, else our descendants.
fn others() -> Vec<Member> {
    let all = snapshot();
    let own = getpid();
    let mut others = if own == Pid::INIT {
        all.into_iter().filter(|member| member.pid != own).collect()
    } else {
        descendants(&all, own)
    };
    others.retain(|member| !member.zombie);
    others
}
