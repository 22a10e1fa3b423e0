use std::net::TcpListener;
use std::time::Duration;

use gitpod_core::port::{PortSpec, Visibility};
use gitpod_core::proto::supervisor::control_service_client::ControlServiceClient;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::{
    PortChoice, PortVisibility, PortsStatus, PortsStatusRequest, PortsStatusResponse,
    ShowPortChoicesRequest,
};
use tokio::time::timeout;
use tonic::Streaming;

use crate::harness::{Agent, Setup};

async fn observe(agent: &Agent) -> Streaming<PortsStatusResponse> {
    let mut client = StatusServiceClient::new(agent.channel());
    let request = PortsStatusRequest { observe: true };
    client.ports_status(request).await.unwrap().into_inner()
}

/// Waits, but no longer than a second, until `port` is as `right` wants it.
async fn within_a_second(
    stream: &mut Streaming<PortsStatusResponse>,
    port: u16,
    right: impl Fn(Option<&PortsStatus>) -> bool,
) -> Option<PortsStatus> {
    let wait = async {
        loop {
            let ports = stream.message().await.unwrap().unwrap().ports;
            let found = ports
                .iter()
                .find(|found| found.local_port == u32::from(port));
            if right(found) {
                return found.cloned();
            }
        }
    };
    timeout(Duration::from_secs(1), wait).await.unwrap()
}

#[tokio::test]
async fn a_served_port_is_seen_within_a_second_and_so_is_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut spec = PortSpec::new(port);
    spec.name = Some(String::from("web"));
    spec.visibility = Visibility::Public;
    let specs = serde_json::to_string(&[spec]).unwrap();
    let agent = Setup::new().env("GITPOD_PORTS", &specs).start();
    let mut stream = observe(&agent).await;

    let configured = within_a_second(&mut stream, port, |found| found.is_some())
        .await
        .unwrap();
    assert!(!configured.served);
    assert_eq!(configured.name, "web");
    let exposed = configured.exposed.unwrap();
    assert_eq!(exposed.visibility(), PortVisibility::Public);
    assert_eq!(exposed.url, format!("http://{port}-a.ws.localhost:4000/"));

    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    within_a_second(&mut stream, port, |found| {
        found.is_some_and(|found| found.served)
    })
    .await;
    drop(listener);
    within_a_second(&mut stream, port, |found| {
        found.is_some_and(|found| !found.served)
    })
    .await;
}

#[tokio::test]
async fn a_port_nobody_configured_appears_and_vanishes() {
    let agent = Setup::new().start();
    let mut stream = observe(&agent).await;
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = within_a_second(&mut stream, port, |found| found.is_some())
        .await
        .unwrap();
    assert!(seen.served);
    assert_eq!(seen.exposed.unwrap().visibility(), PortVisibility::Private);
    drop(listener);
    within_a_second(&mut stream, port, |found| found.is_none()).await;
}

#[tokio::test]
async fn the_supervisors_own_port_is_nobodys_business() {
    let agent = Setup::new().start();
    let mut client = StatusServiceClient::new(agent.channel());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = listener.local_addr().unwrap().port();
    within_a_second(&mut observe(&agent).await, other, |found| found.is_some()).await;
    let request = PortsStatusRequest { observe: false };
    let mut stream = client.ports_status(request).await.unwrap().into_inner();
    let ports = stream.message().await.unwrap().unwrap().ports;
    let own = u32::from(agent.address.port());
    assert!(ports.iter().all(|port| port.local_port != own), "{ports:?}");
    assert_eq!(stream.message().await.unwrap(), None);
}

#[tokio::test]
async fn what_the_owner_chose_is_shown_and_older_choices_are_not() {
    let mut spec = PortSpec::new(3000);
    spec.visibility = Visibility::Public;
    let specs = serde_json::to_string(&[spec]).unwrap();
    let agent = Setup::new().env("GITPOD_PORTS", &specs).start();
    let mut stream = observe(&agent).await;
    let mut control = ControlServiceClient::new(agent.channel());
    let choice = |visibility: PortVisibility| PortChoice {
        port: 3000,
        visibility: Some(visibility.into()),
        protocol: None,
    };
    let is = |wanted: PortVisibility| {
        move |found: Option<&PortsStatus>| {
            let exposed = found.and_then(|found| found.exposed.as_ref());
            exposed.is_some_and(|exposed| exposed.visibility() == wanted)
        }
    };
    within_a_second(&mut stream, 3000, is(PortVisibility::Public)).await;
    for (generation, told, shown) in [
        (7, PortVisibility::Private, PortVisibility::Private),
        (6, PortVisibility::Public, PortVisibility::Private),
        (8, PortVisibility::Public, PortVisibility::Public),
    ] {
        let request = ShowPortChoicesRequest {
            generation,
            choices: vec![choice(told)],
        };
        control.show_port_choices(request).await.unwrap();
        let mut now = observe(&agent).await;
        within_a_second(&mut now, 3000, is(shown)).await;
    }
    let mut strange = choice(PortVisibility::Public);
    strange.port = 70_000;
    let request = ShowPortChoicesRequest {
        generation: 9,
        choices: vec![strange],
    };
    let refused = control.show_port_choices(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
}
