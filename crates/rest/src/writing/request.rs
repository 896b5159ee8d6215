//! Requests as structs: what an action is asked to do.
//!
//! [`request!`](crate::request!) makes a struct of a [`View`] of accepted fields. The compiler compares the two: a name that
//! the view lacks, a type that is not the field's, a value that may be missing but is read as one that is always there, and
//! a field of the view that the struct does not have are errors. The values are those that [`form`] has checked.

use ironwood_base::amount::{Amount, Unit};
use ironwood_base::decimal::Excess;
use ironwood_base::key::{self, Record};
use ironwood_base::{Key, Result, status};
use serde_json::Value as Json;

use crate::context::Context;
use crate::form::{self, Form};
use crate::row::plain;
use crate::table::ColumnType;
use crate::view::{Field, Type, View};

/// A request as a struct. Made by [`request!`](crate::request!).
pub trait Request: Sized {
    const VIEW: &'static View;

    /// The request that a checked form is.
    fn of(form: &Form) -> Self;

    /// Reads the body of the request.
    ///
    /// # Errors
    /// As [`form::read`].
    fn read(ctx: &mut Context<'_>) -> Result<Self> {
        Ok(Self::of(&form::read(ctx, Self::VIEW)?))
    }

    /// Reads the body of the request, with the form that an answer echoes.
    ///
    /// # Errors
    /// As [`form::read`].
    fn read_form(ctx: &mut Context<'_>) -> Result<(Self, Form)> {
        let form = form::read(ctx, Self::VIEW)?;
        Ok((Self::of(&form), form))
    }
}

/// The kind of field that a type is read from.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    Bool,
    /// A whole number, or the key of a row.
    Int,
    /// The key of a row of that table.
    Key(&'static str),
    /// Keys of rows of that table.
    Keys(&'static str),
    Decimal(u8),
    Real,
    /// Text, and dates.
    Text,
    Ints,
    Texts,
    Object(&'static View),
    Rows(&'static View),
    Any,
}

/// A type that the value of a field is read into.
pub trait Value: Sized {
    const SHAPE: Shape;
    /// Whether it says that there is no value.
    const OPTIONAL: bool = false;
    /// Whether it has a value that stands for none: an empty text or list, false.
    const EMPTY: bool = false;

    /// The value of a field; its default where none was given.
    fn take(form: &Form, field: &'static Field) -> Self;
}

/// Whether the field has a default other than null.
const fn has_default(field: &Field) -> bool {
    !field.default.is_empty() && !status::same(field.default, "null")
}

/// What was given, or the default of the field.
fn given(form: &Form, field: &Field) -> Json {
    match form.json(field.name) {
        Json::Null if has_default(field) => serde_json::from_str(field.default).unwrap_or(Json::Null),
        value => value.clone(),
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Bool;
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        given(form, field).as_bool().unwrap_or(false)
    }
}

impl Value for i64 {
    const SHAPE: Shape = Shape::Int;
    fn take(form: &Form, field: &'static Field) -> Self {
        given(form, field).as_i64().unwrap_or(0)
    }
}

impl<T: Record> Value for Key<T> {
    const SHAPE: Shape = Shape::Key(T::TABLE);
    fn take(form: &Form, field: &'static Field) -> Self {
        Key::from_id(i64::take(form, field))
    }
}

impl<T: Record> Value for Vec<Key<T>> {
    const SHAPE: Shape = Shape::Keys(T::TABLE);
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        key::of_ids(&form.ints(field.name))
    }
}

impl Value for f64 {
    const SHAPE: Shape = Shape::Real;
    fn take(form: &Form, field: &'static Field) -> Self {
        given(form, field).as_f64().unwrap_or(0.0)
    }
}

impl Value for String {
    const SHAPE: Shape = Shape::Text;
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        match given(form, field) {
            Json::String(text) => text,
            _ => String::new(),
        }
    }
}

impl<U: Unit> Value for Amount<U> {
    const SHAPE: Shape = Shape::Decimal(U::PLACES);
    fn take(form: &Form, field: &'static Field) -> Self {
        // checked decimals are in their scaled form already, defaults are not
        let default = || Amount::parse(field.default, Excess::Round).unwrap_or_default();
        form.int(field.name).map_or_else(default, Amount::from_scaled)
    }
}

impl Value for Vec<i64> {
    const SHAPE: Shape = Shape::Ints;
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        form.ints(field.name)
    }
}

impl Value for Vec<String> {
    const SHAPE: Shape = Shape::Texts;
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        let list = form.json(field.name).as_array();
        list.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    }
}

