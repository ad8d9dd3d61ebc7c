import { ServiceError } from '../model/index.ts';
import { reasonOf } from './docker-error.ts';

/** A container that could not be started. */
export class ContainerFailed extends ServiceError {
  /** As docker run would exit: 127 for a command that is not there, 126 for one that is not executable, else 125. */
  readonly exitCode: number;

  constructor(name: string, error: unknown) {
    const reason = reasonOf(error);
    super(400, 'ContainerFailed', `failed to start container ${name}: ${reason}`, { cause: error });
    this.exitCode = exitCodeOf(reason);
  }
}

function exitCodeOf(reason: string): number {
  if (/executable file not found|no such file or directory/.test(reason)) return 127;
  return /permission denied|is a directory|exec format error/.test(reason) ? 126 : 125;
}
