//! All operations of the server: maps URLs to resources and actions, and is the one place
//! where rights are checked.

use std::collections::HashMap;
use std::sync::Arc;

use ironwood_base::{Error, Result};
use ironwood_store::fragment;

use crate::access::unauthenticated;
pub use crate::access::{check_access, is_allowed, method_of, permission_of};
use crate::context::{Caller, Context, Look, Uploads};
pub use crate::http::success;
use crate::http::{Answer, Body, FormValue, Method, Request};
use crate::input::Mode;
pub use crate::matched::Matched;
use crate::operations::Node;
pub use crate::operations::{Operation, Registry, Target, access_of};
use crate::query::Query;
use crate::resource::{Access, Action, Args, Outside, Resource, RowEndpoint, Run};
use crate::table::{ColumnType, Table};
use crate::{list, options, params, tag, write};

fn methods(resource: &'static Resource) -> Vec<Operation> {
    let o = resource.operations;
    let (list, row) = (Target::List(resource), Target::Row(resource));
    [
        (o.list, Method::Get, list),
        (o.create, Method::Post, list),
        (o.bulk_update, Method::Put, list),
        (o.bulk_update, Method::Patch, list),
        (o.bulk_delete, Method::Delete, list),
        (o.retrieve, Method::Get, row),
        (o.update, Method::Put, row),
        (o.update, Method::Patch, row),
        (o.delete, Method::Delete, row),
    ]
    .into_iter()
    .filter(|(there, ..)| *there)
    .map(|(_, method, target)| Operation { method, target })
    .collect()
}

impl Registry {
    /// Puts resources and actions under their addresses.
    pub fn new(resources: Vec<&'static Resource>, actions: Vec<&'static Action>) -> Self {
        let mut registry = Registry { root: Node::default(), resources, actions };
        for resource in registry.resources.clone() {
            for operation in methods(resource) {
                match operation.target {
                    Target::Row(_) => registry.add(resource.path, Some("{id}"), operation),
                    _ => registry.add(resource.path, None, operation),
                }
            }
        }
        for action in registry.actions.clone() {
            registry.add(action.path, None, Operation { method: action.method, target: Target::Action(action) });
        }
        registry
    }

    /// Puts an endpoint below the rows of every resource that has it. These are further addresses of
    /// what the API's documentation describes once, so they are not in [`Registry::operations`].
    pub fn with_row_endpoint(mut self, endpoint: &'static RowEndpoint) -> Self {
        for resource in self.resources.clone() {
            if resource.operations.retrieve && (endpoint.of)(resource) {
                for (method, _) in endpoint.operations {
                    let operation = Operation { method: *method, target: Target::RowEndpoint(resource, endpoint) };
                    self.add(resource.path, ["{id}", endpoint.name], operation);
                }
            }
        }
        self
    }

    fn add(&mut self, path: &'static str, last: impl IntoIterator<Item = &'static str>, operation: Operation) {
        let mut node = &mut self.root;
        for part in path.split('/').chain(last).filter(|p| !p.is_empty()) {
            node = if part.starts_with('{') {
                node.any.get_or_insert_default()
            } else {
                node.literal.entry(part).or_default()
            };
        }
        node.operations.push(operation);
    }

    /// Every operation there is, with its address.
    pub fn operations(&self) -> Vec<(String, Operation)> {
        let mut all = Vec::new();
        for resource in &self.resources {
            for operation in methods(resource) {
                let path = match operation.target {
                    Target::Row(_) => {
                        let name = if resource.placeholder.is_empty() { resource.key } else { resource.placeholder };
                        format!("{}{{{name}}}/", resource.path)
                    }
                    _ => resource.path.to_owned(),
                };
                all.push((path, operation));
            }
        }
        for action in &self.actions {
            all.push((action.path.to_owned(), Operation { method: action.method, target: Target::Action(action) }));
        }
        all
    }

