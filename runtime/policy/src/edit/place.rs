//! Where in a text a tool stands, and whose the comments around it are.

use toml_edit::{DocumentMut, Item, Key, RawString, Table, TableLike, Value};

use super::TOOLS;

/// Puts a tool behind the last one; behind everything when there is none.
pub(super) fn insert(document: &mut DocumentMut, name: &str, new: Item) -> Option<()> {
    let bare = document.is_empty();
    let tools = document.get(TOOLS).and_then(Item::as_table);
    let of_tools = tools.and_then(|tools| positions(tools).into_iter().max());
    let last = of_tools.or_else(|| positions(document.as_table()).into_iter().max());
    let mut table = new.into_table().ok()?;
    match document.get_mut(TOOLS) {
        Some(Item::Value(Value::InlineTable(tools))) => {
            // Comments can stand in it when it has several lines.
            let one_line = !tools.to_string().contains('\n');
            tools.insert(name, Value::InlineTable(table.into_inline_table()));
            if one_line {
                tools.fmt();
            }
            return Some(());
        }
        Some(Item::Table(_)) => {}
        Some(_) => return None,
        None => {
            let mut tools = Table::new();
            tools.set_implicit(true);
            document.insert(TOOLS, Item::Table(tools));
        }
    }
    table.set_position(last);
    if bare {
        // Comments alone are taken for the end of the text, and are its beginning.
        let comments = document.trailing().as_str().unwrap_or_default().to_owned();
        let gap = if comments.trim().is_empty() { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{comments}{gap}"));
        document.set_trailing("");
    } else {
        table.decor_mut().set_prefix("\n");
    }
    document
        .get_mut(TOOLS)?
        .as_table_mut()?
        .insert(name, Item::Table(table));
    Some(())
}

/// Takes a tool away. What stands above it and does not belong to it goes above what follows.
pub(super) fn take(document: &mut DocumentMut, name: &str) -> Option<()> {
    let tools = document.get_mut(TOOLS)?;
    let is_inline = tools.is_inline_table();
    let place = tools.as_table().and_then(Table::position);
    let tools = tools.as_table_like_mut()?;
    let (key, item) = tools.get_key_value(name)?;
    let (above, place) = match item {
        Item::Table(table) if !table.is_dotted() => (table.decor().prefix(), table.position()),
        item => (above_value(key, item), place),
    };
    let kept = kept(above);
    let next = next_value(tools, name).filter(|_| item.is_value());
    tools.remove(name)?;
    if is_inline || kept.is_empty() {
        return Some(());
    }
    if let Some(mut key) = next.and_then(|next| tools.key_mut(&next)) {
        let decor = key.leaf_decor_mut();
        decor.set_prefix(parted(kept, decor.prefix()));
        return Some(());
    }
    let after = place.unwrap_or_default();
    let next = positions(document.as_table())
        .into_iter()
        .filter(|at| *at > after)
        .min();
    match next.and_then(|at| table_at(document.as_table_mut(), at)) {
        Some(table) => {
            let prefix = parted(kept, table.decor().prefix());
            table.decor_mut().set_prefix(prefix);
        }
        None => {
            let trailing = kept + text_of(Some(document.trailing()));
            document.set_trailing(trailing);
        }
    }
    Some(())
}

/// The key of the value that stands behind another.
fn next_value(table: &dyn TableLike, name: &str) -> Option<String> {
    let behind = table.iter().skip_while(|(key, _)| *key != name).skip(1);
    let mut values = behind.filter(|(_, item)| item.is_value());
    values.next().map(|(key, _)| key.to_owned())
}

/// What stands above a value, or above the first of dotted keys.
fn above_value<'a>(key: &'a Key, item: &'a Item) -> Option<&'a RawString> {
    let dotted = item.as_table().filter(|table| table.is_dotted());
    let first = dotted.and_then(|table| table.get_key_value(table.iter().next()?.0));
    match first {
        Some((key, item)) => above_value(key, item),
        None => key.leaf_decor().prefix(),
    }
}

/// What was kept, and what stood there, with a blank line between them.
fn parted(kept: String, there: Option<&RawString>) -> String {
    let there = text_of(there);
    let gap = if there.starts_with('\n') { "" } else { "\n" };
    kept + gap + there
}

fn text_of(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

/// The places of all tables below one.
fn positions(table: &Table) -> Vec<isize> {
    let below = table.iter().flat_map(|(_, item)| match item {
        Item::Table(table) => table
            .position()
            .into_iter()
            .chain(positions(table))
            .collect(),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(Table::position).collect(),
        _ => Vec::new(),
    });
    below.collect()
}

/// The table below one that stands at a place.
fn table_at(table: &mut Table, at: isize) -> Option<&mut Table> {
    table.iter_mut().find_map(|(_, item)| match item {
        Item::Table(table) => match table.position() == Some(at) {
            true => Some(table),
            false => table_at(table, at),
        },
        Item::ArrayOfTables(tables) => tables.iter_mut().find(|table| table.position() == Some(at)),
        _ => None,
    })
}

/// Of what stands above something, what does not belong to it: all up to the last blank line.
fn kept(above: Option<&RawString>) -> String {
    let above = text_of(above);
    match above.rfind("\n\n") {
        Some(end) if !above[..end].trim().is_empty() => above[..=end].to_owned(),
        _ => String::new(),
    }
}
