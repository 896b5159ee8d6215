//! E-mails that were sent and received, as far as a migrated database has them: the server sends none yet.

use ironwood_base::Error;
use ironwood_rest::form;
use ironwood_rest::http::Method;
use ironwood_rest::resource::{Access, Action, Operations, Resource, Shape, action, sort};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{TEXT, Type, View, col, input, sql};

use crate::schema::notify::EMAIL as TABLE;

static VIEW: View = View::new(
    "EmailMessage",
    &TABLE,
    &[
        sql("pk", TEXT, "{global_id}").label("Global ID"),
        col("global_id").read_only(),
        col("message_id_key").label("Message ID").read_only(),
        col("thread_id_key").label("Thread ID").read_only(),
        sql("thread", TEXT, "{thread.global_id}").nullable(),
        col("subject").read_only(),
        col("body").read_only(),
        col("to").read_only(),
        col("sender").read_only(),
        col("status").read_only(),
        col("timestamp").read_only(),
        col("headers").read_only(),
        col("full_message").read_only(),
        col("direction").read_only(),
        col("priority").read_only(),
        col("error_code").read_only(),
        col("error_message").read_only(),
        col("error_timestamp").read_only(),
        col("delivery_options").read_only(),
    ],
);

/// E-mails.
pub(crate) static EMAILS: Resource = Resource {
    key: "global_id",
    placeholder: "global_id",
    ..Resource::new("/api/admin/email/", "admin_email", &VIEW)
        .operations(Operations { delete: true, ..Operations::READ }.bulk_delete())
        .access(Access::Superuser)
        .search(&["{global_id}", "{message_id_key}", "{sender}", "{subject}", "{thread_id_key}", "{t}.\"to\""])
        .sorts(&[
            sort("created", &["{timestamp}"]),
            sort("subject", &["{subject}"]),
            sort("to", &["{t}.\"to\""]),
            sort("sender", &["{sender}"]),
            sort("status", &["{status}"]),
            sort("timestamp", &["{timestamp}"]),
            sort("direction", &["{direction}"]),
        ])
        .default_sort(&["-{id}"])
        .help("E-mails sent and received.")
};

static TEST_VIEW: View =
    View::plain("TestEmail", &[input("email", Type::Of(ColumnType::Email)).required().always().max(254)]);

/// `POST /api/admin/email/test/`.
pub(crate) static TEST: Action =
    action(Method::Post, "/api/admin/email/test/", "admin_email_test_create", Access::Superuser, |ctx, _| {
        form::read(ctx, &TEST_VIEW)?;
        Err(Error::non_field("E-mail is not set up."))
    })
    .writes(false)
    .request(Shape::Object(&TEST_VIEW))
    .response(200, Shape::Object(&TEST_VIEW))
    .help("Sends a test e-mail.");

static LINK_VIEW: View = View::plain("GetSimpleLogin", &[input("email", TEXT).required().always().max(254)]);

/// `POST /api/email/generate/`.
pub(crate) static SIGN_IN_LINK: Action =
    action(Method::Post, "/api/email/generate/", "email_generate_create", Access::Public, |ctx, _| {
        form::read(ctx, &LINK_VIEW)?;
        Err(Error::non_field("E-mail is not set up."))
    })
    .writes(false)
    .request(Shape::Object(&LINK_VIEW))
    .response(200, Shape::Object(&LINK_VIEW))
    .help("Sends a sign-in link by e-mail.");