    /// Finds what a request asks for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown address, 405 for a method that it does not have.
    pub fn find(&self, request: &Request) -> Result<Matched<'_>> {
        let parts: Vec<&str> = request.path.split('/').filter(|p| !p.is_empty()).collect();
        let mut args = Vec::new();
        let node = descend(&self.root, &parts, &mut args).ok_or(Error::NotFound)?;
        let method = if request.method == Method::Head { Method::Get } else { request.method };
        let operation = node.operations.iter().find(|o| o.method == method).copied();
        // rows are named by numbers, unless their resource says otherwise
        if let Some(Operation { target: Target::Row(resource), .. }) = operation
            && resource.key == "id"
            && args.last().is_none_or(|key| key.parse::<i64>().is_err())
        {
            return Err(Error::NotFound);
        }
        if operation.is_none() && method != Method::Options {
            return Err(Error::Status(405, format!("Method {} is not allowed.", request.method.name())));
        }
        Ok(Matched { operations: &node.operations, args, operation })
    }

    /// Address of the list that shows rows of a table, empty where there is none.
    pub fn address_of(&self, table: &Table) -> &'static str {
        let shown =
            |r: &&&'static Resource| r.view.table.name == table.name && r.operations.list && r.operations.retrieve;
        self.resources.iter().find(shown).map_or("", |r| r.path)
    }

    /// Refuses callers without permission for the request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] where no one is signed in, [`Error::Denied`] otherwise.
    pub fn check(&self, caller: &dyn Caller, matched: &Matched<'_>) -> Result<()> {
        let Some(operation) = matched.operation else {
            // OPTIONS answers every signed-in user
            let access = matched.operations.first().map(|o| access_of(*o)).ok_or(Error::NotFound)?;
            let is_open = matches!(access, Access::Public) || caller.id().is_some();
            return if is_open { Ok(()) } else { Err(unauthenticated()) };
        };
        check_access(caller, access_of(operation), operation.method)
    }

    /// Denies access to a file unless the caller can view a row of these tables that refers to it: a row is visible
    /// where its
    /// resource shows it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no row names the file, or only rows of others; [`Error::Denied`] where rows name it
    /// whose table, or the record that they hang on, the caller may not view.
    pub fn check_file(&self, ctx: &mut Context<'_>, tables: &[&'static Table], path: &str) -> Result<()> {
        let mut refused = Error::NotFound;
        for table in tables {
            for column in table.columns.iter().filter(|column| column.is_file()) {
                // the second condition is that of the index
                let names = fragment!("{{t}}.\"{0}\" = {{value}} AND {{t}}.\"{0}\" <> ''", column.name);
                let mut all = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, table);
                all.and_value(&names, path);
                if path.is_empty() || all.count(ctx.conn)? == 0 {
                    continue;
                }
                if ctx.caller.is_superuser() {
                    return Ok(());
                }
                for resource in self.resources.iter().filter(|resource| resource.view.table.name == table.name) {
                    if is_allowed(ctx.caller, resource.access, Method::Get) {
                        let mut query = Query::of(ctx, resource);
                        query.and_value(&names, path);
                        if query.count(ctx.conn)? > 0 {
                            return Ok(());
                        }
                    }
                }
                if table.user.is_empty() {
                    refused = Error::denied();
                }
            }
        }
        Err(refused)
    }

    /// The resource that lists the rows of a table.
    pub fn list_of(&self, table: &Table) -> Option<&'static Resource> {
        self.resources.iter().copied().find(|r| r.view.table.name == table.name && r.operations.list)
    }

    /// Whether rows of a table are shown with this column to users who can view the table.
    pub fn shows(&self, table: &Table, column: &str) -> bool {
        let Some(known) = table.column(column).filter(|c| !c.secret && !c.private) else { return false };
        let views = self.resources.iter().filter(|r| r.view.table.name == table.name);
        views.flat_map(|r| r.view.fields.iter().chain(r.row_view().fields)).any(|field| {
            field.shown() && matches!(field.source, crate::view::Source::Column(name) if name == known.name)
        })
    }

    /// Does what a request asks for where that needs no transaction; `None` where it needs one
    /// ([`Registry::run`]).
    pub fn run_free(&self, outside: &Outside<'_>, matched: &Matched<'_>) -> Option<Result<Answer>> {
        let operation = matched.operation?;
        let Target::Action(Action { run: Run::Free(run), .. }) = operation.target else { return None };
        let checked = self.check(outside.caller, matched).and_then(|()| params::check(operation, outside.request));
        let answer = checked.and_then(|()| run(outside, &matched.args));
        Some(answer.map_err(|error| params::name_unknown_fields(operation, &outside.request.body, error)))
    }

    /// Has the domain do what takes time with the files of a request, if the caller may send it at all: it precedes
    /// the transaction, which others wait for.
    ///
    /// # Errors
    /// Why a file is refused, by field.
    pub fn prepare(&self, outside: &Outside<'_>, matched: &Matched<'_>) -> Result<Uploads> {
        let mut prepared = HashMap::new();
        let Some(operation) = matched.operation.filter(|operation| !operation.method.safe()) else {
            return Ok(Arc::new(prepared));
        };
        let (Target::List(resource) | Target::Row(resource), Body::Form(form)) =
            (operation.target, &outside.request.body)
        else {
            return Ok(Arc::new(prepared));
        };
        if check_access(outside.caller, resource.access, operation.method).is_ok() {
            let (view, table) = (resource.row_view(), resource.view.table);
            for (name, value) in form {
                let FormValue::File(upload) = value else { continue };
                let column = view.field(name).filter(|f| f.writable).and_then(|field| field.column(table));
                if let Some(column) = column.filter(|c| c.is_file())
                    && !upload.bytes.is_empty()
                    && let Some(made) = outside.domain.prepare_file(column, upload)?
                {
                    prepared.insert(name.clone(), made);
                }
            }
        }
        Ok(Arc::new(prepared))
    }

    /// Whether all of a request is one transaction that reads.
    pub fn is_one_read(&self, request: &Request, matched: &Matched<'_>) -> bool {
        let is_free = matches!(
            matched.operation,
            Some(Operation { target: Target::Action(Action { run: Run::Free(_), .. }), .. })
        );
        !is_free && !matched.writes() && matched.export(request).is_none() && self.look(matched).is_none()
    }

    /// How the slow work is found that precedes the transaction of a request, where it has any.
    pub fn look(&self, matched: &Matched<'_>) -> Option<Look> {
        let operation = matched.operation?;
        match operation.target {
            Target::Action(action) => action.look,
            Target::List(resource) if operation.method == Method::Post => resource.look,
            Target::Row(resource) if matches!(operation.method, Method::Put | Method::Patch) => resource.look,
            _ => None,
        }
    }

    /// Does what a request asks for, after the one check of rights.
    ///
    /// # Errors
    /// As [`Registry::check`]; 400 naming query parameters and fields that are not valid; those of the operation.
    pub fn run(&self, ctx: &mut Context<'_>, matched: &Matched<'_>) -> Result<Answer> {
        self.check(ctx.caller, matched)?;
        let Some(operation) = matched.operation else {
            return options::describe(ctx, matched.operations, &matched.args);
        };
        params::check(operation, ctx.request)?;
        let request = ctx.request;
        let tag = tag::find(ctx, matched)?;
        if let Some(tag) = tag.as_ref().filter(|tag| request.presented.has(tag)) {
            return Ok(Answer::unchanged(tag.clone()));
        }
        let answer = Self::carry_out(ctx, operation, &matched.args)
            .map_err(|error| params::name_unknown_fields(operation, &request.body, error))?;
        Ok(tag::put(request, tag, answer))
    }

    fn carry_out(ctx: &mut Context<'_>, operation: Operation, args: &Args) -> Result<Answer> {
        match operation.target {
            Target::Action(Action { run: Run::Bound(run), .. }) => run(ctx, args),
            Target::Action(action) => Err(Error::Internal(format!("{} runs outside of a transaction", action.id))),
            Target::List(resource) => match operation.method {
                Method::Post => write::post(ctx, resource),
                Method::Put | Method::Patch => write::put_many(ctx, resource),
                Method::Delete => write::remove_many(ctx, resource),
                _ => list::list(ctx, resource),
            },
            Target::RowEndpoint(resource, endpoint) => {
                let key = row_key(ctx, resource, args.last().map(String::as_str).unwrap_or_default())?;
                permit_row(ctx, resource, key)?;
                let run = endpoint.operations.iter().find(|(method, _)| *method == operation.method);
                let (_, run) = run.ok_or(Error::NotFound)?;
                run(ctx, resource, key)
            }
            Target::Row(resource) => {
                let key = row_key(ctx, resource, args.last().map(String::as_str).unwrap_or_default())?;
                match operation.method {
                    Method::Put => write::put(ctx, resource, key, Mode::Whole),
                    Method::Patch => write::put(ctx, resource, key, Mode::Partial),
                    Method::Delete => write::remove(ctx, resource, key),
                    _ => list::retrieve(ctx, resource, key),
                }
            }
        }
    }
}

