//! Printing with a layout engine that keeps what it is given.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use super::upload::tests::{html, sent};
use crate::platform::layout_engine::{LayoutEngine, Output, PrintFault, PrintJob, Printed};
use crate::platform::users::permission::{Permission, Ruleset};
use crate::testing::{Client, Server, on_each_server};

/// Keeps the documents, and answers with a PDF in name only.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) jobs: Mutex<Vec<PrintJob>>,
    /// Addresses that the documents are searched for and asked of the server.
    pub(crate) requested: Mutex<Vec<(String, bool)>>,
    pub(crate) picture: Mutex<Option<Vec<u8>>>,
}

impl LayoutEngine for Fake {
    fn print(&self, job: &PrintJob, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, PrintFault> {
        for document in &job.documents {
            for part in document.split("src=\"").skip(1) {
                let address = part.split('"').next().unwrap_or_default();
                if !address.starts_with("data:") {
                    let found = files(address).is_some();
                    self.requested.lock().unwrap().push((address.to_owned(), found));
                }
            }
        }
        self.jobs.lock().unwrap().push(job.clone());
        let picture = self.picture.lock().unwrap().clone();
        let files = match job.output {
            Output::Pdf { .. } => vec![b"%PDF-1.7 fake".to_vec()],
            Output::Png { .. } => job.documents.iter().map(|_| picture.clone().unwrap_or_default()).collect(),
        };
        Ok(Printed { files, pages: 1, missing: Vec::new() })
    }
}

impl Fake {
    /// The engine of a server.
    pub(crate) fn at(server: &Server) -> Arc<Fake> {
        let fake = Arc::new(Fake::default());
        server.app.print_with(fake.clone());
        fake
    }

    /// The documents of the last job.
    pub(crate) fn last(&self) -> Vec<String> {
        self.jobs.lock().unwrap().last().map(|job| job.documents.clone()).unwrap_or_default()
    }
}

/// Makes a template of labels or reports; gives its key.
pub(crate) fn template(client: &Client, kind: &str, model: &str, text: &str, more: &[(&str, &str)]) -> i64 {
    let name = format!("{model} {}", text.len() * 7919 % 1_000_003);
    let mut fields = vec![("name", name.as_str()), ("description", "x"), ("model_type", model)];
    fields.extend(more);
    let file = html("template", &format!("t{}.html", text.bytes().map(usize::from).sum::<usize>()), text);
    let (status, made) = sent(client, &format!("/api/{kind}/template/"), &fields, Some(file));
    assert_eq!(status, 201, "{made}");
    made["pk"].as_i64().unwrap()
}

fn print(client: &Client, kind: &str, template: i64, items: &[i64]) -> (u16, Json) {
    client.post(&format!("/api/{kind}/print/"), json!({"template": template, "items": items}))
}

/// What a template makes of a record, without its spaces at both ends.
fn rendered(server: &Server, client: &Client, model: &str, item: i64, text: &str) -> String {
    let body = json!({"text": text, "model_type": model, "items": [item], "format": "html"});
    let (status, made) = client.post("/api/report/preview/", body);
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["errors"], json!([]), "{text}");
    let _ = server;
    made["html"].as_str().unwrap().trim().to_owned()
}

