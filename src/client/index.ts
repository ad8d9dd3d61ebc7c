export {
  createHttp,
  lookupLocalhost,
  type Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
} from './http.ts';
