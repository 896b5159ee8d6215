//! The answer of actions that other servers do in the background: here they are done at once.

use ironwood_rest::http::Answer;
use ironwood_rest::view::{BOOL, INT, TEXT, View, value};
use serde_json::json;

/// How a task stands.
pub static VIEW: View = View::plain(
    "TaskDetail",
    &[
        value("task_id", TEXT),
        value("exists", BOOL),
        value("pending", BOOL),
        value("complete", BOOL),
        value("success", BOOL),
        value("http_status", INT),
    ],
);

/// The task is done.
pub fn done() -> Answer {
    let body = json!({
        "task_id": "", "exists": false, "pending": false, "complete": true, "success": true, "http_status": 200,
    });
    Answer::json(200, &body)
}
