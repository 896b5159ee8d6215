// Writes what the pages have from a running server and translate like their own texts: scripts/names.json, the names of
// fields, choices, filters and states; scripts/help.json, what is said of fields (with their labels) and of settings.
// Usage: node scripts/fields.mjs http://127.0.0.1:8000 NAME PASSWORD
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [server, name, password] = process.argv.slice(2);
const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const root = new URL('../', import.meta.url);
const lists = JSON.parse(readFileSync(new URL('src/api/lists.json', root), 'utf8'));

/** Choices that are names of things, languages or money, or codes: they stay as they are. */
const AS_IS = /currency|language|timezone|icon|plugin|template_name|^model$/;
const found = new Set();
/** Texts about fields, with the labels below which they stand. */
const help = {};
const humanize = (name) => {
  const words = name.replace(/_/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
/** Rows within rows are named after their field without this word; the rest is for programs. */
const FOR_PROGRAMS = / details?$|^(Tags {2}.*|Args|Kwargs|Func|Pk|Id|Api url|Deltas|Tree id|Barcode hash|Task id|Feed id|.* history|App label.*|Exists for .*|Exclude (?!location).*|.*model id|Typ|Slug|Logical key|Status model|Exists for .*|Global id)$/;
const isText = (text) =>
  typeof text === 'string' && /[A-Za-z]{2}/.test(text) && text.length <= 60 && !FOR_PROGRAMS.test(text);
/** Addresses of older clients, and of lists that no page shows. */
const UNSEEN = /attachment\/.|^\/api\/(label|report)\/(?!template|asset|snippet)|^\/api\/part\/(attachment|parameter)|^\/api\/(order|stock|build|company).*attachment|^\/api\/(news|icons|plugins|background-task|contenttype|admin\/email)/;

function add(fields) {
  for (const [name, field] of Object.entries(fields ?? {})) {
    if (isText(field.label)) found.add(field.label);
    if (field.help_text && !field.read_only && field.help_text !== field.label) help[field.help_text] = [...new Set([...(help[field.help_text] ?? []), field.label])].sort();
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
/** Addresses that the pages name: lists and actions, these with the first record. */
function named(folder) {
  return readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return named(`${folder}${entry.name}/`);
    const text = /\.tsx?$/.test(entry.name) ? readFileSync(new URL(folder + entry.name, root), 'utf8') : '';
    return [...text.matchAll(/['`](\/api\/[^'`]*\/)['`]/g)].map(([, path]) => path.replace(/\$\{[^}]*\}/g, '1'));
  });
}
for (const path of new Set(named('src/areas/'))) {
  if (path in lists || UNSEEN.test(path)) continue;
  const { actions } = await ask(path);
  add(actions?.POST);
  add(actions?.PATCH ?? actions?.PUT);
}
for (const kind of ['global', 'user']) {
  for (const { name, description, units } of (await ask(`/api/settings/${kind}/?limit=1000`, 'GET')).results ?? []) {
    for (const text of [name, description, units]) if (text) help[text] = [];
  }
}
// plugins and machines, with the settings of each driver: of a machine that is made for it, and deleted
const rowsOf = async (path) => {
  const answer = await ask(path, 'GET');
  return Array.isArray(answer) ? answer : (answer.results ?? []);
};
/** Sizes, and names of makers and protocols, are the same in all languages. */
const SAME = /^[\d x.]+ (mm|dpi)$|BarcodePlugin$|^(Brother QL|IPP|Zebra \(ZPL\))$/;
const said = (...texts) => texts.forEach((text) => text && /[A-Za-z]{2}/.test(text) && !SAME.test(text) && (help[text] ??= []));
for (const { name, meta } of await rowsOf('/api/plugins/?limit=200')) said(name, meta?.description);
for (const { name, description } of await rowsOf('/api/machine/types/')) said(name, description);
const send = (path, method, body) => fetch(new URL(path, server), { method, headers: { Authorization, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
for (const { slug, name, description } of await rowsOf('/api/machine/drivers/')) {
  said(name, description);
  const made = await (await send('/api/machine/', 'POST', { name: `fields of ${slug}`, machine_type: 'label-printer', driver: slug, active: false })).json();
  if (!made.pk) continue;
  for (const { name, description, choices } of await rowsOf(`/api/machine/${made.pk}/settings/`)) {
    said(name, description, ...(choices ?? []).map(({ display_name }) => display_name));
  }
  await send(`/api/machine/${made.pk}/`, 'DELETE', {});
}
for (const { values } of Object.values(await ask('/api/generic/status/', 'GET'))) {
  for (const { label } of Object.values(values ?? {})) if (isText(label)) found.add(label);
}
writeFileSync(new URL('scripts/names.json', root), `${JSON.stringify([...found].sort(), null, 1)}\n`);
writeFileSync(new URL('scripts/help.json', root), `${JSON.stringify(Object.fromEntries(Object.entries(help).sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`);
console.log(`${found.size} names, ${Object.keys(help).length} texts`);
