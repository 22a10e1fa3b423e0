//! What may stand before an address.

use gitpod_core::context::{ContextUrl, Subject};
use gitpod_core::{ErrorKind, SnapshotId};

use super::parse;

#[test]
fn variables_are_taken_and_dangerous_ones_left_out() {
    let context = parse("A=1,B_2=x%2Dy/https://github.com/o/r");
    let env = [("A", "1"), ("B_2", "x-y")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(context.env, env);
    let denied = "PATH,LD_PRELOAD,GIT_SSH_COMMAND,NODE_OPTIONS,BASH_ENV,PROMPT_COMMAND,PS1,PS4,ZDOTDIR,\
        PYTHONSTARTUP,PERL5LIB,JAVA_TOOL_OPTIONS,SHELL,IFS,MY_PATH,MY_HOME,MY_CONFIG,MY_OPTIONS,MY_STARTUP,\
        MY_INIT,GITPOD_X,SUPERVISOR_X,path,A-B,1A";
    for name in denied.split(',') {
        let context = parse(&format!("{name}=x,OK=1/github.com/o/r"));
        assert_eq!(context.env, [("OK".to_owned(), "1".to_owned())], "{name}");
        assert_eq!(context.warnings.len(), 1, "{name}");
    }
    let context = parse("A=$(id),B=%0A/github.com/o/r");
    assert!(
        context.env.is_empty() && context.warnings.len() == 2,
        "{context:?}"
    );
}

#[test]
fn the_other_prefixes() {
    assert!(parse("imagebuild/github.com/o/r").build_image);
    let referrer = parse("referrer:jetbrains-gateway:goland/github.com/o/r")
        .referrer
        .unwrap();
    assert_eq!(referrer.name, "jetbrains-gateway");
    assert_eq!(referrer.editor.as_deref(), Some("goland"));
    let id = "c0ffee00-0000-4000-8000-000000000001";
    let context = parse(&format!("open-prebuild/{id}/github.com/o/r"));
    assert_eq!(context.prebuild.unwrap().to_string(), id);
    assert_eq!(context.repository().unwrap().name, "r");
    // Only one prefix is taken, as in the original.
    assert!(
        "imagebuild/A=1/github.com/o/r"
            .parse::<ContextUrl>()
            .is_err()
    );
}

#[test]
fn a_snapshot_is_no_repository() {
    let id: SnapshotId = "c0ffee00-0000-4000-8000-000000000002".parse().unwrap();
    for text in [format!("snapshot/{id}"), format!("#snapshot/{id}/")] {
        let context = parse(&text);
        assert_eq!(context.subject, Subject::Snapshot(id));
        assert_eq!(context.to_string(), format!("snapshot/{id}"));
        assert_eq!(
            context.repository().unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    }
}
