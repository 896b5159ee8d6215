// Pages that are built but not yet packed into a program, in front of a server: what `--pages DIR` gives the tests.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.webmanifest': 'application/manifest+json', '.wasm': 'application/wasm', '.woff2': 'font/woff2',
};
const NONCE = /'nonce-(\w+)'/;

/** Serves the pages in `folder` as the program would, and everything else from the server at `url`. */
export async function withPages(folder, url) {
  const packed = new Map();
  const read = (name) => {
    if (!packed.has(name)) packed.set(name, gzipSync(readFileSync(join(folder, name))));
    return packed.get(name);
  };
  const document = (path) => readFileSync(join(folder, /^\/api-doc\/?$/.test(path) ? 'api-doc.html' : 'index.html'), 'utf8');
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.split('?')[0]);
    const isFile = request.method === 'GET' && path !== '/' && !path.endsWith('.html') && existsSync(join(folder, path)) && statSync(join(folder, path)).isFile();
    if (isFile) {
      response.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-encoding': 'gzip',
        'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
      response.end(read(path));
      return;
    }
    const headers = { ...request.headers };
    const isPage = request.method === 'GET' && /text\/html/.test(headers.accept ?? '') && !/^\/(api|media|static|auth)\//.test(path);
    if (isPage) delete headers['accept-encoding'];
    const onward = send(new URL(request.url, url), { method: request.method, headers }, (answer) => {
      if (isPage && NONCE.test(answer.headers['content-security-policy'] ?? '')) {
        answer.resume();
        const nonce = NONCE.exec(answer.headers['content-security-policy'])[1];
        const others = { ...answer.headers };
        delete others['content-length'];
        response.writeHead(answer.statusCode, others);
        response.end(document(path).replace('name="csp-nonce" content=""', `name="csp-nonce" content="${nonce}"`));
        return;
      }
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}
