//! Texts of several lines after `|` or `>`.

use super::cursor::{Cursor, Read, is_blank, is_line_end};

/// What stands after `|` or `>`.
#[derive(Debug, Clone, Copy)]
struct Header {
    folding: bool,
    /// `+` keeps all line ends at the end, `-` none; without, there is one.
    keep: Option<bool>,
    indent: isize,
    /// Whether the indent is known: by a digit, or from the first line.
    fixed: bool,
}

impl Cursor<'_> {
    /// A block of text, if one begins here.
    pub(super) fn block_text(&mut self, indent: isize) -> Read<Option<String>> {
        let folding = match self.here() {
            b'|' => false,
            b'>' => true,
            _ => return Ok(None),
        };
        let mut header = self.header(folding, indent)?;
        let mut text = String::new();
        let mut empty = 0; // lines before the next one with content
        let mut begun = false;
        let mut indented = false; // the last line began with a space of its own
        while self.here() != 0 {
            if !is_line_end(self.here()) {
                return self.fault("only a comment may follow here");
            }
            self.line_break();
            self.indentation(&mut header);
            if is_line_end(self.here()) {
                empty += 1;
                continue;
            }
            if self.line_indent < header.indent {
                match header.keep {
                    Some(true) => line_ends(&mut text, usize::from(begun) + empty),
                    None => line_ends(&mut text, usize::from(begun)),
                    Some(false) => {}
                }
                break;
            }
            let own_space = is_blank(self.here());
            if !header.folding || own_space {
                line_ends(&mut text, usize::from(begun) + empty);
                indented = own_space;
            } else if std::mem::take(&mut indented) {
                line_ends(&mut text, empty + 1);
            } else if empty > 0 {
                line_ends(&mut text, empty);
            } else if begun {
                text.push(' ');
            }
            (begun, header.fixed, empty) = (true, true, 0);
            let start = self.place.at;
            self.pass(|byte| !is_line_end(byte));
            self.capture(&mut text, start, self.place.at)?;
        }
        Ok(Some(text))
    }

    fn header(&mut self, folding: bool, indent: isize) -> Read<Header> {
        let mut header = Header {
            folding,
            keep: None,
            indent,
            fixed: false,
        };
        loop {
            match self.advance() {
                b'+' | b'-' if header.keep.is_some() => {
                    return self.fault("`+` or `-` may stand here only once");
                }
                mark @ (b'+' | b'-') => header.keep = Some(mark == b'+'),
                b'0' => return self.fault("the indent of a text is at least 1"),
                digit @ b'1'..=b'9' if !header.fixed => {
                    header.indent = indent + isize::from(digit - b'0') - 1;
                    header.fixed = true;
                }
                b'1'..=b'9' => return self.fault("the indent may be said only once"),
                _ => break,
            }
        }
        if is_blank(self.here()) && self.pass(is_blank) == b'#' {
            self.pass(|byte| !is_line_end(byte));
        }
        Ok(header)
    }

    /// Passes the spaces that belong to the block, and learns how many they are.
    fn indentation(&mut self, header: &mut Header) {
        self.line_indent = 0;
        while self.here() == b' ' && (!header.fixed || self.line_indent < header.indent) {
            self.line_indent += 1;
            self.advance();
        }
        if !header.fixed {
            header.indent = header.indent.max(self.line_indent);
        }
    }
}

fn line_ends(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n('\n', count));
}
