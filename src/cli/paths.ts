import path from 'node:path';

/** Where this checkout lies. */
export const projectDirectory = path.resolve(import.meta.dirname, '..', '..');

/** What commands of this checkout keep; nothing outside of it is touched. */
export const stateDirectory = path.join(projectDirectory, '.slipway');

export const defaultDataDirectory = path.join(stateDirectory, 'data');

/** Where the launcher puts the built portal. */
export const portalDirectory = path.join(projectDirectory, 'portal', 'dist');

/** The program that runs every command: Node executes the TypeScript as it is. */
export const mainFile = path.join(import.meta.dirname, 'main.ts');
