import { defineConfig } from "vite";

// Names carry a hash of the content; pages.py finds them through the manifest. The page's policy allows nothing inline.
export default defineConfig({
  base: "/static/dist/",
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: [
        "src/console.ts", "src/coverage.ts", "src/map.ts", "src/shift.ts", "src/link.ts", "src/docs.ts", "src/style.css",
      ] },
  },
});
