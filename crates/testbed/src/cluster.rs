//! A PostgreSQL server for tests, shared by all test processes of this checkout.
//!
//! It lives in one folder for temporary files and listens on a socket there only. Whoever uses it
//! holds a shared lock on `users`; a small shell loop beside the server stops it and removes the
//! folder when no one has held that lock for a while, however the tests ended.

use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Stops the server when the lock on `users` has been free, and `used` untouched, for a minute.
const KEEPER: &str = r#"
cd "$1" || exit 1
exec 8>start.lock 9>users
"$2/postgres" -D "$1/data" 8>&- 9>&- &
server=$!
while sleep 2 && kill -0 $server 2>/dev/null; do
    flock -n 8 || continue
    if flock -n 9; then
        if [ -n "$(find used -mmin +1 2>/dev/null)" ]; then
            kill -INT $server
            wait $server
            cd / && rm -rf "$1"
            exit
        fi
        flock -u 9
    fi
    flock -u 8
done
"#;

const SETTINGS: &str = "
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 48MB
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 256MB
";

/// A running server, in use until this is dropped.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    _users: File,
}

impl Cluster {
    /// Finds the server of this checkout or starts it; `None` where PostgreSQL is not installed.
    ///
    /// # Errors
    /// Where it is installed and does not start.
    pub fn shared() -> Result<Option<Cluster>> {
        let Some(programs) = programs() else { return Ok(None) };
        // root may not run the server: it goes to a user without rights
        let root = fs::metadata("/proc/self").or_else(|_| fs::metadata(env!("CARGO_MANIFEST_DIR")))?.uid() == 0;
        let owner = if root { Some(unprivileged()?) } else { None };
        let mut key = DefaultHasher::new();
        (env!("CARGO_MANIFEST_DIR"), std::env::var_os("USER")).hash(&mut key);
        let folder = std::env::temp_dir().join(format!("ironwood-pg-{:x}", key.finish() & 0xffff_ffff));

        let _start = lock_folder(&folder, owner)?;
        fs::write(folder.join("used"), "")?;
        let users = File::create(folder.join("users"))?;
        users.lock_shared()?;
        let cluster = Cluster { folder, programs, owner, _users: users };
        if !cluster.answers() {
            cluster.start()?;
        }
        Ok(Some(cluster))
    }

    /// Address of its maintenance database.
    pub fn address(&self) -> String {
        let folder = self.folder.to_string_lossy().replace('%', "%25").replace('/', "%2F");
        format!("postgres://ironwood@{folder}/postgres")
    }

    /// Stops the server and removes its folder, unless someone else uses it.
    ///
    /// # Errors
    /// Where it cannot be stopped.
    pub fn stop(self) -> Result<()> {
        let Cluster { folder, programs, owner, _users } = self;
        let _start = lock_folder(&folder, owner)?;
        drop(_users);
        if File::create(folder.join("users"))?.try_lock().is_err() {
            return Ok(());
        }
        let mut command = program(&programs.join("pg_ctl"), owner);
        succeed(command.arg("stop").args(["-m", "immediate", "-w", "-D"]).arg(folder.join("data")))?;
        fs::remove_dir_all(&folder)
    }

    fn answers(&self) -> bool {
        postgres::Client::connect(&self.address(), postgres::NoTls).is_ok()
    }

    fn start(&self) -> Result<()> {
        let data = self.folder.join("data");
        let _ = fs::remove_dir_all(&data);
        succeed(
            program(&self.programs.join("initdb"), self.owner)
                .args(["--username=ironwood", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
                .arg(&data),
        )?;
        let mut settings = fs::read_to_string(data.join("postgresql.conf"))?;
        settings.push_str(SETTINGS);
        settings.push_str(&format!("unix_socket_directories = '{}'\n", self.folder.display()));
        fs::write(data.join("postgresql.conf"), settings)?;
        program(Path::new("/bin/sh"), self.owner)
            .args(["-c", KEEPER, "keeper"])
            .arg(&self.folder)
            .arg(&self.programs)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.answers() {
            if Instant::now() > deadline {
                return Err(Error::new(ErrorKind::TimedOut, "the PostgreSQL server does not start"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// Makes the folder and takes the lock under which the server starts and stops. The folder may be
/// removed while we wait for the lock: then once more.
fn lock_folder(folder: &Path, owner: Option<(u32, u32)>) -> Result<File> {
    loop {
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            fs::set_permissions(folder, Permissions::from_mode(0o700))?;
            if let Some((user, group)) = owner {
                chown(folder, Some(user), Some(group))?;
            }
        }
        let path = folder.join("start.lock");
        let Ok(file) = File::create(&path) else { continue };
        fs::set_permissions(&path, Permissions::from_mode(0o666))?;
        for name in ["users", "used"] {
            let file = File::options().create(true).append(true).open(folder.join(name))?;
            file.set_permissions(Permissions::from_mode(0o666))?;
        }
        file.lock()?;
        if fs::metadata(&path).is_ok_and(|there| file.metadata().is_ok_and(|held| held.ino() == there.ino())) {
            return Ok(file);
        }
    }
}

/// Folder of PostgreSQL's programs: the one in PATH, else the newest that Debian installs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().parse().unwrap_or(0), entry.path().join("bin")))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(versions.into_iter().map(|(_, folder)| folder));
    folders.into_iter().find(|folder| ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file()))
}

fn unprivileged() -> Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next()? == name).then_some(())?;
            Some((parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?))
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .ok_or_else(|| Error::other("root may not run PostgreSQL, and there is no user postgres or nobody"))
}

fn program(path: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(path);
    command.current_dir("/").env("LC_ALL", "C");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(format!("{:?}: {}", command.get_program(), text.trim())))
}
