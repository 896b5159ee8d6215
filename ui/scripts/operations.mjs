// Which operations of the API no page uses. Usage: node scripts/operations.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const unused = JSON.parse(readFileSync(join(root, 'scripts', 'unused.json'), 'utf8'));

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$|\.d\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** Addresses of the API's document. */
export function addresses() {
  const text = readFileSync(join(root, 'src', 'api', 'schema.d.ts'), 'utf8');
  const paths = text.slice(text.indexOf('export interface paths'), text.indexOf('\nexport '.concat('type webhooks')));
  return [...paths.matchAll(/^ {4}"(\/api\/[^"]*)": \{/gm)].map((found) => found[1]);
}

/** An address with one sign for whatever stands in for a key. */
const shape = (path) => path.replace(/\$\{[^}]*\}|\{[^}]*\}/g, '*').replace(/\?.*$/, '').replace(/\/?$/, '/');

/** Addresses that the sources name, and those that follow from a list: its rows, what is known of them. */
export function used() {
  const shapes = new Set();
  for (const file of files(join(root, 'src'))) {
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/['"`](\/api\/[^'"`\s]*)['"`]/g)) shapes.add(shape(path));
    // `${kind.api}${row.pk}/complete/`
    for (const [, rest] of text.matchAll(/\bapi\}\$\{[^}]*\}\/([\w/-]+)/g)) shapes.add(`…/*/${rest.replace(/\/?$/, '/')}`);
    for (const [, path] of text.matchAll(/\bapi: '(\/api\/[^']*)'/g)) shapes.add(shape(`${path}{id}/`));
  }
  return shapes;
}

/** Addresses that no page uses and for which there is no reason in `unused.json`. */
export function unexplained() {
  const shapes = used();
  const isUsed = (path) => {
    const wanted = shape(path);
    if (shapes.has(wanted)) return true;
    return [...shapes].some((known) => {
      if (known.startsWith('…')) return wanted.endsWith(known.slice(1));
      // an address that is put together, and the document's with its parameter
      const pattern = new RegExp(`^${known.split('*').map((part) => part.replace(/[.+?^$()[\]\\|]/g, '\\$&')).join('[^/]+')}$`);
      return known.includes('*') && pattern.test(wanted);
    });
  };
  return addresses().filter((path) => !isUsed(path) && !reasonOf(path));
}

/** Why no page uses an address; keys of `unused.json` are addresses, or beginnings that end with `…`. */
export const reasonOf = (path) =>
  unused[path] ?? Object.entries(unused).find(([key]) => key.endsWith('…') && path.startsWith(key.slice(0, -1)))?.[1];

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const path of unexplained()) console.log(path);
}
