//! A resource: a view at a URL, with its operations, filters, and rules.

use ironwood_base::Result;
use ironwood_base::key::{Any, Key};
use ironwood_store::Connection;

use crate::context::{Caller, Context, Domain, Look, Permission};
use crate::http::{Answer, Method, Request};
use crate::operations::Registry;
use crate::statement::Query;
use crate::subject::Subject;
use crate::table::Table;
use crate::values::Change;
use crate::view::{Sql, Type, View};

/// What a query parameter does to a list.
#[derive(Debug, Clone, Copy)]
pub enum Condition {
    /// Keeps rows for which the template holds; `{value}` is the parameter's value.
    Where(Type, Sql),
    /// A truth value: the first condition where true, the second where false.
    Flag(Sql, Sql),
    /// Rows that link to a row of the table; an unknown key is refused. `{value}` is the key.
    Link(&'static Table, Sql),
    /// Like `Link`, where `null` stands for rows without a link: the second template.
    LinkOrNull(&'static Table, Sql, Sql),
    /// Integers joined by commas; `{value}` is the list in parentheses.
    Ints(Sql),
    /// Texts joined by commas; all of them must hold. `{value}` is one.
    AllOf(Sql),
    /// A function adds conditions.
    Custom(Type, fn(&mut Query<'_>, &str) -> Result<()>),
    /// Read elsewhere (by another filter or a field); here only its form is checked.
    Noted(Type),
}

/// One query parameter of a list.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    pub name: &'static str,
    pub condition: Condition,
    pub help: &'static str,
    /// A link of the same name limits what it may be set to; the filter takes other rows as well.
    pub any: bool,
}

/// A parameter with its condition.
pub const fn filter(name: &'static str, condition: Condition) -> Filter {
    Filter { name, condition, help: "", any: false }
}
/// A boolean column's own filter.
pub const fn flag_filter(name: &'static str, yes: Sql, no: Sql) -> Filter {
    filter(name, Condition::Flag(yes, no))
}

impl Filter {
    pub const fn help(mut self, text: &'static str) -> Self {
        self.help = text;
        self
    }
    /// Takes rows that the link could not be set to (see the field).
    pub const fn any(mut self) -> Self {
        self.any = true;
        self
    }
}

/// A way to sort a list: its name and the expressions it sorts by.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    pub name: &'static str,
    pub by: &'static [Sql],
}

/// Sorting by these expressions.
pub const fn sort(name: &'static str, by: &'static [Sql]) -> Sort {
    Sort { name, by }
}

/// Which operations a resource has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Operations {
    pub list: bool,
    pub create: bool,
    pub retrieve: bool,
    pub update: bool,
    pub delete: bool,
    /// A list of objects to create is accepted, too.
    pub bulk_create: bool,
    /// PUT and PATCH on the list.
    pub bulk_update: bool,
    /// DELETE on the list.
    pub bulk_delete: bool,
}

impl Operations {
    pub const READ: Self = Operations {
        list: true,
        retrieve: true,
        create: false,
        update: false,
        delete: false,
        bulk_create: false,
        bulk_update: false,
        bulk_delete: false,
    };
    pub const LIST: Self = Operations { retrieve: false, ..Self::READ };
    pub const ALL: Self = Operations { create: true, update: true, delete: true, ..Self::READ };
    pub const fn bulk_create(mut self) -> Self {
        self.bulk_create = true;
        self
    }
    pub const fn bulk_update(mut self) -> Self {
        self.bulk_update = true;
        self
    }
    pub const fn bulk_delete(mut self) -> Self {
        self.bulk_delete = true;
        self
    }
    pub const fn no_create(mut self) -> Self {
        self.create = false;
        self
    }
}

/// Who may use a resource or an action. The engine checks it before anything else happens.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// Every signed-in user.
    SignedIn,
    /// Reading: every signed-in user; changing: staff.
    StaffWrites,
    Staff,
    Superuser,
    /// The right on this table that belongs to the method.
    Table(&'static str),
    /// This right on this table, whatever the method.
    Right(&'static str, Permission),
    /// Reading: every signed-in user; changing: the permission on the table.
    ReadOrTable(&'static str),
    /// Reading: every signed-in user, rows of records that they can view; changing: users who can change records
    /// that have such rows. [`crate::subject`] sees to each row.
    OnRecord(&'static Subject),
    /// Reading: every signed-in user; changing: the permission on one of these tables.
    ReadOrAny(&'static [&'static Table]),
    /// Reading: every signed-in user; changing: staff with the permission on the table.
    ReadOrStaffTable(&'static str),
}

/// Reads query parameters of a list into conditions and sorting.
pub type ReadParams = fn(&mut Connection, &mut Query<'_>) -> Result<()>;

/// Rules that a description alone cannot tell. Plain functions over the transaction.
#[derive(Clone, Copy)]
pub struct Rules {
    /// Before a row is made or changed: may refuse, and may change values.
    pub check: fn(&mut Context<'_>, &mut Change) -> Result<()>,
    /// After a row was made or changed.
    pub saved: fn(&mut Context<'_>, &Change, Key<Any>) -> Result<()>,
    /// Before rows are deleted.
    pub delete: Delete,
    /// Before rows are listed: adds conditions of its own.
    pub list: fn(&mut Query<'_>) -> Result<()>,
    /// Where a request changes many rows: `check` and `saved` for all of them at once.
    pub together: Option<Together>,
}

/// Rules for rows that are changed together, by no more statements than one takes. Only for rows that do
/// not depend on each other: all are checked before the first is written. Such a table is no tree and has
/// no files.
#[derive(Clone, Copy)]
pub struct Together {
    /// Before the rows are changed.
    pub check: fn(&mut Context<'_>, &mut [Change]) -> Result<()>,
    /// After they were.
    pub saved: fn(&mut Context<'_>, &[Change]) -> Result<()>,
}

/// What a deletion would do to rows of one kind.
#[derive(Debug, Clone)]
pub struct Usage {
    pub count: i64,
    /// One and several of the rows (`parameter`, `parameters`).
    pub names: [&'static str; 2],
    /// What becomes of them: follows "would" (`be deleted`).
    pub effect: &'static str,
}

impl Usage {
    pub const fn new(count: i64, names: [&'static str; 2], effect: &'static str) -> Self {
        Usage { count, names, effect }
    }
}

/// May refuse what is asked of a row.
pub type Guard = fn(&mut Context<'_>, Key<Any>) -> Result<()>;

/// Finds what uses rows that are to be deleted.
pub type InUse = fn(&mut Context<'_>, &[Key<Any>]) -> Result<Vec<Usage>>;

fn fine(_: &mut Context<'_>, _: &mut Change) -> Result<()> {
    Ok(())
}
fn nothing(_: &mut Context<'_>, _: &Change, _: Key<Any>) -> Result<()> {
    Ok(())
}
fn plain(_: &mut Context<'_>, _: &[Key<Any>]) -> Result<bool> {
    Ok(true)
}

/// What precedes the deletion of rows, or takes its place: says whether the rows are still to be deleted.
#[derive(Clone, Copy)]
pub enum Delete {
    /// Row by row.
    Each(fn(&mut Context<'_>, Key<Any>) -> Result<bool>),
    /// For all rows of a request at once: what can be deleted in bulk takes no more statements for many
    /// rows than for one.
    Many(fn(&mut Context<'_>, &[Key<Any>]) -> Result<bool>),
}
fn everything(_: &mut Query<'_>) -> Result<()> {
    Ok(())
}

/// No rules beyond the description.
pub const NO_RULES: Rules =
    Rules { check: fine, saved: nothing, delete: Delete::Many(plain), list: everything, together: None };

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rules")
    }
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// Address of the list, with slashes: `/api/part/category/`.
    pub path: &'static str,
    /// Beginning of the operations' ids: `part_category`.
    pub id: &'static str,
    pub view: &'static View,
    /// What one row shows, where it differs from the list.
    pub detail: Option<&'static View>,
    pub operations: Operations,
    pub access: Access,
    pub filters: &'static [Filter],
    /// Expressions that `search` looks into; with `{match x}` inside where it is more than one
    /// expression (`EXISTS (SELECT 1 … WHERE … AND {match s.name})`).
    pub search: &'static [Sql],
    pub sorts: &'static [Sort],
    /// Sorting where none is asked for (a template, `{name}` or `-{name}`).
    pub default_sort: &'static [Sql],
    pub rules: Rules,
    /// Whether its filters depend on the domain's snapshot.
    pub uses_snapshot: bool,
    /// Reads query parameters whose names are not known beforehand (`parameter_12_gt`).
    pub open_params: Option<ReadParams>,
    /// Condition on every row that this resource shows at all; empty: none.
    pub scope: Sql,
    /// Columns that have the same value in every row of this resource: only such rows are shown, and what it
    /// makes gets these values. So a resource can be a part of another one under an address of its own.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Kept for older clients: another resource has taken its place.
    pub deprecated: bool,
    /// Condition on the rows that DELETE on the list touches: others are passed over, though they are
    /// named. Empty: none are.
    pub bulk_deletes: Sql,
    /// Column that the address of one row names; `id` unless said otherwise.
    pub key: &'static str,
    /// Refuses callers who may not change a row, where that depends on the row; asked before anything
    /// else about a change of one row.
    pub guard: Option<Guard>,
    /// Finds slow work that making or changing one row needs before its transaction.
    pub look: Option<Look>,
    /// Finds what uses rows that are to be deleted: DELETE is refused until the request confirms it, see
    /// [`crate::confirm`].
    pub in_use: Option<InUse>,
    /// Name of the row's key in the documentation; empty: that of the column.
    pub placeholder: &'static str,
    pub help: &'static str,
}

impl Resource {
    pub const fn new(path: &'static str, id: &'static str, view: &'static View) -> Self {
        Resource {
            path,
            id,
            view,
            detail: None,
            operations: Operations::ALL,
            access: match view.table.subject {
                Some(subject) => Access::OnRecord(subject),
                None => Access::Table(view.table.name),
            },
            filters: &[],
            search: &[],
            sorts: &[],
            default_sort: &[],
            rules: NO_RULES,
            uses_snapshot: false,
            open_params: None,
            scope: "",
            fixed: &[],
            deprecated: false,
            bulk_deletes: "",
            key: "id",
            placeholder: "",
            guard: None,
            look: None,
            in_use: None,
            help: "",
        }
    }
    pub const fn detail(mut self, view: &'static View) -> Self {
        self.detail = Some(view);
        self
    }
    pub const fn operations(mut self, operations: Operations) -> Self {
        self.operations = operations;
        self
    }
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }
    pub const fn filters(mut self, filters: &'static [Filter]) -> Self {
        self.filters = filters;
        self
    }
    pub const fn search(mut self, expressions: &'static [Sql]) -> Self {
        self.search = expressions;
        self
    }
    pub const fn sorts(mut self, sorts: &'static [Sort]) -> Self {
        self.sorts = sorts;
        self
    }
    pub const fn default_sort(mut self, by: &'static [Sql]) -> Self {
        self.default_sort = by;
        self
    }
    pub const fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }
    pub const fn uses_snapshot(mut self) -> Self {
        self.uses_snapshot = true;
        self
    }
    /// Query parameters without fixed names are read by this function (see the field).
    pub const fn open_params(mut self, read: ReadParams) -> Self {
        self.open_params = Some(read);
        self
    }
    pub const fn scope(mut self, condition: Sql) -> Self {
        self.scope = condition;
        self
    }
    /// DELETE on the list passes over rows for which this does not hold (see the field).
    pub const fn bulk_deletes(mut self, condition: Sql) -> Self {
        self.bulk_deletes = condition;
        self
    }
    /// Who may change or delete a row depends on the row (see the field).
    pub const fn guard(mut self, refuse: Guard) -> Self {
        self.guard = Some(refuse);
        self
    }
    /// Making or changing a row takes time before its transaction (see the field).
    pub const fn look(mut self, look: Look) -> Self {
        self.look = Some(look);
        self
    }
    /// Deleting rows that are in use has to be confirmed (see the field).
    pub const fn in_use(mut self, find: InUse) -> Self {
        self.in_use = Some(find);
        self
    }
    /// The documentation calls the key of a row this.
    pub const fn placeholder(mut self, name: &'static str) -> Self {
        self.placeholder = name;
        self
    }
    pub const fn help(mut self, text: &'static str) -> Self {
        self.help = text;
        self
    }
    /// Every row has these values (see the field).
    pub const fn fixed(mut self, columns: &'static [(&'static str, &'static str)]) -> Self {
        self.fixed = columns;
        self
    }
    /// Kept for older clients.
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }
    /// View of one row.
    pub fn row_view(&self) -> &'static View {
        self.detail.unwrap_or(self.view)
    }
}

/// An operation on a row, at a URL below it
/// (`…/{id}/metadata/`), with the rights of its resource.
#[derive(Debug)]
pub struct RowEndpoint {
    /// Last part of the address.
    pub name: &'static str,
    /// Which resources have it.
    pub of: fn(&Resource) -> bool,
    /// What it accepts and shows.
    pub view: &'static View,
    pub operations: &'static [(Method, RunRowEndpoint)],
}

/// How what is below the address of a row is read or changed, by the row's key.
pub type RunRowEndpoint = fn(&mut Context<'_>, &'static Resource, i64) -> Result<Answer>;

/// Values taken from the address of an action: `{id}` and the like, in order.
pub type Args = Vec<String>;

/// How an action does its work.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// Inside one transaction.
    Bound(fn(&mut Context<'_>, &Args) -> Result<Answer>),
    /// Without a transaction, because it needs none or has slow work to do before it opens one.
    Free(fn(&Outside<'_>, &Args) -> Result<Answer>),
}

/// What an action without a transaction has at hand.
pub struct Outside<'a> {
    pub caller: &'a dyn Caller,
    pub request: &'a Request,
    pub domain: &'a dyn Domain,
    pub registry: &'a Registry,
}

/// An operation that is more than rows of a table.
#[derive(Debug)]
pub struct Action {
    /// Address with `{id}` parts: `/api/part/{id}/requirements/`.
    pub path: &'static str,
    pub method: Method,
    /// Id of the operation in the API's documentation.
    pub id: &'static str,
    pub access: Access,
    /// Whether it changes anything; `None`: as the method says.
    pub writes: Option<bool>,
    pub run: Run,
    /// Finds slow work that it needs before its transaction.
    pub look: Option<Look>,
    /// Query parameters.
    pub params: &'static [(&'static str, Type, &'static str)],
    /// What it accepts.
    pub request: Option<Shape>,
    /// What it answers, with which status.
    pub response: Option<Shape>,
    pub status: u16,
    pub help: &'static str,
    /// Kept for older clients.
    pub deprecated: bool,
    /// Describes the fields of the request for OPTIONS, where they depend on the request or on what is stored.
    pub describe: Option<Describe>,
    /// Counters of changes of all tables that the answer is made from ([`ironwood_store::Connection::stamp`]); empty
    /// where they are not all counted.
    pub counters: &'static [i64],
}

/// Describes fields by name, as [`crate::options::accepted`] does.
pub type Describe = fn(&mut Context<'_>) -> Result<serde_json::Map<String, serde_json::Value>>;

/// The form of an action's request or answer.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Object(&'static View),
    List(&'static View),
    /// A page of rows where `limit` is given, else a list.
    Page(&'static View),
    /// Objects by names that are not known beforehand.
    Map(&'static View),
    /// Some JSON.
    Any,
    /// A file of one of these types.
    File(&'static [&'static str]),
}

/// An action.
pub const fn action(
    method: Method,
    path: &'static str,
    id: &'static str,
    access: Access,
    run: fn(&mut Context<'_>, &Args) -> Result<Answer>,
) -> Action {
    Action {
        path,
        method,
        id,
        access,
        writes: None,
        run: Run::Bound(run),
        look: None,
        params: &[],
        request: None,
        response: None,
        status: 200,
        help: "",
        deprecated: false,
        describe: None,
        counters: &[],
    }
}

/// An action outside of any transaction.
pub const fn free_action(
    method: Method,
    path: &'static str,
    id: &'static str,
    access: Access,
    run: fn(&Outside<'_>, &Args) -> Result<Answer>,
) -> Action {
    Action {
        path,
        method,
        id,
        access,
        writes: None,
        run: Run::Free(run),
        look: None,
        params: &[],
        request: None,
        response: None,
        status: 200,
        help: "",
        deprecated: false,
        describe: None,
        counters: &[],
    }
}

impl Action {
    pub const fn params(mut self, params: &'static [(&'static str, Type, &'static str)]) -> Self {
        self.params = params;
        self
    }
    pub const fn request(mut self, shape: Shape) -> Self {
        self.request = Some(shape);
        self
    }
    pub const fn response(mut self, status: u16, shape: Shape) -> Self {
        self.status = status;
        self.response = Some(shape);
        self
    }
    /// Takes time before its transaction (see the field).
    pub const fn look(mut self, look: Look) -> Self {
        self.look = Some(look);
        self
    }
    /// Kept for older clients.
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }
    /// Answers 204 without a body.
    pub const fn no_content(mut self) -> Self {
        self.status = 204;
        self
    }
    /// Changes the database although its method reads (or the other way round).
    pub const fn writes(mut self, writes: bool) -> Self {
        self.writes = Some(writes);
        self
    }
    pub const fn help(mut self, text: &'static str) -> Self {
        self.help = text;
        self
    }
    /// OPTIONS describes the fields of the request with this function (see the field).
    pub const fn describe(mut self, describe: Describe) -> Self {
        self.describe = Some(describe);
        self
    }
    /// The answer is made from tables with these counters alone (see the field).
    pub const fn counted(mut self, counters: &'static [i64]) -> Self {
        self.counters = counters;
        self
    }
    /// Whether it needs a transaction that may write.
    pub fn is_write(&self) -> bool {
        self.writes.unwrap_or(!self.method.safe())
    }
}