impl Value for Json {
    const SHAPE: Shape = Shape::Any;
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        given(form, field)
    }
}

impl<R: Request> Value for Vec<R> {
    const SHAPE: Shape = Shape::Rows(R::VIEW);
    const EMPTY: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        form.rows(field.name).iter().map(R::of).collect()
    }
}

/// An object.
impl<R: Request> Value for Box<R> {
    const SHAPE: Shape = Shape::Object(R::VIEW);
    fn take(form: &Form, field: &'static Field) -> Self {
        Box::new(form.object(field.name).map_or_else(|| R::of(&Form::default()), R::of))
    }
}

impl<T: Value> Value for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        let is_given = !form.json(field.name).is_null() || !form.rows(field.name).is_empty();
        (is_given || has_default(field)).then(|| T::take(form, field))
    }
}

/// A value that may be missing, or given as null: these are not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent<T> {
    Not,
    Null,
    Value(T),
}

impl<T> Sent<T> {
    /// The value as a change: `None` leaves what is there, `Some(None)` takes it away.
    pub fn change(self) -> Option<Option<T>> {
        match self {
            Sent::Not => None,
            Sent::Null => Some(None),
            Sent::Value(value) => Some(Some(value)),
        }
    }

    /// The value as another one, where there is one.
    pub fn map<O>(self, change: impl FnOnce(T) -> O) -> Sent<O> {
        match self {
            Sent::Not => Sent::Not,
            Sent::Null => Sent::Null,
            Sent::Value(value) => Sent::Value(change(value)),
        }
    }

    /// The value, where there is one.
    pub fn value(self) -> Option<T> {
        self.change().flatten()
    }
}

impl<T: Value> Value for Sent<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = true;
    fn take(form: &Form, field: &'static Field) -> Self {
        match () {
            () if !form.has(field.name) => Sent::Not,
            () if form.json(field.name).is_null() && form.rows(field.name).is_empty() => Sent::Null,
            () => Sent::Value(T::take(form, field)),
        }
    }
}

/// A struct for a request that a view describes. Fields of the view that it has no use for stand behind `without`.
///
/// ```
/// use ironwood_base::Quantity;
/// use ironwood_rest::request;
/// use ironwood_rest::view::{INT, QUANTITY, TEXT, View, input};
///
/// static MOVE: View = View::plain(
///     "Move",
///     &[
///         input("item", INT).required(),
///         input("quantity", QUANTITY),
///         input("notes", TEXT),
///     ],
/// );
///
/// request! {
///     /// Moves an item.
///     struct Move of MOVE {
///         item: i64,
///         quantity: Option<Quantity>,
///         notes: String,
///     } without []
/// }
/// ```
///
/// A value that may be missing is not read as zero.
///
/// ```compile_fail
/// # use ironwood_rest::request;
/// # use ironwood_rest::view::{INT, View, input};
/// static MOVE: View = View::plain("Move", &[input("item", INT)]);
/// request! {
///     struct Move of MOVE {
///         item: i64,
///     } without []
/// }
/// ```
///
/// Nor is a name that the view does not know.
///
/// ```compile_fail
/// # use ironwood_rest::request;
/// # use ironwood_rest::view::{INT, View, input};
/// static MOVE: View = View::plain("Move", &[input("item", INT).required()]);
/// request! {
///     struct Move of MOVE {
///         items: i64,
///     } without [item]
/// }
/// ```
#[macro_export]
macro_rules! request {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident of $view:path {
            $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
        } without [$($left_out:ident),* $(,)?]
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        $vis struct $name {
            $($(#[$field_doc])* $field_vis $field: $type,)*
        }

        impl $crate::request::Request for $name {
            const VIEW: &'static $crate::view::View = &$view;

            fn of(form: &$crate::form::Form) -> Self {
                Self {
                    $($field: $crate::request::Value::take(
                        form,
                        const { $crate::request::field(<$name as $crate::request::Request>::VIEW, stringify!($field)) },
                    ),)*
                }
            }
        }

        const _: () = $crate::request::check(
            <$name as $crate::request::Request>::VIEW,
            &[$($crate::request::request_field::<$type>(stringify!($field))),*],
            &[$($crate::row::plain(stringify!($left_out))),*],
        );
    };
}

/// A field of a request.
#[derive(Debug, Clone, Copy)]
pub struct RequestField {
    name: &'static str,
    shape: Shape,
    optional: bool,
    empty: bool,
}

/// A field of a type.
pub const fn request_field<T: Value>(name: &'static str) -> RequestField {
    RequestField { name: plain(name), shape: T::SHAPE, optional: T::OPTIONAL, empty: T::EMPTY }
}

/// The field of that name.
///
/// # Panics
/// Where the view has none.
pub const fn field(view: &'static View, name: &'static str) -> &'static Field {
    match find(view, plain(name)) {
        Some(field) => field,
        None => the_view_has_no_field(name),
    }
}

