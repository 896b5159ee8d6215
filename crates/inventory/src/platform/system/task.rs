//! Jobs in the API.

use ironwood_base::{Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Operations, Resource, Shape, action, sort};
use ironwood_rest::selected;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{BOOL, INT, TEXT, TIME, Type, View, pk, sql, value};
use serde_json::json;

use super::job::{DETAIL, Job, Next};
use crate::platform::settings::keys;
use crate::platform::state;
use crate::platform::state::Inventory;
use crate::platform::users::limit;
use crate::schema::keys::JobKey;
use crate::schema::system::{JOB, SCHEDULE};

/// The numbers of the queue.
static OVERVIEW_VIEW: View = View::plain(
    "TaskOverview",
    &[
        value("is_running", BOOL).help("Whether a worker is running on this node."),
        value("pending_tasks", INT).help("Tasks that are waiting or running."),
        value("scheduled_tasks", INT).help("Scheduled tasks."),
        value("failed_tasks", INT).help("Tasks that failed and are not retried."),
    ],
);

pub(super) static OVERVIEW: Action =
    action(Method::Get, "/api/background-task/", "background_task_overview", Access::Staff, overview)
        .response(200, Shape::Object(&OVERVIEW_VIEW))
        .help("Overview of background tasks.");

fn overview(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let sql = "SELECT (SELECT COUNT(*) FROM ironwood_job WHERE state IN ('pending', 'running')), \
               (SELECT COUNT(*) FROM ironwood_schedule), (SELECT COUNT(*) FROM ironwood_job WHERE state = 'failed')";
    let row = ctx.conn.one(sql, &[])?;
    let count = |i: usize| row.as_ref().map_or(0, |row| row.int(i));
    let workers = Inventory::of(ctx.domain)?.wakeup.workers.load(std::sync::atomic::Ordering::Relaxed);
    Ok(Answer::json(
        200,
        &json!({
            "is_running": workers > 0, "pending_tasks": count(0), "scheduled_tasks": count(1),
            "failed_tasks": count(2),
        }),
    ))
}

pub(super) static ONE: Action =
    action(Method::Get, "/api/background-task/{task_id}/", "background_task_retrieve", Access::SignedIn, one)
        .response(200, Shape::Object(&DETAIL))
        .help("Progress of a task.");

selected! {
    /// How far a job is.
    struct Stored {
        state: String = "state",
        progress: i64 = "progress",
        total: i64 = "total",
        attempts: i64 = "attempts",
    }
}

fn one(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let task = args.first().map(String::as_str).unwrap_or_default();
    let id: JobKey = task.parse().unwrap_or_default();
    let stored: Option<Stored> = selected::first(ctx.conn, "FROM ironwood_job WHERE id = $1", &[id.into()])?;
    let Some(Stored { state, progress, total, attempts }) = stored else {
        let body = json!({
            "task_id": task, "exists": false, "pending": false, "complete": false, "success": false,
            "http_status": 404,
        });
        return Ok(Answer::json(404, &body));
    };
    let state = state.as_str();
    Ok(Answer::json(
        200,
        &json!({
            "task_id": task,
            "exists": true,
            "pending": matches!(state, "pending" | "running"),
            "complete": matches!(state, "done" | "failed"),
            "success": state == "done",
            "http_status": 200,
            "running": state == "running",
            "progress": progress,
            "total": total,
            "attempts": attempts,
        }),
    ))
}

static FAILED_VIEW: View = View::new(
    "FailedTask",
    &JOB,
    &[
        sql("pk", TEXT, "CAST({id} AS TEXT)"),
        sql("name", TEXT, "{kind}"),
        sql("func", TEXT, "{kind}").label("Function"),
        sql("args", TEXT, "'[]'").label("Arguments").nullable(),
        sql("kwargs", TEXT, "{payload}").label("Keyword arguments").nullable(),
        sql("started", TIME, "COALESCE({started}, {created})").label("Started at"),
        sql("stopped", TIME, "COALESCE({finished}, {created})").label("Stopped at"),
        sql("attempt_count", INT, "{attempts}"),
        sql("result", TEXT, "COALESCE({error}, '')"),
    ],
);

