import type { Fields } from './fields.ts';
import type { TaskVolume, VolumeMount } from './task.ts';

/** The volumes of a task. Their contents are secret: no error shows them. */
export function readVolumes(task: Fields): TaskVolume[] {
  const names = new Set<string>();
  return task.maps('volumes').map((volume) => {
    const name = volume.text('name') ?? '';
    if (!/^[a-zA-Z0-9][\w.-]*$/.test(name))
      volume.fail('name', `is ${JSON.stringify(name)}; it must be made of letters, digits, _ . and -`);
    if (names.has(name)) volume.fail('name', `is ${JSON.stringify(name)}, as that of another volume`);
    names.add(name);
    const secret = volume.textMap('secret');
    if (Object.keys(secret).length === 0)
      volume.fail('secret', 'is missing; it is a map of file names and contents in base64');
    for (const [file, content] of Object.entries(secret)) {
      if (file === '' || file === '.' || file === '..' || /[/\\\0]/.test(file))
        volume.fail('secret', `has the file ${JSON.stringify(file)}; it must be a plain name`);
      if (!isBase64(content))
        volume.fail('secret', `has a file ${JSON.stringify(file)} whose content is not in base64`);
    }
    volume.end();
    return { name, secret };
  });
}

/** The mounts of a step, in volumes of its task. */
export function readMounts(step: Fields, volumes: readonly TaskVolume[]): VolumeMount[] {
  const mounts: VolumeMount[] = [];
  for (const mount of step.maps('volumeMounts')) {
    const name = mount.text('name') ?? '';
    const mountPath = mount.text('mountPath') ?? '';
    if (!volumes.some((volume) => volume.name === name)) {
      const known = volumes.map((volume) => volume.name).join(', ') || 'none';
      mount.fail('name', `is ${JSON.stringify(name)}, which is no volume of the task; there are: ${known}`);
    }
    if (!/^(\/|[a-z]:)/i.test(mountPath))
      mount.fail('mountPath', `is ${JSON.stringify(mountPath)}; it must be an absolute path`);
    if (mounts.some((other) => other.mountPath === mountPath))
      mount.fail('mountPath', `is ${JSON.stringify(mountPath)}, as that of another mount of the step`);
    mounts.push({ name, mountPath });
    mount.end();
  }
  return mounts;
}

function isBase64(text: string): boolean {
  const compact = text.replace(/\s/g, '');
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}
