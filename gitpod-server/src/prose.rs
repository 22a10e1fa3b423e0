//! Texts for people: what is to be typed stands between backquotes.

use std::fmt;

use askama::filters::HtmlSafe;

/// A text as HTML: escaped, with `<code>` around what stands between backquotes; an odd backquote is text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prose<'a>(&'a str);

/// For templates: `{{ crate::prose::prose(text) }}`.
pub(crate) fn prose(text: &str) -> Prose<'_> {
    Prose(text)
}

impl HtmlSafe for Prose<'_> {}

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, code)) = rest.split_once('`')
            && let Some((code, after)) = code.split_once('`')
        {
            escape(before, f)?;
            if !code.is_empty() {
                f.write_str("<code>")?;
                escape(code, f)?;
                f.write_str("</code>")?;
            }
            rest = after;
        }
        escape(rest, f)
    }
}

fn escape(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        c => fmt::Write::write_char(f, c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_typed_is_code_and_nothing_is_markup() {
        for (text, html) in [
            (
                "run `a b`, then `c`",
                "run <code>a b</code>, then <code>c</code>",
            ),
            ("an odd ` one", "an odd ` one"),
            ("``", ""),
            ("", ""),
            (
                "<b> & `<i>\"'`",
                "&lt;b&gt; &amp; <code>&lt;i&gt;&quot;&#39;</code>",
            ),
            ("`</code><script>", "`&lt;/code&gt;&lt;script&gt;"),
        ] {
            assert_eq!(prose(text).to_string(), html, "{text}");
        }
    }
}
