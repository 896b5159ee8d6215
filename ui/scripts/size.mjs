// Fails where the scripts of the first page are larger than they may be, compressed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MOST = 350_000;
const folder = process.argv[2] ?? 'dist';
const html = readFileSync(join(folder, 'index.html'), 'utf8');
const names = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map((found) => found[1]);
const bytes = names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
console.log(`scripts of the first page: ${bytes} bytes compressed, at most ${MOST}`);
process.exit(bytes > MOST ? 1 : 0);
