//! Every key of the file, with its type, its default and its meaning.

use super::{Key, Object, Shape};
use Shape::{Any, Bool, Choice, Either, List, Map, Number, Range, Text};

pub(in crate::gitpod_yml) static FILE: Shape = Shape::Object(&Object {
    keys: &[
        Key::new(
            "image",
            IMAGE,
            "The tools of the workspace: an image, or a Dockerfile of the repository.",
        ),
        Key::new(
            "tasks",
            List(&TASK),
            "What runs in terminals, each task in one of its own.",
        )
        .default("[]"),
        Key::new("ports", List(&PORT), "What the workspace serves.").default("[]"),
        Key::new(
            "checkoutLocation",
            Text,
            "Where the repository is checked out, relative to /workspace; its name when absent.",
        ),
        Key::new(
            "workspaceLocation",
            Text,
            "What the editor opens, relative to /workspace: a directory or a *.code-workspace file; checkoutLocation when absent.",
        ),
        Key::new(
            "additionalRepositories",
            List(&REPOSITORY),
            "Repositories to check out beside this one, on the same branch where they have it.",
        )
        .default("[]"),
        Key::new(
            "mainConfiguration",
            Text,
            "Context URL of the repository whose configuration counts instead of this one.",
        ),
        Key::new(
            "gitConfig",
            Map(Some(&Text)),
            "Settings of git for the clone, such as core.autocrlf: input.",
        ),
        Key::new(
            "env",
            Map(Some(&Text)),
            "Environment variables of the workspace; every other source of variables comes before them.",
        ),
        Key::new("vscode", VSCODE, "What VS Code shall have."),
        Key::new(
            "jetbrains",
            JETBRAINS,
            "What the editors of JetBrains shall have.",
        ),
        Key::new(
            "coreDump",
            CORE_DUMP,
            "Whether crashing processes leave core dumps.",
        ),
        Key::new("github", GITHUB, "Prebuild settings of long ago.")
            .deprecated("deprecated, prebuilds are set in the project's settings"),
        Key::new("experimentalNetwork", Bool, "Has no effect.")
            .deprecated("has no effect any more"),
    ],
    open: false,
});

const IMAGE: Shape = Either(&[
    Text,
    Shape::Object(&Object {
        keys: &[
            Key::new("file", Text, "Path of the Dockerfile in the repository.").required(),
            Key::new(
                "context",
                Text,
                "Path of the build context in the repository; needed only when files are copied in.",
            ),
        ],
        open: false,
    }),
]);

static TASK: Shape = Shape::Object(&Object {
    keys: &[
        Key::new(
            "name",
            Text,
            "Title of the terminal; `Gitpod Task N` when absent.",
        ),
        Key::new("before", Text, "Runs at every start, first, and must end."),
        Key::new(
            "init",
            Text,
            "Runs once for fresh content, in the prebuild or at the first start, and must end.",
        ),
        Key::new("prebuild", Text, "Runs in prebuilds only, after init.")
            .deprecated("deprecated, use `init`"),
        Key::new("command", Text, "Runs at every start, last; need not end."),
        Key::new(
            "env",
            Map(None),
            "Environment variables of this terminal; a value that is not a text is given as JSON.",
        ),
        Key::new(
            "openIn",
            Choice(&["bottom", "main", "left", "right"]),
            "Where the editor opens the terminal.",
        )
        .default("\"bottom\""),
        Key::new(
            "openMode",
            Choice(&["tab-after", "tab-before", "split-left", "split-right"]),
            "How the editor opens the terminal.",
        )
        .default("\"tab-after\""),
    ],
    open: false,
});

static PORT: Shape = Shape::Object(&Object {
    keys: &[
        Key::new(
            "port",
            Either(&[Number, Range]),
            "A port such as 3000, or a range such as 3000-3999.",
        )
        .required(),
        Key::new(
            "onOpen",
            Choice(&[
                "notify",
                "open-browser",
                "open-preview",
                "ignore",
                "ignore-completely",
            ]),
            "What happens when the port is first served; ignore-completely hides it, too.",
        )
        .default("\"notify\""),
        Key::new(
            "visibility",
            Choice(&["private", "public"]),
            "Whether only those may reach the port who may open the workspace, or everybody.",
        )
        .default("\"private\""),
        Key::new("name", Text, "Name of the port, for people."),
        Key::new("description", Text, "What the port is for, for people."),
        Key::new(
            "protocol",
            Choice(&["http", "https"]),
            "What is spoken at the port.",
        )
        .default("\"http\""),
    ],
    open: false,
});