#[test]
fn labels_and_reports_are_printed_within_the_request() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = |name: &str| admin.made("/api/part/", json!({"name": name, "IPN": "I-1", "description": "d"}));
        let (bolt, nut) = (part("Bolt & M3"), part("Nut"));
        let text = "<b>{{ part.full_name }}</b> {{ width }}x{{ height }} {{ page_style }} {{ qr_data }}";
        let label = template(
            &admin,
            "label",
            "part",
            text,
            &[("width", "62"), ("height", "29.5"), ("filename_pattern", "{{ part.name }}-{{ IPN }}.pdf")],
        );
        let (status, refused) = print(&admin, "label", label, &[bolt]);
        assert_eq!((status, &refused["non_field_errors"][0]), (400, &json!("Printing is not set up.")), "{refused}");
        let layout_engine = Fake::at(server);
        let (status, made) = print(&admin, "label", label, &[nut, bolt, 99_999, nut]);
        assert_eq!(status, 201, "{made}");
        assert_eq!(
            (&made["complete"], &made["total"], &made["progress"]),
            (&json!(true), &json!(2), &json!(2)),
            "{made}"
        );
        assert_eq!((&made["output_type"], &made["plugin"]), (&json!("label"), &json!("inventreelabel")));
        let output = made["output"].as_str().unwrap();
        assert!(output.starts_with("/media/data_output/") && output.ends_with("/Nut-I-1.pdf"), "{output}");
        assert_eq!((admin.file(output), server.user("bob", &[]).file(output)), (200, 404));
        assert_eq!(
            layout_engine.last(),
            [
                format!("<b>I-1 | Nut</b> 62x29.5 @page {{ size: 62mm 29.5mm; margin: 0mm; }} INV-PA{nut}"),
                format!("<b>I-1 | Bolt &amp; M3</b> 62x29.5 @page {{ size: 62mm 29.5mm; margin: 0mm; }} INV-PA{bolt}"),
            ]
        );
        let page = layout_engine.jobs.lock().unwrap()[0].page;
        assert_eq!((page.width, page.height), (62.0, 29.5));

        // one document for all, where the template says so; a landscape one has its longer side at the bottom
        let text = "{{ page_size }}: {% for one in instances %}{{ one.part.name }},{% endfor %}";
        let report =
            template(&admin, "report", "part", text, &[("merge", "true"), ("landscape", "true"), ("page_size", "A3")]);
        let (status, made) = print(&admin, "report", report, &[bolt, nut]);
        assert_eq!((status, &made["output_type"], &made["plugin"]), (201, &json!("report"), &json!(null)), "{made}");
        assert_eq!(layout_engine.last(), ["A3 landscape: Bolt &amp; M3,Nut,"]);
        let page = layout_engine.jobs.lock().unwrap().last().unwrap().page;
        assert_eq!((page.width, page.height), (420.0, 297.0));

        for (body, field) in [
            (json!({"template": label}), "items"),
            (json!({"template": label, "items": []}), "items"),
            (json!({"template": label, "items": [99_999]}), "items"),
            (json!({"template": label, "items": vec![bolt; 1_001]}), "items"),
            (json!({"template": 99_999, "items": [bolt]}), "template"),
            (json!({"template": label, "items": [bolt], "plugin": "x"}), "plugin"),
            (json!({"template": label, "items": [bolt], "plugin": "inventreelabelsheet", "skip": 501}), "skip"),
            (json!({"template": label, "items": [bolt], "plugin": "inventreelabelsheet", "margin": 90}), "page_size"),
            (json!({"template": label, "items": [bolt], "plugin": "inventreelabelmachine"}), "machine"),
        ] {
            let (status, answer) = admin.post("/api/label/print/", body.clone());
            assert!(status == 400 && answer.get(field).is_some(), "{body}: {status} {answer}");
        }
        assert_eq!(admin.patch(&format!("/api/label/template/{label}/"), json!({"enabled": false})).0, 200);
        assert_eq!(print(&admin, "label", label, &[bolt]).0, 400);
    });
}

#[test]
fn labels_lie_on_sheets_and_reports_are_attached() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let label =
            template(&admin, "label", "part", "<style>{{ page_style }} b { color: red }</style><b>{{ name }}</b>", &[]);
        let body = json!({
            "template": label, "items": [part], "plugin": "inventreelabelsheet", "page_size": "A4", "skip": 3, "border": true,
        });
        let (status, made) = admin.post("/api/label/print/", body);
        assert_eq!((status, &made["plugin"]), (201, &json!("inventreelabelsheet")), "{made}");
        let [sheet] = layout_engine.last().try_into().unwrap();
        assert!(sheet.contains("left: 160.00mm") || sheet.contains("left: 10.00mm; top: 30.00mm"), "{sheet}");
        assert!(sheet.contains("outline") && sheet.matches("@page").count() == 1, "{sheet}");

        let report = template(&admin, "report", "part", "{{ name }}", &[("attach_to_model", "true")]);
        assert_eq!(print(&admin, "report", report, &[part]).0, 201);
        let attached = admin.read(&format!("/api/attachment/?model_type=part&model_id={part}"));
        assert_eq!(attached.as_array().unwrap().len(), 1, "{attached}");
        assert!(attached[0]["comment"].as_str().unwrap().starts_with("Printed with"), "{attached}");
        assert_eq!(admin.file(attached[0]["attachment"].as_str().unwrap()), 200);

        // HTML instead of a PDF
        admin.patch("/api/settings/global/REPORT_DEBUG_MODE/", json!({"value": true}));
        let (_, made) = print(&admin, "report", report, &[part]);
        assert!(made["output"].as_str().unwrap().ends_with(".html"), "{made}");
    });
}

