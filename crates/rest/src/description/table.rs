//! What a database table is: its columns, their types, limits and links.
//!
//! A [`Table`] is plain static data. Statements, validation, the records format, the OpenAPI document
//! and the check of the migrations against the code all derive from it, so a column is named once.

use ironwood_store::{Fragment, SqlType, fragment};

use crate::subject::Subject;
use crate::view::Sql;

/// What a column holds, on the wire and in both databases.
#[derive(Debug, Clone, Copy)]
pub enum ColumnType {
    /// 64-bit integer within limits, both inclusive.
    Int { min: i64, max: i64 },
    /// Truth value.
    Bool,
    /// Text; `max` of the column limits its characters (0: no limit).
    Text,
    /// An address (`http`, `https`, `ftp`); text otherwise.
    Url,
    /// An e-mail address; text otherwise.
    Email,
    /// Path of a file below the media folder; the API shows it as a download address.
    File,
    /// Path of an image below the media folder.
    Image,
    /// Exact decimal: an integer scaled by `10^places`, at most `digits` digits in all.
    Decimal { places: u8, digits: u8 },
    /// Binary floating point; only for what is measured, never for quantities or money.
    Real,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    Time,
    /// JSON document, kept as its text.
    Json,
    /// Name of a record model (`part.part`): what the reference calls a content type. In records it
    /// stands as `["part", "part"]`.
    Model,
    /// Key of a row of another table.
    Link(&'static Table, OnDelete),
    /// Not a column of this table but rows of a link table (`table`, with columns `own` and `other`).
    Many { link: &'static str, own: &'static str, other: &'static str, target: &'static Table },
}

impl ColumnType {
    /// As what it is stored.
    ///
    /// # Panics
    /// For rows of a link table, which no column holds.
    pub const fn sql_type(&self) -> SqlType {
        match self {
            ColumnType::Int { .. } => SqlType::Int,
            ColumnType::Link(target, _) => SqlType::Key(target.name),
            ColumnType::Bool => SqlType::Bool,
            ColumnType::Decimal { places, .. } => SqlType::Decimal(*places),
            ColumnType::Real => SqlType::Real,
            ColumnType::Text
            | ColumnType::Url
            | ColumnType::Email
            | ColumnType::File
            | ColumnType::Image
            | ColumnType::Date
            | ColumnType::Time
            | ColumnType::Json
            | ColumnType::Model => SqlType::Text,
            ColumnType::Many { .. } => panic!("no column holds rows of a link table"),
        }
    }
}

/// What happens to a row whose linked row is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It goes, too.
    Cascade,
    /// It stays, linked to nothing.
    SetNull,
    /// The linked row cannot be deleted while this one is there.
    Protect,
}

/// The value of a column that a new row does not name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Default {
    /// There is none: the value must be given (or is null where the column may be null).
    None,
    /// A whole number; of a decimal, too: 1 stands for one unit, whatever its places.
    Int(i64),
    Bool(bool),
    Text(&'static str),
    /// The moment, or the day, at which the row is made.
    Now,
    /// The moment, or the day, at which the row is made or changed.
    Changed,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in the database and, unless `record` differs, in records.
    pub name: &'static str,
    pub kind: ColumnType,
    pub null: bool,
    /// Most characters of a text.
    pub max: u32,
    pub default: Default,
    /// Whether an empty text is a value that a client may give.
    pub blank: bool,
    /// Whether no two rows may hold the same value.
    pub unique: bool,
    /// Whether an index is kept on it (links always have one).
    pub index: bool,
    /// Name in the records format; empty: the column is our own and not part of records.
    pub record: &'static str,
    /// Values that the column may hold, with their labels; empty: any.
    pub choices: &'static [(&'static str, &'static str)],
    /// Older names of the column in records.
    pub aliases: &'static [&'static str],
    /// A condition for the database to hold, with `{}` for the column (`{} >= 0`), empty: none.
    /// Decimals stand in it as they are stored.
    pub check: &'static str,
    /// Whether the text is Markdown: what could run in a browser is refused.
    pub markdown: bool,
    /// Which rows of the linked table may be chosen (a condition over their columns); empty: any.
    /// Rows that are there already, and imported ones, are not measured by it.
    pub only: &'static str,
    /// Whether records leave the column out where it has its default: older servers know no such column.
    pub sparse: bool,
    /// Whether it holds something that opens doors: a password's hash, a key, a token. No view shows it, no
    /// template reads it, no log notes its values; only records have it, and backups.
    pub secret: bool,
    /// Why the change log leaves it out, where it does: it changes without anybody changing the row. Empty: it is logged.
    pub unlogged: &'static str,
    /// Whether it says something personal of a user, in the table of users: shown to that user and to those who
    /// administer users, blank to others, who cannot filter or sort by it either.
    pub private: bool,
    /// What an empty value becomes whenever the row is written. Clients may count on it being there.
    pub filled: &'static str,
    /// The parameter with which a search looks into it as well, and how templates name it.
    pub searched_if: Option<(&'static str, &'static str)>,
}

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column {
        name,
        kind,
        null: false,
        max: 0,
        default: Default::None,
        blank: false,
        unique: false,
        index: false,
        record: name,
        choices: &[],
        aliases: &[],
        check: "",
        only: "",
        sparse: false,
        secret: false,
        unlogged: "",
        filled: "",
        searched_if: None,
        private: false,
        markdown: false,
    }
}

