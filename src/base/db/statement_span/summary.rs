//! What a statement does, as in `INSERT messages SELECT contacts` (OpenTelemetry's `db.query.summary`).

use std::collections::HashSet;
use std::str::CharIndices;

/// Longer summaries are cut (OpenTelemetry's limit).
const MAX_BYTES: usize = 255;

const VERBS: [&str; 4] = ["select", "insert", "update", "delete"];
/// Functions whose arguments are separated by `from`.
const WITH_FROM: [&str; 4] = ["extract", "substring", "trim", "overlay"];

/// The verbs and tables, in their order. Literals, comments, columns and the names of subqueries are left out.
pub(super) fn summarize(sql: &str) -> String {
    let tokens: Vec<&str> = Tokens::new(sql).collect();
    let named = subqueries(&tokens);
    let mut parts: Vec<String> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if names_verb(&tokens, index) {
            parts.push(token.to_ascii_uppercase());
        }
        if let Some(table) = table_after(&tokens, index).filter(|table| !named.contains(table)) {
            let table = table.trim_matches('"').to_owned();
            if parts.last() != Some(&table) {
                parts.push(table);
            }
        }
    }
    if parts.is_empty() {
        parts.extend(tokens.first().map(|verb| verb.to_ascii_uppercase()));
    }
    joined(&parts)
}

fn joined(parts: &[String]) -> String {
    let mut summary = String::new();
    for part in parts {
        if summary.len() + part.len() >= MAX_BYTES {
            break;
        }
        if !summary.is_empty() {
            summary.push(' ');
        }
        summary.push_str(part);
    }
    summary
}

fn is(tokens: &[&str], index: Option<usize>, words: &[&str]) -> bool {
    let token = index.and_then(|index| tokens.get(index));
    token.is_some_and(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)))
}

/// Not the `update` of `for update`, `for no key update` and `do update`.
fn names_verb(tokens: &[&str], index: usize) -> bool {
    is(tokens, Some(index), &VERBS) && !is(tokens, index.checked_sub(1), &["for", "key", "do"])
}

/// The table that follows this word.
fn table_after<'a>(tokens: &[&'a str], index: usize) -> Option<&'a str> {
    let here = Some(index);
    let leads = is(tokens, here, &["into", "join"])
        || (is(tokens, here, &["update"]) && names_verb(tokens, index))
        || (is(tokens, here, &["from"])
            && !is(tokens, index.checked_sub(1), &["distinct"])
            && !within_call(&tokens[..index]));
    let mut next = index + 1;
    while leads && is(tokens, Some(next), &["only", "lateral"]) {
        next += 1;
    }
    let table = *tokens.get(next).filter(|_| leads)?;
    // A function has a list of arguments; a list of columns follows `into` only.
    let is_call = is(tokens, Some(next + 1), &["("]) && !is(tokens, here, &["into"]);
    let is_name = table.starts_with(|first: char| first.is_ascii_alphabetic() || "_\"".contains(first));
    (is_name && !is_call && !table.eq_ignore_ascii_case("select")).then_some(table)
}

/// Whether the tokens end within the arguments of a function that knows `from`.
fn within_call(before: &[&str]) -> bool {
    let mut closed = 0;
    for (index, token) in before.iter().enumerate().rev() {
        match *token {
            ")" => closed += 1,
            "(" if closed == 0 => return is(before, index.checked_sub(1), &WITH_FROM),
            "(" => closed -= 1,
            _ => {}
        }
    }
    false
}

/// The names of `with name as (…)`.
fn subqueries<'a>(tokens: &[&'a str]) -> HashSet<&'a str> {
    let is_named = |index: usize| {
        is(tokens, Some(index + 1), &["as"]) && is(tokens, Some(index + 2), &["(", "materialized", "not"])
    };
    let named = (0..tokens.len()).filter(|index| is_named(*index));
    named.map(|index| tokens[index]).collect()
}

/// Words, quoted names and single signs; no literals and no comments.
struct Tokens<'a> {
    sql: &'a str,
    rest: std::iter::Peekable<CharIndices<'a>>,
}

impl<'a> Tokens<'a> {
    fn new(sql: &'a str) -> Self {
        Self {
            sql,
            rest: sql.char_indices().peekable(),
        }
    }

    /// Up to the end of the last character that fits.
    fn take(&mut self, start: usize, mut fits: impl FnMut(char) -> bool) -> &'a str {
        while self.rest.next_if(|(_, sign)| fits(*sign)).is_some() {}
        let end = self.rest.peek().map_or(self.sql.len(), |(end, _)| *end);
        &self.sql[start..end]
    }

    fn take_quoted(&mut self, start: usize, quote: char) -> &'a str {
        let taken = self.take(start, |sign| sign != quote);
        let closed = self.rest.next().is_some();
        &self.sql[start..start + taken.len() + usize::from(closed)]
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (start, sign) = self.rest.next()?;
            match sign {
                '\'' => {
                    self.take_quoted(start, '\'');
                }
                '"' => return Some(self.take_quoted(start, '"')),
                '-' if self.rest.peek().is_some_and(|(_, next)| *next == '-') => {
                    self.take(start, |sign| sign != '\n');
                }
                sign if sign.is_alphabetic() || sign == '_' => {
                    return Some(self.take(start, |sign| sign.is_alphanumeric() || "_.$".contains(sign)));
                }
                sign if sign.is_whitespace() => {}
                sign => return Some(&self.sql[start..start + sign.len_utf8()]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_verbs_and_tables_in_their_order() {
        for (sql, expected) in [
            (
                r#"SELECT "contacts"."id" FROM "contacts" WHERE ("contacts"."email" = $1) FOR UPDATE"#,
                "SELECT contacts",
            ),
            (
                r#"INSERT INTO "messages" ("id", "kind") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "kind" = $3"#,
                "INSERT messages",
            ),
            ("delete from only sessions where id = $1", "DELETE sessions"),
            (
                "with due as (select id from messages m join contacts c on c.id = m.contact_id for no key update) \
                 update messages set status = $1 from due where due.id = messages.id",
                "SELECT messages contacts UPDATE messages",
            ),
            (
                "insert into links (id) select id from contacts, lateral (select 1) one",
                "INSERT links SELECT contacts SELECT",
            ),
            (
                "select extract(epoch from (at - $1)), trim(both ' ' from name) from accounts where a is distinct from b",
                "SELECT accounts",
            ),
            ("select * from unnest($1) as one", "SELECT"),
            ("BEGIN", "BEGIN"),
            ("COMMIT", "COMMIT"),
            ("SET lock_timeout = 4", "SET"),
            ("", ""),
        ] {
            assert_eq!(summarize(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_summary_has_no_literals_and_no_comments() {
        let sql =
            "select 'from secret it''s', E'from x' -- from secret\nfrom accounts where name = 'from secret";
        assert_eq!(summarize(sql), "SELECT accounts");
    }

    #[test]
    fn a_summary_is_short() {
        let joins: String = (0..100)
            .map(|index| format!(" join table_{index} on true"))
            .collect();
        let summary = summarize(&format!("select 1 from first{joins}"));
        assert!(summary.starts_with("SELECT first table_0 table_1 "), "{summary}");
        assert!(summary.len() <= MAX_BYTES, "{summary}");
    }
}
