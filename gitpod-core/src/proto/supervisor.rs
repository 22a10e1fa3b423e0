//! The supervisor's API (gRPC, package `supervisor`): status, tasks, terminals, ports, exec, git.
//!
//! Names and numbers are the original's; fields from 1001 on, `ExecService` and `GitService` are this family's own.
//! Sources: `proto/supervisor/*.proto`. The test `codegen_supervisor` regenerates this module and compares
//! (`BLESS=1` accepts the new text).

#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    reason = "generated; the generator's style is not ours to keep"
)]
mod generated;

pub use generated::*;