/// A text of up to `max` characters (0: no limit).
pub const fn text(name: &'static str, max: u32) -> Column {
    let mut c = column(name, ColumnType::Text);
    c.max = max;
    c
}
/// An address.
pub const fn url(name: &'static str, max: u32) -> Column {
    let mut c = column(name, ColumnType::Url);
    c.max = max;
    c
}
/// An e-mail address.
pub const fn email(name: &'static str, max: u32) -> Column {
    let mut c = column(name, ColumnType::Email);
    c.max = max;
    c
}
/// A file below the media folder, its path of up to 100 characters.
pub const fn file(name: &'static str) -> Column {
    let mut c = column(name, ColumnType::File);
    c.max = 100;
    c
}
/// An image below the media folder, its path of up to 100 characters.
pub const fn image(name: &'static str) -> Column {
    let mut c = column(name, ColumnType::Image);
    c.max = 100;
    c
}
/// Any 64-bit integer.
pub const fn int(name: &'static str) -> Column {
    column(name, ColumnType::Int { min: i64::MIN, max: i64::MAX })
}
/// An integer that is not negative.
pub const fn natural(name: &'static str) -> Column {
    column(name, ColumnType::Int { min: 0, max: i64::MAX })
}
/// A truth value with its default.
pub const fn flag(name: &'static str, default: bool) -> Column {
    let mut c = column(name, ColumnType::Bool);
    c.default = Default::Bool(default);
    c
}
/// An exact decimal of so many places and digits in all.
pub const fn decimal(name: &'static str, digits: u8, places: u8) -> Column {
    column(name, ColumnType::Decimal { places, digits })
}
/// A quantity: 5 places, not negative.
pub const fn quantity(name: &'static str) -> Column {
    decimal(name, 15, 5).not_negative()
}
/// An amount of money: 6 places, not negative. Its currency is in a column of its own.
pub const fn money(name: &'static str) -> Column {
    decimal(name, 19, 6).not_negative()
}
/// The code of a currency; empty: that of the server.
pub const fn currency(name: &'static str) -> Column {
    text(name, 3).blank()
}
/// A binary floating-point number.
pub const fn real(name: &'static str) -> Column {
    column(name, ColumnType::Real)
}
/// A date.
pub const fn date(name: &'static str) -> Column {
    column(name, ColumnType::Date)
}
/// A moment.
pub const fn time(name: &'static str) -> Column {
    column(name, ColumnType::Time)
}
/// A JSON document.
pub const fn json(name: &'static str) -> Column {
    column(name, ColumnType::Json)
}
/// The name of a record model.
pub const fn model(name: &'static str) -> Column {
    column(name, ColumnType::Model)
}
/// A link to a row of another table.
pub const fn link(name: &'static str, table: &'static Table, on_delete: OnDelete) -> Column {
    column(name, ColumnType::Link(table, on_delete))
}
/// Rows of a link table.
pub const fn many(
    name: &'static str,
    link: &'static str,
    own: &'static str,
    other: &'static str,
    target: &'static Table,
) -> Column {
    column(name, ColumnType::Many { link, own, other, target })
}

