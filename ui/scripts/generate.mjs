// Makes src/api/schema.d.ts and src/api/lists.json from the server's OpenAPI document.
// Usage: node scripts/generate.mjs DOCUMENT.json [--check]   (`ironwood openapi DOCUMENT.json` writes the document)
import { readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const [file] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const check = process.argv.includes('--check');
if (!file) throw new Error('Name the OpenAPI document: node scripts/generate.mjs openapi.json');
const document = JSON.parse(readFileSync(file, 'utf8'));

/** What a table may filter and sort by. Parameters behind `search` are options of the answer, not filters. */
function list(operation) {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
  const at = parameters.findIndex((parameter) => parameter.name === 'limit');
  const kind = ({ schema }) => (schema.type === 'array' ? 'array' : (schema.format ?? schema.type ?? 'string'));
  const filters = {};
  for (const parameter of parameters.slice(0, at < 0 ? undefined : at)) filters[parameter.name] = kind(parameter);
  const after = at < 0 ? [] : parameters.slice(at).map((parameter) => parameter.name);
  const ordering = parameters.find((parameter) => parameter.name === 'ordering');
  const sorts = ordering?.['x-values'] ?? [];
  return { filters, sorts, search: after.includes('search'), options: after.filter((name) => !['limit', 'offset', 'ordering', 'search'].includes(name)) };
}

const lists = {};
for (const [path, operations] of Object.entries(document.paths)) {
  const read = operations.get;
  if (read?.parameters?.some((parameter) => parameter.name === 'limit')) lists[path] = list(read);
}
const results = {
  'src/api/schema.d.ts': astToString(await openapi(document)),
  'src/api/lists.json': `${JSON.stringify(lists)}\n`,
};
const root = new URL('../', import.meta.url);
let stale = false;
for (const [name, text] of Object.entries(results)) {
  const to = new URL(name, root);
  if (!check) writeFileSync(to, text);
  else if (readFileSync(to, 'utf8') !== text) {
    console.error(`${name} is out of date: run npm run generate -- DOCUMENT.json`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);
