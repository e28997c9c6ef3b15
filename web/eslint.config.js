import tseslint from 'typescript-eslint';

export default tseslint.config(
  // Scripts of pages without a bundle, and what others wrote.
  { ignores: ['dist', 'vendor', 'graphiql*', 'wait.js', 'portal.js', 'dashboard/api/schema.d.ts'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-properties': ['error', { property: 'innerHTML', message: 'Render elements: text is never markup.' }],
      'no-restricted-syntax': ['error', {
        selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Render elements: text is never markup.',
      }],
      // Handlers are called as methods of nothing, and numbers in text are meant.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
