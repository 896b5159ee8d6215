//! Open connections: how many there may be, for each address and in all, and which one goes when
//! places run out or a client makes no progress.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::Limits;

/// Part of all places that clients who are not signed in leave free: one of so many.
const RESERVED: usize = 8;
/// Time without progress after which an unread answer goes while others wait for memory.
const IMPATIENT: Duration = Duration::from_secs(5);
/// Time without progress after which an unread answer gives its place to a new connection.
const UNREAD: Duration = Duration::from_secs(2);

/// Time for which the body of a signed-in client keeps its place when all are taken.
const SLOW: Duration = Duration::from_secs(2);
/// An address with more than so many times the connections of another, and [`MARGIN`] more, gives way to it whatever its
/// connections wait for, and gets no place of it.
const TIMES: usize = 2;
/// See [`TIMES`].
const MARGIN: usize = 8;

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing of the next request is here.
    Idle,
    /// Part of a request's head is here.
    Head,
    /// The request is being worked on.
    Busy,
    /// The request waits for its turn.
    Queued,
    /// The request's body is coming in.
    Body,
    /// The answer is being sent.
    Answering,
    /// The answer was handed over, and may still have to be sent.
    Answered,
    /// Nothing more will be sent.
    Closing,
}

const PHASES: [Phase; 8] = [
    Phase::Idle,
    Phase::Head,
    Phase::Busy,
    Phase::Queued,
    Phase::Body,
    Phase::Answering,
    Phase::Answered,
    Phase::Closing,
];

/// One open connection.
pub(super) struct Slot {
    id: u64,
    network: IpAddr,
    /// The peer is a proxy: its connections belong to many clients.
    proxy: bool,
    epoch: Instant,
    phase: AtomicU8,
    /// When the phase began, in milliseconds.
    since: AtomicU64,
    /// Since when nothing can be written, in milliseconds; 0: not so.
    blocked: AtomicU64,
    served: AtomicBool,
    signed_in: AtomicBool,
    reserved: AtomicBool,
    end: Notify,
}

impl Slot {
    fn now(&self) -> u64 {
        milliseconds(self.epoch.elapsed()).max(1)
    }

    fn phase(&self) -> Phase {
        PHASES[usize::from(self.phase.load(Ordering::Relaxed)) % PHASES.len()]
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Moves on, where the connection is in phase `from`.
    pub(super) fn pass(&self, from: Phase, to: Phase) {
        if self.phase() == from {
            self.enter(to);
        }
    }

    /// An answer is sent in whole.
    pub(super) fn flushed(&self) {
        if self.phase() == Phase::Answered {
            self.served.store(true, Ordering::Relaxed);
            self.enter(Phase::Idle);
        }
    }

    pub(super) fn wrote(&self, blocked: bool) {
        let before = self.blocked.load(Ordering::Relaxed);
        if blocked && before == 0 {
            self.blocked.store(self.now(), Ordering::Relaxed);
        } else if !blocked && before != 0 {
            self.blocked.store(0, Ordering::Relaxed);
        }
    }

    /// A request on this connection was signed in.
    pub(super) fn signed_in(&self) {
        self.signed_in.store(true, Ordering::Relaxed);
    }

    /// Whether the connection has one of the places kept for signed-in clients, and no right to it.
    pub(super) fn must_leave(&self) -> bool {
        self.reserved.load(Ordering::Relaxed) && !self.signed_in.load(Ordering::Relaxed)
    }

    /// Waits until the connection has to end.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }

    fn idle_for(&self, now: u64) -> Duration {
        Duration::from_millis(now.saturating_sub(self.since.load(Ordering::Relaxed)))
    }

    fn blocked_for(&self, now: u64) -> Duration {
        match self.blocked.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(now.saturating_sub(since)),
        }
    }

    /// How readily the connection gives its place away, the least first; `None`: not at all. `greedy`: its address
    /// has far more connections than that of the newcomer.
    fn rank(&self, now: u64, greedy: bool) -> Option<u8> {
        let served = self.served.load(Ordering::Relaxed);
        let signed_in = self.signed_in.load(Ordering::Relaxed);
        match self.phase() {
            Phase::Closing => Some(0),
            Phase::Idle | Phase::Head if !served => Some(1),
            Phase::Body if !signed_in => Some(2),
            Phase::Answering | Phase::Answered if self.blocked_for(now) >= UNREAD => Some(2),
            Phase::Head if !signed_in => Some(2),
            Phase::Idle => Some(3),
            Phase::Body | Phase::Head if self.idle_for(now) >= SLOW => Some(4),
            Phase::Body | Phase::Head | Phase::Queued if greedy => Some(5),
            _ => None,
        }
    }

