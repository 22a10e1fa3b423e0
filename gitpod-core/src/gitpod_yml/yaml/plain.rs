use super::cursor::{
    Cursor, Read, fold, is_blank, is_flow_mark, is_line_end, is_space, is_unprintable,
};

impl Cursor<'_> {
    /// A text without quotes, if one begins here; the lines of a longer one folded.
    pub(super) fn plain(&mut self, indent: isize, in_flow: bool) -> Read<Option<String>> {
        let first = self.here();
        let next = self.peek(1);
        let ends = |next: u8| is_space(next) || (in_flow && is_flow_mark(next));
        if first == 0
            || is_space(first)
            || is_flow_mark(first)
            || b"#&*!|>'\"%@`".contains(&first)
            || (matches!(first, b'?' | b'-') && ends(next))
        {
            return Ok(None);
        }
        let mut text = String::new();
        let (mut start, mut end) = (self.place.at, self.place.at);
        let mut folded = None;
        while self.here() != 0 {
            let byte = self.here();
            if byte == b':' {
                if ends(self.peek(1)) {
                    break;
                }
            } else if byte == b'#' {
                let before = self.place.at.checked_sub(1);
                if before.is_some_and(|at| is_space(self.text.as_bytes()[at])) {
                    break;
                }
            } else if (self.at_line_start() && self.at_separator())
                || (in_flow && is_flow_mark(byte))
            {
                break;
            } else if is_line_end(byte) {
                let (place, line_indent) = (self.place, self.line_indent);
                let lines = self.separation(false);
                if self.line_indent >= indent {
                    folded = Some(lines);
                    continue;
                }
                (self.place, self.line_indent) = (place, line_indent);
                self.place.at = end;
                break;
            }
            if let Some(lines) = folded.take() {
                self.capture(&mut text, start, end)?;
                fold(&mut text, lines);
                (start, end) = (self.place.at, self.place.at);
            }
            self.place.at += 1;
            if !is_blank(byte) {
                end = self.place.at;
            }
        }
        self.capture(&mut text, start, end)?;
        Ok((!text.is_empty()).then_some(text))
    }

    /// Adds a part of the file to `text`.
    pub(super) fn capture(&self, text: &mut String, start: usize, end: usize) -> Read<()> {
        let part = self.text.get(start..end).unwrap_or_default();
        if part.contains(is_unprintable) {
            return self.fault("a character that cannot be printed has no place in this file");
        }
        text.push_str(part);
        Ok(())
    }
}