#[test]
fn many_records_are_printed_in_the_background() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let parts: Vec<i64> = (0..30).map(|n| admin.made("/api/part/", json!({"name": format!("Part {n}")}))).collect();
        let label = template(&admin, "label", "part", "{{ name }}", &[]);
        let (status, made) = print(&admin, "label", label, &parts);
        assert_eq!((status, &made["complete"], &made["output"]), (201, &json!(false), &json!(null)), "{made}");
        let canceled = print(&admin, "label", label, &parts).1["pk"].as_i64().unwrap();
        assert_eq!(admin.delete(&format!("/api/data-output/{canceled}/")).0, 204);
        let faulty = template(&admin, "label", "part", "{{ name|add:nothing }}", &[]);
        let faulty = print(&admin, "label", faulty, &parts).1["pk"].as_i64().unwrap();
        server.run_job(crate::platform::media::sweep::JOBS[0]);
        let row = admin.read(&format!("/api/data-output/{}/", made["pk"]));
        assert_eq!(
            (&row["complete"], &row["progress"], &row["errors"]),
            (&json!(true), &json!(30), &json!(null)),
            "{row}"
        );
        assert_eq!(admin.file(row["output"].as_str().unwrap()), 200);
        assert_eq!(layout_engine.jobs.lock().unwrap().len(), 1, "one was canceled, one is faulty");
        let row = admin.read(&format!("/api/data-output/{faulty}/"));
        let why = row["errors"]["error"].as_str().unwrap();
        assert!(why.contains("line 1, column 1") && why.contains("nothing"), "{row}");
    });
}

#[test]
fn faulty_templates_are_told_with_their_place() {
    on_each_server(|server| {
        let admin = server.superuser();
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let fields = [("name", "Bad"), ("description", "x"), ("model_type", "part")];
        let markup = "\n<p>{{ name }}</p>\n";
        let body = json!({"text": markup, "model_type": "part", "items": [part], "format": "html"});
        let made = admin.post("/api/label/preview/", body).1;
        assert_eq!(made["html"], "\n<p>Bolt</p>\n", "the text is taken as it is");
        for (text, wanted) in [
            ("a\n  {% nothing %}", "bad.html, line 2, column 3"),
            ("{% if part %}", "bad.html, line 1, column 1"),
            ("{{ part|nothing }}", "Unknown filter"),
        ] {
            let (status, answer) =
                sent(&admin, "/api/report/template/", &fields, Some(html("template", "bad.html", text)));
            let why = answer["template"][0].as_str().unwrap_or_default();
            assert!(status == 400 && why.contains(wanted), "{text}: {answer}");
            let body = json!({"text": text, "model_type": "part", "items": [part], "format": "html"});
            let (status, made) = admin.post("/api/label/preview/", body);
            assert_eq!((status, made["errors"].as_array().unwrap().len()), (200, 1), "{made}");
            assert!(made["errors"][0]["line"].as_i64().unwrap() >= 1, "{made}");
        }
        let body =
            json!({"text": "{{ part.colour }} {{ foo }}", "model_type": "part", "items": [part], "format": "html"});
        let (_, made) = admin.post("/api/report/preview/", body);
        assert_eq!((&made["missing"], &made["errors"]), (&json!(["foo", "part.colour"]), &json!([])), "{made}");
        assert_eq!(
            server.user("bob", &[(Ruleset::Part, &[Permission::View])]).post("/api/report/preview/", json!({})).0,
            403
        );
    });
}

#[test]
fn counts_of_what_can_be_built_are_whole_numbers() {
    on_each_server(|server| {
        let admin = server.superuser();
        let chair = admin.made("/api/part/", json!({"name": "Chair", "assembly": true}));
        let leg = admin.made("/api/part/", json!({"name": "Leg", "component": true}));
        admin.made("/api/bom/", json!({"part": chair, "sub_part": leg, "quantity": 4}));
        admin.made("/api/stock/", json!({"part": leg, "quantity": 18}));
        let text = "{{ part.can_build }}/{% decimal part.can_build %}";
        assert_eq!(rendered(server, &admin, "part", chair, text), "4/4");
    });
}

