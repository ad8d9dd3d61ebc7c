import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';

// Which rooms a room may import; the table of docs/architecture.md as a rule.
const ground = ['model', 'taskfile', 'protocol'];
const allowed = {
  model: [],
  taskfile: ['model'],
  protocol: ['model'],
  secrets: ground,
  store: [...ground, 'secrets'],
  queue: [...ground, 'store'],
  blobs: ground,
  engine: ground,
  sources: ground,
  registry: [...ground, 'identity'],
  identity: [...ground, 'secrets'],
  client: ground,
  control: [...ground, 'store', 'queue', 'blobs', 'registry', 'identity', 'secrets'],
  agent: [...ground, 'engine', 'sources', 'secrets', 'client'],
  'http/arm': [...ground, 'control'],
  'http/login': [...ground, 'control', 'identity'],
  'http/blob': [...ground, 'control', 'blobs'],
  'http/agents': [...ground, 'control', 'registry'],
  'http/oci': [...ground, 'control', 'registry', 'identity'],
  'http/ops': [...ground, 'control'],
};
const rooms = Object.keys(allowed);
const zones = rooms.map((room) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...allowed[room]].map((name) => `./${name}`),
  message: `src/${room} may import only: ${[room, ...allowed[room]].join(', ')}`,
}));

export default tseslint.config(
  { ignores: ['node_modules/', '.slipway/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: ['test', 'describe', 'it', 'suite'].map((name) => ({
            from: 'package',
            package: 'node:test',
            name,
          })),
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
    },
  },
);
