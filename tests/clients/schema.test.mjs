// schema.graphql with tools of its consumers: a linter and the Relay compiler.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import { buildSchema, getNamedType, isObjectType } from 'graphql';

const here = (path) => new URL(path, import.meta.url).pathname;
const SCHEMA = here('../../schema.graphql');

test('@graphql-eslint finds nothing', async () => {
  const eslint = new ESLint({ cwd: here('../../'), overrideConfigFile: here('eslint.config.mjs') });
  const [{ messages }] = await eslint.lintFiles(['schema.graphql']);
  assert.deepEqual(messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`), []);
});

test('every node of a list can be refetched by its id, except the items of a job and the versions of a template', async () => {
  const schema = buildSchema(await readFile(SCHEMA, 'utf8'));
  const edges = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && type.name.endsWith('Edge'));
  assert.ok(edges.length > 5);
  const without = edges.map((edge) => getNamedType(edge.getFields().node.type))
    .filter((type) => !type.getInterfaces().some(({ name }) => name === 'Node'));
  assert.deepEqual(without.map(String), ['BulkItem', 'TemplateVersion']);
});

test('Relay compiles connections, refetchable fragments, mutations and a subscription', async () => {
  const place = await mkdtemp(join(tmpdir(), 'vestibule-relay-'));
  try {
    await cp(here('relay'), join(place, 'src'), { recursive: true });
    await cp(SCHEMA, join(place, 'schema.graphql'));
    await mkdir(join(place, 'artifacts'));
    await writeFile(join(place, 'relay.config.json'), JSON.stringify({
      src: 'src', schema: 'schema.graphql', language: 'javascript', artifactDirectory: 'artifacts' }));
    const compiler = here('../node_modules/relay-compiler/cli.js');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [compiler, 'relay.config.json'], { cwd: place });
    assert.doesNotMatch(stdout + stderr, /WARN|ERROR/);
    const artifacts = await readdir(join(place, 'artifacts'));
    for (const name of ['peopleContactsQuery', 'peopleRowQuery', 'peopleMessagesQuery', 'peopleInviteMutation', 'peopleCountsSubscription']) {
      assert.ok(artifacts.includes(`${name}.graphql.js`), `${name} in ${artifacts}`);
    }
    const row = await readFile(join(place, 'artifacts/peopleRowQuery.graphql.js'), 'utf8');
    assert.match(row, /node\(id: \$id\)/, 'a row is refetched through `node`');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});
