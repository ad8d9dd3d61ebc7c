import { builtins } from './builtins.ts';
import { comparisons } from './comparisons.ts';
import { dates } from './dates.ts';
import { defaults } from './defaults.ts';
import type { FunctionTable } from './define.ts';
import { dicts } from './dicts.ts';
import { encoding } from './encoding.ts';
import { lists } from './lists.ts';
import { math } from './math.ts';
import { pathFunctions } from './paths.ts';
import { random } from './random.ts';
import { regex } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { strings } from './strings.ts';
import { urls } from './urls.ts';

/**
 * Everything that a template can call. Of sprig's text functions those are left out that make keys,
 * certificates and passwords or look up hosts.
 */
export const templateFunctions: FunctionTable = {
  ...builtins,
  ...comparisons,
  ...strings,
  ...lists,
  ...dicts,
  ...math,
  ...defaults,
  ...dates,
  ...encoding,
  ...pathFunctions,
  ...regex,
  ...semverFunctions,
  ...urls,
  ...random,
};
