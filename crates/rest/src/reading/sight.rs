//! What a caller may ask about.
//!
//! A request sees what its caller may view, by whatever way it asks: the content of a linked row belongs to that
//! row's table, and private columns to their user. So of what the caller may not view
//!
//! - a filter is refused (403),
//! - a search looks at the other fields only,
//! - a sorting is passed over, like one that the list does not have,
//! - a field that shows it is null, and rows inside of a row are left out.
//!
//! Totals that a row shows (`in_stock` of a part) are part of that row: flags, numbers and sort orders may count the
//! rows that they count, or what a field of the same name counts. Texts may not: they would be read letter by
//! letter.

use crate::context::Caller;
use crate::resource::{Condition, Filter, Resource};
pub(crate) use crate::statement::Disclosure;
use crate::table::{ColumnType, Table};
use crate::template::{names, subqueries};
use crate::view::{Field, Source, Type};

impl Disclosure {
    /// A search.
    pub(crate) const TEXT: Disclosure = Disclosure { totals_of: None, shown: false };

    /// A filter of a list.
    pub(crate) fn filter(filter: &Filter, of: Option<&'static Resource>) -> Self {
        let text = match &filter.condition {
            Condition::Where(kind, _) | Condition::Custom(kind, _) | Condition::Noted(kind) => is_text(*kind),
            Condition::AllOf(_) => true,
            Condition::Flag(..) | Condition::Link(..) | Condition::LinkOrNull(..) | Condition::Ints(_) => false,
        };
        let totals_of = of.filter(|_| !text);
        let shown = totals_of.and_then(|of| of.view.field(filter.name)).is_some_and(Field::shown);
        Disclosure { totals_of, shown }
    }

    /// A sorting of a list.
    pub(crate) const fn sorting(of: &'static Resource) -> Self {
        Disclosure { totals_of: Some(of), shown: false }
    }

    /// Whether a template over a row reads what the caller may not see.
    pub(crate) fn is_hidden(&self, template: &str, table: &'static Table, caller: &dyn Caller) -> bool {
        !caller.is_superuser()
            && (follows_hidden(template, table, caller)
                || subqueries(template).any(|name| {
                    !self.shown
                        && name != table.name
                        && !caller.sees(name)
                        && !self.totals_of.is_some_and(|of| counts_rows_of(of, name))
                }))
    }
}

fn is_text(kind: Type) -> bool {
    !matches!(
        kind,
        Type::Of(
            ColumnType::Int { .. }
                | ColumnType::Bool
                | ColumnType::Decimal { .. }
                | ColumnType::Real
                | ColumnType::Date
                | ColumnType::Time
                | ColumnType::Link(..)
        )
    )
}

/// Whether a field of the resource counts rows of that table.
fn counts_rows_of(resource: &Resource, name: &str) -> bool {
    let fields = resource.view.fields.iter().chain(resource.row_view().fields);
    fields.filter(|field| field.shown()).any(|field| match field.source {
        Source::Sql(template) => subqueries(template).any(|read| read == name),
        Source::Made(templates, _) => templates.iter().any(|t| subqueries(t).any(|read| read == name)),
        _ => false,
    })
}

/// Whether a value that a view shows is content of rows that the caller may not view. Numbers and truth values
/// that are calculated by subqueries are totals of the row itself.
pub(crate) fn is_withheld(template: &str, kind: Type, table: &'static Table, caller: &dyn Caller) -> bool {
    !caller.is_superuser()
        && (follows_hidden(template, table, caller)
            || (is_text(kind) && subqueries(template).any(|name| name != table.name && !caller.sees(name))))
}

/// Whether a template follows a link to rows that the caller may not view, or reads a private column.
fn follows_hidden(template: &str, table: &'static Table, caller: &dyn Caller) -> bool {
    names(template).any(|name| {
        let (path, column) = name.rsplit_once('.').unwrap_or(("", name));
        let mut at = table;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let Some(ColumnType::Link(target, _)) = at.column(step).map(|c| c.kind) else { return false };
            if !caller.sees(target.name) {
                return true;
            }
            at = target;
        }
        at.column(column).is_some_and(|c| c.private) && !caller.sees_private(at.name)
    })
}
