//! Labels and reports, laid out by the child processes of the program itself.

use std::io::Write as _;

use serde_json::{Value as Json, json};

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::server::{ADMIN, Server, basic};

/// A picture of one color, as the address of its contents. `claimed` is what its header says of its width and height.
fn picture(side: u32, claimed: u32) -> String {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8], data: &[u8]| {
        let named = [name, data].concat();
        let mut sum = flate2::Crc::new();
        sum.update(&named);
        png.extend((data.len() as u32).to_be_bytes());
        png.extend(&named);
        png.extend(sum.sum().to_be_bytes());
    };
    // 8 bits for each of red, green, blue and opacity
    chunk(b"IHDR", &[&claimed.to_be_bytes()[..], &claimed.to_be_bytes(), &[8, 6, 0, 0, 0]].concat());
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let line = vec![0; side as usize * 4 + 1];
    for _ in 0..side {
        packed.write_all(&line).unwrap();
    }
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", b"");
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&png))
}

fn post(server: &Server, path: &str, body: &Json) -> (u16, Json) {
    let reply = server.admin("POST", path, body.to_string().as_bytes());
    (reply.status, reply.json())
}

fn part(server: &Server) -> i64 {
    let (status, made) = post(server, "/api/part/", &json!({"name": "Bolt", "description": "M4 x 20"}));
    assert_eq!(status, 201, "{made}");
    made["pk"].as_i64().unwrap()
}

/// Keeps a report template.
fn template(server: &Server, name: &str, text: &str) -> i64 {
    let mut body = String::new();
    for (field, value) in [("name", name), ("description", "A test"), ("model_type", "part")] {
        body += &format!("--limit\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--limit\r\nContent-Disposition: form-data; name=\"template\"; filename=\"{name}.html\"\r\n\
         Content-Type: text/html\r\n\r\n{text}\r\n--limit--\r\n"
    );
    let headers = [
        ("Authorization", basic(ADMIN.0, ADMIN.1)),
        ("Content-Type", "multipart/form-data; boundary=limit".to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reply = server.send("POST", "/api/report/template/", &headers, body.as_bytes());
    assert_eq!(reply.status, 201, "{}", reply.json());
    reply.json()["pk"].as_i64().unwrap()
}

#[test]
fn hostile_documents_are_stopped_wherever_they_are_printed() {
    let server = Server::sqlite();
    let part = part(&server);
    let looping = format!(
        "{{% with d=\"01234567890123456789\" %}}{}x{}{{% endwith %}}",
        "{% for a in d %}".repeat(7),
        "{% endfor %}".repeat(7)
    );
    for (name, text, wanted) in [
        ("nested", "<div>".repeat(20_000), "nested"),
        ("paragraphs", "<p>x".repeat(100_000), "elements"),
        ("looping", looping, "too"),
    ] {
        let kept = template(&server, name, &text);
        let (status, made) = post(&server, "/api/report/print/", &json!({"template": kept, "items": [part]}));
        assert!(status == 400 && made.to_string().contains(wanted), "{name} is printed: {status} {made:.300}");
        for format in ["pdf", "png"] {
            let body = json!({"text": text, "model_type": "part", "items": [part], "format": format});
            let (status, made) = post(&server, "/api/report/preview/", &body);
            let why = if status == 200 { made["errors"].to_string() } else { made.to_string() };
            assert!(why.contains(wanted), "{name} is previewed: {status} {made:.300}");
        }
    }
    // what is not there is left out, and named
    let text = format!(
        "<style>@import url(file:///etc/passwd); @font-face {{ font-family: f; src: url(file:///etc/hosts) }} \
         body {{ font-family: f; background: url(http://127.0.0.1:9/b.png) }}</style>Bolt\
         <img src=\"{}\" alt=\"\"><img src=\"file:///etc/passwd\" alt=\"\"><img src=\"http://169.254.169.254/\" alt=\"\">\
         <svg width=\"9\" height=\"9\"><image href=\"file:///etc/passwd\"/></svg>",
        picture(1, 20_000)
    );
    let body = json!({"text": text, "model_type": "part", "items": [part], "format": "pdf"});
    let (status, made) = post(&server, "/api/report/preview/", &body);
    assert_eq!((status, &made["errors"]), (200, &json!([])), "{made:.300}");
    let missing = made["missing_files"].to_string();
    for address in ["file:///etc/passwd", "http://169.254.169.254/", "http://127.0.0.1:9/b.png", "data:image/png"] {
        assert!(missing.contains(address), "{address}: {missing}");
    }
    let kept = template(&server, "absent", &text);
    let (status, made) = post(&server, "/api/report/print/", &json!({"template": kept, "items": [part]}));
    assert_eq!((status, &made["complete"]), (201, &json!(true)), "{made:.300}");
}

#[test]
fn many_large_pictures_fit_into_the_memory_of_a_child() {
    let server = Server::sqlite();
    let part = part(&server);
    let pictures: String = (0..8)
        .map(|more| format!("<img src=\"{}\" style=\"width: 9mm\">", picture(2_900 + more, 2_900 + more)))
        .collect();
    let body = json!({"text": pictures, "model_type": "part", "items": [part], "format": "pdf"});
    for _ in 0..2 {
        let (status, made) = post(&server, "/api/report/preview/", &body);
        assert_eq!((status, &made["missing_files"]), (200, &json!([])), "{made:.300}");
    }
}
