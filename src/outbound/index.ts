export {
  anyButMachineOnly,
  isLoopback,
  isMachineOnly,
  onlyHosts,
  type AddressRule,
} from './address-rules.ts';
export { guardedAgent } from './guarded-agent.ts';
