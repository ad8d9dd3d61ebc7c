/** What becomes of a flag of `docker build`. */
export type FlagUse =
  /** It fills a member of `BuildCommand`. */
  | { readonly kind: 'member' }
  /** The engine is given it as it was written. */
  | { readonly kind: 'passed' }
  /** It changes nothing here: a warning says why. */
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

export interface BuildFlag {
  readonly name: string;
  readonly short?: string;
  /** A switch may be `--name` or `--name=false`; any other flag has a value. */
  readonly isSwitch: boolean;
  readonly use: FlagUse;
}

const member: FlagUse = { kind: 'member' };
const passed: FlagUse = { kind: 'passed' };
const noBuildKit: FlagUse = { kind: 'ignored', why: 'BuildKit, which always builds here, has no such thing' };
const limits: FlagUse = { kind: 'ignored', why: 'the limits of the run and its pool hold for builds' };
const images = 'the image stays on the engine for the steps after it; a push step pushes it';
const outside = 'it would write on the machine that builds';

const flag = (name: string, use: FlagUse, short?: string): BuildFlag => ({
  name,
  use,
  isSwitch: false,
  ...(short !== undefined && { short }),
});
const toggle = (name: string, use: FlagUse, short?: string): BuildFlag => ({
  ...flag(name, use, short),
  isSwitch: true,
});

/** The flags of `docker build`, with BuildKit and before it. */
export const buildFlags: readonly BuildFlag[] = [
  flag('file', member, 'f'),
  flag('tag', member, 't'),
  flag('build-arg', member),
  flag('target', member),
  flag('platform', member),
  flag('secret', member),
  flag('cache-from', member),
  flag('cache-to', member),
  flag('label', member),
  flag('add-host', member),
  flag('network', member),
  toggle('no-cache', member),
  toggle('pull', member),

  flag('build-context', member),
  flag('ulimit', passed),
  flag('shm-size', passed),
  flag('annotation', passed),
  flag('attest', passed),
  flag('provenance', passed),
  flag('sbom', passed),
  flag('no-cache-filter', passed),

  toggle('rm', { kind: 'ignored', why: 'BuildKit leaves no containers behind' }),
  toggle('force-rm', { kind: 'ignored', why: 'BuildKit leaves no containers behind' }),
  toggle('load', { kind: 'ignored', why: images }),
  toggle('squash', noBuildKit),
  toggle('compress', noBuildKit),
  toggle('stream', noBuildKit),
  toggle('disable-content-trust', noBuildKit),
  flag('isolation', noBuildKit),
  flag('security-opt', noBuildKit),
  flag('memory', limits, 'm'),
  flag('memory-swap', limits),
  flag('cpu-shares', limits, 'c'),
  flag('cpu-period', limits),
  flag('cpu-quota', limits),
  flag('cpuset-cpus', limits),
  flag('cpuset-mems', limits),
  flag('progress', { kind: 'ignored', why: 'the log of a run is plain' }),
  toggle('quiet', { kind: 'ignored', why: 'the log of a run shows its builds' }, 'q'),

  toggle('push', { kind: 'refused', why: images }),
  flag('output', { kind: 'refused', why: `${outside}; copy files out of the image with a cmd step` }, 'o'),
  flag('iidfile', { kind: 'refused', why: outside }),
  flag('metadata-file', { kind: 'refused', why: outside }),
  flag('ssh', { kind: 'refused', why: 'the keys of the machine that builds are not for runs; use --secret' }),
  flag('allow', { kind: 'refused', why: 'what a build may do is for its pool to say' }),
  flag('cgroup-parent', { kind: 'refused', why: 'the limits of the run and its pool hold for builds' }),
  flag('builder', { kind: 'refused', why: 'the pool says which engine builds' }),
  flag('call', { kind: 'refused', why: 'a build step builds' }),
  toggle('check', { kind: 'refused', why: 'a build step builds' }),
];
