//! Texts in quotes.

use super::cursor::{Cursor, Read, fault_at, fold, is_line_end};

/// Gathers a quoted text.
struct Text {
    read: String,
    start: usize,
    end: usize,
    /// First half of a character that is written as two.
    half: Option<u32>,
}

impl Cursor<'_> {
    /// A text in single or double quotes, if one begins here.
    pub(super) fn quoted(&mut self) -> Read<Option<String>> {
        let quote = self.here();
        if !matches!(quote, b'\'' | b'"') {
            return Ok(None);
        }
        let opened = self.place;
        self.advance();
        let mut text = Text {
            read: String::new(),
            start: self.place.at,
            end: self.place.at,
            half: None,
        };
        while self.here() != 0 {
            let byte = self.here();
            if byte == quote {
                self.take(&mut text, self.place.at)?;
                self.advance();
                if quote == b'"' || self.here() != b'\'' {
                    text.half_alone();
                    return Ok(Some(text.read));
                }
                // Two single quotes are one; the second one is taken with what follows.
                text.start = self.place.at;
                self.advance();
                text.end = self.place.at;
            } else if byte == b'\\' && quote == b'"' {
                self.take(&mut text, self.place.at)?;
                self.advance();
                self.escape(&mut text)?;
                (text.start, text.end) = (self.place.at, self.place.at);
            } else if is_line_end(byte) {
                let end = text.end;
                self.take(&mut text, end)?;
                let lines = self.separation(false);
                fold(&mut text.read, lines);
                (text.start, text.end) = (self.place.at, self.place.at);
            } else if self.at_line_start() && self.at_separator() {
                break;
            } else {
                self.place.at += 1;
                text.end = self.place.at;
            }
        }
        fault_at(opened, "this quote is never closed")
    }

    /// Adds what was passed up to `end`.
    fn take(&self, text: &mut Text, end: usize) -> Read<()> {
        let part = self.text.get(text.start..end).unwrap_or_default();
        if part.bytes().any(|byte| byte < b' ' && byte != b'\t') {
            return self.fault("a control character has no place in this file");
        }
        if !part.is_empty() {
            text.half_alone();
            text.read.push_str(part);
        }
        Ok(())
    }

    /// What stands after a backslash.
    fn escape(&mut self, text: &mut Text) -> Read<()> {
        let byte = self.here();
        if is_line_end(byte) {
            self.separation(false);
            return Ok(());
        }
        let simple = match byte {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' | b'"' | b'/' | b'\\' => char::from(byte),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => return self.hexadecimal(text, 2),
            b'u' => return self.hexadecimal(text, 4),
            b'U' => return self.hexadecimal(text, 8),
            _ => return self.fault("this has no meaning after a backslash; double the backslash"),
        };
        text.half_alone();
        text.read.push(simple);
        self.advance();
        Ok(())
    }

    fn hexadecimal(&mut self, text: &mut Text, digits: usize) -> Read<()> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = char::from(self.advance()).to_digit(16) else {
                return self.fault(format!("{digits} hexadecimal digits are expected here"));
            };
            code = code.wrapping_shl(4) | digit;
        }
        self.advance();
        text.code(code);
        Ok(())
    }
}

impl Text {
    /// Adds a character by its number; two halves in UTF-16 make one.
    fn code(&mut self, code: u32) {
        match (self.half.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00);
                self.read.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            (half, 0xd800..=0xdbff) => {
                self.read.extend(half.map(|_| '\u{fffd}'));
                self.half = Some(code);
            }
            (half, code) => {
                self.read.extend(half.map(|_| '\u{fffd}'));
                self.read.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
        }
    }

    fn half_alone(&mut self) {
        self.read.extend(self.half.take().map(|_| '\u{fffd}'));
    }
}
