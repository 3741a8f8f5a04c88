//! The policy line that would allow what was denied: for the operator, never for a model.

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allow {
    /// The tool is not to be handed a name of the session.
    Hand { grant: String, writes: bool },
    /// The tool is handed it to be read, and it is granted to be written.
    HandToWrite { grant: String },
    /// It is granted to be read only.
    Write { grant: String },
    /// Nothing that is granted has this path of the host.
    Grant { path: String, writes: bool },
}

impl Allow {
    /// The same, for what was to be written.
    pub(crate) fn for_writing(mut self) -> Self {
        match &mut self {
            Self::Hand { writes, .. } | Self::Grant { writes, .. } => *writes = true,
            Self::HandToWrite { .. } | Self::Write { .. } => {}
        }
        self
    }

    /// The line, for a tool: what to have in which section of `bailiwick.toml`.
    pub(crate) fn line(&self, tool: &str) -> String {
        let rights = |writes: &bool| if *writes { "rw" } else { "ro" };
        match self {
            Self::Hand { grant, writes } => {
                let rights = rights(writes);
                format!("[tools.{tool}] grants = [\"{grant}:{rights}\"]")
            }
            Self::HandToWrite { grant } => format!("[tools.{tool}] grants = [\"{grant}:rw\"]"),
            Self::Write { grant } => {
                format!(
                    "[grants.{grant}] rights = \"rw\"; [tools.{tool}] grants = [\"{grant}:rw\"]"
                )
            }
            Self::Grant { path, writes } => {
                let rights = rights(writes);
                // A path that was said in a call. As a string of TOML it cannot be more than one.
                let path = path.escape_default();
                format!(
                    "[grants.NAME] path = \"{path}\", rights = \"{rights}\"; [tools.{tool}] grants = [\"NAME:{rights}\"]"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_its_quotes() {
        let allow = Allow::Grant {
            path: "/a\"; rights = \"rw\n".to_owned(),
            writes: false,
        };
        assert_eq!(
            allow.line("files"),
            "[grants.NAME] path = \"/a\\\"; rights = \\\"rw\\n\", rights = \"ro\"; [tools.files] grants = [\"NAME:ro\"]"
        );
    }

    #[test]
    fn what_was_to_be_written_is_allowed_to_be() {
        let hand = Allow::Hand {
            grant: "docs".to_owned(),
            writes: false,
        };
        assert_eq!(hand.line("t"), "[tools.t] grants = [\"docs:ro\"]");
        assert_eq!(
            hand.for_writing().line("t"),
            "[tools.t] grants = [\"docs:rw\"]"
        );
    }
}
