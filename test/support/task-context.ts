import { busyboxBase, makeContext } from './context.ts';

/** A directory whose `task.yaml` builds and pushes an image with a shell, and runs it. */
export function makeTaskContext(): ReturnType<typeof makeContext> {
  return makeContext(`${busyboxBase}\n`, {
    'task.yaml': [
      'version: v1.1.0',
      'steps:',
      '  - id: image',
      '    build: -t $Registry/tools:$ID -t $Registry/tools:v1 .',
      '  - id: upload',
      '    push: ["$Registry/tools:$ID", "$Registry/tools:v1"]',
      '  - id: greet',
      '    cmd: $Registry/tools:$ID echo "{{.Values.greeting}} {{.Values.name}} from {{.Run.TaskName}}, {{.Values.password}}"',
      '',
    ].join('\n'),
    'values.yaml': 'greeting: welcome\nname: nobody\npassword: none\n',
    'alone.yaml': 'version: v1.1.0\nsteps:\n  - cmd: $Registry/tools:v1 echo "{{.Values.greeting}}, alone"\n',
  });
}
