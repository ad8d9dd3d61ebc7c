import { openApi, type Api } from './api.ts';
import { loadSettings, type Settings } from './settings.ts';

/** Does something with the API that `client.env` names, and lets go of it. */
export async function withApi<T>(
  envFile: string | undefined,
  work: (api: Api, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = await loadSettings(envFile);
  const api = openApi(settings);
  try {
    return await work(api, settings);
  } finally {
    api.close();
  }
}
