import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findDockerCli } from '../src/engine/index.ts';
import { busyboxBase, makeContext } from './support/context.ts';
import { command, must, slipwayCommand, type CommandResult } from './support/server.ts';

const box = `localhost/slipway-real-${process.pid}:box`;

/** As people write them: [what, file, what its plan says]. */
const planned = [
  [
    'fan-out and fan-in',
    `version: v1.1.0
steps:
- id: build-web
  build: -t $Registry/hello-world:$ID .
  when: ["-"]
- id: build-tests
  build: -t $Registry/hello-world-tests ./funcTests
  when: ["-"]
- id: push
  push: ["$Registry/hello-world:$ID"]
  when: ["build-web", "build-tests"]
- id: helm
  cmd: $Registry/functions/helm package --app-version $ID -d ./helm ./helm/helloworld/
  when: ["push"]
`,
    [
      /2 at the same time/,
      /push +push +after build-web, build-tests/,
      /At most 1800 s: build-web → push → helm/,
    ],
  ],
  [
    'acr purge',
    `# Purge old images
version: v1.1.0
steps:
  - cmd: acr purge --filter 'samples/devimage1:.*' --filter 'samples/devimage2:.*' --ago 0d --untagged
    disableWorkingDirectoryOverride: true
    timeout: 3600
`,
    [/at once · 3600 s/, /mcr\.microsoft\.com\/acr\/acr-cli:\S+ purge --filter samples/],
  ],
  [
    'version 1.0.0, in which $ is a dollar and bash an image of Docker Hub',
    `version: v1.0.0
steps:
  - id: hello-world
    cmd: bash:3.0 echo $ID
  - cmd: bash:latest env
    when: ["hello-world"]
    env: [A=1, "B={{.Run.ID}}"]
    ignoreErrors: true
`,
    [/bash:3\.0 echo \$ID/, /acb_step_1 .* may fail/],
  ],
] as const;

const performed = [
  [
    'folded builds, volumes, networks, several lines',
    `version: v1.1.0
stepTimeout: 1200
env: ["GREETING=hi"]
networks: [{name: web, driver: bridge}]
volumes:
  - name: mysecrets
    secret:
      mysecret1: {{ "one" | b64enc }}
      mysecret2: dHdv
steps:
  - build: >-
      -t $Registry/app:$ID
      -t {{.Run.Registry}}/app:{{.Run.Branch | default "feature/x" | replace "/" "-"}}
      --build-arg VERSION={{ .Values.version | default "1.0" }}
      --label "org.opencontainers.image.created=$Date"
      -f ./Dockerfile .
  - cmd: bash sh -c "cat /run/test/mysecret1 /run/test/mysecret2 | wc -c; echo $GREETING"
    network: web
    cpus: "0.5"
    repeat: 1
    startDelay: 1
    volumeMounts: [{name: mysecrets, mountPath: /run/test}]
  - cmd: |
      bash sh -c '
        set -e
        echo "two lines"
        echo "of $$HOME"
      '
`,
    [/^6\nhi\n[^]*^6\nhi$/m, /^two lines\nof \/acb\/home$/m, /tag: feature-x/],
  ],
  [
    'build, run detached, test, all in parallel where it may',
    `version: v1.1.0
alias:
  values: {app: sample/app}
steps:
  - id: build
    build: -t $Registry/$app:$ID .
  - id: web
    cmd: $Registry/$app:$ID sh -c "mkdir /www && echo served > /www/index.html && httpd -f -p 80 -h /www"
    detach: true
    when: ["build"]
    expose: ["80"]
  - id: lint
    when: ["-"]
    cmd: bash echo linted
  - id: test
    cmd: $Registry/$app:$ID wget -qO- http://web/
    when: ["web", "lint"]
    retries: 20
    retryDelay: 1
`,
    [/^served$/m, /^linted$/m],
  ],
] as const;

describe('task files as people write them', () => {
  let docker: string;
  before(async () => {
    docker = await findDockerCli(process.env);
    const context = await makeContext(busyboxBase);
    await must(docker, ['build', '--tag', box, context.directory], { DOCKER_BUILDKIT: '1' });
    await context.remove();
  });
  after(() => command(docker, ['rmi', box]));

  const slipway = async (name: string, task: string, ...args: string[]): Promise<CommandResult> => {
    const context = await makeContext(busyboxBase, { 'acb.yaml': task });
    const [program = '', ...rest] = slipwayCommand([name, ...args, context.directory]);
    const result = await command(program, rest);
    await context.remove();
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result;
  };

  for (const [what, task, expected] of planned)
    test(`planned: ${what}`, async () => {
      const { stdout } = await slipway('plan', task);
      for (const text of expected) assert.match(stdout, text);
    });

  for (const [what, task, expected] of performed)
    test(`performed: ${what}`, async () => {
      const { stdout } = await slipway('exec', task, '--image-alias', `bash=${box}`);
      for (const text of expected) assert.match(stdout, text);
    });
});