    fn is_overdue(&self, now: u64, limits: &Limits, impatient: bool) -> bool {
        let stall = if impatient { IMPATIENT.min(limits.stall_time) } else { limits.stall_time };
        if self.blocked_for(now) > stall {
            return true;
        }
        match self.phase() {
            Phase::Idle if self.served.load(Ordering::Relaxed) => self.idle_for(now) > limits.keep_alive,
            Phase::Idle | Phase::Head => self.idle_for(now) > limits.head_time,
            _ => false,
        }
    }
}

/// All open connections.
pub(super) struct Connections {
    most: usize,
    most_each: usize,
    epoch: Instant,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    slots: HashMap<u64, Arc<Slot>>,
    by_network: HashMap<IpAddr, usize>,
}

/// Keeps the place of a connection, and gives it back on drop.
pub(super) struct ConnectionGuard {
    pub(super) slot: Arc<Slot>,
    connections: Arc<Connections>,
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.connections.table().remove(self.slot.id);
    }
}

impl Table {
    fn remove(&mut self, id: u64) {
        let Some(slot) = self.slots.remove(&id) else { return };
        if let Some(count) = self.by_network.get_mut(&slot.network) {
            *count -= 1;
            if *count == 0 {
                self.by_network.remove(&slot.network);
            }
        }
    }

    /// Ends the connection that is missed least; false where all are needed. Clients who are not
    /// signed in go first, then those of the address that has the most connections.
    /// The newcomer's address has `own` connections.
    fn make_room(&mut self, network: Option<IpAddr>, own: usize, now: u64) -> bool {
        let open = self.slots.values().filter(|slot| network.is_none_or(|network| slot.network == network));
        let victim = open.filter_map(|slot| {
            let count = if slot.proxy { 1 } else { self.by_network.get(&slot.network).copied().unwrap_or(0) };
            if is_greedy(own, count) {
                return None;
            }
            let rank = slot.rank(now, is_greedy(count, own))?;
            let known = slot.signed_in.load(Ordering::Relaxed);
            Some(((known, Reverse(count), rank, Reverse(slot.idle_for(now))), slot))
        });
        let Some(victim) = victim.min_by_key(|(key, _)| *key).map(|(_, slot)| slot.clone()) else { return false };
        self.end(&victim);
        true
    }

    fn end(&mut self, slot: &Slot) {
        self.remove(slot.id);
        slot.end.notify_one();
    }
}

