//! Downloads part images from URLs in the background.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::effects::Effects;
use serde_json::{Value as Json, json};

use crate::platform::media::{self, picture, remote};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state::Inventory;
use crate::platform::system::job::{self, JobType, Next};
use crate::schema::keys::PartKey;

/// Folder of the images of parts.
const FOLDER: &str = "part_images";

/// Fetches an image and gives it to a part.
static FETCH: JobType = JobType::free("part_picture", fetch).tries(3);

/// Jobs of images.
pub(crate) static JOBS: &[&JobType] = &[&FETCH];

/// Has an image fetched for a part.
pub(super) fn wanted(ctx: &mut Context<'_>, part: PartKey, url: &str) -> Result<()> {
    job::enqueue_once(ctx, &FETCH, &json!({"part": part, "url": url})).map(|_| ())
}

fn fetch(inventory: &Inventory, payload: &Json) -> Result<Next> {
    let part = PartKey::from_id(payload["part"].as_i64().unwrap_or(0));
    let url = payload["url"].as_str().unwrap_or_default();
    let settings = inventory.db.read(Settings::load)?;
    // it may have been switched off since the job was queued
    if !settings.bool(keys::INVENTREE_DOWNLOAD_FROM_URL) {
        return Err(Error::non_field("Download from links is turned off in the settings."));
    }
    let most = settings.int(keys::INVENTREE_UPLOAD_MAX_SIZE).min(settings.int(keys::INVENTREE_DOWNLOAD_IMAGE_MAX_SIZE));
    let megabytes = most.clamp(1, 10_000);
    let (name, bytes) = remote::fetch(url, megabytes as u64 * 1_000_000).map_err(Error::Internal)?;
    keep(inventory, part, &name, &bytes)?;
    Ok(Next::Done)
}

/// Gives a part an image; an older one that no part names any more goes.
fn keep(inventory: &Inventory, part: PartKey, name: &str, bytes: &[u8]) -> Result<()> {
    let read = picture::read(bytes).map_err(|why| match why {
        picture::Fault::Busy => Error::Internal(why.to_string()),
        _ => Error::field("remote_image", format!("This image cannot be read: {why}.")),
    })?;
    let name = picture::with_ending(&media::name::safe(name), read.format);
    let (folder, small, bytes) = (inventory.media.clone(), read.small(), bytes.to_vec());
    drop(read);
    let effects = inventory.write(move |conn| {
        let mut effects = Effects::default();
        let Some(row) = conn.one("SELECT image FROM part_part WHERE id = $1", &[part.into()])? else {
            return Ok(effects);
        };
        let old = row.text(0).to_owned();
        let path = media::write(&folder, &mut effects, FOLDER, &name, &bytes)?;
        if let Some(small) = &small {
            media::write_beside(&folder, &mut effects, &picture::thumbnail_of(&path), small);
        }
        conn.execute("UPDATE part_part SET image = $1 WHERE id = $2", &[path.into(), part.into()])?;
        let used = conn.one("SELECT 1 FROM part_part WHERE image = $1 LIMIT 1", &[old.as_str().into()])?.is_some();
        if !old.is_empty() && !used {
            media::forget(&folder, &mut effects, &old);
        }
        Ok(effects)
    })?;
    effects.committed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::json;

    use super::{PartKey, keep};
    use crate::installation::worker::Worker;
    use crate::testing::on_each_server;

    #[test]
    fn a_picture_takes_the_place_of_the_old_one() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = PartKey::from_id(admin.made("/api/part/", json!({"name": "P"})));
            let mut bytes = Cursor::new(Vec::new());
            image::DynamicImage::new_rgb8(300, 200).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            let inventory = server.app.inventory();
            keep(inventory, part, "a b.html", bytes.get_ref()).unwrap();
            let row = admin.read(&format!("/api/part/{part}/"));
            assert_eq!(row["image"], json!("/media/part_images/a_b.png"));
            let small = inventory.media.join("part_images/a_b.thumbnail.png");
            assert!(small.exists());
            keep(inventory, part, "c.png", bytes.get_ref()).unwrap();
            assert!(!small.exists() && inventory.media.join("part_images/c.png").exists());
            assert!(keep(inventory, part, "c.png", b"<svg/>").is_err());
            assert!(inventory.media.join("part_images/c.png").exists());
        });
    }

    #[test]
    fn addresses_of_this_network_are_refused_at_once() {
        on_each_server(|server| {
            let admin = server.superuser();
            for url in ["http://127.0.0.1/a.png", "file:///etc/passwd", "http://169.254.169.254/latest"] {
                let (status, answer) = admin.post("/api/part/", json!({"name": "P", "remote_image": url}));
                assert_eq!((status, answer["remote_image"].is_array()), (400, true), "{url}: {answer}");
            }
            // one that cannot be reached fails in the background, for all to see
            let url = "http://no-such-host.invalid/a.png";
            admin.made("/api/part/", json!({"name": "P", "remote_image": url}));
            let worker = Worker::start(&server.app).unwrap();
            let began = std::time::Instant::now();
            let sql = "SELECT attempts FROM ironwood_job WHERE kind = 'part_picture' AND error IS NOT NULL";
            while server.int(sql, &[]) == 0 {
                assert!(began.elapsed().as_secs() < 60);
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            drop(worker);
        });
    }
}