pub(super) static FAILED: Resource =
    Resource::new("/api/background-task/failed/", "background_task_failed", &FAILED_VIEW)
        .operations(Operations::LIST.bulk_delete())
        .access(Access::Staff)
        .scope("{state} = 'failed'")
        .search(&["{kind}"])
        .sorts(&[
            sort("pk", &["{id}"]),
            sort("func", &["{kind}"]),
            sort("started", &["{started}"]),
            sort("stopped", &["{finished}"]),
        ])
        .default_sort(&["-{id}"])
        .help("Tasks that failed and are not retried.");

static PENDING_VIEW: View = View::new(
    "PendingTask",
    &JOB,
    &[
        pk(),
        sql("key", TEXT, "COALESCE({owner}, '')").label("Cluster key"),
        sql("lock", TIME, "COALESCE({lease}, {run_after}, {created})"),
        sql("task_id", TEXT, "CAST({id} AS TEXT)"),
        sql("name", TEXT, "{kind}"),
        sql("func", TEXT, "{kind}").label("Function"),
        sql("args", TEXT, "'[]'").label("Arguments"),
        sql("kwargs", TEXT, "{payload}").label("Keyword Arguments"),
        sql("attempts", INT, "{attempts}"),
        sql("error", TEXT, "{error}").nullable(),
        sql("progress", INT, "{progress}"),
        sql("total", INT, "{total}"),
    ],
);

pub(super) static PENDING: Resource =
    Resource::new("/api/background-task/pending/", "background_task_pending", &PENDING_VIEW)
        .operations(Operations::LIST.bulk_delete())
        .access(Access::Staff)
        .scope("{state} IN ('pending', 'running')")
        .default_sort(&["{id}"])
        .help("Tasks that are waiting or running, with the error of the last attempt.");

const EVERY: &[(&str, &str)] = &[("I", "Minutes"), ("H", "Hourly"), ("D", "Daily")];

static SCHEDULED_VIEW: View = View::new(
    "ScheduledTask",
    &SCHEDULE,
    &[
        pk(),
        sql("name", TEXT, "{name}").nullable(),
        sql("func", TEXT, "{kind}").label("Function"),
        sql("args", TEXT, "CAST(NULL AS TEXT)").label("Arguments").nullable(),
        sql("kwargs", TEXT, "CAST(NULL AS TEXT)").label("Keyword arguments").nullable(),
        sql(
            "schedule_type",
            Type::Of(ColumnType::Text),
            "CASE {minutes} WHEN 1440 THEN 'D' WHEN 60 THEN 'H' ELSE 'I' END",
        )
        .choices(EVERY),
        sql("minutes", INT, "{minutes}"),
        sql("repeats", INT, "-1"),
        sql("last_run", TIME, "{last_run}").nullable(),
        sql("next_run", TIME, "{next_run}").nullable(),
        sql("success", BOOL, "COALESCE({job.state} = 'done', FALSE)"),
        sql("task", TEXT, "CAST({job} AS TEXT)").label("Last task id").nullable(),
    ],
);

pub(super) static SCHEDULED: Resource =
    Resource::new("/api/background-task/scheduled/", "background_task_scheduled", &SCHEDULED_VIEW)
        .operations(Operations::LIST)
        .access(Access::Staff)
        .search(&["{kind}", "{name}"])
        .sorts(&[
            sort("pk", &["{id}"]),
            sort("func", &["{kind}"]),
            sort("last_run", &["{last_run}"]),
            sort("next_run", &["{next_run}"]),
        ])
        .default_sort(&["{id}"])
        .help("Scheduled tasks.");

/// Removes jobs that ended so many days ago as the settings say, and failed sign-ins that no longer count.
pub(super) fn clean(job: &mut Job<'_, '_>) -> Result<Next> {
    limit::clean(job.ctx.conn)?;
    let days = state::snapshot(job.ctx)?.settings.int(keys::INVENTREE_DELETE_TASKS_DAYS);
    if days > 0 {
        let sql = "DELETE FROM ironwood_job WHERE state IN ('done', 'failed') AND finished < $1";
        job.ctx.conn.execute(sql, &[clock::days_from_today(-days).into()])?;
    }
    Ok(Next::Done)
}
