//! One table of a file, read key by key against the list of the keys that it can have.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Code, PolicyError, Problems};
use crate::keys::{Key, Shape, Table};
use crate::nearest;

/// A value and where it stands.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// A table that is being read.
pub(crate) struct Section<'a> {
    values: Option<&'a DeTable<'a>>,
    table: &'static Table,
    /// The file's outermost table.
    root: &'static Table,
    /// How errors call it: `` grant `workspace` ``.
    pub(crate) what: String,
    /// Where it begins. None for the whole file.
    pub(crate) span: Option<Range<usize>>,
}

/// An entry of a table whose keys are names.
pub(crate) struct Named<'a> {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
    pub(crate) value: &'a Value<'a>,
}

impl<'a> Section<'a> {
    /// A whole file. Keys that nobody reads are mistakes already.
    pub(crate) fn root(
        values: &'a DeTable<'a>,
        table: &'static Table,
        problems: &mut Problems,
    ) -> Self {
        let section = Self {
            values: Some(values),
            table,
            root: table,
            what: table.title.to_owned(),
            span: None,
        };
        section.check(problems);
        section
    }

    /// A table in this one, as `what`, which begins at `span`. One that is none is a mistake, and is read as one that
    /// is empty.
    pub(crate) fn open(
        &self,
        value: &'a Value<'a>,
        table: &'static Table,
        what: String,
        span: Range<usize>,
        problems: &mut Problems,
    ) -> Self {
        let section = Self {
            values: value.get_ref().as_table(),
            table,
            root: self.root,
            what,
            span: Some(span),
        };
        match section.values {
            Some(_) => section.check(problems),
            None => {
                let message = format!(
                    "{} must be a table, and is {}",
                    section.what,
                    kind(value.get_ref())
                );
                let help = format!("its keys stand below a line `{}`", table.title);
                problems.push(PolicyError::new(Code::WrongType, value.span(), message).help(help));
            }
        }
        section
    }

    /// The table of a key, or an empty one when there is none.
    pub(crate) fn table(&self, key: &'static str, problems: &mut Problems) -> Section<'a> {
        let inner = self.known(key).and_then(|key| key.shape.table());
        let table = inner.unwrap_or(self.table);
        match self.entry(key) {
            Some((name, value)) => {
                let what = format!("`{key}`");
                self.open(value, table, what, name, problems)
            }
            None => Self {
                values: None,
                table,
                root: self.root,
                what: format!("`{key}`"),
                span: None,
            },
        }
    }

    /// Keys that nobody reads, and keys that are missing.
    fn check(&self, problems: &mut Problems) {
        let Some(values) = self.values else { return };
        let mut keys: Vec<_> = values.keys().collect();
        keys.sort_by_key(|key| key.span().start);
        for key in keys {
            let name = key.get_ref();
            if self.known(name).is_none() && !problems.skip() {
                let message = match self.span {
                    Some(_) => format!("unknown key `{}` in {}", nearest::quote(name), self.what),
                    None => format!("unknown key `{}`", nearest::quote(name)),
                };
                let help = nearest::key(name, self.table, self.root);
                problems.push(PolicyError::new(Code::UnknownKey, key.span(), message).help(help));
            }
        }
        for key in self.table.keys.iter().filter(|key| key.required) {
            if !values.contains_key(key.name) {
                let message = format!("{} has no `{}`", self.what, key.name);
                let help = format!("for example: {}", example(key));
                problems.push(
                    PolicyError::new(Code::MissingKey, self.span.clone(), message).help(help),
                );
            }
        }
    }

    pub(crate) fn known(&self, name: &str) -> Option<&'static Key> {
        self.table.key(name)
    }

    /// Where a key stands, and its value.
    fn entry(&self, key: &str) -> Option<(Range<usize>, &'a Value<'a>)> {
        debug_assert!(self.known(key).is_some(), "`{key}` is in the list of keys");
        let (name, value) = self.values?.get_key_value(key)?;
        Some((name.span(), value))
    }

