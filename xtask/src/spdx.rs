//! Licence expressions of the SPDX specification, annex D, as far as crates use them.
//!
//! `OR`, `AND`, `WITH` and parentheses, and `/` in cargo's old style, which means `OR`.

use anyhow::{Result, bail};

/// Whether the allowed licences satisfy an expression. A licence with an exception is one name: `A WITH B`.
///
/// # Errors
///
/// The expression does not parse.
pub(crate) fn satisfied(expression: &str, allowed: &[&str]) -> Result<bool> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = Words {
        words: spaced.split_whitespace().collect(),
        next: 0,
    };
    let holds = words.any(allowed)?;
    match words.peek() {
        None => Ok(holds),
        Some(word) => bail!("unexpected `{word}`"),
    }
}

struct Words<'a> {
    words: Vec<&'a str>,
    next: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn take_if(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    /// One or more of [`Self::all`], with `OR` between them.
    fn any(&mut self, allowed: &[&str]) -> Result<bool> {
        let mut holds = self.all(allowed)?;
        while self.take_if("OR") {
            holds |= self.all(allowed)?;
        }
        Ok(holds)
    }

    /// One or more of [`Self::one`], with `AND` between them.
    fn all(&mut self, allowed: &[&str]) -> Result<bool> {
        let mut holds = self.one(allowed)?;
        while self.take_if("AND") {
            holds &= self.one(allowed)?;
        }
        Ok(holds)
    }

    /// A licence, or an expression in parentheses.
    fn one(&mut self, allowed: &[&str]) -> Result<bool> {
        if self.take_if("(") {
            let holds = self.any(allowed)?;
            if !self.take_if(")") {
                bail!("a parenthesis is not closed");
            }
            return Ok(holds);
        }
        let licence = self.name()?;
        if self.take_if("WITH") {
            let exception = self.name()?;
            return Ok(allowed.contains(&format!("{licence} WITH {exception}").as_str()));
        }
        Ok(allowed.contains(&licence))
    }

    fn name(&mut self) -> Result<&'a str> {
        match self.peek() {
            None => bail!("it ends where a licence is expected"),
            Some(word @ ("OR" | "AND" | "WITH" | "(" | ")")) => {
                bail!("`{word}` where a licence is expected")
            }
            Some(word) => {
                self.next += 1;
                Ok(word)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    const ALLOWED: [&str; 4] = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-3-Clause",
    ];

    fn check(expression: &str) -> Option<bool> {
        satisfied(expression, &ALLOWED).ok()
    }

    #[test]
    fn one_licence() {
        assert_eq!(check("MIT"), Some(true));
        assert_eq!(check("GPL-3.0"), Some(false));
        assert_eq!(check("mit"), Some(false));
    }

    #[test]
    fn or_takes_either_and_takes_both() {
        assert_eq!(check("GPL-3.0 OR MIT"), Some(true));
        assert_eq!(check("GPL-3.0 OR LGPL-2.1"), Some(false));
        assert_eq!(check("MIT AND BSD-3-Clause"), Some(true));
        assert_eq!(check("MIT AND GPL-3.0"), Some(false));
    }

    #[test]
    fn and_binds_closer_than_or() {
        assert_eq!(check("MIT OR Apache-2.0 AND GPL-3.0"), Some(true));
        assert_eq!(check("GPL-3.0 AND MIT OR Apache-2.0"), Some(true));
        assert_eq!(check("(MIT OR Apache-2.0) AND GPL-3.0"), Some(false));
        assert_eq!(
            check("(MIT OR GPL-3.0) AND (BSD-3-Clause OR GPL-3.0)"),
            Some(true)
        );
    }

    #[test]
    fn an_exception_makes_another_licence() {
        assert_eq!(check("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(check("MIT WITH LLVM-exception"), Some(false));
        assert_eq!(
            check("GPL-2.0 OR Apache-2.0 WITH LLVM-exception OR GPL-3.0"),
            Some(true)
        );
    }

    #[test]
    fn a_slash_is_or() {
        assert_eq!(check("GPL-3.0/MIT"), Some(true));
        assert_eq!(check("Unlicense / GPL-3.0"), Some(false));
    }

    #[test]
    fn what_does_not_parse_is_an_error() {
        for broken in [
            "",
            "MIT OR",
            "OR MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "MIT WITH",
            "()",
            "MIT AND OR MIT",
        ] {
            assert_eq!(check(broken), None, "{broken:?}");
        }
    }
}