/// Columns after columns, for tables that share some. The compiler refuses a wrong number of them.
///
/// # Panics
/// While compiling, where the description cannot hold.
pub const fn join<const A: usize, const B: usize, const ALL: usize>(
    first: [Column; A],
    then: [Column; B],
) -> [Column; ALL] {
    assert!(ALL == A + B, "the number of columns is wrong");
    let mut all = [if A > 0 { first[0] } else { then[0] }; ALL];
    let mut i = 0;
    while i < ALL {
        all[i] = if i < A { first[i] } else { then[i - A] };
        i += 1;
    }
    all
}

impl Column {
    /// May be null; and is, where nothing is given.
    pub const fn null(mut self) -> Self {
        self.null = true;
        self
    }
    /// An empty text is allowed, and the default.
    pub const fn blank(mut self) -> Self {
        self.blank = true;
        if matches!(self.default, Default::None) && !self.null {
            self.default = Default::Text("");
        }
        self
    }
    pub const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }
    pub const fn index(mut self) -> Self {
        self.index = true;
        self
    }
    /// Named differently in records; empty: not in records.
    pub const fn record(mut self, name: &'static str) -> Self {
        self.record = name;
        self
    }
    /// Left out of records where it has its default (see the field).
    pub const fn sparse(mut self) -> Self {
        self.sparse = true;
        self
    }
    /// Earlier names in records.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }
    pub const fn choices(mut self, choices: &'static [(&'static str, &'static str)]) -> Self {
        self.choices = choices;
        self
    }
    /// Markdown (see the field).
    pub const fn markdown(mut self) -> Self {
        self.markdown = true;
        self
    }
    /// Opens doors: never shown (see the field).
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
    /// Left out of the change log, for this reason (see the field).
    pub const fn unlogged(mut self, reason: &'static str) -> Self {
        self.unlogged = reason;
        self
    }
    /// Has this text instead of no value (see the field).
    pub const fn filled(mut self, text: &'static str) -> Self {
        self.filled = text;
        self
    }
    /// Searched where this parameter is true (see the field).
    pub const fn searched_if(mut self, parameter: &'static str, template: &'static str) -> Self {
        self.searched_if = Some((parameter, template));
        self
    }
    /// Personal: shown to the user and to those who administer users (see the field).
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }
    /// The condition that the database holds for the column, as SQL: its own, or the limits of a whole number.
    pub fn condition(&self) -> Option<Fragment> {
        let name = fragment!("\"{}\"", self.name);
        if !self.check.is_empty() {
            return Some(Fragment::from(self.check).replace("{}", name));
        }
        let ColumnType::Int { min, max } = self.kind else { return None };
        let mut limits = Vec::new();
        if min > i64::MIN {
            limits.push(fragment!("{name} >= {min}"));
        }
        if max < i64::MAX {
            limits.push(fragment!("{name} <= {max}"));
        }
        (!limits.is_empty()).then(|| Fragment::join(&limits, " AND "))
    }
    /// Only rows of the linked table for which the condition holds may be chosen (see the field).
    pub const fn only(mut self, condition: &'static str) -> Self {
        self.only = condition;
        self
    }
    /// An SQL condition that the database holds, with `{}` for the column.
    pub const fn check(mut self, condition: &'static str) -> Self {
        self.check = condition;
        self
    }
    /// The database holds that the number is 0 or more.
    pub const fn not_negative(self) -> Self {
        self.check("{} >= 0")
    }
    /// Smallest and largest integer.
    pub const fn range(mut self, min: i64, max: i64) -> Self {
        self.kind = ColumnType::Int { min, max };
        self
    }
    /// Whether it holds the path of a file below the media folder.
    pub const fn is_file(&self) -> bool {
        matches!(self.kind, ColumnType::File | ColumnType::Image)
    }
    /// Whether the column is in the table itself.
    pub const fn stored(&self) -> bool {
        !matches!(self.kind, ColumnType::Many { .. })
    }
}

/// How the rows of a table form trees.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// Column with the parent's key.
    pub parent: &'static str,
    /// Column by which children of one parent are sorted.
    pub order: &'static str,
    /// Column that keeps the names from the root down, joined by `/`; empty: none.
    pub names: &'static str,
}

