//! Tags, independent of the records that have them.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Condition, NO_RULES, Resource, Rules, filter, sort};
use ironwood_rest::view::{TEXT, View, col, pk};

use crate::platform::common::contenttype;
use crate::platform::common::tag::free_slug;
use crate::schema::common::TAG as TABLE;

static VIEW: View = View::new(
    "Tag",
    &TABLE,
    &[pk(), col("name").help("Name of the tag."), col("slug").read_only().option_type("slug").help("Slug for URLs.")],
);

/// Tags.
pub(crate) static TAG: Resource = Resource::new("/api/tag/", "tag", &VIEW)
    .access(Access::ReadOrStaffTable(TABLE.name))
    .filters(&[filter("model_type", Condition::Custom(TEXT, by_model)).help("Tags used by records of this type.")])
    .search(&["{name}"])
    .sorts(&[sort("name", &["{name}"])])
    .rules(Rules { check, ..NO_RULES })
    .help("Tags of records.");

fn by_model(query: &mut Query<'_>, text: &str) -> Result<()> {
    let model = contenttype::find(text).ok_or_else(|| Error::field("model_type", "This model does not exist."))?;
    let has = "EXISTS (SELECT 1 FROM taggit_taggeditem i WHERE i.tag = {id} AND i.content_type = {value})";
    query.and_value(has, model);
    Ok(())
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.is_changed("name") {
        let slug = free_slug(ctx.conn, change.text("name"), change.id.unwrap_or(0))?;
        change.set("slug", slug);
    }
    Ok(())
}
