//! Who makes a change, and from where.

use std::net::IpAddr;
use std::sync::Arc;

use ironwood_base::clock;
use serde_json::json;

use crate::Value;

/// Most characters of a path, a name or the like that is kept.
const LONGEST: usize = 500;

/// Who makes the changes of a transaction, and from where. Every transaction that writes begins with one, and the
/// change log keeps it once for each transaction that changed something. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(Arc<Details>);

/// What an [`Origin`] says. Empty texts say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What acts: `request`, `job`, `command`, `migration` or `server`.
    pub kind: &'static str,
    /// Name of the job, the command, the migration or the server's own task.
    pub task: String,
    /// Key of the user on whose behalf it happens.
    pub user: Option<i64>,
    pub username: String,
    /// How the user signed in: `token NAME`, `session 12` or `password`.
    pub sign_in: String,
    /// Address of the client.
    pub address: String,
    /// Id of the request, which the server's own log and the answer's header name, too.
    pub request: String,
    pub method: String,
    pub path: String,
}

/// The columns of a transaction that say where it comes from, in the order of [`Origin::values`].
pub(crate) const COLUMNS: [&str; 10] =
    ["time", "kind", "task", "user", "username", "sign_in", "address", "request", "method", "path"];

impl Origin {
    /// An origin in full.
    pub fn new(details: Details) -> Self {
        Origin(Arc::new(details))
    }

    /// A request from this address; the rest is still to be said.
    pub fn request(address: IpAddr) -> Details {
        Details { kind: "request", address: address.to_string(), ..Details::default() }
    }

    /// A job of the background, on behalf of whoever caused it.
    pub fn job(kind: &str, user: Option<i64>) -> Self {
        Self::new(Details { kind: "job", task: kind.to_owned(), user, ..Details::default() })
    }

    /// A command (`user add`), run by somebody on the machine of the server.
    pub fn command(name: &str) -> Self {
        let account = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
        Self::new(Details { kind: "command", task: name.to_owned(), username: account, ..Details::default() })
    }

    /// A step of the schema.
    pub fn migration(name: &str) -> Self {
        Self::new(Details { kind: "migration", task: name.to_owned(), ..Details::default() })
    }

    /// Something that the server does by itself (`start`).
    pub fn server(task: &str) -> Self {
        Self::new(Details { kind: "server", task: task.to_owned(), ..Details::default() })
    }

    /// What it says.
    pub fn details(&self) -> &Details {
        &self.0
    }

    fn texts(&self) -> [(&'static str, String); 8] {
        let Details { kind, task, user: _, username, sign_in, address, request, method, path } = &*self.0;
        let kept = |text: &str| text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        [
            ("kind", kept(kind)),
            ("task", kept(task)),
            ("username", kept(username)),
            ("sign_in", kept(sign_in)),
            ("address", kept(address)),
            ("request", kept(request)),
            ("method", kept(method)),
            ("path", kept(path)),
        ]
    }

    /// The values of [`COLUMNS`], as of now.
    pub(crate) fn values(&self) -> Vec<Value> {
        let texts = self.texts();
        let value = |column: &str| match column {
            "time" => clock::now().into(),
            "user" => self.0.user.into(),
            column => {
                let text = texts.iter().find(|(name, _)| *name == column).map(|(_, text)| text.as_str());
                text.filter(|text| !text.is_empty()).into()
            }
        };
        COLUMNS.iter().map(|column| value(column)).collect()
    }

    /// The same as a JSON object.
    pub(crate) fn json(&self) -> String {
        let mut object = json!({"time": clock::now(), "user": self.0.user});
        for (name, text) in self.texts().into_iter().filter(|(_, text)| !text.is_empty()) {
            object[name] = text.into();
        }
        object.to_string()
    }
}
