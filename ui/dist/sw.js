// Lets the pages be opened and what was seen be read while the server cannot be reached.
// What one user has seen is kept for that user alone: it is gone when a session begins, ends, or is another's.
const PAGES = 'ironwood-pages-1';
const SEEN = 'ironwood-seen-1';
/** Most files of pages and answers that are kept; the oldest go first. */
const MOST = { [PAGES]: 400, [SEEN]: 600 };
/** Largest answer that is kept, in bytes. */
const LARGEST = 2_000_000;
/** What says when an answer came from the server. */
const SEEN_AT = 'X-Ironwood-Seen';

const root = new URL(self.registration.scope).pathname;
const within = (url) => (url.origin === self.location.origin && url.pathname.startsWith(root) ? url.pathname.slice(root.length) : null);

/** Answers to requests that began before this changed are not kept. */
let session = 0;
/** Key of the user whose answers are kept; null where it is not known yet. */
let user = null;

async function forget() {
  session += 1;
  user = null;
  await caches.delete(SEEN);
}

async function keep(name, request, response) {
  const cache = await caches.open(name);
  await cache.put(request, response);
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST[name]))) await cache.delete(key);
}

/** The answer with the time at which it came. */
async function stamped(response) {
  const body = await response.blob();
  if (body.size > LARGEST) return null;
  const headers = new Headers(response.headers);
  headers.set(SEEN_AT, new Date().toISOString());
  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  return new Response(body, { status: response.status, headers });
}

/** Whether answers of an address may be kept: no secrets, nothing of how users sign in. */
const isKept = (path) => /^(api|media)\//.test(path) && !/^api\/(auth|admin|user\/token|settings|data-output)/.test(path);

/** Under what an answer is kept; those to OPTIONS, which describe forms, beside those to GET. */
function keyOf(request) {
  if (request.method === 'GET') return request;
  const url = new URL(request.url);
  url.searchParams.set('ironwood-options', '1');
  return new Request(url);
}

async function answer(event, path) {
  const { request } = event;
  const started = session;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const seen = isKept(path) && (await (await caches.open(SEEN)).match(keyOf(request), { ignoreVary: true }));
    if (seen) return seen;
    throw error;
  }
  if (response.status === 401 && path.startsWith('api/')) await forget();
  else if (response.ok && isKept(path) && !request.headers.has('Authorization')) {
    const copy = response.clone();
    event.waitUntil(remember(request, copy, path, started).catch(() => {}));
  }
  return response;
}

async function remember(request, response, path, started) {
  if (!/json|^image\//.test(response.headers.get('Content-Type') ?? '')) return;
  let mine = started;
  if (path === 'api/user/me/' && request.method === 'GET') {
    const { pk } = await response.clone().json();
    if (started !== session) return;
    const known = user ?? (await keptUser());
    if (known !== null && known !== pk) {
      await forget();
      mine = session;
    }
    user = pk;
  } else if (user === null && (await keptUser()) === null) return;
  const copy = await stamped(response);
  if (copy && mine === session) await keep(SEEN, keyOf(request), copy);
}

/** Whose answers are kept, after this worker was started again. */
async function keptUser() {
  const cache = await caches.open(SEEN);
  const me = (await cache.keys()).find((request) => within(new URL(request.url)) === 'api/user/me/');
  if (!me) return null;
  const { pk } = await (await cache.match(me, { ignoreVary: true })).json();
  return (user = pk);
}

/** The one document of all pages, and the files that it needs. */
async function page(request) {
  try {
    const response = await fetch(request);
    const isDocument = (response.headers.get('Content-Security-Policy') ?? '').includes('nonce-') || /html/.test(response.headers.get('Content-Type') ?? '');
    if (response.ok && isDocument && !response.redirected) await keep(PAGES, root, response.clone());
    return response;
  } catch (error) {
    const kept = await (await caches.open(PAGES)).match(root, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const kept = await (await caches.open(PAGES)).match(request, { ignoreVary: true });
  // names of files below assets/ change with their content
  if (kept && new URL(request.url).pathname.startsWith(`${root}assets/`)) return kept;
  try {
    const response = await fetch(request);
    if (response.ok) await keep(PAGES, request, response.clone());
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function first(addresses) {
  await page(new Request(root, { headers: { Accept: 'text/html' } }));
  for (const address of addresses) if (/^assets\//.test(within(new URL(address)) ?? '')) await file(new Request(address));
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  if (event.data === 'forget') event.waitUntil(forget());
  // what the page had loaded before this worker was there
  if (Array.isArray(event.data?.files)) event.waitUntil(first(event.data.files).catch(() => {}));
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = within(new URL(request.url));
  if (path === null) return;
  if (request.method !== 'GET' && request.method !== 'OPTIONS') {
    // a session begins or ends, also where the server does not hear of it
    if (/^api\/(auth|user\/(login|logout|token))|^auth\/|^admin\//.test(path)) event.waitUntil(forget());
    return;
  }
  if (/^(api|media)\//.test(path)) event.respondWith(answer(event, path));
  else if (/^(admin|api-doc|web|static|auth)(\/|$)/.test(path)) return;
  else if (request.mode === 'navigate') event.respondWith(page(request));
  else if (/^(assets\/|[\w-]+\.(svg|png|webmanifest)$)/.test(path)) event.respondWith(file(request));
});
