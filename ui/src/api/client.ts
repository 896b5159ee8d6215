/** Requests to the server: the session's cookies, the CSRF token, and errors by field. */
import createClient from 'openapi-fetch';
import type { paths } from './schema';

/** The path under which this page is served, with a slash at its end. */
export const base = typeof document === 'undefined' ? '/' : new URL(document.baseURI).pathname;

/** An address of the server, from its root, with the prefix under which the server is reached. */
export const at = (path: string) => base + path.replace(/^\//, '');

export type Query = Record<string, string | number | boolean | null | undefined>;
export type Row = Record<string, unknown> & { pk: number };
export interface Page<T = Row> {
  count: number;
  results: T[];
}

/** A refused request. `fields` has the messages by path of the field: `name`, `items.0.quantity`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string[]> = {},
  ) {
    super(message);
  }
}

const GENERAL = new Set(['non_field_errors', '__all__', 'detail', 'error']);

/** Messages of a refusal by path of the field; those of no field under the empty path. */
export function messagesOf(body: unknown): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const add = (path: string, text: string) => (found[path] ??= []).push(text);
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') add(path, value);
    else if (Array.isArray(value)) {
      value.forEach((inner, index) =>
        walk(inner, typeof inner === 'string' ? path : path ? `${path}.${index}` : String(index)),
      );
    } else if (value && typeof value === 'object') {
      for (const [name, inner] of Object.entries(value)) {
        walk(inner, GENERAL.has(name) ? path : path ? `${path}.${name}` : name);
      }
    }
  };
  // the sign-in protocol has a list of errors, each with the parameter that it is about
  if (body && typeof body === 'object' && 'errors' in body && Array.isArray(body.errors)) {
    for (const error of body.errors as { message?: string; param?: string }[]) {
      add(error.param ?? '', error.message ?? '');
    }
    return found;
  }
  walk(body, '');
  return found;
}

function refusal(status: number, body: unknown, words: string): ApiError {
  const { '': general = [], ...fields } = messagesOf(body);
  const first = Object.entries(fields)[0];
  const message = general.join(' ') || (first ? `${first[0]}: ${first[1].join(' ')}` : '') || words;
  return new ApiError(status, message, fields);
}

export function cookie(name: string): string | undefined {
  const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

/** Called when the server says that nobody is signed in any more. */
let signedOut: () => void = () => {};
export const onSignedOut = (listener: () => void) => {
  signedOut = listener;
};

/** Told of every answer. */
let answered: (response: Response) => void = () => {};
export const onAnswer = (listener: (response: Response) => void) => {
  answered = listener;
};

/** `fetch` with the session, that throws for every refusal. */
async function send(request: Request): Promise<Response> {
  // so that the browser does not ask for a password by itself
  request.headers.set('X-Requested-With', 'XMLHttpRequest');
  const token = cookie('csrftoken');
  if (token && request.method !== 'GET') request.headers.set('X-CSRFToken', token);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The server cannot be reached.');
  }
  answered(response);
  if (response.ok) return response;
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // no JSON: the status says it all
  }
  const error = refusal(response.status, body, `${response.status} ${response.statusText}`);
  // the question who is signed in is answered so, too
  if (response.status === 401 && !/\/api\/(auth|user\/me)\//.test(request.url)) signedOut();
  throw error;
}

/** An address with its parameters; those that are null or undefined are left out. */
export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return at(path) + (text ? `?${text}` : '');
}

export interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** It is sent although the page is closed. */
  keepalive?: boolean;
}

/** A request to any address. A `FormData` body is sent as such, everything else as JSON. */
export async function call<T = unknown>(method: string, path: string, options: Options = {}): Promise<T> {
  const { query, body, signal, keepalive = false } = options;
  const headers: Record<string, string> = { Accept: 'application/json' };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json';
  const response = await send(
    new Request(address(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      keepalive,
      body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
      signal: signal ?? null,
    }),
  );
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const get = <T = unknown>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>('GET', path, { ...(query && { query }), ...(signal && { signal }) });
export const post = <T = unknown>(path: string, body: unknown = {}) => call<T>('POST', path, { body });
export const patch = <T = unknown>(path: string, body: unknown) => call<T>('PATCH', path, { body });
export const remove = (path: string, body?: unknown) => call('DELETE', path, body === undefined ? {} : { body });

/** A page of a list. */
export const page = <T = Row>(path: string, query: Query, signal?: AbortSignal) =>
  get<Page<T>>(path, { limit: 25, offset: 0, ...query }, signal);

/** The typed client, for code that names its operation: `api.POST('/api/stock/count/', { body: … })`. */
export const api = createClient<paths>({
  baseUrl: typeof window === 'undefined' ? 'http://localhost' : window.location.origin + base.replace(/\/$/, ''),
  fetch: send,
});
