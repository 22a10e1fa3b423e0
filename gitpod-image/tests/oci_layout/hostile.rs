use std::fs;
use std::os::unix::fs::symlink;

use gitpod_core::ErrorKind;
use gitpod_image::local::UnpackLimits;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::fixture::{Fixture, Layer};

#[tokio::test]
async fn no_entry_leaves_the_layer() {
    for archive in [
        Layer::new().file("../escape", "x").archive(),
        Layer::new().file("a/../../escape", "x").archive(),
        Layer::new()
            .symlink("out", "..")
            .file("out/escape", "x")
            .archive(),
        Layer::new()
            .symlink("out", "/tmp")
            .directory("out/escape", 0o755)
            .archive(),
        Layer::new()
            .symlink("out", "..")
            .file("out/.wh.escape", "x")
            .archive(),
        Layer::new()
            .hard_link("link", "../../../../../../../etc/passwd")
            .archive(),
        Layer::new()
            .symlink("etc", "/etc")
            .hard_link("link", "etc/passwd")
            .archive(),
        Layer::new().file("a/.wh...", "").archive(),
    ] {
        let mut fixture = Fixture::new().await;
        let error = fixture.unpack(&[archive]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
        assert_eq!(fixture.stored(), 0, "something half made is left");
        assert!(
            !fixture
                .dir
                .path()
                .join("images/layers/sha256/escape")
                .exists()
        );
    }
}

#[tokio::test]
async fn an_absolute_path_is_one_of_the_layer_and_a_link_is_replaced_not_followed() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new()
        .file("/etc/x", "in")
        .symlink("victim", "/etc/hostname")
        .file("victim", "replaced")
        .archive();
    let layer = fixture.unpack(&[archive]).await.unwrap().remove(0);
    assert_eq!(fs::read_to_string(layer.join("etc/x")).unwrap(), "in");
    assert!(
        fs::symlink_metadata(layer.join("victim"))
            .unwrap()
            .is_file()
    );
}

#[tokio::test]
async fn overlays_own_attributes_are_not_for_an_archive_to_set() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new()
        .attribute("trusted.overlay.redirect", b"/etc")
        .directory("d", 0o755)
        .attribute("user.overlay.redirect", b"/etc")
        .file("f", "")
        .archive();
    let layer = fixture.unpack(&[archive]).await.unwrap().remove(0);
    for (path, name) in [
        ("d", "trusted.overlay.redirect"),
        ("f", "user.overlay.redirect"),
    ] {
        assert!(
            rustix::fs::getxattr(layer.join(path), name, &mut [0; 16]).is_err(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_blob_that_is_not_what_its_digest_says_is_refused() {
    let mut fixture = Fixture::new().await;
    let image = fixture.image(&[Layer::new().file("a", "1").archive()]);
    fixture.tag("test", image);
    let blobs = fixture.layout().join("blobs/sha256");
    for entry in fs::read_dir(&blobs).unwrap() {
        let path = entry.unwrap().path();
        let honest = fs::read(&path).unwrap();
        let mut damaged = honest.clone();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&path, damaged).unwrap();
        let error = fixture.ensure(Some("test")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
        assert_eq!(fixture.stored(), 0);
        fs::write(&path, honest).unwrap();
    }
    fixture.ensure(Some("test")).await.unwrap();
}

#[tokio::test]
async fn a_diff_id_that_lies_is_refused() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new().file("a", "1").archive();
    let layer = fixture.blob("application/vnd.oci.image.layer.v1.tar", &archive);
    let lie = format!("sha256:{}", hex::encode(Sha256::digest(b"something else")));
    let image = fixture.manifest(std::slice::from_ref(&layer), &[lie]);
    fixture.tag("lie", image);
    let error = fixture.ensure(Some("lie")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("digest"), "{error}");
    assert_eq!(fixture.stored(), 0);
    let truth = format!("sha256:{}", hex::encode(Sha256::digest(&archive)));
    let image = fixture.manifest(&[layer], &[truth]);
    fixture.tag("truth", image);
    fixture.ensure(Some("truth")).await.unwrap();
}

#[tokio::test]
async fn links_of_the_layout_are_not_followed() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new().file("a", "1").archive();
    let layer = fixture.blob("application/vnd.oci.image.layer.v1.tar", &archive);
    let hex = layer["digest"]
        .as_str()
        .unwrap()
        .trim_start_matches("sha256:")
        .to_owned();
    let image = fixture.manifest(&[layer], &[format!("sha256:{hex}")]);
    fixture.tag("test", image);
    let blob = fixture.layout().join("blobs/sha256").join(hex);
    let elsewhere = fixture.dir.path().join("elsewhere");
    fs::rename(&blob, &elsewhere).unwrap();
    symlink(&elsewhere, &blob).unwrap();
    assert_eq!(
        fixture.ensure(Some("test")).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

#[tokio::test]
async fn limits_hold() {
    let mut limits = UnpackLimits::default();
    limits.entries = 2;
    let mut fixture = Fixture::with(|config| config.limits = limits).await;
    let archive = Layer::new()
        .file("a", "")
        .file("b", "")
        .file("c", "")
        .archive();
    assert_eq!(
        fixture.unpack(&[archive]).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );

    let mut limits = UnpackLimits::default();
    limits.bytes = 10_000;
    let mut fixture = Fixture::with(|config| config.limits = limits).await;
    let archive = Layer::new().file("zeros", &"\0".repeat(100_000)).archive();
    assert_eq!(
        fixture.unpack(&[archive]).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(fixture.stored(), 0);
}

#[tokio::test]
async fn documents_that_are_not_images_are_refused() {
    let mut fixture = Fixture::new().await;
    fs::write(fixture.layout().join("index.json"), "not json").unwrap();
    assert_eq!(
        fixture.ensure(None).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let artefact = fixture.blob("application/x-something", b"{}");
    fixture.tag("artefact", artefact);
    let escape = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1, "digest": "sha256:../../../../etc/passwd"
    });
    fixture.tag("escape", escape);
    let zstd = fixture.blob("application/vnd.oci.image.layer.v1.tar+zstd", b"x");
    let image = fixture.manifest(
        std::slice::from_ref(&zstd),
        &[zstd["digest"].as_str().unwrap().to_owned()],
    );
    fixture.tag("zstd", image);
    for (tag, kind) in [
        ("artefact", ErrorKind::InvalidInput),
        ("escape", ErrorKind::InvalidInput),
        ("zstd", ErrorKind::Unsupported),
    ] {
        assert_eq!(
            fixture.ensure(Some(tag)).await.unwrap_err().kind(),
            kind,
            "{tag}"
        );
    }
}
