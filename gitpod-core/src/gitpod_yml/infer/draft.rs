use super::{Inferred, Listing};
use crate::gitpod_yml::model::{Port, PortRange, Task, Vscode};
use crate::port::OnOpen;

/// Why the configuration has something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// What: a command, `port 3000`, an extension.
    pub what: String,
    /// Why, for people.
    pub because: String,
}

/// The configuration as far as it is inferred.
#[derive(Debug)]
pub(super) struct Draft {
    inferred: Inferred,
    /// A repository that says itself which extensions it wants gets no others.
    extensions: bool,
}

/// A task in the making.
#[derive(Debug, Default)]
pub(super) struct Steps {
    name: &'static str,
    init: Vec<String>,
    command: Option<String>,
    reasons: Vec<Reason>,
}

impl Steps {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Runs once for fresh content, after what was added before.
    pub(super) fn init(&mut self, command: impl Into<String>, because: impl Into<String>) {
        let command = command.into();
        self.reason(&command, because);
        self.init.push(command);
    }

    /// Runs at every start.
    pub(super) fn command(&mut self, command: impl Into<String>, because: impl Into<String>) {
        let command = command.into();
        self.reason(&command, because);
        self.command = Some(command);
    }

    fn reason(&mut self, what: &str, because: impl Into<String>) {
        self.reasons.push(Reason {
            what: what.to_owned(),
            because: because.into(),
        });
    }
}

impl Draft {
    pub(super) fn new(listing: &Listing) -> Self {
        Self {
            inferred: Inferred::default(),
            extensions: !listing.has(".vscode/extensions.json"),
        }
    }

    /// Whether nothing tells yet how to build.
    pub(super) fn is_empty(&self) -> bool {
        self.inferred.config.tasks.is_empty()
    }

    pub(super) fn task(&mut self, steps: Steps) {
        if steps.init.is_empty() && steps.command.is_none() {
            return;
        }
        let init = steps.init.join(" && ");
        self.inferred.config.tasks.push(Task {
            name: Some(steps.name.to_owned()),
            init: (!init.is_empty()).then_some(init),
            command: steps.command,
            ..Task::default()
        });
        self.inferred.reasons.extend(steps.reasons);
    }

    pub(super) fn port(&mut self, port: u16, name: &str, because: impl Into<String>) {
        self.ports(port, port, name, because);
    }

    /// Adds ports, unless one of them is there already.
    pub(super) fn ports(&mut self, start: u16, end: u16, name: &str, because: impl Into<String>) {
        let ports = &mut self.inferred.config.ports;
        let known = |port: &Port| port.port.start <= end && start <= port.port.end;
        if start == 0 || end < start || ports.iter().any(known) {
            return;
        }
        ports.push(Port {
            port: PortRange { start, end },
            on_open: Some(OnOpen::Notify),
            visibility: None,
            name: Some(name.to_owned()),
            description: None,
            protocol: None,
        });
        let what = if start == end {
            format!("port {start}")
        } else {
            format!("ports {start}-{end}")
        };
        self.inferred.reasons.push(Reason {
            what,
            because: because.into(),
        });
    }

    pub(super) fn extension(&mut self, id: &str, because: impl Into<String>) {
        if !self.extensions {
            return;
        }
        let vscode = &mut self.inferred.config.vscode;
        let extensions = &mut vscode.get_or_insert_with(Vscode::default).extensions;
        if extensions.iter().any(|known| known == id) {
            return;
        }
        extensions.push(id.to_owned());
        self.inferred.reasons.push(Reason {
            what: id.to_owned(),
            because: because.into(),
        });
    }

    pub(super) fn finish(self) -> Inferred {
        self.inferred
    }
}
