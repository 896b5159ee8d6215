//! Files on other servers that documents name by a full URL. The server downloads them before it answers the layout
//! engine, which has no network itself.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::platform::media::remote;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;

/// Most files of one printing. The same URL counts once.
const MOST_FILES: usize = 50;
/// Longest time that the downloads of one printing may take together: the layout engine waits for them, and its own
/// time is limited.
const LONGEST: Duration = Duration::from_secs(20);

/// The downloads of one printing.
#[derive(Default)]
pub(super) struct Downloads {
    known: HashMap<String, Option<Vec<u8>>>,
    taken: Duration,
}

impl Downloads {
    /// The file at a URL; `None` where there is none, or it may not be downloaded.
    pub(super) fn get(&mut self, settings: &Settings, url: &str) -> Option<Vec<u8>> {
        if !settings.bool(keys::REPORT_FETCH_URLS) {
            return None;
        }
        if let Some(known) = self.known.get(url) {
            return known.clone();
        }
        if self.known.len() >= MOST_FILES || self.taken >= LONGEST {
            return None;
        }
        let began = Instant::now();
        let megabytes = settings.int(keys::INVENTREE_DOWNLOAD_IMAGE_MAX_SIZE).clamp(1, 100);
        let found = remote::fetch_within(url, megabytes.unsigned_abs() * 1_000_000, LONGEST - self.taken);
        self.taken += began.elapsed();
        let bytes = found.inspect_err(|why| tracing::info!("{url} was not downloaded for a document: {why}")).ok();
        let bytes = bytes.map(|(_, bytes)| bytes);
        self.known.insert(url.to_owned(), bytes.clone());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::exchange::provider::tests::service;
    use crate::platform::media::remote::tests::TAKEN_FOR_PUBLIC;
    use crate::services::report::tests::{Fake, template};
    use crate::testing::on_each_server;

    #[test]
    fn documents_get_files_of_public_servers_once() {
        on_each_server(|server| {
            let (admin, layout_engine) = (server.superuser(), Fake::at(server));
            let part = admin.made("/api/part/", json!({"name": "Bolt"}));
            let url = service("200 OK", "a picture");
            let port = url.split([':', '/']).find_map(|piece| piece.parse().ok()).unwrap();
            TAKEN_FOR_PUBLIC.lock().unwrap().push(port);
            let text = format!("<img src=\"{url}\"><img src=\"{url}\">");
            let label = template(&admin, "label", "part", &text, &[("width", "62"), ("height", "29")]);
            let body = json!({"template": label, "items": [part]});
            let print = || {
                let (status, made) = admin.post("/api/label/print/", body.clone());
                assert_eq!(status, 201, "{made}");
                std::mem::take(&mut *layout_engine.requested.lock().unwrap())
            };
            assert_eq!(print(), [(url.clone(), false), (url.clone(), false)], "the setting is off");
            assert_eq!(admin.patch("/api/settings/global/REPORT_FETCH_URLS/", json!({"value": true})).0, 200);
            // the service gives one answer alone
            assert_eq!(print(), [(url.clone(), true), (url.clone(), true)]);
            let large: &'static str = "x".repeat(1_000_001).leak();
            let url = service("200 OK", large);
            TAKEN_FOR_PUBLIC.lock().unwrap().push(url.split([':', '/']).find_map(|piece| piece.parse().ok()).unwrap());
            assert_eq!(
                admin.patch("/api/settings/global/INVENTREE_DOWNLOAD_IMAGE_MAX_SIZE/", json!({"value": 1})).0,
                200
            );
            let settings = server.app.inventory().db.read(Settings::load).unwrap();
            assert_eq!(Downloads::default().get(&settings, &url), None, "more than the setting allows");
        });
    }

    #[test]
    fn only_public_addresses_are_asked_and_only_where_the_setting_allows() {
        on_each_server(|server| {
            let admin = server.superuser();
            let url = service("200 OK", "secret");
            for allowed in [false, true] {
                let path = "/api/settings/global/REPORT_FETCH_URLS/";
                assert_eq!(admin.patch(path, json!({"value": allowed})).0, 200);
                let settings = server.app.inventory().db.read(Settings::load).unwrap();
                let mut downloads = Downloads::default();
                for address in [url.as_str(), "http://169.254.169.254/latest", "http://no-such-host.invalid/a.png"] {
                    assert_eq!(downloads.get(&settings, address), None, "{address}");
                }
                assert_eq!(downloads.known.len(), if allowed { 3 } else { 0 });
            }
        });
    }
}
