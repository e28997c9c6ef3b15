// Bundles `dashboard/` into `dist/`: `main.js` with what all pages share, a file for each page, dialog and language, one stylesheet.
//   node build.mjs          writes dist/
//   node build.mjs --check  fails if dist/ differs, or if the first view is larger than it may be
import { readFileSync, readdirSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const FIRST_VIEW_LIMIT = 100_000;
const root = import.meta.dirname;
const source = resolve(root, 'dashboard');
const dist = resolve(root, 'dist');

// Folders whose entries are files of their own.
const LAZY = ['pages', 'actions', 'i18n'];
// Packages that are part of main.js; others belong to the page that imports them.
const SHARED_PACKAGES = ['preact', '@preact/signals'];

const entries = LAZY.flatMap((folder) =>
  readdirSync(resolve(source, folder), { withFileTypes: true })
    .filter((entry) => (folder === 'i18n' ? /^[a-z]{2}\.ts$/.test(entry.name) : entry.isDirectory()))
    .map((entry) => [
      `${folder}/${basename(entry.name, '.ts')}`,
      resolve(source, folder, entry.isDirectory() ? `${entry.name}/index.tsx` : entry.name),
    ]),
);
const lazyName = (path) => entries.find(([, file]) => file === path)?.[0];
const isInLazy = (path) => LAZY.some((folder) => relative(resolve(source, folder), path).split('/')[0] !== '..');

const RESOLVING = Symbol('resolving');

const resolver = (onFound) => ({
  name: 'split',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind === 'entry-point' || pluginData === RESOLVING) return undefined;
      const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: RESOLVING });
      return found.errors.length ? undefined : onFound({ asked: path, path: found.path, kind });
    });
  },
});

// main.js loads the others when they are needed.
const lazyOutside = resolver(({ path, kind }) => {
  const name = kind === 'dynamic-import' && lazyName(path);
  return name ? { path: `./${name}.js`, external: true } : undefined;
});

// The others import from main.js everything that isn't in their own folder.
const sharedOutside = resolver(({ asked, path }) => {
  const isShared = path.includes('/node_modules/')
    ? SHARED_PACKAGES.some((name) => asked === name || asked.startsWith(`${name}/`))
    : !isInLazy(path) || path === resolve(source, 'i18n/plural.ts');
  return isShared ? { path: '../main.js', external: true } : undefined;
});

const COMMON = {
  bundle: true, write: false, format: 'esm', target: ['es2022', 'safari16'], minify: true, legalComments: 'none', charset: 'utf8',
  tsconfig: resolve(root, 'tsconfig.json'), outdir: dist, absWorkingDir: root, logLevel: 'warning',
};

const built = await Promise.all([
  esbuild.build({
    ...COMMON,
    entryPoints: { main: resolve(source, 'main.tsx'), dashboard: resolve(source, 'dashboard.css') },
    plugins: [lazyOutside],
  }),
  esbuild.build({ ...COMMON, entryPoints: Object.fromEntries(entries), plugins: [sharedOutside] }),
]);
const files = new Map(
  built.flatMap(({ outputFiles }) => outputFiles).map((file) => [relative(dist, file.path), Buffer.from(file.contents)]),
);

const size = (name) => gzipSync(files.get(name), { level: 9 }).length;
for (const name of [...files.keys()].sort()) console.log(`${String(size(name)).padStart(7)} ${name}`);
const first = ['main.js', 'dashboard.css', 'i18n/en.js', 'pages/overview.js'].reduce((sum, name) => sum + size(name), 0);
console.log(`${String(first).padStart(7)} the first view, compressed (limit ${FIRST_VIEW_LIMIT})`);
if (first > FIRST_VIEW_LIMIT) throw new Error('The first view is larger than its limit.');

if (process.argv.includes('--check')) {
  const committed = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, resolve(entry.parentPath, entry.name)));
  const differing = [...new Set([...committed, ...files.keys()])].filter(
    (name) => !committed.includes(name) || !files.get(name)?.equals(readFileSync(resolve(dist, name))),
  );
  if (differing.length) throw new Error(`web/dist is not what web/dashboard builds: ${differing.join(', ')}. Run scripts/web.`);
} else {
  rmSync(dist, { recursive: true, force: true });
  for (const [name, contents] of files) {
    mkdirSync(dirname(resolve(dist, name)), { recursive: true });
    writeFileSync(resolve(dist, name), contents);
  }
}
