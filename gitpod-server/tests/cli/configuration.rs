//! What other files of a directory tell, and files whose name does not say what they are.

use crate::{end, offline};

#[tokio::test]
async fn a_configuration_is_inferred_from_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let package = r#"{ "scripts": { "start": "node ." } }"#;
    std::fs::write(dir.path().join("package.json"), package).unwrap();
    let told = end(offline(&["config", "infer"], dir.path())).await;
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stdout.contains("npm start") || told.stdout.contains("npm run start"));
    assert!(told.stdout.contains("package.json"), "{}", told.stdout);
    // What it prints is a file that is accepted.
    std::fs::write(dir.path().join("a.yml"), &told.stdout).unwrap();
    let strict = ["config", "parse", "a.yml", "--strict"];
    let parsed = end(offline(&strict, dir.path())).await;
    assert_eq!(parsed.code, 0, "{}", parsed.stderr);
    let missing = end(offline(&["config", "infer", "none"], dir.path())).await;
    assert_eq!(missing.code, 3, "{}", missing.stderr);
}

#[tokio::test]
async fn the_kind_of_a_file_can_be_said() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "{ \"image\": \"debian:12\", }").unwrap();
    let said = ["config", "parse", "--kind", "devcontainer", "a"];
    let parsed = end(offline(&said, dir.path())).await;
    assert_eq!(parsed.code, 0, "{}", parsed.stderr);
    assert_eq!(parsed.json()["image"], "debian:12");
}
