"""Holds the running server against its own API document: no 5xx, no status that the document does not name,
no answer of another form.

usage: schemathesis.py SERVER [--examples N] [--seconds N] [--only REGEX]
       schemathesis.py --install

Starts SERVER with a small demo company in a folder of its own and has schemathesis (from PyPI, kept below
CARGO_TARGET_DIR) send requests that it makes from the document, always from the same seed. What is known and
accepted stands in tests/schemathesis-exceptions.txt with its reason.
"""
import argparse
import collections
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = '4.*'
CHECKS = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'
# A run of fewer requests proves nothing.
LEAST = 1_000
# Operations that would take away what the run itself stands on: its user, session or token.
LEFT_OUT = [
    r'^/api/user/\{id\}/$', r'^/api/user/$', r'^/api/user/me/$', r'^/api/user/tokens/', r'^/api/user/\{id\}/set-password/$',
    r'^/api/auth/v1/', r'^/api/user/me/token/$', r'^/api/user/token/$',
]


def tool(target):
    folder = os.path.join(target, 'schemathesis')
    program = os.path.join(folder, 'bin', 'st')
    if not os.path.exists(program):
        subprocess.run([sys.executable, '-m', 'venv', folder], check=True)
        subprocess.run([os.path.join(folder, 'bin', 'pip'), 'install', '-q', 'schemathesis==' + VERSION], check=True)
    return program


def exceptions():
    """[(method, path, check)]; `*` stands for anything."""
    path = os.path.join(HERE, '..', 'tests', 'schemathesis-exceptions.txt')
    with open(path, encoding='utf-8') as f:
        lines = [line.split(None, 3) for line in f if line.strip() and not line.startswith('#')]
    for line in lines:
        if len(line) < 4:
            sys.exit(f'{path}: method, path, check and reason are needed: {" ".join(line)}')
    return [tuple(line[:3]) for line in lines]


def is_known(known, failure):
    return any(all(k in ('*', f) for k, f in zip(one, failure)) for one in known)


def start(server, work):
    database = 'sqlite:' + os.path.join(work, 'db.sqlite3')
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    log = open(os.path.join(work, 'log'), 'w')
    env = dict(os.environ, IRONWOOD_ADMIN_USER='root', IRONWOOD_ADMIN_PASSWORD='a-disposable-password')
    process = subprocess.Popen([server, 'serve', '--demo', '--database', database, '--media', os.path.join(work, 'media'),
                                '--listen', f'127.0.0.1:{port}'], cwd=work, env=env, stdout=log, stderr=subprocess.STDOUT)
    for _ in range(1200):
        try:
            urllib.request.urlopen(f'http://127.0.0.1:{port}/api/', timeout=5).read()
            break
        except OSError:
            if process.poll() is not None:
                sys.exit(open(os.path.join(work, 'log')).read())
            time.sleep(0.1)
    subprocess.run([server, 'user', 'add', 'tester', '--password', 'a-disposable-password', '--superuser',
                    '--database', database], check=True, cwd=work, stdout=subprocess.DEVNULL)
    made = subprocess.run([server, 'token', 'create', 'tester', '--database', database], check=True, cwd=work,
                          capture_output=True, text=True)
    return process, f'http://127.0.0.1:{port}', re.search(r'inv-\S+', made.stdout).group(0)


def document(url, work):
    """The server's document, with keys of rows that the demo company has as examples in addresses."""
    with urllib.request.urlopen(url + '/api/schema/?format=json', timeout=60) as answer:
        schema = json.load(answer)
    for operations in schema['paths'].values():
        for operation in operations.values():
            for param in operation.get('parameters', []):
                if param['in'] == 'path' and param['schema'].get('type') == 'integer':
                    param['example'] = 1
    path = os.path.join(work, 'openapi.json')
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(schema, f)
    return path


def report(events):
    """Failures by operation and check, and the number of requests by status, from the tool's events."""
    failures, statuses = collections.OrderedDict(), collections.Counter()
    for line in open(events, encoding='utf-8'):
        event = json.loads(line).get('ScenarioFinished')
        if not event:
            continue
        recorder = event['recorder']
        for key, interaction in recorder.get('interactions', {}).items():
            response = interaction.get('response')
            statuses[response['status_code'] if response else 'none'] += 1
        for key, checks in recorder.get('checks', {}).items():
            for check in checks:
                if check['status'] != 'failure':
                    continue
                case = recorder['cases'][key]['value']
                failure = check.get('failure_info') or {}
                text = (failure.get('failure') or {}).get('message') or ''
                name = (case['method'], case['path'], check['name'])
                failures.setdefault(name, []).append(' '.join(str(text).split())[:400])
    return failures, statuses


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('server', nargs='?')
    p.add_argument('--install', action='store_true', help='only install the tool; exit 1 where that is not possible')
    p.add_argument('--examples', type=int, default=12, help='requests for each operation at random, at most')
    p.add_argument('--phases', default='examples,coverage,fuzzing')
    p.add_argument('--seconds', type=int, default=600)
    p.add_argument('--only', help='only addresses that match this')
    p.add_argument('--keep', help='copy the events of the run here')
    a = p.parse_args()
    try:
        program = tool(os.environ.get('CARGO_TARGET_DIR', os.path.join(HERE, '..', 'target')))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f'schemathesis: {error}')
    if a.install:
        return
    if not a.server:
        p.error('SERVER is needed')
    server, known = os.path.abspath(a.server), exceptions()
    with tempfile.TemporaryDirectory(prefix='schemathesis-') as work:
        process, url, token = start(server, work)
        began = time.time()
        try:
            events = os.path.join(work, 'events.ndjson')
            command = [program, 'run', document(url, work), '--url', url, '--checks', CHECKS, '--seed', '1',
                       '--max-examples', str(a.examples), '--phases', a.phases, '--workers', '2', '--mode', 'all',
                       '--header', 'Authorization: Token ' + token, '--continue-on-failure', '--request-timeout', '20',
                       '--generation-database', 'none', '--no-shrink', '--report', 'ndjson', '--report-ndjson-path', events, '--no-color']
            command += ['--exclude-path-regex', '|'.join(LEFT_OUT)]
            if a.only:
                command += ['--include-path-regex', a.only]
            out = open(os.path.join(work, 'out'), 'w')
            tested = subprocess.Popen(command, cwd=work, stdout=out, stderr=subprocess.STDOUT)
            try:
                tested.wait(a.seconds)
            except subprocess.TimeoutExpired:
                tested.send_signal(signal.SIGINT)
                tested.wait(60)
            if a.keep:
                os.system(f'cp {events} {a.keep}; cp {work}/out {a.keep}.out')
            if not os.path.exists(events):
                sys.exit(open(os.path.join(work, 'out')).read()[-4000:])
            failures, statuses = report(events)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    new = {name: texts for name, texts in failures.items() if not is_known(known, name)}
    print(f'{sum(statuses.values())} requests in {time.time() - began:.0f} s: '
          + ', '.join(f'{n} x {s}' for s, n in sorted(statuses.items(), key=str)))
    print(f'{len(failures)} operations and checks fail, {len(failures) - len(new)} of them known')
    for (method, path, check), texts in new.items():
        print(f'{method} {path} {check}: {texts[0]}' + (f' (and {len(texts) - 1} more)' if len(texts) > 1 else ''))
    if not a.only and sum(statuses.values()) < LEAST:
        sys.exit(f'fewer than {LEAST} requests were sent: the tool did not do its work')
    sys.exit(1 if new else 0)


main()
