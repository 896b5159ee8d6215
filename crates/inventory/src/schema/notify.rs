//! Tables: messages, to users and between systems.

use ironwood_rest::subject::Subject;
use ironwood_rest::table::Default::{Changed, Now};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, email, flag, int, json, link, model, text, time, url};

use crate::schema::record_type;
use crate::schema::users;

/// How far an e-mail has come.
pub static EMAIL_STATES: &[(&str, &str)] =
    &[("A", "Announced"), ("S", "Sent"), ("F", "Failed"), ("D", "Delivered"), ("R", "Read"), ("C", "Confirmed")];

/// Which way an e-mail went.
pub static EMAIL_DIRECTIONS: &[(&str, &str)] = &[("I", "Inbound"), ("O", "Outbound")];

/// How urgent an e-mail is.
pub static PRIORITIES: &[(&str, &str)] =
    &[("0", "None"), ("1", "Very high"), ("2", "High"), ("3", "Normal"), ("4", "Low"), ("5", "Very low")];

/// When something was last notified of, so that it is not done too often.
pub static ENTRY: Table = Table::new("common_notificationentry", "common.notificationentry")
    .unlogged("keeps the server from sending a message twice")
    .columns(&[text("key", 250), int("uid"), time("updated").null().default(Changed)])
    .unique(&[&["key", "uid"]]);

/// A message about a record is seen while its user may view the record.
static ABOUT: Subject = Subject {
    model: "target_content_type",
    id: "target_object_id",
    short: false,
    kinds: record_type::TAGGED,
    change: None,
    delete: None,
    author: "{t}.\"user\"",
    rows: "messages",
};

/// Messages to users.
pub static MESSAGE: Table = Table::new("common_notificationmessage", "common.notificationmessage")
    .columns(&[
        model("target_content_type"),
        text("target_object_id", 255),
        model("source_content_type").null(),
        text("source_object_id", 255).null().blank(),
        link("user", &users::USER, Cascade).null(),
        text("category", 250),
        text("name", 250),
        text("message", 250).null().blank(),
        url("link", 500).null().blank(),
        time("creation").default(Now),
        flag("read", false),
    ])
    .on(&ABOUT)
    .indexes(&[
        &["user", "read"],
        &["target_content_type", "target_object_id"],
        &["source_content_type", "source_object_id"],
    ]);

/// Entries of the news feed.
pub static NEWS: Table = Table::new("common_newsfeedentry", "common.newsfeedentry")
    .columns(&[
        text("feed_id", 250).unique(),
        text("title", 250),
        url("link", 250),
        time("published"),
        text("author", 250),
        text("summary", 250),
        flag("read", false),
    ])
    .indexes(&[&["published"]]);

/// Addresses at which other systems tell of events.
pub static WEBHOOK: Table = Table::new("common_webhookendpoint", "common.webhookendpoint").columns(&[
    text("endpoint_id", 255),
    text("name", 255).null().blank(),
    flag("active", true),
    link("user", &users::USER, SetNull).null(),
    text("token", 255).null().blank().secret(),
    text("secret", 255).null().blank().secret(),
]);

/// What came in at webhooks.
pub static WEBHOOK_MESSAGE: Table = Table::new("common_webhookmessage", "common.webhookmessage")
    .columns(&[
        text("message_id", 36).unique().record(""),
        text("host", 255),
        text("header", 255).null().blank(),
        json("body").null(),
        link("endpoint", &WEBHOOK, SetNull).null(),
        flag("worked_on", false),
    ])
    .natural_key(&["message_id"]);

/// Conversations by e-mail.
pub static EMAIL_THREAD: Table = Table::new("common_emailthread", "common.emailthread")
    .columns(&[
        text("key", 250).null().blank(),
        text("global_id", 36).unique().record(""),
        flag("started_internal", false),
        time("created").default(Now),
        time("updated").default(Changed),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["key", "global_id"]])
    .indexes(&[&["updated"]])
    .natural_key(&["global_id"]);

/// E-mails sent and received.
pub static EMAIL: Table = Table::new("common_emailmessage", "common.emailmessage")
    .columns(&[
        text("global_id", 36).unique().record(""),
        text("message_id_key", 250).null().blank(),
        text("thread_id_key", 250).null().blank(),
        link("thread", &EMAIL_THREAD, SetNull).null(),
        text("subject", 250),
        text("body", 0),
        email("to", 254),
        email("sender", 254),
        text("status", 50).null().blank().choices(EMAIL_STATES),
        time("timestamp").default(Now),
        json("headers").null(),
        text("full_message", 0).null().blank(),
        text("direction", 50).null().blank().choices(EMAIL_DIRECTIONS),
        int("priority").choices(PRIORITIES),
        json("delivery_options").null(),
        text("error_code", 50).null().blank(),
        text("error_message", 0).null().blank(),
        time("error_timestamp").null(),
    ])
    .indexes(&[&["timestamp"], &["message_id_key"]])
    .natural_key(&["global_id"]);