static REPOSITORY: Shape = Shape::Object(&Object {
    keys: &[
        Key::new("url", Text, "Context URL of the repository.").required(),
        Key::new(
            "checkoutLocation",
            Text,
            "Where it is checked out, relative to /workspace; its name when absent.",
        ),
    ],
    open: false,
});

const VSCODE: Shape = Shape::Object(&Object {
    keys: &[Key::new(
        "extensions",
        List(&Text),
        "Extensions, as publisher.name or publisher.name@version.",
    )
    .default("[]")],
    open: false,
});

const JETBRAINS: Shape = Shape::Object(&Object {
    keys: &[
        Key::new(
            "plugins",
            List(&Text),
            "Plugins for all of them, by plugin id.",
        )
        .default("[]"),
        Key::new("intellij", PRODUCT, "What IntelliJ IDEA shall have."),
        Key::new("goland", PRODUCT, "What GoLand shall have."),
        Key::new("pycharm", PRODUCT, "What PyCharm shall have."),
        Key::new("phpstorm", PRODUCT, "What PhpStorm shall have."),
        Key::new("rubymine", PRODUCT, "What RubyMine shall have."),
        Key::new("webstorm", PRODUCT, "What WebStorm shall have."),
        Key::new("rider", PRODUCT, "What Rider shall have."),
        Key::new("clion", PRODUCT, "What CLion shall have."),
        Key::new("rustrover", PRODUCT, "What RustRover shall have."),
    ],
    open: false,
});

const PRODUCT: Shape = Shape::Object(&Object {
    keys: &[
        Key::new("plugins", List(&Text), "Its plugins, by plugin id.").default("[]"),
        Key::new("prebuilds", WARM_UP, "What is done ahead in prebuilds."),
        Key::new(
            "vmoptions",
            Text,
            "Options of its Java machine, such as -Xmx4g.",
        ),
    ],
    open: false,
});

const WARM_UP: Shape = Shape::Object(&Object {
    keys: &[Key::new(
        "version",
        Choice(&["stable", "latest", "both"]),
        "Which release is warmed up.",
    )
    .default("\"stable\"")],
    open: false,
});

const CORE_DUMP: Shape = Shape::Object(&Object {
    keys: &[
        Key::new("enabled", Bool, "Whether they do.").default("false"),
        Key::new(
            "softLimit",
            Number,
            "Soft limit of a core dump's size, in bytes.",
        )
        .default("1073741824"),
        Key::new(
            "hardLimit",
            Number,
            "Hard limit of a core dump's size, in bytes.",
        )
        .default("1073741824"),
    ],
    open: false,
});

const GITHUB: Shape = Shape::Object(&Object {
    keys: &[Key::new(
        "prebuilds",
        Either(&[
            Bool,
            Shape::Object(&Object {
                keys: &[
                    Key::new("master", Bool, "Prebuilds of the default branch.").default("true"),
                    Key::new("branches", Bool, "Prebuilds of all branches.").default("false"),
                    Key::new("pullRequests", Bool, "Prebuilds of pull requests.").default("true"),
                    Key::new(
                        "pullRequestsFromForks",
                        Bool,
                        "Prebuilds of pull requests from forks.",
                    )
                    .default("false"),
                    Key::new("addBadge", Bool, "A badge in pull requests.").default("true"),
                    Key::new(
                        "addCheck",
                        Either(&[Bool, Choice(&["prevent-merge-on-error"])]),
                        "A check in pull requests.",
                    )
                    .default("true"),
                    Key::new(
                        "addLabel",
                        Either(&[Bool, Text]),
                        "A label, the default one or this one, for pull requests.",
                    )
                    .default("false"),
                    Key::new("addComment", Any, "A comment in pull requests."),
                ],
                open: true,
            }),
        ]),
        "Whether there are prebuilds, or of what.",
    )],
    open: false,
});
