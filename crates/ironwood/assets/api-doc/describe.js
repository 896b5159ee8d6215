// Shows parts of an OpenAPI document as elements. Everything from the document is set as text.
'use strict';

const DEEPEST = 4;

// follows references and joins what stands side by side
function resolve(api, schema, depth = 0) {
  if (!schema || depth > 8) return {};
  if (schema.$ref) {
    const found = schema.$ref.slice(2).split('/').reduce((node, key) => (node || {})[key], api);
    return { ...resolve(api, found, depth + 1), name: schema.$ref.split('/').pop() };
  }
  for (const key of ['allOf', 'oneOf', 'anyOf']) {
    if (schema[key]) {
      const { [key]: parts, ...rest } = schema;
      return Object.assign({}, ...parts.map((part) => resolve(api, part, depth + 1)), rest);
    }
  }
  return schema;
}

function typeName(api, schema) {
  const s = resolve(api, schema);
  if (s.type === 'array') return `list of ${typeName(api, s.items)}`;
  if (s.properties) return s.name || 'object';
  return [s.type || 'any', s.format && `(${s.format})`].filter(Boolean).join(' ');
}

function limits(s) {
  const words = [];
  if (s.maxLength !== undefined) words.push(`at most ${s.maxLength} characters`);
  if (s.minimum !== undefined) words.push(`from ${s.minimum}`);
  if (s.maximum !== undefined) words.push(`up to ${s.maximum}`);
  if (s.enum) words.push(`one of ${s.enum.join(', ')}`);
  if (s.nullable) words.push('may be null');
  if (s.readOnly) words.push('only shown');
  if (s.writeOnly) words.push('only accepted');
  return words.join('; ');
}

// the fields of a schema as a table; `skip` leaves out what this direction does not have
function fieldTable(api, schema, skip, depth = 0) {
  let s = resolve(api, schema);
  if (s.type === 'array') s = resolve(api, s.items);
  if (!s.properties) return make('p', { class: 'note' }, typeName(api, schema));
  const body = make('tbody');
  for (const [name, field] of Object.entries(s.properties)) {
    const inner = resolve(api, field);
    if (inner[skip]) continue;
    const below = inner.type === 'array' ? resolve(api, inner.items) : inner;
    const about = make('td', {}, [inner.description || '', limits(inner)].filter(Boolean).join(' · '));
    if (below.properties && depth < DEEPEST) {
      const more = make('details', {}, make('summary', {}, 'fields'));
      more.addEventListener('toggle', () => {
        if (more.childElementCount === 1) more.append(make('div', { class: 'tree' }, fieldTable(api, below, skip, depth + 1)));
      });
      about.append(more);
    }
    const needed = (s.required || []).includes(name) && skip === 'readOnly';
    const title = make('td', {}, name, needed ? make('span', { class: 'need', title: 'needed' }, ' *') : null);
    body.append(make('tr', {}, title, make('td', {}, typeName(api, field)), about));
  }
  return make('table', {}, body);
}

function example(api, schema, depth = 0) {
  const s = resolve(api, schema);
  if (s.enum) return s.enum[0];
  if (s.type === 'array') return [];
  if (s.properties && depth < 2) {
    const out = {};
    for (const [name, field] of Object.entries(s.properties)) {
      const inner = resolve(api, field);
      if (!inner.readOnly && (s.required || []).includes(name)) out[name] = example(api, field, depth + 1);
    }
    return out;
  }
  return { integer: 1, number: 1, boolean: true, string: '' }[s.type] ?? null;
}
