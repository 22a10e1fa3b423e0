//! The sandbox passes the suite as an ordinary user, too. What a user cannot have (limits without a control group of its own)
//! is reported as ignored.

#[path = "conformance/sandbox.rs"]
mod sandbox;
#[path = "conformance/user.rs"]
mod user;

use std::process::ExitCode;

use gitpod_runtime::sandbox::LayerMode;

fn main() -> ExitCode {
    match user::instead_of_root() {
        Some(code) => code,
        None => sandbox::conforms(LayerMode::Auto),
    }
}