impl Connections {
    /// Room for `most` connections, and for `most_each` of one address (0: any number).
    pub(super) fn new(most: usize, most_each: usize) -> Self {
        let most_each = if most_each == 0 { usize::MAX } else { most_each };
        Connections { most: most.max(1), most_each, epoch: Instant::now(), table: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection; another one may have to go for it. `None` where all are needed.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr, proxy: bool) -> Option<ConnectionGuard> {
        let now = milliseconds(self.epoch.elapsed()).max(1);
        let network = network(peer);
        let mut table = self.table();
        let own = table.by_network.get(&network).copied().unwrap_or(0);
        if !proxy && own >= self.most_each && !table.make_room(Some(network), own, now) {
            return None;
        }
        let reserve = self.most / RESERVED;
        let strangers = table.slots.values().filter(|slot| !slot.signed_in.load(Ordering::Relaxed)).count();
        let full = table.slots.len() >= self.most;
        let own = if proxy { 1 } else { own };
        let mut reserved = false;
        if (full || strangers >= self.most - reserve) && !table.make_room(None, own, now) {
            if full {
                return None;
            }
            reserved = true;
        }
        table.next += 1;
        let slot = Arc::new(Slot {
            id: table.next,
            network,
            proxy,
            epoch: self.epoch,
            phase: AtomicU8::new(Phase::Idle as u8),
            since: AtomicU64::new(now),
            blocked: AtomicU64::new(0),
            served: AtomicBool::new(false),
            signed_in: AtomicBool::new(false),
            reserved: AtomicBool::new(reserved),
            end: Notify::new(),
        });
        table.slots.insert(slot.id, slot.clone());
        *table.by_network.entry(network).or_default() += 1;
        drop(table);
        Some(ConnectionGuard { slot, connections: self.clone() })
    }

    /// Ends connections whose client makes no progress.
    pub(super) fn end_overdue(&self, limits: &Limits, impatient: bool) {
        let now = milliseconds(self.epoch.elapsed()).max(1);
        let mut table = self.table();
        let open = table.slots.values();
        let overdue: Vec<_> = open.filter(|slot| slot.is_overdue(now, limits, impatient)).cloned().collect();
        for slot in overdue {
            table.end(&slot);
        }
    }
}

/// Whether an address with so many connections has far more than another.
fn is_greedy(connections: usize, others: usize) -> bool {
    connections > others.saturating_mul(TIMES).saturating_add(MARGIN)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What counts as one address: of IPv6, the network of 64 bits that one customer has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn is_open(connections: &Connections, place: &ConnectionGuard) -> bool {
        connections.table().slots.contains_key(&place.slot.id)
    }

    #[test]
    fn an_address_that_has_all_its_places_gives_up_its_oldest_idle_one() {
        let connections = Arc::new(Connections::new(100, 3));
        let first = connections.admit(address(1), false).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let rest: Vec<_> = (0..3).map(|_| connections.admit(address(1), false).unwrap()).collect();
        assert!(!is_open(&connections, &first) && rest.iter().all(|place| is_open(&connections, place)));
        rest.iter().for_each(|place| place.slot.enter(Phase::Busy));
        assert!(connections.admit(address(1), false).is_none(), "all of them are at work");
        assert!(connections.admit(address(2), false).is_some());
        assert!(connections.admit(address(1), true).is_some(), "a proxy has no limit");
        drop(rest);
        drop(first);
        assert_eq!(connections.table().by_network.get(&address(1)), None);
    }

    #[test]
    fn strangers_give_way_and_leave_places_for_signed_in_clients() {
        let connections = Arc::new(Connections::new(16, 0));
        let known = connections.admit(address(9), false).unwrap();
        known.slot.signed_in();
        known.slot.enter(Phase::Busy);
        known.slot.enter(Phase::Answered);
        known.slot.flushed();
        let busy: Vec<_> = (0..14).map(|_| connections.admit(address(1), false).unwrap()).collect();
        busy.iter().for_each(|place| place.slot.enter(Phase::Busy));
        assert!(is_open(&connections, &known) && !busy[0].slot.must_leave());
        // no one can go but the idle signed-in client, who goes only when there is no other place
        known.slot.enter(Phase::Busy);
        let late = connections.admit(address(2), false).unwrap();
        assert!(late.slot.must_leave(), "a place of the reserve");
        late.slot.signed_in();
        assert!(!late.slot.must_leave());
        late.slot.enter(Phase::Busy);
        assert!(connections.admit(address(3), false).is_none());
        busy[3].slot.enter(Phase::Body);
        assert!(connections.admit(address(3), false).is_some());
        assert!(!is_open(&connections, &busy[3]), "a slow body of a stranger");
    }

    #[test]
    fn the_address_with_the_most_connections_loses_one() {
        let connections = Arc::new(Connections::new(8, 0));
        let quiet = connections.admit(address(1), false).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let many: Vec<_> = (0..20).map(|_| connections.admit(address(2), false).unwrap()).collect();
        assert!(is_open(&connections, &quiet));
        assert!(many.iter().filter(|place| is_open(&connections, place)).count() <= 7);
    }

    #[test]
    fn an_address_with_many_connections_gives_way_to_one_with_few() {
        let connections = Arc::new(Connections::new(32, 0));
        let admit = |i| {
            let place = connections.admit(address(2), false).unwrap();
            place.slot.signed_in();
            place.slot.enter(if i == 7 { Phase::Queued } else { Phase::Busy });
            place
        };
        let many: Vec<_> = (0..32).map(admit).collect();
        assert!(connections.admit(address(2), false).is_none(), "not to itself");
        let one = connections.admit(address(1), false).unwrap();
        assert!(!is_open(&connections, &many[7]) && is_open(&connections, &one));
        assert_eq!(many.iter().filter(|place| is_open(&connections, place)).count(), 31, "work goes on");
        assert!(connections.admit(address(2), false).is_none(), "and it keeps its place before it has signed in");
    }

    #[test]
    fn who_makes_no_progress_is_overdue() {
        let limits = Limits {
            head_time: Duration::from_millis(100),
            keep_alive: Duration::from_millis(300),
            stall_time: Duration::from_millis(500),
            ..Limits::default()
        };
        let connections = Arc::new(Connections::new(8, 0));
        let place = connections.admit(address(1), false).unwrap();
        let slot = &place.slot;
        assert!(!slot.is_overdue(50, &limits, false) && slot.is_overdue(slot.now() + 150, &limits, false));
        slot.enter(Phase::Answered);
        slot.flushed();
        assert!(!slot.is_overdue(slot.now() + 150, &limits, false));
        assert!(slot.is_overdue(slot.now() + 350, &limits, false));
        slot.enter(Phase::Busy);
        assert!(!slot.is_overdue(slot.now() + 10_000, &limits, false));
        slot.wrote(true);
        assert!(!slot.is_overdue(slot.now() + 400, &limits, false));
        assert!(slot.is_overdue(slot.now() + 600, &limits, false));
        slot.wrote(false);
        assert!(!slot.is_overdue(slot.now() + 600, &limits, false));
    }
}
