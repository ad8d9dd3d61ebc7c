import { ServiceError } from '../model/index.ts';
import { renderTemplate, type TemplateSurroundings } from './go-template/index.ts';

/** What a run says of itself in templates, as `.Run.ID` and so on. */
export const runVariables = [
  'ID',
  'TaskName',
  'Registry',
  'RegistryName',
  'Date',
  'OS',
  'OSVersion',
  'Architecture',
  'TriggeredBy',
  'SharedVolume',
  'Repository',
  'Branch',
  'Commit',
  'GitTag',
] as const;
export type RunVariable = (typeof runVariables)[number];

/** Those without a value render as nothing. */
export type RunVariableValues = Readonly<Partial<Record<RunVariable, string>>>;

export interface RunTextOptions extends TemplateSurroundings {
  /** What errors call the text. */
  readonly name: string;
}

/**
 * A text with a run's values in it: `{{.Run.ID}}`, `{{.Build.ID}}` and all that templates can do with them.
 * @throws ServiceError 400 `InvalidTemplate`, also for a name that is not there.
 */
export function renderRunText(text: string, values: RunVariableValues, options: RunTextOptions): string {
  if (!text.includes('{{')) return text;
  const { name } = options;
  const Run = Object.fromEntries(runVariables.map((each) => [each, values[each] ?? '']));
  const rendered = renderTemplate(text, { Run, Build: { ID: values.ID ?? '' } }, options);
  if (!rendered.includes(noValue) || text.includes(noValue)) return rendered;
  const known = runVariables.map((each) => `.Run.${each}`).join(', ');
  const message = `${name}: ${JSON.stringify(text.slice(0, 200))} names what is not there; there are ${known} and .Build.ID`;
  throw new ServiceError(400, 'InvalidTemplate', message);
}

/** What a missing key renders as. */
const noValue = '<no value>';

/** `.Run.Date`: `20261124-034743z`, UTC. */
export function runDate(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-').concat('z');
}
