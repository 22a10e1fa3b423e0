//! Columns for people.

/// Rows below a heading, in columns as wide as their widest cell. Control characters of the cells do not reach the terminal.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: Vec<[String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(heading.map(str::to_owned))
        .chain(rows)
        .map(|row| row.map(|cell| plain(&cell)))
        .collect();
    let widths: Vec<usize> = (0..N)
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text without control characters: what others wrote shall not steer this terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_cells_are_harmless() {
        let rows = vec![
            [String::from("a"), String::from("\u{1b}[31mx")],
            [String::from("abc"), String::new()],
        ];
        assert_eq!(table(["ID", "B"], rows), "ID   B\na     [31mx\nabc");
    }
}
