//! Idempotency keys: repeated requests are carried out once.
//!
//! A client that does not know whether its change was made (the connection broke, the time was up) sends
//! it again with the same `Idempotency-Key`. The key is written in the transaction of the change, with
//! the answer: so it is there exactly if the change was made.

use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Body, FormValue, Request};
use ironwood_rest::selected;
use ironwood_store::Value;
use sha2::{Digest, Sha256};

use super::job::{Job, JobType, Next, Schedule};
use crate::platform::users::secret::hex;

/// Seconds for which an answer is kept.
const KEPT: i64 = 24 * 60 * 60;
/// Characters of a key.
const MAX_KEY: usize = 255;
/// Bytes of an answer that is kept; of a larger one only the status is.
const MAX_BODY: usize = 1_000_000;
/// Header of an answer that was given before.
const REPLAYED: &str = "Idempotency-Replayed";

static FORGET: JobType = JobType::bound("forget_answers", forget);

/// Jobs of this file.
pub(crate) static JOBS: &[&JobType] = &[&FORGET];
/// When they are due.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Delete expired idempotency keys", job: &FORGET, minutes: 60 }];

fn forget(job: &mut Job<'_, '_>) -> Result<Next> {
    let sql = "DELETE FROM ironwood_idempotency WHERE created < $1";
    job.ctx.conn.execute(sql, &[clock::seconds_from_now(-KEPT).into()])?;
    Ok(Next::Done)
}

/// Carries a request out, unless one with its key was carried out already: then its answer is given again.
/// Requests that are refused leave nothing behind, and may be sent again.
///
/// # Errors
/// 400 for a key that cannot be one, 422 where it belongs to another request, and those of `work`.
pub(crate) fn once(ctx: &mut Context<'_>, work: impl FnOnce(&mut Context<'_>) -> Result<Answer>) -> Result<Answer> {
    let (user, key) = (ctx.user(), ctx.request.presented.idempotency_key.clone());
    let Some(key) = key.filter(|_| user != 0) else { return work(ctx) };
    let key = key.trim();
    if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("Idempotency-Key must consist of 1 to {MAX_KEY} visible ASCII characters.");
        return Err(Error::bad_request(message));
    }
    let fingerprint = fingerprint(ctx.request)?;
    let (oldest, now) = (clock::seconds_from_now(-KEPT), clock::now());
    let sql = "DELETE FROM ironwood_idempotency WHERE \"user\" = $1 AND \"key\" = $2 AND created < $3";
    ctx.conn.execute(sql, &[user.into(), key.into(), oldest.into()])?;
    // written first: of two requests at once the second waits here for the end of the first
    let sql = "INSERT INTO ironwood_idempotency (\"user\", \"key\", request, created) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (\"user\", \"key\") DO NOTHING";
    if ctx.conn.execute(sql, &[user.into(), key.into(), fingerprint.as_str().into(), now.into()])? == 0 {
        return replay(ctx, key, &fingerprint);
    }
    let answer = work(ctx)?;
    let text = String::from_utf8(answer.body.clone()).ok();
    let kept = text.filter(|text| text.len() <= MAX_BODY && answer.content_type == "application/json");
    let sql = "UPDATE ironwood_idempotency SET status = $1, body = $2 WHERE \"user\" = $3 AND \"key\" = $4";
    let body = kept.map_or(Value::Null, Value::Text);
    ctx.conn.execute(sql, &[Value::Int(answer.status.into()), body, user.into(), key.into()])?;
    Ok(answer)
}

selected! {
    /// A request that was carried out, with its response.
    struct Stored {
        request: String = "request",
        status: Option<i64> = "status",
        body: Option<String> = "body",
    }
}

