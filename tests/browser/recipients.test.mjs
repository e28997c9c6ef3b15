// How the contact picker splits what is typed, pasted or dropped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../web/node_modules/esbuild/lib/main.js';

const entry = new URL('../../web/dashboard/components/contact_picker/recipients.ts', import.meta.url).pathname;
const { outputFiles: [{ text: script }] } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
const { recipients } = await import(`data:text/javascript;base64,${Buffer.from(script).toString('base64')}`);

test('recipients are separated by commas, semicolons, tabs and lines, but not inside quotes and brackets', () => {
  const cases = [
    ['a@x.example, b@x.example;c@x.example\td@x.example\r\ne@x.example', ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example']],
    ['a@x.example b@x.example', ['a@x.example', 'b@x.example']],
    ['"Smith, Anna" <anna@x.example>, Ben <ben@x.example>', ['"Smith, Anna" <anna@x.example>', 'Ben <ben@x.example>']],
    ['"A \\" B; C" <a@x.example>;b@x.example', ['"A \\" B; C" <a@x.example>', 'b@x.example']],
    ['  ,, ;\n', []],
  ];
  for (const [text, expected] of cases) assert.deepEqual(recipients(text), expected, text);
});

test('no input is lost', () => {
  const texts = ['Smith, Anna <anna@x.example>', '"Anna <a@x.example, b\nc@x.example', '<<a@b>, nonsense > x', '"abc\\', 'anna smith; <a@x'];
  const letters = (text) => text.replace(/[\s,;]/g, '');
  for (const text of texts) assert.equal(letters(recipients(text).join('')), letters(text), text);
});
