//! One spelling for all that a filesystem may take for the same name.
//!
//! A granted directory may be one that does not tell `.GIT` from `.git`, or that passes over characters that nobody
//! sees. So names are compared in a folded form: without regard to case, and without what Unicode calls default
//! ignorable. Where the filesystem does tell them apart, a few more names are guarded than need be.
//!
//! Not folded are the normalisation forms of Unicode, for which there are no tables here; see
//! [`Guards`](super::Guards).

use std::borrow::Cow;

/// The folded form of a name, path or glob.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(text);
    }
    let seen = text.chars().filter(|c| !is_ignorable(*c));
    // Up and down again: `ſ` and `S`, the Kelvin sign and `k` come out alike.
    let upper = seen.flat_map(char::to_uppercase);
    Cow::Owned(upper.flat_map(char::to_lowercase).collect())
}

/// Characters that a filesystem may pass over: those with the property `Default_Ignorable_Code_Point`.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn alike_and_not() {
        for name in [
            ".GIT",
            ".Git",
            ".g\u{131}t".replace('\u{131}', "I").as_str(),
            ".g\u{200c}it",
            "\u{feff}.git",
        ] {
            assert_eq!(fold(name), ".git", "{name:?}");
        }
        assert_eq!(fold(".git/hoo\u{212a}s"), ".git/hooks");
        assert_eq!(fold("ba\u{17f}h"), "bash");
        assert_eq!(fold("\u{c4}"), "\u{e4}");
        assert!(matches!(fold(".git"), std::borrow::Cow::Borrowed(_)));
        assert_ne!(fold("git"), fold(".git"));
    }
}
