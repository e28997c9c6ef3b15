// Bundles `dashboard/` into `dist/`: `main.js` with what all pages share, a file for each page, dialog and language, one stylesheet.
//   node build.mjs          writes dist/
//   node build.mjs --check  fails if dist/ differs, or if the first view is larger than it may be
import { readFileSync, readdirSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const FIRST_VIEW_LIMIT = 100_000;
const root = import.meta.dirname;
const source = resolve(root, 'dashboard');
const dist = resolve(root, 'dist');

// Packages that pages import from main.js. Others belong to the page that imports them.
const SHARED_PACKAGES = ['preact', '@preact/signals'];

// What main.js loads when it is needed: pages, the dialogs of the actions, languages.
const lazy = new Map();
const lazyName = (path) => {
  const [folder, ...rest] = relative(source, path).replace(/(\/index)?\.tsx?$/, '').split('/');
  return `${folder}/${rest.join('_')}`;
};

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

// Loaded when it is needed: a file of its own, named by its path.
const lazyFile = (from, path) => {
  lazy.set(lazyName(path), path);
  return { path: `${from}${lazyName(path)}.js`, external: true };
};

// Files other than main.js import from it what it contains: `shared.ts` exports it.
const outside = (inMain) =>
  resolver(({ asked, path, kind }) => {
    if (kind === 'dynamic-import') return lazyFile('../', path);
    const isShared = path.includes('/node_modules/')
      ? SHARED_PACKAGES.some((name) => asked === name || asked.startsWith(`${name}/`))
      : inMain.has(path);
    return isShared ? { path: '../main.js', external: true } : undefined;
  });

const COMMON = {
  bundle: true, write: false, format: 'esm', target: ['es2022', 'safari16'], minify: true, legalComments: 'none', charset: 'utf8',
  tsconfig: resolve(root, 'tsconfig.json'), outdir: dist, absWorkingDir: root, logLevel: 'warning',
};

const main = await esbuild.build({
  ...COMMON,
  metafile: true,
  entryPoints: { main: resolve(source, 'main.tsx'), dashboard: resolve(source, 'dashboard.css') },
  plugins: [resolver(({ path, kind }) => (kind === 'dynamic-import' ? lazyFile('./', path) : undefined))],
});
const inMain = new Set(Object.keys(main.metafile.inputs).map((path) => resolve(root, path)));
const built = [main];
for (let done = 0; done < lazy.size; ) {
  // What these load when it is needed is built in the next round.
  const entryPoints = Object.fromEntries([...lazy].slice(done));
  done = lazy.size;
  built.push(await esbuild.build({ ...COMMON, entryPoints, plugins: [outside(inMain)] }));
}
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
