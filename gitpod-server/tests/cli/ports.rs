//! `gitpod workspace port`

use super::World;

#[tokio::test]
async fn a_port_is_set_and_shown() {
    let world = World::new().await;
    let id = world.create().await;
    let port = async |arguments: &[&str]| {
        world
            .run(&[&["workspace", "port", &id], arguments].concat())
            .await
    };
    let unknown = port(&["3000"]).await;
    assert_eq!(unknown.code, 3, "{}", unknown.stderr);

    let public = port(&["3000", "--public", "--output", "json"]).await;
    assert_eq!(public.code, 0, "{}", public.stderr);
    let message = public.json();
    assert_eq!(message["port"], "3000", "64 bits are text in proto3 JSON");
    assert_eq!(message["admission"], "ADMISSION_LEVEL_EVERYONE");
    assert_eq!(message["protocol"], "PROTOCOL_HTTP");

    let secure = port(&["3000", "--protocol", "https"]).await;
    assert!(
        secure
            .stdout
            .starts_with("3000 public, not served, https  http://3000-"),
        "{}",
        secure.stdout
    );
    let private = port(&["3000", "--private"]).await;
    assert!(
        private
            .stdout
            .starts_with("3000 private, not served, https"),
        "{}",
        private.stdout
    );

    for wrong in [
        &["22999", "--public"][..],
        &["70000"],
        &["1", "--public", "--private"],
    ] {
        assert_eq!(port(wrong).await.code, 2, "{wrong:?}");
    }
    world.run(&["workspace", "stop", &id]).await;
    let stopped = port(&["3000", "--public"]).await;
    assert_eq!(stopped.code, 1, "{}", stopped.stderr);
    assert!(
        stopped.stderr.contains("start it first"),
        "{}",
        stopped.stderr
    );
}
