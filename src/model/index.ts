export * from './errors.ts';
export * from './image.ts';
export * from './operation.ts';
export * from './platform.ts';
export * from './registry.ts';
export * from './run.ts';
export * from './secret.ts';
export * from './run-filter.ts';
