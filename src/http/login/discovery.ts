/** What clients append to names: an account, a vault, a registry. Without a leading dot. */
export interface Suffixes {
  readonly acrLoginServer: string;
  readonly storage: string;
  readonly keyVaultDns: string;
}

interface Server {
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly suffixes: Suffixes;
}

/** From this api-version on, clients expect a list of clouds. */
const firstListVersion = '2019-05-01';

/** `/metadata/endpoints`: one cloud's endpoints up to 2018, a list of clouds with their suffixes since. */
export function cloudMetadata({ publicUrl, tenantId, suffixes }: Server, apiVersion: string): object {
  const loginEndpoint = `${publicUrl}/adfs`;
  const audiences = [`${publicUrl}/arm`];
  if (apiVersion < firstListVersion) {
    return {
      galleryEndpoint: publicUrl,
      graphEndpoint: publicUrl,
      portalEndpoint: `${publicUrl}/portal`,
      authentication: { loginEndpoint, audiences },
    };
  }
  return [
    {
      name: 'slipway',
      portal: `${publicUrl}/portal`,
      resourceManager: publicUrl,
      graph: publicUrl,
      gallery: publicUrl,
      authentication: { loginEndpoint, audiences, tenant: tenantId, identityProvider: 'ADFS' },
      suffixes,
    },
  ];
}

/** OpenID Connect Discovery 1.0 §3, for one authority such as `/adfs`. */
export function openIdConfiguration({ publicUrl, tenantId }: Server, authority: string): object {
  const isV2 = authority.endsWith('/v2.0');
  const base = isV2 ? authority.slice(0, -'/v2.0'.length) : authority;
  const version = isV2 ? '/v2.0' : '';
  return {
    issuer: `${publicUrl}/adfs`,
    tenant_id: tenantId,
    authorization_endpoint: `${publicUrl}${base}/oauth2${version}/authorize`,
    token_endpoint: `${publicUrl}${base}/oauth2${version}/token`,
    jwks_uri: `${publicUrl}/adfs/discovery/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    grant_types_supported: ['client_credentials'],
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
