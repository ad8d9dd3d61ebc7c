import { ServiceError } from '../model/index.ts';

/** Says what is wrong with a task file; `target` is the member, such as `steps[2].timeout`. */
export function refuse(message: string, target?: string): never {
  throw new ServiceError(400, 'InvalidTaskFile', message, target === undefined ? {} : { target });
}
