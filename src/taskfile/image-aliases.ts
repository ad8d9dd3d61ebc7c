/**
 * Names that stand for images: `cmd: bash echo hi`, or `$bash` anywhere. Which images is configuration;
 * these are what the hosted service has them mean.
 */
export const defaultImageAliases: Readonly<Record<string, string>> = {
  acr: 'mcr.microsoft.com/acr/acr-cli:0.19',
  az: 'mcr.microsoft.com/acr/azure-cli:fe316c9',
  bash: 'mcr.microsoft.com/acr/bash:fe316c9',
  cssc: 'mcr.microsoft.com/acr/cssc:fe316c9',
  curl: 'mcr.microsoft.com/acr/curl:fe316c9',
};
