import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page about the API is a document of its own, beside the application: it shares nothing with it. */
export default defineConfig({
  base: './',
  publicDir: false,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    outDir: 'dist',
    // after the application, which empties it
    emptyOutDir: false,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 6000,
    reportCompressedSize: false,
    modulePreload: false,
    rolldownOptions: {
      input: { 'api-doc': here('./api-doc.html') },
      output: {
        entryFileNames: 'assets/api-doc-[hash].js',
        // the viewer in one file, not in hundreds; what loads it stays with the page
        codeSplitting: {
          groups: [
            { name: 'api-start', test: /preload-helper|src\/apidoc\/(main|policy)/, priority: 2 },
            { name: 'api-viewer', test: /node_modules|src\/apidoc\/(viewer|document|guide)/, priority: 1 },
          ],
        },
      },
    },
  },
});
