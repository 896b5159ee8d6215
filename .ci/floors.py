"""Replays the recorded exchanges and compares what passes with the floors in tests/conformance-floors.txt.

usage: floors.py SHARED SERVER

Each line of that file: least percentage, then the arguments of replay.py; `postgres` before these runs them on
the PostgreSQL server that IRONWOOD_TEST_POSTGRES names, and leaves them out where it names none. A line with
`client` runs the tests of the Python client: least number that passes, then the arguments. Floors only rise.
"""
import os
import re
import shlex
import subprocess
import sys

shared, server = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
tests = os.path.join(here, '..', 'tests')
failed = []
with open(os.path.join(tests, 'conformance-floors.txt'), encoding='utf-8') as f:
    lines = [line.strip() for line in f if line.strip() and not line.startswith('#')]
# an address without the database's name
postgres = os.environ.get('IRONWOOD_TEST_POSTGRES', '').rsplit('/', 1)[0]
for line in lines:
    floor, arguments = line.split(None, 1)
    on_postgres = arguments.startswith('postgres')
    if on_postgres:
        arguments = arguments.split(None, 1)[1]
        if not postgres:
            print(f'SKIPPED on PostgreSQL, which is not here: {arguments}')
            continue
    tool = 'client' if arguments.startswith('client') else 'replay'
    if tool == 'client':
        command = [sys.executable, os.path.join(shared, 'client', 'run.py'), '--server', server, '--floor', floor]
        command += shlex.split(arguments)[1:]
    else:
        command = [sys.executable, os.path.join(shared, 'conformance', 'replay.py'), '--server', server, '--floor', floor]
        command += ['--failures', '0', '--except', os.path.join(tests, 'conformance-exceptions.txt')]
        command += shlex.split(arguments)
        if on_postgres:
            command += ['--postgres', postgres]
    done = subprocess.run(command, capture_output=True, text=True)
    last = [x for x in done.stdout.splitlines() if re.search(r'passed|pass$|^ALL|of 117', x)]
    print(f'{"ok  " if done.returncode == 0 else "LOW "} floor {floor:>6}  {"PostgreSQL " if on_postgres else ""}{arguments}: {"; ".join(x.strip() for x in last[-2:])}')
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-2000:])
        failed.append(line)
sys.exit(1 if failed else 0)