/// The column of a tree table that holds the keys from the root down to the row itself:
/// `/1/5/9/`. Descendants of 5 are the rows whose path starts with `/1/5/`.
pub const PATH: &str = "tree_path";

/// The column beside [`PATH`] that the database calculates: the first text, in byte order, behind the paths
/// of the row and all its descendants. [`at_or_below!`](crate::at_or_below!) finds them.
pub const PATH_END: &str = "tree_end";

/// The column of a tree table with the number of the tree that a row is in: clients see it, and
/// roots are sorted by it.
pub const TREE_ID: &str = "tree_id";

/// One table. Its key is always the integer column `id`.
#[derive(Debug)]
pub struct Table {
    /// Name in the database: the record model with `_` for `.` (`part_partcategory`).
    pub name: &'static str,
    /// Model in the records format (`part.partcategory`); empty: not part of records.
    pub record: &'static str,
    /// What people call a row (`Part category`); empty: nothing names one.
    pub label: &'static str,
    pub columns: &'static [Column],
    /// Sets of columns that no two rows may share.
    pub unique: &'static [&'static [&'static str]],
    /// Indexes of the rows that fulfil an SQL condition.
    pub index_where: &'static [(&'static [&'static str], &'static str)],
    /// Sets of columns that no two rows may share among those that fulfil an SQL condition.
    pub unique_where: &'static [(&'static [&'static str], &'static str)],
    /// Further indexes.
    pub indexes: &'static [&'static [&'static str]],
    /// Columns whose texts searches find by an index (see [`crate::search`]); empty: searches look at every row.
    pub searched: &'static [&'static str],
    /// Another table with a row for each of this one's. What it holds is part of the row.
    pub companion: Option<Companion>,
    /// Numbers of its rows that the database keeps.
    pub counted: &'static [&'static Counted],
    /// How many of its rows each row of a linked table has.
    pub grouped: Option<&'static Grouped>,
    /// Columns that stand for the key where records refer to a row (`["username"]`); empty: the key.
    /// One column that is not in records itself stands in the place of the key: records and the API
    /// know such rows by a text only.
    pub natural_key: &'static [&'static str],
    /// Set where rows form trees. The table then has a column [`PATH`].
    pub tree: Option<Tree>,
    /// Whether `export` writes it (tokens and the like are taken in, but never given out).
    pub exported: bool,
    /// Template of the key of the user whose rows these are (`{t}."user"`): no one else but superusers sees
    /// them. Empty: they belong to no one.
    pub user: Sql,
    /// The record that each row hangs on, whose rights it has.
    pub subject: Option<&'static Subject>,
    /// Why the change log leaves its rows out, where it does: bookkeeping of the server itself. Empty: every row that is
    /// made, changed or deleted is logged.
    pub unlogged: &'static str,
    /// Another table and its column that links to this one: rows are seen where one of those that link to them
    /// is. Rows without such a link are visible to users who can view this table.
    pub seen_by: Option<(&'static Table, &'static str)>,
}

/// A table, or view, with one row for each row of another one, under the same key. Templates over that one name its
/// columns as `{totals:in_stock}`.
#[derive(Debug, Clone, Copy)]
pub struct Companion {
    /// What stands before the colon.
    pub name: &'static str,
    pub table: &'static Table,
    /// Where it is a view of rows and notes of how these are to change.
    pub noted: Option<Noted>,
}

/// Rows that an index finds, and notes of how some of them are to change. For rows without notes, the view says what
/// they say; PostgreSQL only.
#[derive(Debug, Clone, Copy)]
pub struct Noted {
    pub rows: &'static Table,
    pub notes: &'static Table,
    /// The column of the notes with the key of the row.
    pub key: &'static str,
}

/// Numbers of rows that the database keeps, so that lists need not count theirs: how many rows there are of each
/// combination of facts and, where `below` says so, of each node of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// The table, or view, with the numbers: in `number` rows those facts hold whose bits are set in `state`.
    pub numbers: &'static str,
    /// The condition on a tree, as lists have it (`{location} IN {below}`): only rows for which it holds are counted, by
    /// the path of their node in `path`. Empty: all rows are counted.
    pub below: Sql,
    /// Conditions of lists that are known, each with its opposite. The first has the lowest bit.
    pub facts: &'static [(Sql, Sql)],
}

