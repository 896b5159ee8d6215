"""Reads `cargo metadata` from standard input; fails where a dependency's licence is not a known free one."""
import json
import re
import sys

ALLOWED = {
    'MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Zlib', 'Unicode-3.0', 'Unicode-DFS-2016',
    'CC0-1.0', '0BSD', 'Unlicense', 'BSL-1.0', 'MPL-2.0', 'CDLA-Permissive-2.0', 'OpenSSL',
    'Apache-2.0 WITH LLVM-exception',
}


def allowed(expression):
    """Whether an SPDX expression can be met: one side of each OR, all sides of each AND."""
    expression = expression.replace('/', ' OR ')
    expression = re.sub(r'[()]', '', expression)
    return any(all(term.strip() in ALLOWED for term in side.split(' AND ')) for side in expression.split(' OR '))


packages = json.load(sys.stdin)['packages']
bad = [f'{p["name"]} {p["version"]}: {p["license"]}' for p in packages if p['source'] and not allowed(p['license'] or '')]
print(f'{len(packages)} packages, {len(bad)} with a licence that is not allowed')
print('\n'.join(bad))
sys.exit(1 if bad else 0)
