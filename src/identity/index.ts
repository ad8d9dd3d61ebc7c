export { ensureServerCertificate, type ServerCertificate } from './certificate.ts';
export { hashClientSecret, newClientSecret, verifyClientSecret } from './client-secret.ts';
export { isAllowed, type RoleAssignment } from './roles.ts';
export { exportSigningKey, generateSigningKey, importSigningKey, type SigningKey } from './signing-key.ts';
export { createTokenIssuer, parseBearer, type Principal, type TokenIssuer } from './tokens.ts';