fn descend<'r>(node: &'r Node, parts: &[&str], args: &mut Args) -> Option<&'r Node> {
    let Some((first, rest)) = parts.split_first() else {
        return (!node.operations.is_empty()).then_some(node);
    };
    if let Some(found) = node.literal.get::<str>(first).and_then(|next| descend(next, rest, args)) {
        return Some(found);
    }
    let next = node.any.as_deref()?;
    args.push((*first).to_owned());
    let found = descend(next, rest, args);
    if found.is_none() {
        args.pop();
    }
    found
}

/// The key of the row that an address names.
///
/// # Errors
/// [`Error::NotFound`] where no row has this name, or the text cannot be one; those of the database.
pub fn row_key(ctx: &mut Context<'_>, resource: &'static Resource, text: &str) -> Result<i64> {
    if resource.key == "id" {
        return text.parse().map_err(|_| Error::NotFound);
    }
    let sql = fragment!("SELECT id FROM {} WHERE \"{}\" = $1", resource.view.table.name, resource.key);
    let value = match resource.view.table.column(resource.key).map(|c| c.kind) {
        Some(ColumnType::Int { .. } | ColumnType::Link(..)) => text.parse::<i64>().map_err(|_| Error::NotFound)?.into(),
        _ => text.into(),
    };
    Ok(ctx.conn.one(&sql, &[value])?.ok_or(Error::NotFound)?.int(0))
}

/// Requires the permission to view the row of a sub-resource, or to change it if the request does.
///
/// # Errors
/// As reading or changing the row.
pub fn permit_row(ctx: &mut Context<'_>, resource: &'static Resource, id: i64) -> Result<()> {
    check_access(ctx.caller, resource.access, ctx.request.method)?;
    if ctx.request.method.safe() { write::visible(ctx, resource, id) } else { write::reachable(ctx, resource, id) }
}
