import tseslint from 'typescript-eslint';

// Which rooms a room may import; the table of docs/architecture.md as a rule.
const ground = ['model', 'spec', 'taskfile', 'template', 'protocol'];
const allowed = {
  model: [],
  spec: ['model'],
  taskfile: ['model'],
  template: ['model'],
  protocol: ['model'],
  secrets: [...ground, 'client'],
  store: [...ground, 'secrets'],
  queue: [...ground, 'store'],
  blobs: ground,
  engine: ground,
  sources: [...ground, 'outbound'],
  registry: [...ground, 'identity'],
  outbound: ground,
  forges: [...ground, 'outbound'],
  identity: [...ground, 'secrets'],
  client: ground,
  control: [...ground, 'store', 'queue', 'blobs', 'registry', 'forges', 'identity', 'secrets'],
  agent: [...ground, 'engine', 'sources', 'secrets', 'client'],
  'http/arm': [...ground, 'control'],
  'http/login': [...ground, 'control', 'identity'],
  'http/blob': [...ground, 'control', 'blobs'],
  'http/agents': [...ground, 'control', 'registry'],
  'http/hooks': [...ground, 'control'],
  'http/oci': [...ground, 'control', 'registry', 'identity'],
  'http/ops': [...ground, 'control'],
  // The main floor: puts everything together.
  server: [
    ...ground,
    ...['secrets', 'store', 'queue', 'blobs', 'registry', 'outbound', 'identity', 'control'],
    ...['http/arm', 'http/login', 'http/blob', 'http/agents', 'http/oci', 'http/hooks', 'http/ops'],
  ],
  cli: [...ground, 'client', 'engine', 'sources', 'agent', 'server'],
};
const rooms = Object.keys(allowed);
// Another room, as files of `room` write it: `../../store/…`, and among the faces `../blob/…`.
const written = (room, other) =>
  room.startsWith('http/') && other.startsWith('http/') ? other.slice('http/'.length) : other;
const roomRules = rooms.map((room) => {
  const others = rooms.filter((other) => other !== room);
  const forbidden = others
    .filter((other) => !allowed[room].includes(other))
    .map((other) => written(room, other));
  const anyRoom = others.map((other) => written(room, other));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${anyRoom.join('|')})/(?!index\\.ts$)`,
      message: 'A room is entered by its index.ts.',
    },
  ];
  if (forbidden.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `src/${room} may import only: ${allowed[room].join(', ') || 'no other room'}`,
    });
  }
  return {
    files: [`src/${room}/**`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

export default tseslint.config(
  { ignores: ['node_modules/', '.slipway/', 'portal/dist*/', 'examples/', 'eslint.config.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
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
    },
  },
  ...roomRules,
  {
    files: ['portal/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./){2,}src/(?!spec/occurrences\\.ts$)',
              message: 'The portal knows the server by its public API only, and when a schedule comes.',
            },
          ],
        },
      ],
    },
  },
);
