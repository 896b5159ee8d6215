#!/usr/bin/env python3
"""Attacks on a running Ironwood over HTTP, bounded in count and time, on this machine only.

    python3 benches/attacks.py target/release/ironwood [--only bodies,connections,readers] [--seconds 20] [--reopen 500]

Starts the program on a fresh SQLite database, attacks it from several loopback addresses, and prints the
most memory it took (VmHWM), what it keeps, and how long an innocent client waits meanwhile. Needs nothing
but Python, and `ulimit -n` of 5,000.
"""
import argparse, base64, http.client, json, os, re, select, shutil, socket, subprocess, sys, tempfile, threading, time

PASSWORD = "a password for attacks"
BASIC = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()


class Server:
    def __init__(self, binary):
        self.folder = tempfile.mkdtemp(prefix="ironwood-attacks-")
        env = dict(os.environ, IRONWOOD_DATABASE=f"sqlite:{self.folder}/a.sqlite3", IRONWOOD_LOG="error",
                   IRONWOOD_ADMIN_PASSWORD=PASSWORD, IRONWOOD_MEDIA=f"{self.folder}/media")
        self.process = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], env=env,
                                        stdout=subprocess.PIPE, text=True)
        host, port = re.search(r"http://([^/]+)/", self.process.stdout.readline()).group(1).split(":")
        self.address = (host, int(port))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.token = json.loads(request(self, "GET", "/api/user/token/", BASIC)[1])["token"]

    def memory(self, name):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1000 for line in status if line.startswith(name + ":"))

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def request(server, method, path, authorization=None, body=None):
    connection = http.client.HTTPConnection(*server.address, timeout=60)
    headers = {"Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    try:
        connection.request(method, path, body, headers)
    except OSError:
        pass  # refused while it was being sent: the answer is there
    try:
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, b""
    finally:
        connection.close()


def heavy(size):
    return b"[" + b",".join([b'{"":0}'] * (size // 7)) + b"]"


def at_once(count, work):
    results = [None] * count

    def one(i):
        results[i] = work()
    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {status: [r[0] for r in results].count(status) for status in {r[0] for r in results}}


def bodies(binary, *_):
    large, small = heavy(9_800_000), heavy(980_000)
    for who, authorization, path in [("strangers", None, "/api/nothing/"), ("signed in", BASIC, "/api/part/")]:
        for what, count, body in [("1 x 9.8 MB", 1, large), ("8 x 9.8 MB", 8, large), ("64 x 0.98 MB", 64, small)]:
            server = Server(binary)
            before = server.memory("VmRSS")
            seen = at_once(count, lambda: request(server, "POST", path, authorization, body))
            print(f"bodies, {who}, {what}: {before:.0f} MB before, {server.memory('VmHWM'):.0f} MB at the peak, "
                  f"{server.memory('VmRSS'):.0f} MB after; answers {seen}", flush=True)
            server.end()


def innocent(server, seconds, address="127.0.0.1"):
    """Times of requests of a client that is signed in, each on a connection of its own."""
    times, failed, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        try:
            connection = http.client.HTTPConnection(*server.address, timeout=10, source_address=(address, 0))
            connection.request("GET", "/api/user/me/", headers={"Authorization": f"Token {server.token}"})
            answer = connection.getresponse()
            answer.read()
            failed += answer.status != 200
            connection.close()
        except (OSError, http.client.HTTPException):
            failed += 1
        times.append((time.monotonic() - begun) * 1000)
        time.sleep(0.01)
    times.sort()
    return times, failed


KINDS = {
    "idle": b"",
    "slow head": b"GET /api/ HTTP/1.1\r\nHost: x\r\nX-Slow",
    "slow body": b"POST /api/auth/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 60000\r\n\r\n{",
    "unread": b"GET /api/schema/?format=json HTTP/1.1\r\nHost: x\r\n\r\n" * 4,
    "refused body": b"POST /api/part/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 9000000\r\n\r\n[",
    "signed-in body": f"POST /api/part/ HTTP/1.1\r\nHost: x\r\nAuthorization: {BASIC}\r\nContent-Type: application/json"
                      "\r\nContent-Length: 9000000\r\n\r\n[".encode(),
}


def connections(binary, seconds, reopen):
    for kinds in [["idle"], ["slow head"], ["slow body"], ["unread"], list(KINDS)]:
        server = Server(binary)
        before, stop, opened = server.memory("VmRSS"), threading.Event(), [0]

        def attack():
            # keeps 2,000 connections: of those that the server ends, so many a second are opened anew (0: all, at once)
            each = reopen // 50 or 2000
            sockets, poll, sent = {}, select.poll(), 0
            while not stop.is_set():
                for _ in range(min(100 if sent < 2000 else each, 2000 - len(sockets))):
                    s = socket.socket()
                    s.setblocking(False)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    s.bind((f"127.0.0.{2 + sent % 8}", 0))
                    s.connect_ex(server.address)
                    sockets[s.fileno()] = (s, KINDS[kinds[sent // 8 % len(kinds)]], [False])
                    poll.register(s, select.POLLOUT | select.POLLHUP | select.POLLERR | select.POLLRDHUP)
                    sent += 1
                for fd, event in poll.poll(20):
                    s, text, done = sockets[fd]
                    if event & (select.POLLHUP | select.POLLERR | select.POLLRDHUP):
                        poll.unregister(s)
                        s.close()
                        del sockets[fd]
                    elif not done[0]:
                        done[0] = True
                        try:
                            s.send(text)
                        except OSError:
                            pass
                        poll.modify(s, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
                opened[0] = sent
                time.sleep(0.02)
            for s, *_ in sockets.values():
                s.close()
        attacker = threading.Thread(target=attack)
        attacker.start()
        time.sleep(3)
        times, failed = innocent(server, seconds)
        peak = server.memory("VmHWM")
        stop.set()
        attacker.join()
        time.sleep(1)
        print(f"2,000 connections ({', '.join(kinds)}; {opened[0]} opened): {before:.0f} MB before, {peak:.0f} MB at "
              f"the peak, {server.memory('VmRSS'):.0f} MB after; innocent client: {len(times)} requests, {failed} failed, "
              f"p50 {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms, max {times[-1]:.1f} ms",
              flush=True)
        server.end()


def readers(binary, seconds, _):
    """Signed-in clients that do not read, of a list of 1.2 MB and more."""
    server = Server(binary)
    rows = json.dumps([{"name": f"Part {i}", "description": "x" * 200} for i in range(1500)])
    for row in json.loads(rows)[:300]:
        request(server, "POST", "/api/part/", f"Token {server.token}", json.dumps(row))
    size = len(request(server, "GET", "/api/part/", f"Token {server.token}")[1])
    before, held = server.memory("VmRSS"), []
    for i in range(100):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind((f"127.0.0.{2 + i % 8}", 0))
        s.connect(server.address)
        s.sendall(f"GET /api/part/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {server.token}\r\n\r\n".encode())
        held.append(s)
    time.sleep(5)  # until the lists are made
    times, failed = innocent(server, seconds)
    print(f"100 clients that do not read {size / 1e6:.1f} MB: {before:.0f} MB before, {server.memory('VmHWM'):.0f} MB at the "
          f"peak, {server.memory('VmRSS'):.0f} MB after; innocent client: {failed} of {len(times)} failed, "
          f"p99 {times[int(len(times) * 0.99)]:.1f} ms", flush=True)
    server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--only", default="bodies,connections,readers")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--reopen", type=int, default=500, help="ended connections that are opened anew a second; 0: all")
    options = parser.parse_args()
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(5000, hard) if soft < 5000 else soft, hard))
    attacks = {"bodies": bodies, "connections": connections, "readers": readers}
    for name in options.only.split(","):
        attacks[name](options.binary, options.seconds, options.reopen)


if __name__ == "__main__":
    sys.exit(main())
