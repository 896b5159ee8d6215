import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// The server that `npm run dev` talks to.
const server = process.env.IRONWOOD_URL ?? 'http://127.0.0.1:8000';
const proxied = ['/api/', '/media/', '/static/', '/auth/'];
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page about the API is a document of its own; `npm run dev` has it at the same address as the server. */
const apiDoc: Plugin = {
  name: 'api-doc',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _response, next) => {
      if (/^\/api-doc\/?([?#]|$)/.test(request.url ?? '')) request.url = '/api-doc.html';
      next();
    });
  },
};

export default defineConfig({
  // Addresses are relative to the page's <base>, which the server sets: the pages work under any path prefix.
  base: './',
  plugins: [react(), apiDoc],
  resolve: { alias: { '@': here('./src') } },
  build: {
    target: 'es2022',
    // keeps light-dark() as it is
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
    // no inline script: the content policy refuses it
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // a few files for the first page instead of many; what only some pages need stays by itself
        codeSplitting: {
          groups: [
            { name: 'library', test: /node_modules\/(react|react-dom|scheduler|@mantine\/(core|hooks|modals|notifications|store|form)|@tanstack|@floating-ui|i18next|react-i18next|react-remove-scroll|clsx)\// },
            { name: 'app', test: /src\/(app|api|shared)\/(?!detail\/(Attachments|Notes|noteImage)|Markdown|camera|charts)/ },
          ],
        },
      },
    },
  },
  server: {
    // OPTIONS requests are the server's to answer
    cors: false,
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])),
  },
  preview: { cors: false },
});
