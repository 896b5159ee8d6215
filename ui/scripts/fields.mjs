// Writes scripts/names.json: the names of fields, choices, filters and states, which the pages have from a running
// server and translate like their own texts.
// Usage: node scripts/fields.mjs http://127.0.0.1:8000 NAME PASSWORD
import { readFileSync, writeFileSync } from 'node:fs';

const [server, name, password] = process.argv.slice(2);
const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const root = new URL('../', import.meta.url);
const lists = JSON.parse(readFileSync(new URL('src/api/lists.json', root), 'utf8'));

/** Choices that are names of things, languages or money, or codes: they stay as they are. */
const AS_IS = /currency|language|timezone|icon|plugin|template_name|^model$/;
const found = new Set();
const humanize = (name) => {
  const words = name.replace(/_/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
/** Rows within rows are named after their field without this word; the rest is for programs. */
const FOR_PROGRAMS = / details?$|^(Tags {2}.*|Args|Kwargs|Func|Pk|Id|Api url|Deltas|Tree id|Barcode hash|Task id|Feed id|.* history|App label.*|Exists for .*|Exclude .*|.*model id|Typ|Slug|Logical key|Status model|Exists for .*|Global id)$/;
const isText = (text) =>
  typeof text === 'string' && /[A-Za-z]{2}/.test(text) && text.length <= 60 && !FOR_PROGRAMS.test(text);
/** Addresses of older clients, and of lists that no page shows. */
const UNSEEN = /attachment\/.|^\/api\/(label|report)\/(?!template|asset|snippet)|^\/api\/part\/(attachment|parameter)|^\/api\/(order|stock|build|company).*attachment|^\/api\/(news|icons|plugins|background-task|contenttype|admin\/email)/;

function add(fields) {
  for (const [name, field] of Object.entries(fields ?? {})) {
    if (isText(field.label)) found.add(field.label);
    if (field.type === 'nested object') found.add(humanize(name.replace(/_details?$/, '')).replace(/^Id$/, 'ID'));
    if (!AS_IS.test(name) && (field.choices?.length ?? 0) <= 40) {
      for (const choice of field.choices ?? []) if (isText(choice.display_name)) found.add(choice.display_name);
    }
    add(field.children);
    add(field.child?.children);
  }
}

async function ask(path, method = 'OPTIONS') {
  const answer = await fetch(new URL(path, server), { method, headers: { Authorization } });
  return answer.ok ? answer.json() : {};
}

for (const [path, { filters }] of Object.entries(lists)) {
  if (path.includes('{') || UNSEEN.test(path)) continue;
  const { actions } = await ask(path);
  if (!actions) continue;
  const fields = { ...actions.GET, ...actions.PUT, ...actions.POST };
  add(fields);
  for (const filter of Object.keys(filters)) if (!fields[filter] && isText(humanize(filter))) found.add(humanize(filter));
}
// areas of rights
for (const { label } of await ask('/api/user/ruleset/', 'GET')) if (isText(label)) found.add(label);
for (const path of ['/api/stock/count/', '/api/stock/transfer/', '/api/stock/merge/', '/api/stock/assign/', '/api/stock/change_status/']) {
  add((await ask(path)).actions?.POST);
}
for (const { values } of Object.values(await ask('/api/generic/status/', 'GET'))) {
  for (const { label } of Object.values(values ?? {})) if (isText(label)) found.add(label);
}
writeFileSync(new URL('scripts/names.json', root), `${JSON.stringify([...found].sort(), null, 1)}\n`);
console.log(`${found.size} names`);
