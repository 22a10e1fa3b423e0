//! Our own log: lines on standard error, which the runtime keeps.

use std::fmt;
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Writes events of level INFO and above, one line each. Spans are not used here.
#[derive(Debug)]
struct Lines;

/// Sends the log to standard error. A second call does nothing.
pub(crate) fn to_stderr() {
    // Fails only when somebody set a subscriber already: an embedding program's choice stands.
    let _ = tracing::subscriber::set_global_default(Lines);
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with("gitpod_ide");
        *metadata.level() <= if ours { Level::INFO } else { Level::WARN }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!(
            "supervisor: {}: ",
            event.metadata().level().as_str().to_lowercase()
        ));
        event.record(&mut line);
        line.0.push('\n');
        // A log that cannot be written has nobody to tell.
        let _ = std::io::stderr().lock().write_all(line.0.as_bytes());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}
