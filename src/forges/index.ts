export { ForgeBusy } from './busy.ts';
export type { HookMessage, HookRequest, SourceEvent } from './event.ts';
export { openForge, type CommitState, type CommitStatus, type Forge } from './forge.ts';
export { readHook } from './hook.ts';
export { forgeRepository } from './repository.ts';
