//! The sandbox passes the suite the way of kernels before 6.15, too.

#[path = "conformance/sandbox.rs"]
mod sandbox;

use std::process::ExitCode;

use gitpod_runtime::sandbox::LayerMode;

fn main() -> ExitCode {
    sandbox::conforms(LayerMode::Attached)
}
