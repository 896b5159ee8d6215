// The administration: API tokens, users and groups. It does only what the API lets the signed-in user do.
'use strict';

let me = null;
const say = (text) => { at('state').textContent = text; };
const day = (time) => (time ? String(time).slice(0, 16).replace('T', ' ') : 'never');

// a table of rows with a search and pages; `draw` makes the cells of one row
function list({ path, heads, draw, more = () => ({}), above = [] }) {
  const body = make('tbody');
  const search = make('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search' });
  const count = make('span', { class: 'note' });
  const back = make('button', { type: 'button', onclick: () => { offset -= PAGE; show(); } }, 'Back');
  const on = make('button', { type: 'button', onclick: () => { offset += PAGE; show(); } }, 'On');
  let offset = 0;
  let turn = 0;
  async function show() {
    const mine = ++turn;
    const wanted = { ...more() };
    if (search.value.trim()) wanted.search = search.value.trim();
    try {
      const found = await page(path, Math.max(offset, 0), wanted);
      if (mine !== turn) return; // a later request is on its way
      body.replaceChildren(...found.results.map((row) => make('tr', {}, ...draw(row, show))));
      count.textContent = found.count ? `${offset + 1} to ${offset + found.results.length} of ${found.count}` : 'None';
      back.disabled = offset <= 0;
      on.disabled = offset + PAGE >= found.count;
      say('');
    } catch (error) {
      say(error.message);
    }
  }
  search.addEventListener('input', () => { offset = 0; show(); });
  const head = make('thead', {}, make('tr', {}, ...heads.map((words) => make('th', { scope: 'col' }, words))));
  at('place').replaceChildren(make('div', { class: 'row' }, search, ...above.map((part) => part(() => { offset = 0; show(); }))),
    make('table', { class: 'list' }, head, body), make('div', { class: 'row' }, back, on, count));
  show();
}

const cell = (...inside) => make('td', {}, ...inside);
const button = (words, action, kind) => make('button', { type: 'button', onclick: action, class: kind }, words);
const acts = (...buttons) => make('td', { class: 'act' }, ...buttons);

function tokens() {
  const revoked = make('select', { 'aria-label': 'Which tokens' },
    make('option', { value: 'false' }, 'Valid'), make('option', { value: 'true' }, 'Invalidated'), make('option', { value: '' }, 'All'));
  list({
    path: '/api/user/tokens/',
    heads: ['User', 'Name', 'Token', 'Made', 'Last used', 'Valid until', 'State', ''],
    more: () => ({ ordering: '-created', ...(revoked.value && { revoked: revoked.value }) }),
    above: [
      (again) => { revoked.addEventListener('change', again); return revoked; },
      (again) => button('New token', () => newToken(again)),
    ],
    draw: (token, again) => [
      cell(token.user_detail?.username ?? String(token.user)), cell(token.name || '–'), cell(make('code', {}, token.token)),
      cell(day(token.created)), cell(day(token.last_seen)), cell(token.expiry || '–'),
      make('td', { class: token.active ? '' : 'off' }, token.active ? 'valid' : token.revoked ? 'invalidated' : 'expired'),
      acts(token.revoked ? '' : button('Invalidate', () => dialog(`Invalidate the token ${token.name || token.token}?`,
        [make('p', {}, 'Programs that use it are refused from now on. This cannot be taken back.')], 'Invalidate',
        async () => { await ask('DELETE', `/api/user/tokens/${token.id}/`); again(); }), 'danger')),
    ],
  });
}

async function newToken(again) {
  const users = me.is_superuser ? await all('/api/user/', { is_active: true }) : [me];
  const user = make('select', { name: 'user' },
    ...users.map((u) => make('option', { value: u.pk, selected: u.pk === me.pk }, u.username)));
  dialog('New token', [
    make('label', {}, 'User', user), labelled('Name', { name: 'name', maxlength: 100, required: true }),
    labelled('Valid until (empty: as the server says)', { name: 'expiry', type: 'date' }),
  ], 'Make it', async (data) => {
    const wanted = { user: Number(data.get('user')), name: data.get('name') };
    if (data.get('expiry')) wanted.expiry = data.get('expiry');
    const made = await ask('POST', '/api/user/tokens/', wanted);
    again();
    dialog('The new token', [make('p', {}, 'It is shown only now:'), make('pre', {}, made.token)], 'Done', async () => {});
  });
}

function users() {
  list({
    path: '/api/user/',
    heads: ['User', 'Name', 'E-mail', 'Groups', 'Rights', ''],
    more: () => ({ ordering: 'username' }),
    above: [(again) => button('New user', () => user(null, again))],
    draw: (row, again) => [
      make('td', { class: row.is_active ? '' : 'off' }, row.username), cell(`${row.first_name} ${row.last_name}`.trim()), cell(row.email),
      cell(row.groups.map((group) => group.name).join(', ')),
      cell([row.is_superuser && 'superuser', row.is_staff && 'staff', !row.is_active && 'may not sign in'].filter(Boolean).join(', ')),
      acts(button('Change', () => user(row, again)), ' ', button('Password', () => password(row)), ' ',
        row.pk === me.pk ? '' : button('Delete', () => dialog(`Delete ${row.username}?`,
          [make('p', {}, 'What this user did stays on record, without the name. To keep the name, take away the right to sign in instead.')],
          'Delete', async () => { await ask('DELETE', `/api/user/${row.pk}/`); again(); }), 'danger')),
    ],
  });
}

