//! A server behind TLS, as operators run it.

use std::path::PathBuf;
use std::sync::Arc;

use gitpod_server::Platform;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{World, end};

/// A world behind a TLS proxy, and the file with its authority's certificate.
async fn secure() -> (World, PathBuf) {
    let names = ["localhost", "*.ws.localhost"].map(String::from);
    let own = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![own.cert.der().clone()], key)
    .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", front.local_addr().unwrap().port());
    let behind = inner.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = front.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Clients that do not trust us hang up; the tests look at what they say.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut inner = TcpStream::connect(behind).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    let world = World::at(Platform::in_memory_builder(), inner, url).await;
    let file = world.home.path().join("authority.pem");
    std::fs::write(&file, own.cert.pem()).unwrap();
    (world, file)
}

#[tokio::test]
async fn https_works_for_the_api_and_for_what_runs_inside() {
    let (world, authority) = secure().await;
    let trusting = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("SSL_CERT_FILE", &authority);
        end(command)
    };
    let who = trusting(&["whoami"]).await;
    assert_eq!(who.code, 0, "{}", who.stderr);
    assert!(
        who.stdout.contains("on https://localhost:"),
        "{}",
        who.stdout
    );
    let created = trusting(&[
        "workspace",
        "create",
        gitpod_server::platform::DEMO_REPOSITORY,
        "--output",
        "json",
    ])
    .await;
    assert_eq!(created.code, 0, "{}", created.stderr);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let ran = trusting(&[
        "workspace",
        "exec",
        &id,
        "--",
        "sh",
        "-c",
        "echo inside; exit 7",
    ])
    .await;
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (7, "inside\n"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (world, _) = secure().await;
    let other = rcgen::generate_simple_self_signed([String::from("localhost")]).unwrap();
    let file = world.home.path().join("other.pem");
    std::fs::write(&file, other.cert.pem()).unwrap();
    let mut command = world.command(&["whoami"]);
    command.env("SSL_CERT_FILE", &file);
    let refused = end(command).await;
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("SSL_CERT_FILE"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains(&world.token));
}
