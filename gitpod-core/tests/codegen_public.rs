//! The checked-in wire types of the public API are what its `.proto` files say.
//!
//! Run with `BLESS=1` after changing a `.proto` file; no `protoc` is needed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use buffa::Message as _;
use connectrpc_codegen::codegen::descriptor::FileDescriptorSet;
use connectrpc_codegen::codegen::{Options, generate_files};

/// Files whose types are generated.
const FILES: [&str; 10] = [
    "gitpod/v1/pagination.proto",
    "gitpod/v1/sorting.proto",
    "gitpod/v1/editor.proto",
    "gitpod/v1/envvar.proto",
    "gitpod/v1/error.proto",
    "gitpod/v1/progress.proto",
    "gitpod/v1/workspace.proto",
    "gitpod/v1/organization.proto",
    "gitpod/v1/user.proto",
    "gitpod/experimental/v1/editor_service.proto",
];

fn generate() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::Compiler::new([root.join("proto")])
        .unwrap()
        .include_source_info(true)
        .include_imports(true)
        .open_files(FILES)
        .unwrap()
        .encode_file_descriptor_set();
    let set = FileDescriptorSet::decode_from_slice(&descriptors).unwrap();
    let mut options = Options::default();
    options.buffa.file_per_package = true;
    options.buffa.emit_register_fn = false;
    options.buffa.generate_with_setters = false;
    options.buffa.preserve_unknown_fields = false;
    let files: Vec<String> = FILES.iter().map(ToString::to_string).collect();
    generate_files(&set.file, &files, &options)
        .unwrap()
        .into_iter()
        .map(|file| {
            let path = file.package.replace('.', "/") + ".rs";
            (root.join("src/proto").join(path), file.content)
        })
        .collect()
}

#[test]
fn generated_code_is_up_to_date() {
    let bless = std::env::var_os("BLESS").is_some();
    let generated = generate();
    assert_eq!(generated.len(), 2, "one file per package");
    for (path, content) in generated {
        if bless {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
        } else {
            let current = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                current == content,
                "{} is out of date: run the test `codegen_public` with BLESS=1",
                path.display()
            );
        }
    }
}
