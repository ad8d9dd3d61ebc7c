/** Hosts that trust one another with access tokens. */
export interface Cloud {
  /** Where its identities log in; no client secret goes anywhere else. */
  readonly loginHost: string;
  /** Other names of that host, which its vaults may name. */
  readonly otherLoginHosts?: readonly string[];
  /** What the names of its vaults end in: `.vault.azure.net`, with the port unless it is 443. */
  readonly vaultSuffix: string;
  /** What the names of its registries end in. */
  readonly registrySuffix?: string;
  /** Whom an access token that a registry takes in exchange is for. */
  readonly registryAudience?: string;
}

/** Azure's public clouds. */
export const azureClouds: readonly Cloud[] = [
  {
    loginHost: 'login.microsoftonline.com',
    otherLoginHosts: ['login.windows.net'],
    vaultSuffix: '.vault.azure.net',
    registrySuffix: '.azurecr.io',
    registryAudience: 'https://containerregistry.azure.net',
  },
  {
    loginHost: 'login.chinacloudapi.cn',
    otherLoginHosts: ['login.partner.microsoftonline.cn'],
    vaultSuffix: '.vault.azure.cn',
    registrySuffix: '.azurecr.cn',
    registryAudience: 'https://management.chinacloudapi.cn',
  },
  {
    loginHost: 'login.microsoftonline.us',
    vaultSuffix: '.vault.usgovcloudapi.net',
    registrySuffix: '.azurecr.us',
    registryAudience: 'https://management.usgovcloudapi.net',
  },
];

/** Whom an access token for a cloud's vaults is for: `https://vault.azure.net`. */
export function vaultAudience({ vaultSuffix }: Cloud): string {
  return `https://${vaultSuffix.slice(1).replace(/:\d+$/, '')}`;
}