/// Compares a request with its view, while the program is built.
///
/// # Panics
/// Where they differ, with the name of the field.
pub const fn check(view: &'static View, parts: &[RequestField], left_out: &[&str]) {
    let mut i = 0;
    while i < parts.len() {
        let field = field(view, parts[i].name);
        if !fits(field, parts[i].shape) {
            the_type_is_not_that_of_the_field(parts[i].name);
        }
        let always = matches!(field.required, Some(true)) && !matches!(field.null, Some(true));
        if !always && !has_default(field) && !parts[i].optional && !parts[i].empty {
            the_field_may_be_missing(parts[i].name);
        }
        i += 1;
    }
    i = 0;
    while i < left_out.len() {
        if find(view, left_out[i]).is_none() {
            the_view_has_no_field(left_out[i]);
        }
        i += 1;
    }
    i = 0;
    while i < view.fields.len() {
        if view.fields[i].writable && !names(parts, left_out, view.fields[i].name) {
            the_request_lacks_the_field(view.fields[i].name);
        }
        i += 1;
    }
}

const fn the_view_has_no_field(name: &str) -> ! {
    panic!("{}", name)
}

const fn the_request_lacks_the_field(name: &str) -> ! {
    panic!("{}", name)
}

const fn the_type_is_not_that_of_the_field(name: &str) -> ! {
    panic!("{}", name)
}

const fn the_field_may_be_missing(name: &str) -> ! {
    panic!("{}", name)
}

const fn find(view: &'static View, name: &str) -> Option<&'static Field> {
    let mut i = 0;
    while i < view.fields.len() {
        if view.fields[i].writable && status::same(view.fields[i].name, name) {
            return Some(&view.fields[i]);
        }
        i += 1;
    }
    None
}

const fn names(parts: &[RequestField], left_out: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < parts.len() {
        if status::same(parts[i].name, name) {
            return true;
        }
        i += 1;
    }
    i = 0;
    while i < left_out.len() {
        if status::same(left_out[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a field holds keys of a table.
const fn links_to(field: &Field, table: &str) -> bool {
    match (field.links, field.kind) {
        (Some(target), _) | (None, Some(Type::Of(ColumnType::Link(target, _)))) => status::same(target.name, table),
        _ => false,
    }
}

const fn fits(field: &Field, shape: Shape) -> bool {
    match (field.kind, shape) {
        // the key of a row of a table that another field names
        (Some(Type::Of(ColumnType::Int { .. })), Shape::Key(table)) if table.is_empty() => field.links.is_none(),
        (Some(Type::Of(ColumnType::Int { .. } | ColumnType::Link(..))), Shape::Key(table)) => links_to(field, table),
        (Some(Type::Ints), Shape::Keys(table)) if table.is_empty() => field.links.is_none(),
        (Some(Type::Ints), Shape::Keys(table)) => links_to(field, table),
        (Some(Type::Of(ColumnType::Bool)), Shape::Bool)
        | (Some(Type::Of(ColumnType::Int { .. } | ColumnType::Link(..))), Shape::Int)
        | (Some(Type::Of(ColumnType::Real)), Shape::Real)
        | (Some(Type::Ints), Shape::Ints)
        | (Some(Type::Texts), Shape::Texts)
        | (Some(Type::Any | Type::Map(_)), Shape::Any) => true,
        (Some(Type::Of(ColumnType::Decimal { places, .. })), Shape::Decimal(kept)) => kept == places,
        (
            Some(Type::Of(
                ColumnType::Text
                | ColumnType::Url
                | ColumnType::Email
                | ColumnType::Date
                | ColumnType::Time
                | ColumnType::Model
                | ColumnType::Json,
            )),
            Shape::Text,
        ) => true,
        (Some(Type::Object(view)), Shape::Object(read)) | (Some(Type::List(view)), Shape::Rows(read)) => {
            status::same(view.name, read.name)
        }
        _ => false,
    }
}
