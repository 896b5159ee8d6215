//! What the API shows of a row, and what it accepts: views and their fields.
//!
//! SQL in descriptions is written as templates, relative to the row:
//! `{name}` is a column of the row's table, `{category.name}` a column reached over the link
//! `category` (the join is added once), `{t}` the row's alias, `{user}` the caller's key, `{today}` the day,
//! `{@record}` the record model of the row's table, `{/2}` the number in the third part of the address and `{?build}` the whole number in the query parameter
//! `build`, or NULL.

use std::collections::HashMap;

use ironwood_base::Result;
use ironwood_base::key::{Any, Key};
use ironwood_store::ValueRef;
use serde_json::Value as Json;

use crate::context::{Context, Facts};
use crate::table::{ColumnType, NO_TABLE, Table};
use crate::template;
use crate::values::Change;

/// An SQL template, as described above.
pub type Sql = &'static str;

/// What a field or parameter is on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// A value of a column's kind.
    Of(ColumnType),
    /// An object.
    Object(&'static View),
    /// A list of objects.
    List(&'static View),
    /// Objects by names that are not known beforehand.
    Map(&'static View),
    /// A list of texts.
    Texts,
    /// A list of integers.
    Ints,
    /// Any JSON value.
    Any,
}

/// Name of a suggested value ([`Field::suggested`]): the key of the signed-in user.
pub const CALLER: &str = "@caller";

/// Shorthand types.
pub const INT: Type = Type::Of(ColumnType::Int { min: i64::MIN, max: i64::MAX });
pub const BOOL: Type = Type::Of(ColumnType::Bool);
pub const TEXT: Type = Type::Of(ColumnType::Text);
pub const DATE: Type = Type::Of(ColumnType::Date);
pub const TIME: Type = Type::Of(ColumnType::Time);
pub const REAL: Type = Type::Of(ColumnType::Real);
pub const IMAGE: Type = Type::Of(ColumnType::Image);
pub const JSON: Type = Type::Of(ColumnType::Json);
/// Number of parts: five places.
pub const QUANTITY: Type = Type::Of(ColumnType::Decimal { places: 5, digits: 19 });
/// Money: six places.
pub const MONEY: Type = Type::Of(ColumnType::Decimal { places: 6, digits: 19 });

/// Rows of another table that belong to a row: fetched for a whole page by one statement.
#[derive(Debug)]
pub struct Many {
    /// Each row as an object of this view; or, where the view has one field, see `scalar`.
    pub view: &'static View,
    /// Template over the owner that gives the key to look for (`{id}`).
    pub owner: Sql,
    /// Template over the many rows that gives the owner's key (`{part}`).
    pub key: Sql,
    /// Condition on the many rows; empty: none.
    pub condition: Sql,
    /// Order of the many rows.
    pub order: Sql,
    /// Only the value of the view's single field, not an object.
    pub scalar: bool,
    /// Link table, its column with the owner's key and its column with the row's, where the rows belong
    /// to many owners; `key` is not used then.
    pub through: Option<[&'static str; 3]>,
    /// There is one row at most: it is shown as an object, or null, and not as a list.
    pub single: bool,
    /// Column of the many rows with the record model of their owner, where rows of any kind of owner
    /// stand in one table (`content_type`); empty: there is one kind of owner.
    pub owner_kind: &'static str,
}

impl Many {
    pub const fn new(view: &'static View, key: Sql) -> Self {
        Many {
            view,
            owner: "{id}",
            key,
            condition: "",
            order: "{id}",
            scalar: false,
            through: None,
            single: false,
            owner_kind: "",
        }
    }
    /// Rows that a link table (`auth_user_groups`) joins to their owners (its column `user`) by their
    /// own key (its column `group`).
    pub const fn through(view: &'static View, table: &'static str, owner: &'static str, own: &'static str) -> Self {
        let mut many = Many::new(view, "");
        many.through = Some([table, owner, own]);
        many
    }
    /// Rows that may belong to records of any kind: the column names the owner's record model. One
    /// description then serves the views of all kinds.
    pub const fn of_kind(mut self, column: &'static str) -> Self {
        self.owner_kind = column;
        self
    }
    /// One row at most, as an object.
    pub const fn single(mut self) -> Self {
        self.single = true;
        self
    }
    pub const fn owner(mut self, owner: Sql) -> Self {
        self.owner = owner;
        self
    }
    pub const fn only(mut self, condition: Sql) -> Self {
        self.condition = condition;
        self
    }
    pub const fn order(mut self, order: Sql) -> Self {
        self.order = order;
        self
    }
    pub const fn scalar(mut self) -> Self {
        self.scalar = true;
        self
    }
}

/// Writes one JSON value made from several values of the row.
pub type Make = fn(&mut Vec<u8>, &[ValueRef<'_>], &Facts<'_>);

/// Keeps the value of a field that is no column of the row with that key, once the row is written.
pub type Keep = fn(&mut Context<'_>, &Change, Key<Any>, &Json) -> Result<()>;

/// Makes JSON values for all rows of a page at once, by the texts that their templates gave; a text that is
/// left out is shown as null.
pub type Fill = fn(&mut Context<'_>, &[&str]) -> Result<HashMap<String, Vec<u8>>>;

/// Where the value of a field comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// A column of the row's table.
    Column(&'static str),
    /// An SQL expression.
    Sql(Sql),
    /// The row that a link leads to, as an object of a view. `link` is a template path
    /// (`part`, `part.category`).
    Nested(&'static str, &'static View),
    /// Rows of another table.
    Many(&'static Many),
    /// The rows of a tree from the root to a row, root first. The template gives the tree path.
    Ancestors(Sql, &'static View),
    /// Written by a function from SQL values of the row.
    Made(&'static [Sql], Make),
    /// Made by a function that may ask the database, once for a whole page, from one SQL value of each row.
    Filled(Sql, Fill),
    /// Only accepted, never shown; the resource's rules see it.
    Input,
}

/// Whether a field is shown.
#[derive(Debug, Clone, Copy)]
pub enum Show {
    Always,
    /// As a query parameter says; the flag is its default.
    Param(&'static str, bool),
    /// Where a row is shown by itself: reading a list leaves it out, because it may be long.
    Detail,
    /// Never: the field is only accepted.
    Never,
}

/// One field of a view.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    /// Empty: made from the name.
    pub label: &'static str,
    pub help: &'static str,
    pub source: Source,
    /// `None`: the column's own type.
    pub kind: Option<Type>,
    pub show: Show,
    /// Whether clients may give it.
    pub writable: bool,
    /// Overrides what the column says.
    pub required: Option<bool>,
    /// Refused where it is missing or null, although it is described as optional and its column may be null: what
    /// it links to may be deleted later.
    pub mandatory: bool,
    /// Overrides what the column says.
    pub null: Option<bool>,
    /// Overrides the column's default: JSON text for descriptions (`0`, `"OK"`).
    pub default: &'static str,
    /// A decimal as text with all its places, instead of a number.
    pub as_text: bool,
    /// Overrides the column's choices.
    pub choices: &'static [(&'static str, &'static str)],
    /// The table a number refers to, where the column itself is no link (`status` …).
    pub links: Option<&'static Table>,
    /// Overrides the longest text.
    pub max: u32,
    /// A total over other rows: null in the answer to the request that makes the row.
    pub counted: bool,
    /// OPTIONS calls the field read-only, so that clients make no input for it, although it is accepted.
    pub described_read_only: bool,
    /// Money: shown as a number, described as an exact decimal.
    pub money: bool,
    /// Accepted only, but listed among the fields of GET in OPTIONS.
    pub listed: bool,
    /// SQL template shown where the column is null; empty: null.
    pub fallback: Sql,
    /// OPTIONS calls the field required, so that clients ask for it, although it has a default.
    pub described_required: bool,
    /// Accepted although it is described as only shown.
    pub described_output_only: bool,
    /// Name of a list that the domain keeps, from which the value is chosen (`currency`); empty: none.
    pub chosen_from: &'static str,
    /// Name of a value that the domain calculates and OPTIONS shows as the default of a new row (the next
    /// reference of an order); empty: none.
    pub suggested: &'static str,
    /// Name of the type in OPTIONS, where it is not the one of the kind (`field`, `choice`, …).
    pub option_type: &'static str,
    /// Gives the value that a text stands for (`part.part` for `part`), if it stands for another one.
    pub spelled: Option<fn(&str) -> Option<&'static str>>,
    /// Whether a text is taken as it is, with what is refused or left out elsewhere (HTML, signs that cannot be
    /// seen): the resource's rules compare it with texts that are there already.
    pub verbatim: bool,
    /// Keeps a given value that is no column of the row (the names of its tags).
    pub keep: Option<Keep>,
    /// Fields of a nested view (or of rows of another table) that are left out here.
    pub without: &'static [&'static str],
    /// Fields of a nested view that are shown here although they are not by default.
    pub showing: &'static [&'static str],
    /// Path of links (`part`) to the row that the field's SQL is about; empty: the row itself.
    pub about: &'static str,
    /// Name that older clients give it by; empty: it had no other.
    pub formerly: &'static str,
}

const fn field(name: &'static str, source: Source, kind: Option<Type>) -> Field {
    Field {
        name,
        label: "",
        help: "",
        source,
        kind,
        show: Show::Always,
        writable: false,
        required: None,
        mandatory: false,
        null: None,
        default: "",
        as_text: false,
        choices: &[],
        links: None,
        max: 0,
        counted: false,
        money: false,
        listed: false,
        fallback: "",
        described_required: false,
        described_output_only: false,
        described_read_only: false,
        chosen_from: "",
        suggested: "",
        option_type: "",
        keep: None,
        spelled: None,
        verbatim: false,
        without: &[],
        showing: &[],
        about: "",
        formerly: "",
    }
}

/// A column, shown and accepted.
pub const fn col(name: &'static str) -> Field {
    let mut f = field(name, Source::Column(name), None);
    f.writable = true;
    f
}
/// A column under another name, shown and accepted.
pub const fn col_as(name: &'static str, column: &'static str) -> Field {
    let mut f = field(name, Source::Column(column), None);
    f.writable = true;
    f
}
/// The row's key.
pub const fn pk() -> Field {
    let mut f = field("pk", Source::Sql("{id}"), Some(INT));
    f.label = "ID";
    f
}
/// An SQL expression, shown only.
pub const fn sql(name: &'static str, kind: Type, expression: Sql) -> Field {
    field(name, Source::Sql(expression), Some(kind))
}
/// The linked row as an object; shown when the parameter of the same name asks for it.
pub const fn nested(name: &'static str, link: &'static str, view: &'static View) -> Field {
    let mut f = field(name, Source::Nested(link, view), Some(Type::Object(view)));
    f.null = Some(true);
    f.show = Show::Param(name, false);
    f
}
/// Rows of another table.
pub const fn many(name: &'static str, many: &'static Many) -> Field {
    let kind = match many {
        Many { scalar: true, .. } => Type::Texts,
        Many { single: true, .. } => Type::Object(many.view),
        _ => Type::List(many.view),
    };
    field(name, Source::Many(many), Some(kind))
}
/// The tree above a row.
pub const fn ancestors(name: &'static str, path: Sql, view: &'static View) -> Field {
    let mut f = field(name, Source::Ancestors(path, view), Some(Type::List(view)));
    f.null = Some(true);
    f
}
/// A value made by a function.
pub const fn made(name: &'static str, kind: Type, from: &'static [Sql], make: Make) -> Field {
    field(name, Source::Made(from, make), Some(kind))
}
/// A value made for a whole page at once.
pub const fn filled(name: &'static str, kind: Type, from: Sql, fill: Fill) -> Field {
    field(name, Source::Filled(from, fill), Some(kind))
}
/// A value of an answer that an action puts together: only described here.
pub const fn value(name: &'static str, kind: Type) -> Field {
    field(name, Source::Sql(""), Some(kind))
}
/// A value that is only accepted.
pub const fn input(name: &'static str, kind: Type) -> Field {
    let mut f = field(name, Source::Input, Some(kind));
    f.writable = true;
    f.show = Show::Never;
    f.required = Some(false);
    f
}

impl Field {
    pub const fn label(mut self, text: &'static str) -> Self {
        self.label = text;
        self
    }
    pub const fn help(mut self, text: &'static str) -> Self {
        self.help = text;
        self
    }
    pub const fn read_only(mut self) -> Self {
        self.writable = false;
        self
    }
    /// Accepted although the source alone is not a plain column (the rules store it).
    pub const fn writable(mut self) -> Self {
        self.writable = true;
        self
    }
    pub const fn required(mut self) -> Self {
        self.required = Some(true);
        self
    }
    pub const fn optional(mut self) -> Self {
        self.required = Some(false);
        self
    }
    /// See [`Field::mandatory`].
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }
    pub const fn nullable(mut self) -> Self {
        self.null = Some(true);
        self
    }
    pub const fn not_null(mut self) -> Self {
        self.null = Some(false);
        self
    }
    /// Shown as the query parameter says.
    pub const fn on(mut self, param: &'static str, default: bool) -> Self {
        self.show = Show::Param(param, default);
        self
    }
    /// Always shown.
    pub const fn always(mut self) -> Self {
        self.show = Show::Always;
        self
    }
    /// Not shown in lists (see [`Show::Detail`]).
    pub const fn detail_only(mut self) -> Self {
        self.show = Show::Detail;
        self
    }
    pub const fn as_text(mut self) -> Self {
        self.as_text = true;
        self
    }
    pub const fn default(mut self, json: &'static str) -> Self {
        self.default = json;
        self
    }
    pub const fn choices(mut self, choices: &'static [(&'static str, &'static str)]) -> Self {
        self.choices = choices;
        self
    }
    pub const fn links(mut self, table: &'static Table) -> Self {
        self.links = Some(table);
        self
    }
    pub const fn max(mut self, characters: u32) -> Self {
        self.max = characters;
        self
    }
    pub const fn kind(mut self, kind: Type) -> Self {
        self.kind = Some(kind);
        self
    }
    /// A total over other rows (see the field).
    pub const fn counted(mut self) -> Self {
        self.counted = true;
        self.null = Some(true);
        self
    }
    /// Accepted, but called read-only in OPTIONS.
    pub const fn described_read_only(mut self) -> Self {
        self.described_read_only = true;
        self
    }
    /// Money (see the field).
    pub const fn money(mut self) -> Self {
        self.money = true;
        self
    }
    /// Named in OPTIONS for GET, too.
    pub const fn listed(mut self) -> Self {
        self.listed = true;
        self
    }
    /// Shown where the column is null.
    pub const fn fallback(mut self, template: Sql) -> Self {
        self.fallback = template;
        self
    }
    /// A null is shown as an empty text.
    pub const fn blank_for_null(mut self) -> Self {
        self.fallback = "''";
        self
    }
    /// Called required in OPTIONS although it has a default.
    pub const fn described_required(mut self) -> Self {
        self.described_required = true;
        self
    }
    /// Described as only shown, but accepted: the rules see it.
    pub const fn described_output_only(mut self) -> Self {
        self.described_output_only = true;
        self
    }
    /// The value is one of a list that the domain keeps: settings and rows may change it.
    pub const fn chosen_from(mut self, list: &'static str) -> Self {
        self.chosen_from = list;
        self
    }
    /// OPTIONS shows what the domain calculates as the default (see the field).
    pub const fn suggested(mut self, name: &'static str) -> Self {
        self.suggested = name;
        self
    }
    /// The code of a currency in use; the default currency where none is given.
    pub const fn currency(self) -> Self {
        self.optional().chosen_from("currency")
    }
    /// The SQL is about the row that this path of links leads to, so that what is computed of a part is
    /// written once, wherever it is shown.
    pub const fn about(mut self, path: &'static str) -> Self {
        self.about = path;
        self
    }
    /// Other spellings are taken for a value (see the field).
    pub const fn spelled(mut self, value: fn(&str) -> Option<&'static str>) -> Self {
        self.spelled = Some(value);
        self
    }
    /// A text is taken as it is (see the field).
    pub const fn verbatim(mut self) -> Self {
        self.verbatim = true;
        self
    }
    /// Accepted, and kept by this function after the row is written.
    pub const fn kept_by(mut self, keep: Keep) -> Self {
        self.writable = true;
        self.keep = Some(keep);
        self
    }
    pub const fn option_type(mut self, name: &'static str) -> Self {
        self.option_type = name;
        self
    }
    /// Leaves out fields of the view that is shown below this field.
    pub const fn without(mut self, fields: &'static [&'static str]) -> Self {
        self.without = fields;
        self
    }
    /// Shows fields of the view below this field that it does not show by default.
    pub const fn showing(mut self, fields: &'static [&'static str]) -> Self {
        self.showing = fields;
        self
    }
    /// Accepted under a name that it had before, too.
    pub const fn formerly(mut self, name: &'static str) -> Self {
        self.formerly = name;
        self
    }
    /// Whether the field is part of answers at all.
    pub const fn shown(&self) -> bool {
        !matches!(self.show, Show::Never)
    }
}

/// What the API shows of a table's rows: a component of the OpenAPI document.
#[derive(Debug)]
pub struct View {
    /// Name of the component (`Category`).
    pub name: &'static str,
    pub table: &'static Table,
    pub fields: &'static [Field],
}

impl View {
    pub const fn new(name: &'static str, table: &'static Table, fields: &'static [Field]) -> Self {
        View { name, table, fields }
    }

    /// The form of a value that is no row.
    pub const fn plain(name: &'static str, fields: &'static [Field]) -> Self {
        View { name, table: &NO_TABLE, fields }
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Field {
    /// The column behind the field, if it is one of the table itself.
    pub fn column(&self, table: &'static Table) -> Option<&'static crate::table::Column> {
        match self.source {
            Source::Column(name) => table.column(name),
            _ => None,
        }
    }

    /// Type on the wire.
    pub fn wire(&self, table: &'static Table) -> Type {
        self.kind.unwrap_or_else(|| self.column(table).map_or(Type::Any, |c| Type::Of(c.kind)))
    }

    /// The table that the field's value is a key of.
    pub fn target(&self, table: &'static Table) -> Option<&'static Table> {
        match (self.links, self.wire(table)) {
            (Some(target), _) => Some(target),
            (None, Type::Of(ColumnType::Link(target, _))) => Some(target),
            _ => None,
        }
    }

    /// Whether null may stand here.
    pub fn may_be_null(&self, table: &'static Table) -> bool {
        let withheld = || match self.source {
            Source::Sql(template) => template::follows(template),
            _ => false,
        };
        self.null.unwrap_or_else(|| self.column(table).is_some_and(|c| c.null) || withheld())
    }

    /// Whether an empty text may be given.
    pub fn may_be_blank(&self, table: &'static Table) -> bool {
        self.column(table).is_none_or(|c| c.blank)
    }

    /// Whether a client has to give it when it makes a row.
    pub fn is_required(&self, table: &'static Table) -> bool {
        if !self.writable {
            return false;
        }
        self.required.unwrap_or_else(|| {
            self.column(table).is_some_and(|c| {
                !c.null && !c.blank && self.default.is_empty() && c.default == crate::table::Default::None
            })
        })
    }

    /// Most characters of a text; 0: no limit.
    pub fn limit(&self, table: &'static Table) -> u32 {
        if self.max > 0 { self.max } else { self.column(table).map_or(0, |c| c.max) }
    }

    /// Values that may be given; empty: any.
    pub fn values(&self, table: &'static Table) -> &'static [(&'static str, &'static str)] {
        if !self.choices.is_empty() { self.choices } else { self.column(table).map_or(&[], |c| c.choices) }
    }
}
