use gitpod_core::workspace::NewWorkspace;

/// What a person asks for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreateWorkspace {
    /// The context URL.
    pub url: String,
    /// The class, by id; `None`: the default one.
    pub class: Option<String>,
    /// The editor, by id; `None`: the default one.
    pub editor: Option<String>,
    /// Whether the repository's own configuration is left out.
    pub default_configuration: bool,
}

impl CreateWorkspace {
    /// A workspace from `url`, all else by default.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            class: None,
            editor: None,
            default_configuration: false,
        }
    }
}

/// What a URL means.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ParsedContext {
    /// What a workspace from it would be.
    pub spec: NewWorkspace,
}

/// What may be changed by a start.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StartOptions {
    /// The editor from now on, by id; `None`: as before.
    pub editor: Option<String>,
    /// The class from now on, by id; `None`: as before.
    pub class: Option<String>,
}
