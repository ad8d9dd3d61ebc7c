import { posix } from 'node:path';
import { TemplateFailure } from '../failure.ts';
import { type FunctionTable, define } from './define.ts';

const paths = {
  base: define(['string'], (_, path) => base(path)),
  dir: define(['string'], (_, path) => clean(path.slice(0, path.lastIndexOf('/') + 1))),
  clean: define(['string'], (_, path) => clean(path)),
  ext: define(['string'], (_, path) => /\.[^./]*$/.exec(path)?.[0] ?? ''),
  isAbs: define(['string'], (_, path) => path.startsWith('/')),
};

const noEnvironment = define(['string'], () => {
  throw new TemplateFailure('templates cannot read the environment; pass the value with --set instead');
});

/** sprig's functions of paths, and those of the environment, which is not the template's to read. */
export const pathFunctions: FunctionTable = {
  ...paths,
  osBase: paths.base,
  osDir: paths.dir,
  osClean: paths.clean,
  osExt: paths.ext,
  osIsAbs: paths.isAbs,
  env: noEnvironment,
  expandenv: noEnvironment,
};

function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function base(path: string): string {
  if (path === '') return '.';
  return posix.basename(path) || '/';
}
