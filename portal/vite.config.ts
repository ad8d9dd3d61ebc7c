import { defineConfig } from 'vite';

export default defineConfig({
  base: '/portal/',
  build: {
    // what is inlined needs `data:`, which the Content-Security-Policy refuses
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  server: {
    // npm run dev -w portal, beside a server on its usual port
    proxy: Object.fromEntries(
      ['/subscriptions', '/adfs', '/blobs'].map((path) => [
        path,
        { target: 'https://localhost:8443', secure: false },
      ]),
    ),
  },
});
