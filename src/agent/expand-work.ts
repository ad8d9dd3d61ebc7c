import { ServiceError, type RunVariables } from '../model/index.ts';
import type { DockerBuildWork } from '../protocol/index.ts';
import {
  parseImageReference,
  qualifyImage,
  renderRunText,
  type TemplateSurroundings,
} from '../taskfile/index.ts';

/**
 * A build with the run's values in its templates, and its images with registry and tag; secrets are taken as
 * they are. @param variables with what the source says.
 * @throws ServiceError 400 `InvalidTemplate`.
 */
export function expandWork(
  work: DockerBuildWork,
  variables: RunVariables,
  surroundings: TemplateSurroundings,
): DockerBuildWork {
  const expand = (text: string, name: string): string =>
    renderRunText(text, variables, { name, ...surroundings });
  return {
    ...work,
    dockerFilePath: expand(work.dockerFilePath, 'dockerFilePath'),
    images: work.images.map((text, index) => {
      const image = qualifyImage(expand(text, `imageNames[${index}]`), variables.Registry);
      if (text.includes('{{')) requireImageName(image, text);
      return image;
    }),
    arguments: work.arguments.map((each) =>
      each.isSecret ? each : { ...each, value: expand(each.value, `the argument ${each.name}`) },
    ),
  };
}

function requireImageName(image: string, text: string): void {
  try {
    parseImageReference(image);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = `${JSON.stringify(text)} gives no image name: ${error.message}; .Run.Commit and .Run.Branch have values only when the source is a git repository`;
    throw new ServiceError(400, 'InvalidTemplate', message, { cause: error });
  }
}
