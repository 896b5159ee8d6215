//! What templates of SQL name: columns between braces, and the tables of their subqueries.

/// Whether a template reads the row behind a link: what it gives may be withheld.
pub(crate) fn follows(template: &str) -> bool {
    names(template).any(|name| name.contains('.'))
}

/// The names between braces; `{match …}` holds an expression instead.
pub(crate) fn names(template: &str) -> impl Iterator<Item = &str> {
    let between = template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    between.filter(|name| !name.starts_with("match "))
}

/// The tables that a template's subqueries read.
pub(crate) fn subqueries(template: &str) -> impl Iterator<Item = &str> {
    let places = ["FROM ", "JOIN "].into_iter().flat_map(|word| template.match_indices(word));
    places.filter_map(|(at, word)| {
        let rest = &template[at + word.len()..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        // what opens a parenthesis is a subquery, or a function
        (end > 0 && !rest[end..].starts_with('(')).then(|| &rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_subqueries_are_found() {
        let found = |sql| subqueries(sql).collect::<Vec<_>>();
        assert_eq!(found("{a} = {value}"), [""; 0]);
        assert_eq!(found("{a} IN (SELECT x.id FROM part_part x LEFT JOIN b y ON y.x = x.id)"), ["part_part", "b"]);
        assert_eq!(found("(SELECT SUM(n) FROM (SELECT q.n FROM c q) z)"), ["c"]);
        assert_eq!(found("id IN (SELECT value FROM json_each($1))"), [""; 0]);
    }

    #[test]
    fn names_stand_between_braces() {
        assert!(follows("COALESCE({part.name}, '')") && !follows("{t}.\"user\" = {value}"));
    }
}
