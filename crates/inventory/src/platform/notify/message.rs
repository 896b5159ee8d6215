//! Notifications. Users only see their own.

use ironwood_base::{Result, clock};
use ironwood_rest::context::{Context, Facts, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Operations, Resource, Shape, action, flag_filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::view::{INT, TEXT, Type, View, col, made, pk};
use ironwood_store::{Connection, Value, ValueRef, fragment};
use serde_json::json;

use crate::platform::pages;
use crate::platform::users::permission::may_view;
use crate::schema::keys::{AnyKey, UserKey};
use crate::schema::notify::MESSAGE as TABLE;
use crate::schema::record_type;

/// The key in a text column, null where the text is no key.
macro_rules! key_in {
    ($column:literal) => {
        concat!(
            "CASE WHEN LENGTH({",
            $column,
            "}) BETWEEN 1 AND 18 AND LTRIM({",
            $column,
            "}, '0123456789') = '' THEN CAST({",
            $column,
            "} AS BIGINT) END"
        )
    };
}

/// What a record of that model and key is called.
macro_rules! name_of {
    ($model:literal, $key:literal) => {
        concat!(
            "CASE {",
            $model,
            "} ",
            "WHEN 'part.part' THEN (SELECT n.name FROM part_part n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'part.partcategory' THEN (SELECT n.name FROM part_partcategory n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'stock.stocklocation' THEN (SELECT n.name FROM stock_stocklocation n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'stock.stockitem' THEN (SELECT p.name FROM stock_stockitem n JOIN part_part p ON p.id = n.part \
             WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'company.company' THEN (SELECT n.name FROM company_company n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'build.build' THEN (SELECT n.reference FROM build_build n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'order.purchaseorder' THEN (SELECT n.reference FROM order_purchaseorder n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'order.salesorder' THEN (SELECT n.reference FROM order_salesorder n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'order.returnorder' THEN (SELECT n.reference FROM order_returnorder n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'order.transferorder' THEN (SELECT n.reference FROM order_transferorder n WHERE n.id = ",
            key_in!($key),
            ") ",
            "WHEN 'auth.user' THEN (SELECT n.username FROM auth_user n WHERE n.id = ",
            key_in!($key),
            ") END"
        )
    };
}

static VIEW: View = View::new(
    "NotificationMessage",
    &TABLE,
    &[
        pk(),
        made(
            "target",
            Type::Any,
            &[
                "{target_content_type}",
                "{target_object_id}",
                name_of!("target_content_type", "target_object_id"),
                "{link}",
            ],
            write_record,
        )
        .help("Record that the notification refers to."),
        made(
            "source",
            Type::Any,
            &["{source_content_type}", "{source_object_id}", name_of!("source_content_type", "source_object_id")],
            write_record,
        )
        .help("Source of the notification."),
        col("user").read_only().not_null(),
        col("category").read_only().help("Category of the notification."),
        col("name").read_only().help("Title of the notification."),
        col("message").read_only(),
        col("creation").read_only(),
        made("age", INT, &["{creation}"], write_age).help("Age of the notification in seconds."),
        made("age_human", TEXT, &["{creation}"], write_age_in_words),
        col("read").required().help("Whether the notification was read."),
    ],
);

fn write_record(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    let text = |i: usize| values.get(i).and_then(|v| v.as_text()).unwrap_or_default();
    let is_hidden = record_type::find(text(0)).is_some_and(|one| !facts.caller.may(one.table.name, Permission::View));
    let Some((_, model)) = text(0).split_once('.').filter(|_| !is_hidden) else {
        out.extend_from_slice(b"null");
        return;
    };
    let key: Option<AnyKey> = text(1).parse().ok();
    let name = if text(2).is_empty() { format!("{model} {}", text(1)) } else { text(2).to_owned() };
    let mut record = json!({"name": name, "model_name": model, "model_type": model, "model_id": key});
    let page = || key.and_then(|key| pages::address_of(model, key));
    if let Some(link) = Some(text(3).to_owned()).filter(|link| !link.is_empty()).or_else(page) {
        record["link"] = link.into();
    }
    out.extend_from_slice(record.to_string().as_bytes());
}

fn seconds(values: &[ValueRef<'_>]) -> i64 {
    let stored = values.first().and_then(|v| v.as_text()).unwrap_or_default();
    clock::seconds_since(stored).unwrap_or(0).max(0)
}

fn write_age(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    out.extend_from_slice(seconds(values).to_string().as_bytes());
}

/// `now`, `5 minutes ago`, `2 days ago`.
pub(crate) fn in_words(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..1 => return "now".into(),
        1..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

fn write_age_in_words(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    write_text(out, &in_words(seconds(values)));
}

/// Messages to the signed-in user.
pub(crate) static MESSAGES: Resource = Resource::new("/api/notifications/", "notifications", &VIEW)
    .operations(Operations::ALL.no_create().bulk_delete())
    .access(Access::SignedIn)
    .scope("{t}.\"user\" = {user}")
    .filters(&[
        flag_filter("read", "{read}", "NOT {read}"),
        ironwood_rest::resource::filter(
            "category",
            ironwood_rest::resource::Condition::Where(TEXT, "{category} = {value}"),
        ),
    ])
    .search(&["{name}", "{message}"])
    .sorts(&[
        sort("category", &["{category}"]),
        sort("name", &["{name}"]),
        sort("read", &["{read}"]),
        sort("creation", &["{creation}"]),
    ])
    .help("Notifications of the signed-in user.");

static DONE: View = View::plain("NotificationsRead", &[ironwood_rest::view::value("status", TEXT)]);

/// `POST /api/notifications/readall/`.
pub(crate) static READ_ALL: Action =
    action(Method::Post, "/api/notifications/readall/", "notifications_readall_create", Access::SignedIn, read_all)
        .response(200, Shape::Object(&DONE))
        .help("Marks all notifications of the signed-in user as read.");

fn read_all(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let user = ctx.user();
    ctx.conn.execute(
        "UPDATE common_notificationmessage SET read = TRUE WHERE \"user\" = $1 AND NOT read",
        &[Value::Int(user)],
    )?;
    Ok(Answer::json(200, &json!({"status": "ok"})))
}

/// A message to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    /// Kind of the message (`stock.notify_low_stock`).
    pub category: &'a str,
    pub name: &'a str,
    pub message: &'a str,
    /// Record model and key of what it is about.
    pub target: (&'a str, AnyKey),
}

/// Sends a message to those of these users who are active and may see what it is about. Each gets it once,
/// and no one gets a second one of that kind about the same record within a day.
pub(crate) fn send(conn: &mut Connection, users: &[UserKey], message: &Message<'_>) -> Result<()> {
    let record = message.target.1;
    if users.is_empty() || was_sent(conn, message.category, record)? {
        return Ok(());
    }
    if deliver(conn, users, message)? > 0 { note_sent(conn, message.category, record) } else { Ok(()) }
}

/// Sends a summary notification to one user, at most one of that category a day, whatever record
/// stands for the rest.
///
/// # Errors
/// Those of the database.
pub(crate) fn send_summary(conn: &mut Connection, user: UserKey, message: &Message<'_>) -> Result<()> {
    if was_sent(conn, message.category, user.general())? {
        return Ok(());
    }
    if deliver(conn, &[user], message)? > 0 { note_sent(conn, message.category, user.general()) } else { Ok(()) }
}

/// Writes the message for those users who are active and may see what it is about; gives how many do.
fn deliver(conn: &mut Connection, users: &[UserKey], message: &Message<'_>) -> Result<u64> {
    let (model, record) = message.target;
    let sql = fragment!(
        "INSERT INTO common_notificationmessage (target_content_type, target_object_id, source_content_type, \
         source_object_id, \"user\", category, name, message, creation, read) \
         SELECT $1, $2, 'auth.user', CAST(u.id AS TEXT), u.id, $3, $4, $5, $6, FALSE FROM auth_user u \
         WHERE u.id IN ({}) AND {}",
        conn.backend().keys("$7"),
        may_view(&model.replace('.', "_"))
    );
    let cut = |text: &str| text.chars().take(250).collect::<String>();
    conn.execute(
        &sql,
        &[
            model.into(),
            record.to_string().into(),
            cut(message.category).into(),
            cut(message.name).into(),
            cut(message.message).into(),
            clock::now().into(),
            Value::keys(users),
        ],
    )
}

/// Whether a message of that kind about the record was sent within the last day.
fn was_sent(conn: &mut Connection, category: &str, record: AnyKey) -> Result<bool> {
    // a moment yet to come is that of a clock which ran ahead
    let sql = "SELECT 1 FROM common_notificationentry WHERE key = $1 AND uid = $2 AND updated > $3 AND updated < $4";
    let (since, soon) = (clock::seconds_from_now(-24 * 60 * 60), clock::seconds_from_now(60 * 60));
    Ok(conn.one(sql, &[category.into(), record.into(), since.into(), soon.into()])?.is_some())
}

/// Notes that a message of that kind about a record was sent, or need not be sent, at this moment.
pub(crate) fn note_sent(conn: &mut Connection, category: &str, record: AnyKey) -> Result<()> {
    let sql = "INSERT INTO common_notificationentry (key, uid, updated) VALUES ($1, $2, $3) \
               ON CONFLICT (key, uid) DO UPDATE SET updated = excluded.updated";
    conn.execute(sql, &[category.into(), record.into(), clock::now().into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn ages_are_told_in_words() {
        let texts: Vec<String> = [0, 1, 59, 60, 7_199, 86_400, 40_000_000].into_iter().map(in_words).collect();
        assert_eq!(
            texts,
            ["now", "1 second ago", "59 seconds ago", "1 minute ago", "1 hour ago", "1 day ago", "1 year ago"]
        );
    }
}
