//! A text file, whole in memory.

use bailiwick_guest::fs::read::ErrorCode;
use bailiwick_guest::note::{count, grouped};
use bailiwick_guest::{At, EditFile, ReadAt, ToolError};

/// How many bytes a text file has at most: what one crossing can write, for it is written in one step.
pub(crate) const MAX: u64 = 4 << 20;
/// How many bytes one crossing brings at most.
const CHUNK: u32 = 1 << 20;
/// The byte order mark.
const MARK: char = '\u{FEFF}';

/// The code of a file that is not text.
pub(crate) const BINARY: &str = "binary-file";
/// The code of a file that is too large to be edited.
pub(crate) const TOO_LARGE: &str = "too-large";

/// The contents of a text file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// Whether it begins with a byte order mark.
    pub(crate) mark: bool,
    /// The text after that.
    pub(crate) body: String,
}

impl Text {
    /// Text from all the bytes of the file called `name`.
    fn new(bytes: Vec<u8>, name: &str) -> Result<Self, ToolError> {
        let size = bytes.len() as u64;
        if bytes.contains(&0) {
            return Err(binary(name, size, "there is a NUL in it"));
        }
        let body = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to() as u64;
            binary(
                name,
                size,
                &format!("it is not UTF-8 from byte {} on", grouped(at)),
            )
        })?;
        Ok(match body.strip_prefix(MARK) {
            Some(rest) => Self {
                mark: true,
                body: rest.to_owned(),
            },
            None => Self { mark: false, body },
        })
    }

    /// `text` as an argument that is compared with this: a model that saw the byte order mark gives it back.
    pub(crate) fn unmarked<'a>(&self, text: &'a str) -> &'a str {
        match self.mark {
            true => text.strip_prefix(MARK).unwrap_or(text),
            false => text,
        }
    }

    /// The bytes of a file called `name` that has this mark and another body.
    ///
    /// # Errors
    ///
    /// `too-large` when the file would have more than [`MAX`] bytes.
    pub(crate) fn bytes(&self, body: String, name: &str) -> Result<Vec<u8>, ToolError> {
        let mark = if self.mark { MARK.len_utf8() } else { 0 };
        let size = (body.len() + mark) as u64;
        if size > MAX {
            return Err(too_large(name, &format!("it would have {}", grouped(size))));
        }
        if !self.mark {
            return Ok(body.into_bytes());
        }
        let mut bytes = Vec::with_capacity(body.len() + mark);
        bytes.extend_from_slice(MARK.encode_utf8(&mut [0; 4]).as_bytes());
        bytes.extend_from_slice(body.as_bytes());
        Ok(bytes)
    }
}

/// The text of the file `file`, which is called `name`.
///
/// # Errors
///
/// `binary-file`, `too-large`, or the code of what failed.
pub(crate) fn load(file: &impl ReadAt, name: &str) -> Result<Text, ToolError> {
    let mut bytes = Vec::new();
    loop {
        let chunk = file.read_at(bytes.len() as u64, CHUNK);
        let chunk = chunk.map_err(|code| missing(code, name))?;
        let size = chunk.size.max((bytes.len() + chunk.bytes.len()) as u64);
        if size > MAX {
            return Err(too_large(name, &format!("it has {}", grouped(size))));
        }
        bytes.extend_from_slice(&chunk.bytes);
        if chunk.bytes.is_empty() || bytes.len() as u64 >= chunk.size {
            return Text::new(bytes, name);
        }
    }
}

/// Gives the file a body that `text` has not.
pub(crate) fn save(
    file: &impl EditFile,
    name: &str,
    text: &Text,
    body: &str,
) -> Result<(), ToolError> {
    let bytes = text.bytes(body.to_owned(), name)?;
    file.replace(&bytes).at(|| name)
}

/// The error of a file that cannot be looked at.
fn missing(code: ErrorCode, name: &str) -> ToolError {
    match code {
        ErrorCode::NoEntry => code.at(name).hint("write creates a file"),
        code => code.at(name),
    }
}

fn binary(name: &str, size: u64, why: &str) -> ToolError {
    let size = count(size, "byte", "bytes");
    ToolError::new(BINARY, format!("{name}: a binary file of {size}: {why}"))
        .hint("only text can be edited here; copy, move and remove take any file")
}

fn too_large(name: &str, what: &str) -> ToolError {
    let max = grouped(MAX);
    ToolError::new(
        TOO_LARGE,
        format!("{name}: {what} bytes, and a file that is edited has at most {max}"),
    )
    .hint("copy, move and remove take files of any size")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    fn loaded(bytes: impl AsRef<[u8]>) -> Result<Text, ToolError> {
        let tree = Tree::new("/w").file("a", bytes);
        load(&tree.read("a"), "/w/a")
    }

    #[test]
    fn a_mark_is_kept_apart() {
        let text = loaded("\u{FEFF}a").expect("text");
        assert_eq!((text.mark, text.body.as_str()), (true, "a"));
        let bytes = text.bytes("b".into(), "/w/a").expect("small");
        assert_eq!(bytes, "\u{FEFF}b".as_bytes());
        assert_eq!(text.unmarked("\u{FEFF}x"), "x");
        assert_eq!(Text::default().unmarked("\u{FEFF}x"), "\u{FEFF}x");
    }

    #[test]
    fn what_is_not_text_is_refused() {
        let error = loaded(b"a\0b").expect_err("a NUL");
        assert_eq!(error.code, BINARY);
        assert_eq!(
            error.message,
            "/w/a: a binary file of 3 bytes: there is a NUL in it"
        );
        let error = loaded(b"ab\xFFc").expect_err("not UTF-8");
        assert!(error.message.ends_with("it is not UTF-8 from byte 2 on"));
    }

    #[test]
    fn the_bound_is_exact() {
        let most = "x".repeat(MAX as usize);
        assert_eq!(loaded(&most).map(|text| text.body.len()), Ok(MAX as usize));
        let error = loaded(format!("{most}y")).expect_err("one byte too many");
        assert_eq!(error.code, TOO_LARGE);
        let marked = Text {
            mark: true,
            body: String::new(),
        };
        let code = marked
            .bytes(most, "/w/a")
            .expect_err("the mark counts")
            .code;
        assert_eq!(code, TOO_LARGE);
    }

    #[test]
    fn a_missing_file_says_how_to_make_it() {
        let tree = Tree::new("/w");
        let error = load(&tree.read("b"), "/w/b").expect_err("it is missing");
        assert_eq!(error.code, "no-entry");
        assert_eq!(error.hint.as_deref(), Some("write creates a file"));
    }
}
