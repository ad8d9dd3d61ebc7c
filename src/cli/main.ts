import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { stateDirectory } from './paths.ts';

// Before anything else is loaded: a command that is typed again and again starts in half the time.
enableCompileCache(path.join(stateDirectory, 'compile-cache'));
const { run } = await import('./run.ts');
await run(process.argv);
