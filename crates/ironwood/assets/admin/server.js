// Requests to the server, and dialogs that send one.
'use strict';

const PAGE = 50;

class Refused extends Error {
  constructor(status, body) {
    super(told(body) || `The server answered ${status}.`);
    this.status = status;
  }
}

// what a refusal says, field by field
function told(body) {
  if (!body || typeof body !== 'object') return '';
  if (body.detail) return String(body.detail);
  if (Array.isArray(body.errors)) return body.errors.map((error) => error.message).join('\n');
  return Object.entries(body).map(([field, words]) => {
    const text = [words].flat().map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ');
    return ['non_field_errors', '__all__'].includes(field) ? text : `${field}: ${text}`;
  }).join('\n');
}

async function ask(method, path, body) {
  const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && cookie('csrftoken')) headers['X-CSRFToken'] = cookie('csrftoken');
  const options = { method, headers, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body) };
  const response = await fetch(path, options);
  const text = await response.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* an answer without a body */ }
  if (!response.ok) throw new Refused(response.status, json);
  return json;
}

// a page of a list, as { count, results }
const page = (path, offset, more = {}) =>
  ask('GET', `${path}?${new URLSearchParams({ limit: PAGE, offset, ...more })}`);

// everything of a list that is short
const all = (path, more = {}) => ask('GET', `${path}?${new URLSearchParams(more)}`);

// Asks for values and sends them. `fields` are elements; `send` gets the form's data and may refuse by throwing.
function dialog(title, fields, word, send) {
  const failed = make('p', { class: 'failed', role: 'alert' });
  const form = make('form', {}, make('h2', {}, title), ...fields, failed,
    make('menu', {}, make('button', { type: 'button', onclick: () => box.close() }, 'Cancel'), make('button', {}, word)));
  const box = make('dialog', {}, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    failed.textContent = '';
    try {
      await send(new FormData(form));
      box.close();
    } catch (error) {
      failed.textContent = error.message;
    }
  });
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

const labelled = (words, attributes) => make('label', {}, words, make('input', attributes));
const ticked = (words, attributes) => make('label', {}, make('input', { type: 'checkbox', ...attributes }), words);
