//! Where the reader is, and how it moves over spaces, comments and line ends.

use std::collections::HashMap;

use super::node::{Node, Place};

/// Deepest nesting; the schema needs six levels.
const MAX_DEPTH: usize = 64;
/// Most values in a file, those that aliases repeat included.
const MAX_VALUES: usize = 100_000;
/// Most bytes of text that anchors and aliases repeat.
const MAX_REPEATED: usize = 1 << 20;

/// Why a file cannot be read.
#[derive(Debug)]
pub(in crate::gitpod_yml) struct Fault {
    pub(in crate::gitpod_yml) at: Place,
    pub(in crate::gitpod_yml) message: String,
}

pub(super) type Read<T> = Result<T, Fault>;

/// The reader. `line_indent` counts the spaces, and only the spaces, at the begin of the line.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) place: Place,
    pub(super) line_indent: isize,
    /// Named values; `None` while the value is being read.
    pub(super) anchors: HashMap<String, Option<Node>>,
    depth: usize,
    values: usize,
    repeated: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            place: Place::default(),
            line_indent: 0,
            anchors: HashMap::new(),
            depth: 0,
            values: 0,
            repeated: 0,
        }
    }

    /// The byte here; 0 at the end. The text has no zero byte.
    pub(super) fn here(&self) -> u8 {
        self.peek(0)
    }

    /// The byte `ahead` of here; 0 beyond the end.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        let at = self.place.at + ahead;
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    pub(super) fn advance(&mut self) -> u8 {
        self.place.at += 1;
        self.here()
    }

    pub(super) fn fault<T>(&self, message: impl Into<String>) -> Read<T> {
        fault_at(self.place, message)
    }

    /// How far the place is into its line.
    pub(super) fn column(&self) -> isize {
        isize::try_from(self.place.at - self.place.line_start).unwrap_or(isize::MAX)
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.place.at == self.place.line_start
    }

    /// Passes bytes as long as they are `wanted`; the byte after them.
    pub(super) fn pass(&mut self, wanted: impl Fn(u8) -> bool) -> u8 {
        while self.here() != 0 && wanted(self.here()) {
            self.place.at += 1;
        }
        self.here()
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.place.at).unwrap_or_default()
    }

    /// Passes one line end.
    pub(super) fn line_break(&mut self) {
        self.place.at += if self.here() == b'\r' && self.peek(1) == b'\n' {
            2
        } else {
            1
        };
        self.place.line += 1;
        self.place.line_start = self.place.at;
    }

    /// Passes spaces, line ends and, if `comments`, comments; how many lines ended.
    pub(super) fn separation(&mut self, comments: bool) -> usize {
        let mut lines = 0;
        loop {
            self.pass(is_blank);
            if comments && self.here() == b'#' {
                self.pass(|byte| !is_line_end(byte));
            }
            if !is_line_end(self.here()) {
                return lines;
            }
            self.line_break();
            lines += 1;
            self.pass(|byte| byte == b' ');
            self.line_indent = self.column();
        }
    }

    /// Whether `---` or `...` stands here, alone.
    pub(super) fn at_separator(&self) -> bool {
        let mark = self.here();
        let after = self.peek(3);
        matches!(mark, b'-' | b'.')
            && mark == self.peek(1)
            && mark == self.peek(2)
            && (after == 0 || is_space(after))
    }

    /// Counts a new value.
    pub(super) fn count_value(&mut self) -> Read<()> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.fault(format!("there are more than {MAX_VALUES} values"));
        }
        Ok(())
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == MAX_DEPTH {
            return self.fault(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// A copy of `node`, counted.
    pub(super) fn copy(&mut self, node: &Node) -> Read<Node> {
        let (values, bytes) = weight(node);
        self.values += values;
        self.repeated += bytes;
        if self.values > MAX_VALUES || self.repeated > MAX_REPEATED {
            return self.fault("anchors and aliases repeat too much");
        }
        Ok(node.clone())
    }
}

pub(super) fn fault_at<T>(at: Place, message: impl Into<String>) -> Read<T> {
    Err(Fault {
        at,
        message: message.into(),
    })
}

/// Values and bytes in `node`.
fn weight(node: &Node) -> (usize, usize) {
    let add = |(values, bytes): (usize, usize), node: &Node, key: usize| {
        let (more_values, more_bytes) = weight(node);
        (values + more_values, bytes + more_bytes + key)
    };
    match &node.value {
        super::Value::List(items) => items.iter().fold((1, 0), |sum, item| add(sum, item, 0)),
        super::Value::Map(entries) => entries
            .iter()
            .fold((1, 0), |sum, entry| add(sum, &entry.value, entry.key.len())),
        _ => (1, node.shown().len()),
    }
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_space(byte: u8) -> bool {
    is_blank(byte) || is_line_end(byte)
}

pub(super) fn is_flow_mark(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

/// Line ends folded into a text: one is a space, more are one less.
pub(super) fn fold(text: &mut String, lines: usize) {
    match lines {
        0 => {}
        1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more - 1)),
    }
}

/// Whether YAML forbids the character outside of quotes.
pub(super) fn is_unprintable(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}'))
        || matches!(c, '\u{fffe}' | '\u{ffff}')
}
