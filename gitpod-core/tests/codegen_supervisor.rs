//! The checked-in wire types of the supervisor API are what its `.proto` files generate. `BLESS=1` rewrites them.

use std::path::Path;
use std::{env, fs};

const FILES: [&str; 10] = [
    "control",
    "exec",
    "git",
    "info",
    "notification",
    "port",
    "status",
    "task",
    "terminal",
    "token",
];

#[test]
fn supervisor_wire_types_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protos = FILES.map(|name| format!("supervisor/{name}.proto"));
    let descriptors = protox::compile(protos, [root.join("proto")]).unwrap();
    let out = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .build_transport(false)
        .bytes(".")
        .emit_rerun_if_changed(false)
        .out_dir(out.path())
        .compile_fds(descriptors)
        .unwrap();
    let generated = fs::read_to_string(out.path().join("supervisor.rs")).unwrap();
    let target = root.join("src/proto/supervisor/generated.rs");
    if env::var_os("BLESS").is_some() {
        fs::write(&target, &generated).unwrap();
    }
    let checked_in = fs::read_to_string(&target).unwrap();
    assert!(
        checked_in == generated,
        "{} differs from what proto/ generates; run with BLESS=1 and commit",
        target.display()
    );
}
