import { ServiceError } from '../model/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import { expandRunVariables, runVariablesIn } from '../taskfile/index.ts';

/**
 * The work with the source's commit and branch in it; secrets are taken as they are.
 * @throws ServiceError 400 when it names one that this source does not have.
 */
export function expandWork(
  work: DockerBuildWork,
  source: { readonly commit?: string; readonly branch?: string },
): DockerBuildWork {
  const values = {
    ...(source.commit !== undefined && { 'Run.Commit': source.commit }),
    ...(source.branch !== undefined && { 'Run.Branch': source.branch }),
  };
  const expand = (text: string): string => {
    const expanded = expandRunVariables(text, values);
    const [missing] = runVariablesIn(expanded);
    if (missing === undefined) return expanded;
    const what = missing === 'Run.Branch' ? 'the branch of a git repository' : 'a git repository';
    throw new ServiceError(
      400,
      'InvalidExpression',
      `${JSON.stringify(text)} needs {{.${missing}}}, which is there only when the source is ${what}`,
    );
  };
  return {
    ...work,
    dockerFilePath: expand(work.dockerFilePath),
    images: work.images.map(expand),
    arguments: work.arguments.map((each) => (each.isSecret ? each : { ...each, value: expand(each.value) })),
  };
}