async function user(row, again) {
  const groups = await all('/api/user/group/', { ordering: 'name' });
  const inside = new Set((row?.groups ?? []).map((group) => group.pk));
  const text = (name, words, more = {}) => labelled(words, { name, value: row?.[name] ?? '', ...more });
  const flag = (name, words, value) => ticked(words, { name, checked: Boolean(row?.[name] ?? value) });
  const fields = [
    text('username', 'User name', { required: true, maxlength: 150, autocomplete: 'off' }), text('first_name', 'First name', { maxlength: 150 }),
    text('last_name', 'Last name', { maxlength: 150 }), text('email', 'E-mail', { type: 'email', maxlength: 254 }),
    make('div', { class: 'flags' }, flag('is_active', 'May sign in', true), flag('is_staff', 'Staff'), flag('is_superuser', 'Superuser')),
    make('h3', {}, 'Groups'),
    make('div', { class: 'flags' }, ...groups.map((g) => ticked(g.name, { name: 'group', value: g.pk, checked: inside.has(g.pk) }))),
  ];
  dialog(row ? `Change ${row.username}` : 'New user', fields, 'Save', async (data) => {
    const wanted = { group_ids: data.getAll('group').map(Number) };
    for (const name of ['username', 'first_name', 'last_name', 'email']) wanted[name] = data.get(name);
    for (const name of ['is_active', 'is_staff', 'is_superuser']) {
      const value = data.has(name);
      if (!row || row[name] !== value) wanted[name] = value;
    }
    const saved = await ask(row ? 'PATCH' : 'POST', row ? `/api/user/${row.pk}/` : '/api/user/', wanted);
    again();
    if (!row) password(saved);
  });
}

function password(row) {
  dialog(`Password of ${row.username}`, [
    make('p', {}, 'Sessions of this user end.'),
    labelled('New password', { name: 'password', type: 'password', autocomplete: 'new-password', required: true }),
    ticked('Take it although it is weak', { name: 'weak' }),
  ], 'Set it', (data) => ask('PUT', `/api/user/${row.pk}/set-password/`, { password: data.get('password'), override_warning: data.has('weak') }));
}

function groups() {
  list({
    path: '/api/user/group/',
    heads: ['Group', 'Members', ''],
    more: () => ({ ordering: 'name', user_detail: true }),
    above: [(again) => button('New group', () => group(null, again))],
    draw: (row, again) => [
      cell(row.name), cell((row.users ?? []).map((u) => u.username).join(', ')),
      acts(button('Rights', () => rights(row)), ' ', button('Rename', () => group(row, again)), ' ',
        button('Delete', () => dialog(`Delete the group ${row.name}?`, [make('p', {}, 'Its members lose the rights that it gives.')], 'Delete',
          async () => { await ask('DELETE', `/api/user/group/${row.pk}/`); again(); }), 'danger')),
    ],
  });
}

function group(row, again) {
  dialog(row ? `Rename ${row.name}` : 'New group',
    [labelled('Name', { name: 'name', value: row?.name ?? '', required: true, maxlength: 150 })], 'Save', async (data) => {
      await ask(row ? 'PATCH' : 'POST', row ? `/api/user/group/${row.pk}/` : '/api/user/group/', { name: data.get('name') });
      again();
    });
}

const RIGHTS = ['can_view', 'can_add', 'can_change', 'can_delete'];

async function rights(row) {
  const rules = await all('/api/user/ruleset/', { group: row.pk });
  const box = (rule, right) => make('input', { type: 'checkbox', name: right, value: rule.pk, checked: rule[right], 'aria-label': `${rule.label}: ${right.slice(4)}` });
  const rows = rules.map((rule) => make('tr', {}, cell(rule.label), ...RIGHTS.map((right) => cell(box(rule, right)))));
  const head = make('tr', {}, ...['', 'See', 'Add', 'Change', 'Delete'].map((words) => make('th', {}, words)));
  dialog(`What ${row.name} may do`, [make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows))], 'Save', async (data) => {
    const given = Object.fromEntries(RIGHTS.map((right) => [right, new Set(data.getAll(right).map(Number))]));
    for (const rule of rules) {
      const changed = RIGHTS.filter((right) => rule[right] !== given[right].has(rule.pk));
      if (changed.length) {
        await ask('PATCH', `/api/user/ruleset/${rule.pk}/`, Object.fromEntries(changed.map((right) => [right, given[right].has(rule.pk)])));
      }
    }
  });
}

const PARTS = { tokens, users, groups };

function go() {
  const name = PARTS[location.hash.slice(1)] ? location.hash.slice(1) : 'tokens';
  for (const link of at('tabs').children) link.toggleAttribute('aria-current', link.hash === `#${name}`);
  PARTS[name]();
}

async function start() {
  try {
    me = await ask('GET', '/api/user/me/');
  } catch (error) {
    if (error.status !== 401) throw error;
    me = null;
  }
  const may = Boolean(me?.is_staff || me?.is_superuser);
  at('signin').hidden = Boolean(me);
  at('tabs').hidden = !may;
  at('leave').hidden = !me;
  at('who').textContent = me?.username ?? '';
  at('place').replaceChildren();
  say(me && !may ? 'You do not administer this server.' : '');
  if (may) go();
}

at('signin').addEventListener('submit', async (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  try {
    await ask('POST', '/api/auth/v1/auth/login', { username: data.get('username'), password: data.get('password') });
    event.target.reset();
    await start();
  } catch (error) {
    say(error.message);
  }
});
at('leave').addEventListener('click', async () => {
  await ask('DELETE', '/api/auth/v1/auth/session').catch(() => {}); // answers 401: nobody is signed in any more
  await start().catch((error) => say(error.message));
});
window.addEventListener('hashchange', () => { if (me?.is_staff || me?.is_superuser) go(); });
start().catch((error) => say(error.message));
