//! Orders as calendars (iCalendar, RFC 5545), to be subscribed to by calendar programs: an order is an event
//! on its target date.

use ironwood_base::status::{OrderStatus, SalesOrderStatus};
use ironwood_base::{Error, Result, clock};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select::truth;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::view::BOOL;
use ironwood_store::{Fragment, fragment, sql};

use super::order_type::{ORDER_TYPES, OrderType};
use crate::platform::common::custom_state;
use crate::platform::pages;
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::keys::OrderKey;

/// `GET /api/order/calendar/{kind}/calendar.ics`: `kind` is `purchase-order` and the like.
pub(crate) static CALENDAR: Action =
    action(Method::Get, "/api/order/calendar/{kind}/calendar.ics", "order_calendar_retrieve", Access::SignedIn, run)
        .params(&[("include_completed", BOOL, "Include completed and cancelled orders.")])
        .response(200, Shape::Any)
        .help("Target dates of orders, as an iCalendar file.");

/// The state of a sales order that has been sent.
const SHIPPED: OrderStatus = SalesOrderStatus::SHIPPED.of_order();

fn run(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let name = args.first().map(String::as_str).unwrap_or_default();
    let order_type =
        ORDER_TYPES.iter().find(|order_type| order_type.name.replace(' ', "-") == name).ok_or(Error::NotFound)?;
    if !ctx.caller.may(order_type.table.name, Permission::View) {
        return Err(Error::denied());
    }
    let all = ctx.request.param("include_completed").and_then(truth).unwrap_or(false);
    let snapshot = state::snapshot(ctx)?;
    let set = snapshot.settings.text(keys::INVENTREE_BASE_URL).trim_end_matches('/').to_owned();
    let base = if set.is_empty() { ctx.request.base_url.clone() } else { set };
    let title = format!("{} {}s", snapshot.settings.text(keys::INVENTREE_COMPANY_NAME), order_type.name);
    let events = events(ctx, order_type, all, &base)?;
    Ok(Answer {
        status: 200,
        content_type: "text/calendar; charset=utf-8",
        headers: vec![("Content-Disposition", "attachment; filename=\"calendar.ics\"".into())],
        body: calendar(&title, &base, &events).into_bytes(),
    })
}

/// An order in a calendar.
struct Event {
    /// The same on each reading of the calendar.
    uid: String,
    summary: String,
    /// `2026-11-24`.
    day: String,
    created: String,
    description: String,
    url: String,
}

selected! {
    /// An order that has a target date.
    struct Due {
        id: OrderKey = "o.id",
        reference: String = "o.reference",
        target_date: String = "o.target_date",
        creation_date: Option<String> = "o.creation_date",
        description: String = "o.description",
        status: OrderStatus = "o.status",
        custom_status: Option<i64> = "o.status_custom_key",
    }
}

fn events(ctx: &mut Context<'_>, order_type: &OrderType, all: bool, base: &str) -> Result<Vec<Event>> {
    let (company, join) = match order_type.company {
        "" => ("NULL", Fragment::new()),
        column => ("c.name", fragment!("LEFT JOIN company_company c ON c.id = o.\"{column}\"")),
    };
    // nothing more is expected of what is complete, cancelled, lost or returned: these have higher numbers
    let open = match () {
        () if all => "",
        () if order_type.issued < SHIPPED => {
            sql!("AND o.status < ", [OrderStatus::COMPLETE], " AND o.status <> ", [SalesOrderStatus::SHIPPED])
        }
        () => sql!("AND o.status < ", [OrderStatus::COMPLETE]),
    };
    let sql = fragment!(
        "SELECT {}, {company} FROM {} o {join} WHERE o.target_date IS NOT NULL {open} ORDER BY o.target_date, o.id",
        Due::COLUMNS,
        order_type.table.name
    );
    let host = base.split("://").last().unwrap_or_default().to_owned();
    let model = order_type.table.model();
    let mut events = Vec::new();
    let added = custom_state::added_to(ctx.conn, order_type.states)?;
    ctx.conn.query(&sql, &[], |row| {
        let order = Due::read(row);
        let company = row.opt_text(Due::WIDTH);
        let built_in = || order_type.states.find(order.status.key()).map(|state| state.label);
        let custom = added.iter().find(|state| Some(state.key) == order.custom_status);
        let state = custom.map(|state| state.label.as_str()).or_else(built_in).unwrap_or_default();
        let mut description = company.map_or_else(String::new, |name| format!("Company: {name}\n"));
        description.push_str(&format!("Status: {state}\nDescription: {}", order.description));
        let (id, reference) = (order.id, order.reference);
        events.push(Event {
            uid: format!("{model}_{id}_{}@{host}", reference.replace(char::is_whitespace, "-")),
            summary: reference,
            day: order.target_date,
            created: order.creation_date.unwrap_or_default(),
            description,
            url: pages::address_of(order_type.table.record, id.general())
                .map_or_else(String::new, |page| format!("{base}{page}")),
        });
        Ok(())
    })?;
    Ok(events)
}