    /// The value of a key.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Value<'a>> {
        Some(self.entry(key)?.1)
    }

    /// A mistake in a key's value.
    pub(crate) fn wrong_type(
        &self,
        key: &str,
        wanted: &str,
        value: &Value<'_>,
        problems: &mut Problems,
    ) {
        let message = format!("`{key}` must be {wanted}, and is {}", kind(value.get_ref()));
        let error = PolicyError::new(Code::WrongType, value.span(), message);
        problems.push(match self.known(key) {
            Some(key) => error.help(format!("for example: {}", example(key))),
            None => error,
        });
    }

    /// A key's text, and where it stands.
    pub(crate) fn text(
        &self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<(String, Range<usize>)> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some((text.to_owned(), value.span())),
            None => {
                self.wrong_type(key, "text in quotes", value, problems);
                None
            }
        }
    }

    /// Which of its words a key has.
    pub(crate) fn word(&self, key: &'static str, problems: &mut Problems) -> Option<&'static str> {
        let (said, span) = self.text(key, problems)?;
        let Some(Shape::Word(words)) = self.known(key).map(|key| key.shape) else {
            return None;
        };
        let found = words.iter().find(|word| **word == said);
        if found.is_none() {
            let message = format!(
                "`{key}` is `{}`, which is none of its words",
                nearest::quote(&said)
            );
            let help = nearest::help(&said, words.iter().copied());
            problems.push(PolicyError::new(Code::UnknownWord, span, message).help(help));
        }
        found.copied()
    }

    /// Whether a key is `true`.
    pub(crate) fn flag(&self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, "true or false", value, problems);
        }
        flag
    }

    /// The texts of a key's list, each with where it stands. None when there is no such key, and for what is no list.
    pub(crate) fn list(
        &self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<(String, Range<usize>)>> {
        let value = self.value(key)?;
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(key, "a list of texts", value, problems);
            return None;
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span())),
                None => {
                    let message = format!(
                        "what is in `{key}` must be text in quotes, and is {}",
                        kind(item.get_ref())
                    );
                    problems.push(PolicyError::new(Code::WrongType, item.span(), message));
                }
            }
        }
        Some(texts)
    }

    /// The tables of a key's list. None when there is no such key, and for what is no list.
    pub(crate) fn tables(
        &self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<Section<'a>>> {
        let value = self.value(key)?;
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(key, "a list of tables", value, problems);
            return None;
        };
        let table = self.known(key)?.shape.table()?;
        let open = |(at, item): (usize, &'a Value<'a>)| {
            let what = format!("entry {} of `{key}`", at + 1);
            self.open(item, table, what, item.span(), problems)
        };
        Some(list.iter().enumerate().map(open).collect())
    }

    /// The entries of a key's table of names, in the order in which they are written.
    pub(crate) fn named(
        &self,
        key: &'static str,
        most: usize,
        problems: &mut Problems,
    ) -> Vec<Named<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            let message = format!(
                "`{key}` must be a table of names, and is {}",
                kind(value.get_ref())
            );
            let title = self.known(key).and_then(|key| key.shape.table());
            let help = format!(
                "write a line `{}` for each",
                title.map_or("", |table| table.title)
            );
            problems.push(PolicyError::new(Code::WrongType, value.span(), message).help(help));
            return Vec::new();
        };
        let entry = |(name, value): (&'a Spanned<_>, &'a Value<'a>)| Named {
            name: AsRef::<str>::as_ref(name.get_ref()).to_owned(),
            span: name.span(),
            value,
        };
        let mut entries: Vec<_> = table.iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.span.start);
        if let Some(first) = entries.get(most) {
            let message = format!(
                "`{key}` has {} names, and at most {most} are read",
                entries.len()
            );
            problems.push(PolicyError::new(Code::TooMany, first.span.clone(), message));
            entries.truncate(most);
        }
        entries
    }
}

/// A key with a value, as it is written.
pub(crate) fn example(key: &Key) -> String {
    format!("`{} = {}`", key.name, key.example)
}

/// A value's type in words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
