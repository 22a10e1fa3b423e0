//! Which repository an address names.

use gitpod_core::context::Platform;

use super::{parse, repository};

#[track_caller]
fn assert_table(table: &[(&str, Platform, &str, &str, &str)]) {
    for (text, platform, clone_url, owner, name) in table {
        let found = repository(text);
        let is = (
            found.clone_url.as_str(),
            found.owner.as_str(),
            found.name.as_str(),
        );
        assert_eq!(is, (*clone_url, *owner, *name), "{text}");
        assert_eq!(found.platform, *platform, "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn public_platforms_are_known_by_their_hosts() {
    use Platform::{Bitbucket, Gitea, Github, Gitlab};
    let github = "https://github.com/o/r.git";
    assert_table(&[
        ("https://github.com/o/r", Github, github, "o", "r"),
        ("https://github.com/o/r.git", Github, github, "o", "r"),
        ("  #https://github.com/o/r/ ", Github, github, "o", "r"),
        ("github.com/o/r", Github, github, "o", "r"),
        ("GitHub.com/o/r?tab=readme", Github, github, "o", "r"),
        ("https://user@github.com/o/r", Github, github, "o", "r"),
        (
            "https://www.github.com/o/r",
            Github,
            "https://www.github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "https://gitlab.com/g/s/t/r",
            Gitlab,
            "https://gitlab.com/g/s/t/r.git",
            "g/s/t",
            "r",
        ),
        (
            "https://gitlab.com/g/s/r.git",
            Gitlab,
            "https://gitlab.com/g/s/r.git",
            "g/s",
            "r",
        ),
        (
            "https://bitbucket.org/o/r",
            Bitbucket,
            "https://bitbucket.org/o/r.git",
            "o",
            "r",
        ),
        (
            "https://me@bitbucket.org/o/r.git",
            Bitbucket,
            "https://bitbucket.org/o/r.git",
            "o",
            "r",
        ),
        (
            "https://codeberg.org/o/r",
            Gitea,
            "https://codeberg.org/o/r.git",
            "o",
            "r",
        ),
        (
            "git@github.com:o/r.git",
            Github,
            "ssh://git@github.com/o/r.git",
            "o",
            "r",
        ),
        (
            "git@gitlab.com:g/s/r.git",
            Gitlab,
            "ssh://git@gitlab.com/g/s/r.git",
            "g/s",
            "r",
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn any_git_server_will_do() {
    use Platform::Git;
    assert_table(&[
        (
            "ssh://git@host:2222/o/r.git",
            Git,
            "ssh://git@host:2222/o/r.git",
            "o",
            "r",
        ),
        ("host.example:o/r", Git, "ssh://host.example/o/r", "o", "r"),
        (
            "git@host.example:~me/r.git",
            Git,
            "ssh://git@host.example/~me/r.git",
            "~me",
            "r",
        ),
        (
            "git://host.example/r.git",
            Git,
            "git://host.example/r.git",
            "",
            "r",
        ),
        (
            "https://git.example/a/b/c/d",
            Git,
            "https://git.example/a/b/c/d",
            "a/b/c",
            "d",
        ),
        (
            "http://127.0.0.1:4000/r.git",
            Git,
            "http://127.0.0.1:4000/r.git",
            "",
            "r",
        ),
        (
            "localhost:4000/o/r",
            Git,
            "http://localhost:4000/o/r",
            "o",
            "r",
        ),
        (
            "http://[::1]:4000/o/r",
            Git,
            "http://[::1]:4000/o/r",
            "o",
            "r",
        ),
        (
            "file:///srv/git/r.git",
            Git,
            "file:///srv/git/r.git",
            "",
            "r",
        ),
        (
            "file:///srv/tree/main/r",
            Git,
            "file:///srv/tree/main/r",
            "",
            "r",
        ),
        (
            "https://git.example/o/r/tree",
            Git,
            "https://git.example/o/r/tree",
            "o/r",
            "tree",
        ),
        (
            "https://github.com:8443/o/r",
            Git,
            "https://github.com:8443/o/r",
            "o",
            "r",
        ),
        (
            "https://github.com.evil.example/o/r",
            Git,
            "https://github.com.evil.example/o/r",
            "o",
            "r",
        ),
    ]);
}

#[test]
fn bitbucket_server_is_known_by_its_paths_wherever_it_is() {
    use Platform::BitbucketServer as Server;
    let clone = "https://bb.example/scm/KEY/r.git";
    let user = "https://bb.example/scm/~ada/r.git";
    let below = "https://corp.example/bitbucket/scm/KEY/r.git";
    assert_table(&[
        (
            "https://bb.example/scm/KEY/r.git",
            Server,
            clone,
            "KEY",
            "r",
        ),
        (
            "https://bb.example/projects/KEY/repos/r",
            Server,
            clone,
            "KEY",
            "r",
        ),
        (
            "https://bb.example/projects/KEY/repos/r/browse",
            Server,
            clone,
            "KEY",
            "r",
        ),
        (
            "https://bb.example/scm/~ada/r.git",
            Server,
            user,
            "~ada",
            "r",
        ),
        (
            "https://bb.example/users/ada/repos/r/browse/src",
            Server,
            user,
            "~ada",
            "r",
        ),
        (
            "https://corp.example/bitbucket/scm/KEY/r.git",
            Server,
            below,
            "KEY",
            "r",
        ),
        (
            "https://corp.example/bitbucket/projects/KEY/repos/r/pull-requests/1",
            Server,
            below,
            "KEY",
            "r",
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn azure_devops_has_organizations_and_projects() {
    use Platform::AzureDevops as Azure;
    let main = "https://dev.azure.com/org/proj/_git/r";
    let namesake = "https://dev.azure.com/org/proj/_git/proj";
    let blank = "https://dev.azure.com/org/My%20Project/_git/r";
    assert_table(&[
        (
            "https://dev.azure.com/org/proj/_git/r",
            Azure,
            main,
            "org/proj",
            "r",
        ),
        (
            "https://org@dev.azure.com/org/proj/_git/r",
            Azure,
            main,
            "org/proj",
            "r",
        ),
        (
            "https://dev.azure.com/org/proj",
            Azure,
            namesake,
            "org/proj",
            "proj",
        ),
        (
            "https://dev.azure.com/org/_git/proj",
            Azure,
            namesake,
            "org/proj",
            "proj",
        ),
        (
            "https://dev.azure.com/org/My%20Project/_git/r",
            Azure,
            blank,
            "org/My Project",
            "r",
        ),
        (
            "https://org.visualstudio.com/proj/_git/r",
            Azure,
            "https://org.visualstudio.com/proj/_git/r",
            "org/proj",
            "r",
        ),
        (
            "https://org.visualstudio.com/_git/proj",
            Azure,
            "https://org.visualstudio.com/proj/_git/proj",
            "org/proj",
            "proj",
        ),
        (
            "https://org.visualstudio.com/DefaultCollection/proj/_git/r",
            Azure,
            "https://org.visualstudio.com/DefaultCollection/proj/_git/r",
            "org/proj",
            "r",
        ),
        (
            "git@ssh.dev.azure.com:v3/org/proj/r",
            Azure,
            "ssh://git@ssh.dev.azure.com/v3/org/proj/r",
            "org/proj",
            "r",
        ),
        (
            "https://tfs.example/tfs/Coll/proj/_git/r?version=GBmain",
            Azure,
            "https://tfs.example/tfs/Coll/proj/_git/r",
            "tfs/Coll/proj",
            "r",
        ),
    ]);
}

#[test]
fn a_page_tells_its_platform_on_a_host_nobody_named() {
    use Platform::{Gitea, Github, Gitlab};
    let clone = "https://git.example/o/r";
    assert_table(&[
        ("https://git.example/o/r/tree/dev", Github, clone, "o", "r"),
        ("https://git.example/o/r/pull/7", Github, clone, "o", "r"),
        (
            "https://git.example/o/r/src/branch/dev",
            Gitea,
            clone,
            "o",
            "r",
        ),
        ("https://git.example/o/r/pulls/7", Gitea, clone, "o", "r"),
        (
            "https://git.example/o/r/merge_requests/7",
            Gitlab,
            clone,
            "o",
            "r",
        ),
        (
            "https://git.example/o/s/r/-/tree/dev",
            Gitlab,
            "https://git.example/o/s/r",
            "o/s",
            "r",
        ),
        (
            "http://127.0.0.1:4000/r.git/tree/a/b",
            Github,
            "http://127.0.0.1:4000/r.git",
            "",
            "r",
        ),
        (
            "https://1.2.3.4/gitlab/g/r/-/tree/x",
            Gitlab,
            "https://1.2.3.4/gitlab/g/r",
            "gitlab/g",
            "r",
        ),
        // The page says nothing that would tell.
        (
            "https://git.example/o/r/-/pipelines",
            Platform::Git,
            clone,
            "o",
            "r",
        ),
    ]);
}

#[test]
fn titles_and_directories_are_fit_to_be_shown_and_used() {
    assert_eq!(
        parse("https://github.com/o/r/tree/dev").title(),
        "o/r @ dev"
    );
    assert_eq!(parse("https://github.com/o/r/pull/7").title(), "o/r #7");
    assert_eq!(parse("file:///srv/r.git").title(), "r");
    for (text, directory) in [
        ("https://git.example/o/my.repo_1", "my.repo_1"),
        ("https://git.example/o/.hidden", "hidden"),
        ("https://git.example/o/-rf", "rf"),
        ("https://git.example/o/a%20%24(id)", "a---id-"),
        ("https://git.example/o/%E2%9C%93", "repository"),
    ] {
        assert_eq!(repository(text).checkout_location(), directory, "{text}");
    }
}