/// `20261124` for `2026-11-24`, `20261124T090500Z` for a moment.
fn plain(stored: &str) -> String {
    let seconds = stored.get(..19).map_or_else(|| stored.to_owned(), |moment| format!("{moment}Z"));
    seconds.replace(['-', ':'], "")
}

fn calendar(title: &str, base: &str, events: &[Event]) -> String {
    let mut out = String::new();
    let stamp = plain(&clock::now());
    for (name, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", &text(&format!("-//{base}//{title}//EN"))),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", &text(title)),
        ("X-WR-TIMEZONE", "UTC"),
    ] {
        line(&mut out, name, value);
    }
    for event in events {
        line(&mut out, "BEGIN", "VEVENT");
        line(&mut out, "UID", &text(&event.uid));
        line(&mut out, "DTSTAMP", &stamp);
        // without an end it lasts the day
        line(&mut out, "DTSTART;VALUE=DATE", &plain(&event.day));
        line(&mut out, "SUMMARY", &text(&event.summary));
        line(&mut out, "DESCRIPTION", &text(&event.description));
        if !event.created.is_empty() {
            line(&mut out, "CREATED", &format!("{}T000000Z", plain(&event.created)));
        }
        if !event.url.is_empty() {
            line(&mut out, "URL", &event.url);
        }
        line(&mut out, "END", "VEVENT");
    }
    line(&mut out, "END", "VCALENDAR");
    out
}

/// A text as a calendar holds it: what has a meaning there is escaped.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Most bytes of a line; what is longer goes on in the next one, after a space.
const LONGEST: usize = 75;

fn line(out: &mut String, name: &str, value: &str) {
    let mut length = 0;
    for c in name.chars().chain([':']).chain(value.chars()) {
        if length + c.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::on_each_server;

    #[test]
    fn texts_are_escaped_and_long_lines_folded() {
        assert_eq!(text("a, b; c\\d\ne\r"), "a\\, b\\; c\\\\d\\ne");
        let mut out = String::new();
        line(&mut out, "SUMMARY", &"ä".repeat(60));
        assert!(out.lines().count() > 1 && out.lines().all(|l| l.len() <= LONGEST));
        assert_eq!(out.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "ä".repeat(60)));
        assert_eq!(plain("2026-11-24T09:05:01.123Z"), "20261124T090501Z");
    }

    #[test]
    fn a_calendar_has_the_open_orders_with_a_date() {
        on_each_server(|server| {
            let admin = server.superuser();
            let supplier = admin.made("/api/company/", json!({"name": "Bolts, Inc", "is_supplier": true}));
            for (reference, date) in
                [("PO-0001", Some("2030-01-02")), ("PO-0002", None), ("PO-0003", Some("2030-01-03"))]
            {
                admin.made(
                    "/api/order/po/",
                    json!({"reference": reference, "supplier": supplier, "target_date": date, "description": "x"}),
                );
            }
            let third = admin.read("/api/order/po/?reference=PO-0003")[0]["pk"].as_i64().unwrap();
            admin.done(&format!("/api/order/po/{third}/cancel/"), json!({}));
            let read = |path: &str| {
                let answer = server.app.handle(admin.request(Method::Get, path, ironwood_rest::http::Body::Empty));
                assert!(answer.content_type.starts_with("text/calendar"), "{path}");
                String::from_utf8(answer.body).unwrap()
            };
            let path = "/api/order/calendar/purchase-order/calendar.ics";
            let open = read(path);
            assert_eq!(open.matches("BEGIN:VEVENT").count(), 1);
            assert!(open.contains("SUMMARY:PO-0001\r\n") && open.contains("DTSTART;VALUE=DATE:20300102\r\n"));
            assert!(open.contains("Company: Bolts\\, Inc\\n"));
            let all = read(&format!("{path}?include_completed=true"));
            assert_eq!(all.matches("BEGIN:VEVENT").count(), 2);
            for order_type in ["sales", "return", "transfer"] {
                assert!(
                    read(&format!("/api/order/calendar/{order_type}-order/calendar.ics")).contains("END:VCALENDAR")
                );
            }
            assert_eq!(server.stranger().get(path).0, 401);
            assert_eq!(server.user("bob", &[]).get(path).0, 403);
            assert_eq!(admin.get("/api/order/calendar/other-order/calendar.ics").0, 404);
        });
    }
}