#[test]
fn hostile_templates_end_in_an_error() {
    on_each_server(|server| {
        let admin = server.superuser();
        Fake::at(server);
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let digits = "0123456789";
        let loops = format!(
            "{{% for a in d %}}{{% for a in d %}}{{% for a in d %}}{{% for a in d %}}{{% for a in d %}}{{% for a in d %}}\
             {{% for a in d %}}x{}",
            "{% endfor %}".repeat(7)
        );
        let looping = format!("{{% with d=\"{digits}{digits}\" %}}{loops}{{% endwith %}}");
        let growing = format!(
            "{{% with x=\"{}\" %}}{{% for i in x %}}{{% for i in x %}}{{{{ x }}}}{{{{ x }}}}{{% endfor %}}{{% endfor %}}{{% endwith %}}",
            "y".repeat(2_000)
        );
        for (text, wanted) in [
            (looping.as_str(), "too"),
            (growing.as_str(), "larger than"),
            ("{% include \"report/loop.html\" %}", "nested"),
        ] {
            let (status, _) = sent(
                &admin,
                "/api/report/template/",
                &[("name", "L"), ("description", "x"), ("model_type", "part")],
                Some(html("template", "loop.html", "{% include \"report/loop.html\" %}")),
            );
            assert!(status == 201 || status == 400);
            let body = json!({"text": text, "model_type": "part", "items": [part], "format": "html"});
            let (status, made) = admin.post("/api/report/preview/", body);
            let why = made["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(status == 200 && why.contains(wanted), "{wanted}: {status} {made:.300}");
        }
    });
}

#[test]
fn nothing_is_printed_that_the_caller_may_not_view() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let supplier =
            admin.made("/api/company/", json!({"name": "Secret Inc", "is_supplier": true, "currency": "USD"}));
        let part = admin.made("/api/part/", json!({"name": "Bolt", "purchaseable": true}));
        let sku = admin.made("/api/company/part/", json!({"part": part, "supplier": supplier, "SKU": "S-1"}));
        let item = admin.made("/api/stock/", json!({"part": part, "quantity": 5, "supplier_part": sku}));
        let text = "[{{ part.name }}][{{ item.supplier_part.SKU }}][{{ item.supplier_part.supplier.name }}]\
            [{% for s in part.supplier_parts.all %}{{ s.SKU }}{% endfor %}][{{ item.quantity }}]\
            [{% filter_db_model \"company.company\" as all %}{% for c in all %}{{ c.name }}{% endfor %}]\
            [{{ user.username }}{{ user.password }}]";
        let label = template(&admin, "label", "stockitem", text, &[]);
        assert_eq!(print(&admin, "label", label, &[item]).0, 201);
        assert_eq!(layout_engine.last(), ["[Bolt][S-1][Secret Inc][S-1][5][Secret Inc][root]"]);
        // who may view stock alone sees nothing of the part, its supplier, or other companies
        let clerk = server.user("clerk", &[(Ruleset::Stock, &[Permission::View])]);
        assert_eq!(print(&clerk, "label", label, &[item]).0, 201);
        assert_eq!(layout_engine.last(), ["[][][][][5][][clerk]"]);
        let nobody = server.user("nobody", &[]);
        assert_eq!(print(&nobody, "label", label, &[item]).0, 403);
        // nor by conditions and sortings
        for tag in [
            "{% filter_queryset part.stock_items.all supplier_part__supplier__name=\"x\" as x %}{{ x.count }}",
            "{% order_queryset part.stock_items.all \"supplier_part__SKU\" as x %}{{ x.count }}",
            "{% filter_db_model \"auth.user\" password=\"x\" as x %}{{ x.count }}",
            "{% filter_db_model \"auth.user\" email=\"x\" as x %}{{ x.count }}",
        ] {
            let text = format!("{tag}{{{{ stock_item.pk }}}}");
            let label = template(&admin, "label", "stockitem", &text, &[]);
            let (status, answer) = print(&clerk, "label", label, &[item]);
            let unseen = layout_engine.last() == [format!("0{item}")] || layout_engine.last() == [item.to_string()];
            assert!(status == 400 || unseen, "{tag}: {status} {answer} {:?}", layout_engine.last());
        }
        let mail = rendered(
            server,
            &admin,
            "stockitem",
            item,
            "{{ user.email }}|{{ user.password }}|{{ user.get_full_name }}",
        );
        assert!(mail.ends_with("||") || !mail.contains("argon"), "{mail}");
    });
}

#[test]
fn files_are_those_that_the_caller_may_view() {
    on_each_server(|server| {
        let (admin, layout_engine) = (server.superuser(), Fake::at(server));
        let part = admin.made("/api/part/", json!({"name": "Bolt"}));
        let (status, asset) =
            sent(&admin, "/api/report/asset/", &[("description", "x")], Some(html("asset", "a.css", "b{}")));
        assert_eq!(status, 201, "{asset}");
        let media = server.app.inventory().media.clone();
        std::fs::write(media.join("secret.txt"), "x").unwrap();
        let text = "<i src=\"{{ part.thumbnail }}\"><i src=\"{% asset 'a.css' %}\"><i src=\"/media/secret.txt\"><i src=\"/media/../secret.key\">\
                    <i src=\"file:///etc/passwd\"><i src=\"http://127.0.0.1/x\"><i src=\"{% part_image part %}\">{% asset 'no.png' %}";
        let label = template(&admin, "label", "part", text, &[]);
        let (status, made) = print(&admin, "label", label, &[part]);
        assert_eq!(status, 201, "{made}");
        let requested = layout_engine.requested.lock().unwrap().clone();
        let found: Vec<&str> =
            requested.iter().filter(|(_, found)| *found).map(|(address, _)| address.as_str()).collect();
        let expected = ["/static/img/blank_image.thumbnail.png", "/media/report/assets/a.css"];
        assert_eq!(found, expected, "{requested:?}");
        assert!(layout_engine.last()[0].contains("data:image/svg+xml"), "a part without a picture has a frame");
    });
}
