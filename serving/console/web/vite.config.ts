import { defineConfig } from "vite";

// Names carry a hash of the content; pages.py finds them through the manifest.
export default defineConfig({
  base: "/static/dist/",
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    manifest: true,
    modulePreload: false,
    rollupOptions: { input: ["src/queue.ts", "src/link.ts", "src/docs.ts", "src/style.css"] },
  },
});
