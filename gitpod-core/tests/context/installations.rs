//! Installations that the caller names, and the names of platforms.

use gitpod_core::context::{ContextUrl, Hosts, Platform};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn installations_that_the_caller_names_may_live_below_a_path() {
    let hosts = [
        (Platform::Git, "https://1.2.3.4"),
        (Platform::Gitlab, "https://1.2.3.4/gitlab/"),
        (Platform::Github, "https://ghe.example:8443"),
        (Platform::Gitea, "https://corp.example/code/forge"),
        (Platform::AzureDevops, "https://tfs.example/tfs"),
        (Platform::BitbucketServer, "https://bb.example/stash"),
    ]
    .into_iter()
    .try_fold(Hosts::new(), |hosts, (platform, base)| {
        hosts.with(platform, base)
    })
    .unwrap();
    for (text, platform, clone_url, owner) in [
        (
            "1.2.3.4/gitlab/g/s/r",
            Platform::Gitlab,
            "https://1.2.3.4/gitlab/g/s/r.git",
            "g/s",
        ),
        (
            "https://1.2.3.4/gitlab/g/r/-/tree/x",
            Platform::Gitlab,
            "https://1.2.3.4/gitlab/g/r.git",
            "g",
        ),
        (
            "https://1.2.3.4/other/r/tree/x",
            Platform::Git,
            "https://1.2.3.4/other/r/tree/x",
            "other/r/tree",
        ),
        (
            "https://ghe.example:8443/o/r/actions",
            Platform::Github,
            "https://ghe.example:8443/o/r.git",
            "o",
        ),
        (
            "https://corp.example/code/forge/o/r/src/tag/v1",
            Platform::Gitea,
            "https://corp.example/code/forge/o/r.git",
            "o",
        ),
        (
            "https://tfs.example/tfs/Coll/_git/p",
            Platform::AzureDevops,
            "https://tfs.example/tfs/Coll/p/_git/p",
            "Coll/p",
        ),
        (
            "https://bb.example/stash/projects/K/repos/r",
            Platform::BitbucketServer,
            "https://bb.example/stash/scm/K/r.git",
            "K",
        ),
        (
            "git@ghe.example:o/r.git",
            Platform::Github,
            "ssh://git@ghe.example/o/r.git",
            "o",
        ),
        (
            "https://github.com/o/r",
            Platform::Github,
            "https://github.com/o/r.git",
            "o",
        ),
    ] {
        let context = ContextUrl::parse(text, &hosts).unwrap();
        let found = context.repository().unwrap();
        let is = (
            found.platform,
            found.clone_url.as_str(),
            found.owner.as_str(),
        );
        assert_eq!(is, (platform, clone_url, owner), "{text}");
        assert_eq!(
            ContextUrl::parse(&context.to_string(), &hosts).unwrap(),
            context,
            "{text}"
        );
    }
    for bad in ["git.example", "ssh://git.example", "file:///srv", ""] {
        let error = Hosts::new().with(Platform::Gitlab, bad).unwrap_err();
        assert!(error.hint().is_some(), "{bad}");
    }
}

#[test]
fn platforms_print_as_they_parse() {
    for platform in Platform::ALL {
        assert_eq!(platform.to_string().parse::<Platform>().unwrap(), platform);
        assert_eq!(serde_json::to_value(platform).unwrap(), platform.as_str());
    }
    assert!(
        "githup"
            .parse::<Platform>()
            .unwrap_err()
            .hint()
            .unwrap()
            .contains("github")
    );
}
