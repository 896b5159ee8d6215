//! News for administrators, as they came with the records. The server fetches none itself.

use ironwood_rest::resource::{Access, Operations, Resource, flag_filter, sort};
use ironwood_rest::view::{View, col, pk};

use crate::schema::notify::NEWS as TABLE;

static VIEW: View = View::new(
    "NewsFeedEntry",
    &TABLE,
    &[
        pk(),
        col("feed_id").label("Id").help("ID of the entry in the feed."),
        col("title"),
        col("link"),
        col("published"),
        col("author"),
        col("summary"),
        col("read").required().help("Whether the entry was read."),
    ],
);

/// News.
pub(crate) static NEWS: Resource = Resource::new("/api/news/", "news", &VIEW)
    .operations(Operations::ALL.no_create().bulk_delete())
    .access(Access::Staff)
    .filters(&[flag_filter("read", "{read}", "NOT {read}")])
    .sorts(&[sort("published", &["{published}"]), sort("author", &["{author}"]), sort("read", &["{read}"])])
    .default_sort(&["-{published}"])
    .help("News for administrators.");