/// Numbers of rows that the database keeps beside the rows that they link to, in their companion. Lists that are sorted
/// by a linked row first skip rows by them.
#[derive(Debug, Clone, Copy)]
pub struct Grouped {
    /// The link.
    pub link: &'static str,
    /// Columns of the companion, each with the one condition of the list under which it is the number of rows; an empty
    /// one: the number of all.
    pub numbers: &'static [(Sql, &'static str)],
}

impl Companion {
    pub const fn new(name: &'static str, table: &'static Table) -> Self {
        Companion { name, table, noted: None }
    }

    /// It is a view of rows and notes.
    pub const fn noted(mut self, rows: &'static Table, notes: &'static Table, key: &'static str) -> Self {
        self.noted = Some(Noted { rows, notes, key });
        self
    }
}

impl Table {
    pub const fn new(name: &'static str, record: &'static str) -> Self {
        Table {
            name,
            record,
            label: "",
            columns: &[],
            unique: &[],
            unique_where: &[],
            index_where: &[],
            indexes: &[],
            searched: &[],
            companion: None,
            counted: &[],
            grouped: None,
            natural_key: &[],
            tree: None,
            exported: true,
            user: "",
            subject: None,
            unlogged: "",
            seen_by: None,
        }
    }
    /// What people call a row.
    pub const fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }
    pub const fn columns(mut self, columns: &'static [Column]) -> Self {
        self.columns = columns;
        self
    }
    pub const fn unique(mut self, sets: &'static [&'static [&'static str]]) -> Self {
        self.unique = sets;
        self
    }
    pub const fn index_where(mut self, sets: &'static [(&'static [&'static str], &'static str)]) -> Self {
        self.index_where = sets;
        self
    }
    pub const fn unique_where(mut self, sets: &'static [(&'static [&'static str], &'static str)]) -> Self {
        self.unique_where = sets;
        self
    }
    pub const fn indexes(mut self, sets: &'static [&'static [&'static str]]) -> Self {
        self.indexes = sets;
        self
    }
    /// Columns whose texts searches find by an index.
    pub const fn searched(mut self, columns: &'static [&'static str]) -> Self {
        self.searched = columns;
        self
    }
    /// There is a row for each of this table's in another one (see the field).
    pub const fn companion(mut self, companion: Companion) -> Self {
        self.companion = Some(companion);
        self
    }
    /// The database keeps numbers of its rows (see the field).
    pub const fn counted(mut self, numbers: &'static [&'static Counted]) -> Self {
        self.counted = numbers;
        self
    }
    /// The database keeps how many rows each linked row has (see the field).
    pub const fn grouped(mut self, grouped: &'static Grouped) -> Self {
        self.grouped = Some(grouped);
        self
    }
    pub const fn natural_key(mut self, columns: &'static [&'static str]) -> Self {
        self.natural_key = columns;
        self
    }
    pub const fn tree(mut self, parent: &'static str, order: &'static str, names: &'static str) -> Self {
        self.tree = Some(Tree { parent, order, names });
        self
    }
    /// Rows belong to the user with this key (see the field).
    pub const fn of_user(mut self, key: Sql) -> Self {
        self.user = key;
        self
    }
    /// Rows hang on records of several kinds (see the field).
    pub const fn on(mut self, subject: &'static Subject) -> Self {
        self.subject = Some(subject);
        self
    }
    /// Seen where rows of another table that link to them are (see the field).
    pub const fn seen_by(mut self, table: &'static Table, link: &'static str) -> Self {
        self.seen_by = Some((table, link));
        self
    }
    /// Left out of the change log, for this reason (see the field).
    pub const fn unlogged(mut self, reason: &'static str) -> Self {
        self.unlogged = reason;
        self
    }
    /// Taken in from records, never written to them.
    pub const fn import_only(mut self) -> Self {
        self.exported = false;
        self
    }
    /// The record model without its application (`partcategory`).
    pub const fn model(&self) -> &'static str {
        let record = self.record.as_bytes();
        let mut i = record.len();
        while i > 0 && record[i - 1] != b'.' {
            i -= 1;
        }
        self.record.split_at(i).1
    }
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// Stands for no table: for views of values that are not rows.
pub static NO_TABLE: Table = Table::new("", "");