fn replay(ctx: &mut Context<'_>, key: &str, fingerprint: &str) -> Result<Answer> {
    let from = "FROM ironwood_idempotency WHERE \"user\" = $1 AND \"key\" = $2";
    let stored: Option<Stored> = selected::first(ctx.conn, from, &[ctx.user().into(), key.into()])?;
    let Stored { request, status, body } = stored.ok_or_else(|| {
        Error::Status(503, "A request with this Idempotency-Key is still in progress. Try again later.".into())
    })?;
    if request != fingerprint {
        return Err(Error::Status(422, "This Idempotency-Key was already used for a different request.".into()));
    }
    let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let answer = match body {
        Some(body) => Answer::json_bytes(status, body.into_bytes()),
        None => {
            let detail = "This request was already carried out. Its response was too large to store.";
            Answer::json(status, &serde_json::json!({ "detail": detail }))
        }
    };
    Ok(answer.header(REPLAYED, "true"))
}

/// What distinguishes a request from others with the same key.
fn fingerprint(request: &Request) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    add(request.method.name().as_bytes());
    add(request.path.as_bytes());
    add(request.raw_query.as_bytes());
    match &request.body {
        Body::Empty => {}
        Body::Json(json) => {
            let text = serde_json::to_vec(json).map_err(|error| Error::Internal(format!("a body: {error}")))?;
            add(&text);
        }
        Body::Form(fields) => {
            for (name, value) in fields {
                add(name.as_bytes());
                match value {
                    FormValue::Text(text) => add(text.as_bytes()),
                    FormValue::File(file) => {
                        add(file.name.as_bytes());
                        add(&file.bytes);
                    }
                }
            }
        }
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use ironwood_rest::http::Method;
    use serde_json::json;

    use super::*;
    use crate::testing::{Client, Server, on_each_server, race};

    fn post(server: &Server, client: &Client, key: &str, body: serde_json::Value) -> Answer {
        let mut request = client.request(Method::Post, "/api/part/", Body::Json(body));
        request.presented.idempotency_key = Some(key.to_owned());
        server.app.handle(request)
    }

    fn is_replay(answer: &Answer) -> bool {
        answer.headers.iter().any(|(name, _)| *name == REPLAYED)
    }

    #[test]
    fn a_repeated_request_is_carried_out_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            let count = || admin.get("/api/part/?limit=1").1["count"].clone();
            let bolt = json!({"name": "Bolt"});
            let first = post(server, &admin, "k-1", bolt.clone());
            assert_eq!(first.status, 201);
            let again = post(server, &admin, "k-1", bolt.clone());
            assert_eq!((again.status, &again.body), (201, &first.body));
            assert!(is_replay(&again) && !is_replay(&first));
            assert_eq!(count(), 1);
            assert_eq!(post(server, &admin, "k-1", json!({"name": "Nut"})).status, 422, "another request");
            // what was refused may be sent again, with what was missing
            assert_eq!(post(server, &admin, "k-2", json!({})).status, 400);
            assert_eq!(post(server, &admin, "k-2", json!({"name": "Nut"})).status, 201);
            assert_eq!(count(), 2);
            for bad in ["", "a b", "é", &"x".repeat(256)] {
                assert_eq!(post(server, &admin, bad, bolt.clone()).status, 400, "{bad}");
            }
            // an old key is free again
            server
                .app
                .db()
                .write(&crate::testing::origin(), |conn| {
                    conn.execute("UPDATE ironwood_idempotency SET created = '2020-01-01T00:00:00.000Z'", &[])
                })
                .unwrap();
            assert!(!is_replay(&post(server, &admin, "k-1", json!({"name": "Bolt 2"}))));
            assert_eq!(count(), 3);
        });
    }

    #[test]
    fn a_key_belongs_to_its_user_and_many_at_once_are_carried_out_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            let made = race(6, |_| post(server, &admin, "together", json!({"name": "Washer"})));
            assert!(made.iter().all(|answer| answer.status == 201 && answer.body == made[0].body));
            assert_eq!(made.iter().filter(|answer| !is_replay(answer)).count(), 1);
            assert_eq!(admin.get("/api/part/?limit=1").1["count"], 1);
            let other = server.superuser_named("other");
            assert!(!is_replay(&post(server, &other, "together", json!({"name": "Washer 2"}))));
        });
    }
}
