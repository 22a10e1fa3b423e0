use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use gitpod_core::ErrorKind;
use gitpod_core::image::{ImageRef, RootFs};
use gitpod_image::ImageStore;
use serde_json::json;

use crate::fixture::{Fixture, Layer};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test]
async fn files_keep_owner_mode_time_and_links() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new()
        .directory("./", 0o711)
        .directory("usr/", 0o755)
        .program("usr/su")
        .hard_link("usr/su2", "usr/su")
        .symlink("su", "usr/su")
        .directory("sealed", 0o500)
        .file("sealed/inside", "x")
        .attribute("user.color", b"blue")
        .file("colored", "x")
        .device("null")
        .archive();
    let layers = fixture.unpack(&[archive]).await.unwrap();
    let layer = &layers[0];
    let meta = |path: &str| fs::symlink_metadata(layer.join(path)).unwrap();
    assert_eq!(meta("").mode() & 0o7777, 0o711);
    assert_eq!(meta("usr/su").mode() & 0o7777, 0o4755);
    assert_eq!(meta("usr/su").ino(), meta("usr/su2").ino());
    assert_eq!(meta("usr/su").mtime(), 1_000_000);
    assert_eq!(meta("usr").mtime(), 1_000_000);
    assert_eq!(meta("sealed").mode() & 0o7777, 0o500);
    assert_eq!(
        fs::read_link(layer.join("su")).unwrap().to_str(),
        Some("usr/su")
    );
    assert!(!layer.join("null").exists());
    if is_root() {
        // The group is none that an instance could have: nobody's.
        assert_eq!((meta("usr/su").uid(), meta("usr/su").gid()), (1000, 65_534));
        assert_eq!(meta("su").uid(), 1000);
    }
    let mut value = [0; 16];
    let n = rustix::fs::getxattr(layer.join("colored"), "user.color", &mut value).unwrap();
    assert_eq!(&value[..n], b"blue");
}

#[tokio::test]
async fn removed_files_and_hidden_directories_are_overlays_own() {
    let mut fixture = Fixture::new().await;
    let archive = Layer::new()
        .file("etc/.wh.passwd", "")
        .directory("var", 0o755)
        .file("var/.wh..wh..opq", "")
        .file("var/new", "x")
        .file(".wh.again", "")
        .directory("again", 0o755)
        .archive();
    let layer = fixture.unpack(&[archive]).await.unwrap().remove(0);
    let whiteout = fs::symlink_metadata(layer.join("etc/passwd")).unwrap();
    assert!(whiteout.file_type().is_char_device());
    assert_eq!(whiteout.rdev(), 0);
    let name = if is_root() {
        "trusted.overlay.opaque"
    } else {
        "user.overlay.opaque"
    };
    for directory in ["var", "again"] {
        let mut value = [0; 4];
        let n = rustix::fs::getxattr(layer.join(directory), name, &mut value).unwrap();
        assert_eq!(&value[..n], b"y", "{directory}");
    }
    assert!(layer.join("var/new").exists() && !layer.join("var/.wh..wh..opq").exists());
}

#[tokio::test]
async fn layers_come_top_first_are_shared_and_unpacked_once() {
    let mut fixture = Fixture::new().await;
    let base = Layer::new().file("base", "1").archive();
    let (a, b) = (
        Layer::new().file("a", "").archive(),
        Layer::new().file("b", "").archive(),
    );
    let (one, two) = (fixture.image(&[base.clone(), a]), fixture.image(&[base, b]));
    fixture.tag("one", one);
    fixture.tag("two", two);
    let (one, two, again) = tokio::join!(
        fixture.ensure(Some("one")),
        fixture.ensure(Some("two")),
        fixture.ensure(Some("one"))
    );
    let one = one.unwrap();
    assert_eq!(
        one.env,
        [
            ("PATH".to_owned(), "/opt/bin:/bin".to_owned()),
            ("A".to_owned(), "b=c".to_owned())
        ]
    );
    assert!(one.digest.as_ref().unwrap().starts_with("sha256:"));
    assert_eq!(one, again.unwrap());
    let layers = |rootfs: &RootFs| match rootfs {
        RootFs::Layers(layers) => layers.clone(),
        other => panic!("{other:?}"),
    };
    let (one, two) = (layers(&one.rootfs), layers(&two.unwrap().rootfs));
    assert!(one[0].join("a").exists() && two[0].join("b").exists());
    assert_eq!(one[1], two[1]);
    assert_eq!(fixture.stored(), 3);
}

#[tokio::test]
async fn an_index_gives_the_manifest_for_this_machine() {
    let mut fixture = Fixture::new().await;
    let mut here = fixture.image(&[Layer::new().file("here", "").archive()]);
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    here["platform"] = json!({"os": "linux", "architecture": architecture});
    let mut other = fixture.image(&[Layer::new().file("other", "").archive()]);
    other["platform"] = json!({"os": "linux", "architecture": "s390x"});
    let index = |manifests| json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let both = fixture.blob(media_type, index(vec![other.clone(), here]).as_bytes());
    let foreign = fixture.blob(media_type, index(vec![other]).as_bytes());
    fixture.tag("both", both);
    fixture.tag("foreign", foreign);
    let RootFs::Layers(layers) = fixture.ensure(Some("both")).await.unwrap().rootfs else {
        panic!("not layers");
    };
    assert!(layers[0].join("here").exists());
    let error = fixture.ensure(Some("foreign")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint().unwrap().contains("linux/s390x"));
}

#[tokio::test]
async fn what_is_not_there_is_said_with_what_to_do() {
    let mut fixture = Fixture::new().await;
    let image = fixture.image(&[Layer::new().archive()]);
    fixture.tag("v1", image.clone());
    let error = fixture.ensure(Some("v2")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.hint().unwrap().contains("v1"));
    fixture.tag("v3", image);
    assert_eq!(
        fixture.ensure(None).await.unwrap_err().kind(),
        ErrorKind::InvalidInput
    );

    for missing in [
        &format!("oci:{}/none", fixture.dir.path().display()),
        &format!("oci:{}", fixture.dir.path().display()),
    ] {
        let error = fixture
            .images
            .ensure(&missing.parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.hint().unwrap().contains("skopeo"));
    }
    let error = fixture
        .images
        .ensure(&"debian:12".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let host = fixture.images.ensure(&ImageRef::Host).await.unwrap();
    assert_eq!(host.rootfs, RootFs::Host);
}

#[tokio::test]
async fn what_is_outside_of_the_directories_of_images_is_no_image() {
    let mut fixture = Fixture::with(|config| config.layouts = vec!["/srv/images".into()]).await;
    let image = fixture.image(&[Layer::new().archive()]);
    fixture.tag("v1", image);
    let error = fixture.ensure(Some("v1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.hint().unwrap().contains("/srv/images"), "{error:?}");

    // A link inside that leads outside leads nowhere.
    let inside = tempfile::tempdir().unwrap();
    let root = inside.path().to_owned();
    let mut fixture = Fixture::with(|config| config.layouts = vec![root.clone()]).await;
    let image = fixture.image(&[Layer::new().archive()]);
    fixture.tag("v1", image);
    std::os::unix::fs::symlink(fixture.layout(), root.join("link")).unwrap();
    let link = format!("oci:{}:v1", root.join("link").display());
    let error = fixture
        .images
        .ensure(&link.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
