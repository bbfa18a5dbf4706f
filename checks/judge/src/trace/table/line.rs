//! Lines of styled text, and how text is made to fit.

/// How a part of a line looks where there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As any other text.
    Plain,
    /// What a reader should see first.
    Bold,
    /// What a reader may pass over.
    Dim,
    /// What is broken.
    Broken,
    /// A state of the request.
    State,
    /// Why it came to it.
    Telling,
}

impl Style {
    /// The parameters of the escape sequence that begins it; `None` for what looks as any other text.
    fn parameters(self) -> Option<&'static str> {
        match self {
            Style::Plain => None,
            Style::Bold => Some("1"),
            Style::Dim => Some("2"),
            Style::Broken => Some("1;31"),
            Style::State => Some("32"),
            Style::Telling => Some("33"),
        }
    }
}

/// A line, part by part.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Vec<(String, Style)>);

impl Line {
    pub(super) fn push(&mut self, text: &str, style: Style) {
        self.0.push((text.to_owned(), style));
    }

    /// The line with nothing at its end that cannot be seen.
    pub(super) fn to_text(&self, has_colour: bool) -> String {
        let visible = self.0.iter().rposition(|(text, _)| !text.trim_end().is_empty());
        let parts = &self.0[..visible.map_or(0, |last| last + 1)];
        let mut text = String::new();
        for (place, (part, style)) in parts.iter().enumerate() {
            let part = if place + 1 == parts.len() { part.trim_end() } else { part };
            match style.parameters().filter(|_| has_colour && !part.trim().is_empty()) {
                Some(parameters) => text.extend(["\x1b[", parameters, "m", part, "\x1b[0m"]),
                None => text.push_str(part),
            }
        }
        text
    }

    /// The line as several that fit a width. Only the first part keeps its style, which is enough for a heading.
    pub(super) fn wrapped(self, width: usize) -> Vec<Line> {
        let whole: String = self.0.iter().map(|(text, _)| text.as_str()).collect();
        if whole.chars().count() <= width {
            return vec![self];
        }
        let Some((first, style)) = self.0.first().cloned() else { return vec![self] };
        let mut lines = wrap(&whole, width, "", Style::Plain);
        if let Some(line) = lines.first_mut() {
            let text = line.to_text(false);
            if let Some(rest) = text.strip_prefix(first.as_str()) {
                *line = Line(vec![(first.clone(), style), (rest.to_owned(), Style::Plain)]);
            }
        }
        lines
    }
}

/// Text in lines of at most `width` characters, each after an indentation.
pub(super) fn wrap(text: &str, width: usize, indentation: &str, style: Style) -> Vec<Line> {
    words(text, width.saturating_sub(indentation.len()).max(8))
        .into_iter()
        .map(|text| Line(vec![(indentation.to_owned(), Style::Plain), (text, style)]))
        .collect()
}

/// Text cut between words into pieces of at most `width` characters; a longer word is a piece of its own, cut to fit.
pub(super) fn words(text: &str, width: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match pieces.last_mut() {
            Some(piece) if piece.chars().count() + 1 + word.chars().count() <= width => {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
    }
    pieces
}

/// Text cut or filled up to exactly `width` characters, the last of which is a space. A text of several lines, such as
/// the message of a panic, stands in one: another would begin in the wrong column.
pub(super) fn fit(text: &str, width: usize) -> String {
    let is_layout = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let text: String = text.chars().map(|letter| if is_layout(letter) { ' ' } else { letter }).collect();
    let count = text.chars().count();
    if count < width || width == 0 {
        return format!("{text}{}", " ".repeat(width.saturating_sub(count)));
    }
    let kept: String = text.chars().take(width.saturating_sub(2)).collect();
    format!("{kept}… ")
}

/// Like [`fit`], for places in code: what is cut off is the front, since the end says the line.
pub(super) fn fit_place(place: &str, width: usize) -> String {
    let count = place.chars().count();
    if count < width || width < 3 {
        return fit(place, width);
    }
    let kept: String = place.chars().skip(count + 2 - width).collect();
    fit(&format!("…{kept}"), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_cut_keeps_its_line() {
        assert_eq!(fit_place("word.rs:12", 12), "word.rs:12  ");
        assert_eq!(fit_place("wait_registered_after_the_look.rs:45", 21), "…fter_the_look.rs:45 ");
    }

    #[test]
    fn text_fits_its_column() {
        assert_eq!(fit("mark", 6), "mark  ");
        assert_eq!(fit("compare", 6), "comp… ");
        assert_eq!(fit("left\n\tright", 12), "left  right ");
        assert_eq!(fit("left\nright", 8), "left r… ");
        assert_eq!(words("a state that is long", 8), ["a state", "that is", "long"]);
    }

    #[test]
    fn nothing_invisible_ends_a_line_and_plain_text_has_no_escapes() {
        let mut line = Line::default();
        line.push("mark  ", Style::Bold);
        line.push("    ", Style::Plain);
        assert_eq!(line.to_text(false), "mark");
        assert_eq!(line.to_text(true), "\u{1b}[1mmark\u{1b}[0m");
    }
}
