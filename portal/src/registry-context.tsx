import { createContext, use, useMemo, type ReactNode } from 'react';
import { registryApi, type RegistryApi, type RegistryPlace } from './api/registry-api.ts';

interface RegistryContext {
  readonly place: RegistryPlace;
  readonly api: RegistryApi;
  /** The path of a page below the registry: `page('/runs')`. */
  readonly page: (path: string) => string;
}

const Context = createContext<RegistryContext | undefined>(undefined);

/** Where the portal shows a registry, and what is below it. */
export function registryPage({ subscriptionId, resourceGroup, registry }: RegistryPlace, path = ''): string {
  return `/registries/${[subscriptionId, resourceGroup, registry].map(encodeURIComponent).join('/')}${path}`;
}

/** The registry that the page is about. */
export function RegistryProvider({ place, children }: { place: RegistryPlace; children: ReactNode }) {
  const { subscriptionId, resourceGroup, registry } = place;
  const value = useMemo((): RegistryContext => {
    const here = { subscriptionId, resourceGroup, registry };
    return { place: here, api: registryApi(here), page: (path) => registryPage(here, path) };
  }, [subscriptionId, resourceGroup, registry]);
  return <Context value={value}>{children}</Context>;
}

export function useRegistry(): RegistryContext {
  const value = use(Context);
  if (!value) throw new Error('this page is below no registry');
  return value;
}
