//! Images in notes.

use ironwood_base::Result;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{NO_RULES, Operations, Resource, Rules, sort};
use ironwood_rest::view::{View, col, pk};

use crate::schema::common::NOTES_IMAGE as TABLE;
use crate::schema::record_type;

static VIEW: View = View::new(
    "NotesImage",
    &TABLE,
    &[
        pk(),
        col("image").help("Image file."),
        col("user").read_only().option_type("field"),
        col("date").read_only(),
        col("model_type").spelled(model).help("Type of record whose notes contain the image."),
        col("model_id").help("ID of the record."),
    ],
);

/// Images in notes.
pub(crate) static IMAGE: Resource = Resource::new("/api/notes-image-upload/", "notes_image_upload", &VIEW)
    .operations(Operations { create: true, ..Operations::LIST })
    .search(&["{user.username}", "{model_type}", "CAST({model_id} AS TEXT)"])
    .sorts(&[
        sort("pk", &["{id}"]),
        sort("user", &["{t}.\"user\""]),
        sort("date", &["{date}"]),
        sort("model_type", &["{model_type}"]),
        sort("model_id", &["{model_id}"]),
    ])
    .rules(Rules { check, ..NO_RULES })
    .help("Images in notes.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    change.set("user", ctx.caller.id());
    Ok(())
}

/// Models are named in lower case, whatever a client writes.
fn model(text: &str) -> Option<&'static str> {
    record_type::find(text).map(|one| one.table.model())
}
