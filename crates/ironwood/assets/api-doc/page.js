// The page about the API: operations by area, a search, and a form that sends a request.
'use strict';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
let api = null;
let authorization = null;

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

at('account').addEventListener('click', () => at('signin').showModal());
at('signin-form').addEventListener('submit', (event) => {
  if (event.submitter?.value !== 'ok') return;
  const form = new FormData(event.target);
  if (form.get('token')) authorization = `Token ${form.get('token').trim()}`;
  else if (form.get('username')) authorization = `Basic ${base64(`${form.get('username')}:${form.get('password')}`)}`;
  else authorization = null;
  at('account').textContent = authorization ? 'Signed in' : 'Sign in';
});

async function send(operation, form, output) {
  const data = new FormData(form);
  let path = operation.path;
  const query = new URLSearchParams();
  for (const p of operation.parameters) {
    const value = data.get(`${p.in}:${p.name}`);
    if (p.in === 'path') path = path.replace(`{${p.name}}`, encodeURIComponent(value || ''));
    else if (value) query.append(p.name, value);
  }
  const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
  if (authorization) headers.Authorization = authorization;
  const options = { method: operation.method.toUpperCase(), headers, credentials: 'same-origin' };
  const body = data.get('body');
  if (body && body.trim()) {
    headers['Content-Type'] = 'application/json';
    options.body = body;
  }
  if (operation.method !== 'get' && cookie('csrftoken')) headers['X-CSRFToken'] = cookie('csrftoken');
  const address = path + (query.size ? `?${query}` : '');
  const began = performance.now();
  output.textContent = 'Sending…';
  try {
    const response = await fetch(address, options);
    const text = await response.text();
    const time = (performance.now() - began).toFixed(0);
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it came */ }
    const head = [...response.headers].map(([n, v]) => `${n}: ${v}`).join('\n');
    output.textContent = `${options.method} ${address}\n${response.status} ${response.statusText} · ${time} ms\n${head}\n\n${shown}`;
  } catch (error) {
    output.textContent = `The request could not be sent: ${error.message}`;
  }
}

function tryForm(operation) {
  const output = make('pre', { 'aria-live': 'polite', hidden: true });
  const form = make('form', { class: 'try' }, make('strong', {}, 'Try it'));
  for (const p of operation.parameters) {
    const input = p.schema?.enum
      ? make('select', { name: `${p.in}:${p.name}` }, make('option', { value: '' }, ''), ...p.schema.enum.map((v) => make('option', {}, v)))
      : make('input', { name: `${p.in}:${p.name}`, required: p.in === 'path' });
    form.append(make('label', {}, `${p.name}${p.in === 'path' ? ' *' : ''}`, input));
  }
  if (operation.request) {
    const text = make('textarea', { name: 'body', 'aria-label': 'Body (JSON)', spellcheck: 'false' });
    text.value = JSON.stringify(example(api, operation.request), null, 2);
    form.append(text);
  }
  form.append(make('button', {}, 'Send'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    output.hidden = false;
    send(operation, form, output);
  });
  return make('div', {}, form, output);
}

function fill(box, operation) {
  const parts = [];
  if (operation.description) parts.push(...operation.description.split('\n\n').map((text) => make('p', {}, text.replaceAll('`', ''))));
  if (operation.parameters.length) {
    const rows = operation.parameters.map((p) => make('tr', {}, make('td', {}, p.name), make('td', {}, typeName(api, p.schema)),
      make('td', {}, [p.description, p.in === 'path' ? 'in the path' : '', p.schema?.enum ? `one of ${p.schema.enum.join(', ')}` : ''].filter(Boolean).join(' · '))));
    parts.push(make('h3', {}, 'Parameters'), make('table', {}, make('tbody', {}, ...rows)));
  }
  if (operation.request) parts.push(make('h3', {}, 'Request'), fieldTable(api, operation.request, 'readOnly'));
  for (const [status, answer] of Object.entries(operation.responses || {})) {
    const schema = answer.content?.['application/json']?.schema;
    if (status.startsWith('2')) {
      const rows = resolve(api, schema).properties?.results;
      parts.push(make('h3', {}, `Answer ${status}`));
      parts.push(schema ? fieldTable(api, rows || schema, 'writeOnly') : make('p', { class: 'note' }, answer.description || ''));
    }
  }
  parts.push(tryForm(operation));
  box.append(...parts);
}

function show(operations) {
  const areas = new Map();
  for (const operation of operations) {
    if (!areas.has(operation.area)) areas.set(operation.area, []);
    areas.get(operation.area).push(operation);
  }
  at('areas').replaceChildren();
  at('operations').replaceChildren();
  for (const [area, list] of areas) {
    at('areas').append(make('a', { href: `#${area}` }, area, make('span', {}, String(list.length))));
    const section = make('section', { id: area }, make('h2', {}, area));
    for (const operation of list) {
      const method = operation.method.toUpperCase();
      const box = make('div', { class: 'body' });
      const details = make('details', { class: 'operation', id: operation.id },
        make('summary', {}, make('span', { class: `method ${method}` }, method), make('span', { class: 'path' }, operation.path),
          make('span', { class: 'what' }, operation.summary || '')), box);
      details.addEventListener('toggle', () => { if (details.open && !box.hasChildNodes()) fill(box, operation); });
      operation.element = details;
      section.append(details);
    }
    at('operations').append(section);
  }
}

function search() {
  const words = at('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const section of at('operations').children) section.hidden = true;
  for (const operation of operations) {
    const found = words.every((word) => operation.text.includes(word));
    operation.element.hidden = !found;
    if (found) { count += 1; operation.element.parentElement.hidden = false; }
  }
  at('state').textContent = `${count} operations`;
}

let operations = [];
async function start() {
  const response = await fetch('/api/schema/?format=json', { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  api = await response.json();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((m) => methods[m])) {
      const op = methods[method];
      const area = (op.tags && op.tags[0]) || 'api';
      const text = [path, method, op.summary, op.operationId].join(' ').toLowerCase();
      operations.push({ path, method, area, text, id: op.operationId, summary: op.summary, description: op.description,
        parameters: op.parameters || [], responses: op.responses, request: op.requestBody?.content?.['application/json']?.schema });
    }
  }
  show(operations);
  search();
  at('search').addEventListener('input', search);
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}
start().catch((error) => { at('state').textContent = `The description could not be read: ${error.message}`; });
