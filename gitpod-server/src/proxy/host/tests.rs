use proptest::prelude::*;

use super::*;

const ID: &str = "amber-falcon-k3v9x2ab";

fn hosts() -> Hosts {
    Hosts::new(&Url::parse("http://localhost:8080").unwrap()).unwrap()
}

#[test]
fn names_and_targets_are_inverse() {
    let (hosts, id) = (hosts(), WorkspaceId::parse(ID).unwrap());
    let host = |url: String| url.trim_start_matches("http://").to_owned();
    assert_eq!(hosts.parse(&host(hosts.platform_url())), Target::Platform);
    assert_eq!(
        hosts.parse(&host(hosts.workspace_url(&id))),
        Target::Workspace(id.clone())
    );
    assert_eq!(
        hosts.parse(&host(hosts.port_url(&id, 3000))),
        Target::Port {
            port: 3000,
            workspace: id
        }
    );
}

#[test]
fn case_and_port_do_not_matter() {
    let expected = Target::Workspace(WorkspaceId::parse(ID).unwrap());
    for host in [
        "amber-falcon-k3v9x2ab.ws.localhost",
        "AMBER-falcon-k3v9x2ab.WS.Localhost:8080",
        "amber-falcon-k3v9x2ab.ws.localhost:1",
    ] {
        assert_eq!(hosts().parse(host), expected, "{host}");
    }
    for host in [
        "localhost",
        "127.0.0.1:80",
        "[::1]:8080",
        "[::1]",
        "10.0.0.7",
    ] {
        assert_eq!(hosts().parse(host), Target::Platform, "{host}");
    }
}

#[test]
fn everything_else_is_unknown() {
    for host in [
        "",
        ":",
        ":80",
        "evil.example",
        "localhost.evil.example",
        "localhost.",
        "ws.localhost",
        ".ws.localhost",
        "x.amber-falcon-k3v9x2ab.ws.localhost",
        "0-amber-falcon-k3v9x2ab.ws.localhost",
        "080-amber-falcon-k3v9x2ab.ws.localhost",
        "+80-amber-falcon-k3v9x2ab.ws.localhost",
        "65536-amber-falcon-k3v9x2ab.ws.localhost",
        "8080-8080-amber-falcon-k3v9x2ab.ws.localhost",
        "amber-falcon-k3v9x2ab.ws.localhost:",
        "amber-falcon-k3v9x2ab.ws.localhost:8080:8080",
        "amber-falcon-k3v9x2ab.ws.localhost@evil.example",
        "amber-falcon-k3v9x2ab.ws.localhost/..",
        "amber-falcon-k3v9x2ab.ws.localhost.evil.example",
        "[::1",
        "[::1]x",
        "[localhost]",
        "loc\u{0}alhost",
    ] {
        assert_eq!(hosts().parse(host), Target::Unknown, "{host:?}");
    }
}

#[test]
fn cookie_names_are_the_originals() {
    let instance = InstanceId::from_uuid(uuid::Uuid::nil());
    assert_eq!(
        hosts().owner_cookie(instance),
        "_localhost_8080_ws_00000000-0000-0000-0000-000000000000_owner_"
    );
    let hosts = Hosts::new(&Url::parse("https://git-pod.example.com").unwrap()).unwrap();
    assert_eq!(hosts.cookie_prefix(), "_git_pod_example_com_");
}

#[test]
fn an_address_without_a_name_is_refused() {
    for bad in [
        "http://127.0.0.1:8080",
        "ftp://localhost",
        "http://[::1]/",
        "http://localhost./",
    ] {
        assert!(Hosts::new(&Url::parse(bad).unwrap()).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn never_panics_and_never_invents_a_target(host in "\\PC{0,80}") {
        if let Target::Port { workspace, .. } | Target::Workspace(workspace) = hosts().parse(&host) {
            let name = format!("{workspace}.ws.localhost");
            prop_assert!(host.to_ascii_lowercase().contains(&name));
        }
    }

    #[test]
    fn every_port_round_trips(port in 1..=u16::MAX) {
        let id = WorkspaceId::parse(ID).unwrap();
        let host = format!("{port}-{ID}.ws.localhost:8080");
        prop_assert_eq!(hosts().parse(&host), Target::Port { port, workspace: id });
    }
}
