/** The viewer of the API's document. */
import { createApiReference } from '@scalar/api-reference';
import '@scalar/api-reference/style.css';
import { type ApiDocument, authorized, PLACEHOLDER, prepared } from './document';
import guide from './guide.md?raw';
import css from './viewer.css?raw';

const base = new URL(document.baseURI).pathname;

const cookie = (name: string) =>
  document.cookie
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** Sends what is tried on the page. */
const send = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const request = new Request(input, init);
  const { headers, credentials } = authorized(request.headers, request.method === 'GET' ? undefined : cookie('csrftoken'));
  return fetch(new Request(request, { headers, credentials }));
};

export async function show(place: HTMLElement): Promise<void> {
  const response = await fetch(`${base}api/schema/?format=json`, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const content = prepared((await response.json()) as ApiDocument, guide, window.location.origin, base);
  const mount = document.createElement('div');
  place.replaceChildren(mount);
  createApiReference(mount, {
    content,
    theme: 'none',
    customCss: css,
    layout: 'modern',
    customFetch: send,
    proxyUrl: '',
    telemetry: false,
    withDefaultFonts: false,
    showDeveloperTools: 'never',
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
    persistAuth: false,
    defaultOpenAllTags: false,
    defaultOpenFirstTag: false,
    hideModels: true,
    documentDownloadType: 'both',
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    featuredClients: ['shell/curl', 'python/requests', 'js/fetch'],
    hiddenClients: HIDDEN,
    metaData: { title: 'Ironwood API' },
    authentication: {
      preferredSecurityScheme: 'tokenAuth',
      securitySchemes: { tokenAuth: { name: 'Authorization', in: 'header', value: PLACEHOLDER } },
    },
  } as never);
}

/** Examples are in curl, Python and JavaScript; these others would only be in the way. */
const HIDDEN = {
  c: true, clojure: true, csharp: true, dart: true, fsharp: true, go: true, http: true, java: true, julia: true, kotlin: true,
  node: true, objc: true, ocaml: true, php: true, powershell: true, r: true, ruby: true, rust: true, swift: true,
  shell: ['wget', 'httpie'],
  python: ['python3', 'httpx_sync', 'httpx_async', 'aiohttp'],
  js: ['axios', 'jquery', 'ofetch', 'xhr'],
};
