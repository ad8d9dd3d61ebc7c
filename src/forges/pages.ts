import { ask, type Question } from './ask.ts';
import { listOf, textOf } from './payload.ts';

const mostPages = 50;

/**
 * The members of all pages of a list, each with an `id`. A page with fewer than `fullPage` members is the last; so is
 * one that brings nothing new, from a host that knows no pages.
 * @param url of a list with its query, to which `&page=N` is added.
 */
export async function askForAll(
  url: string,
  headers: Question['headers'],
  fullPage: number,
): Promise<readonly unknown[]> {
  const found = new Map<string, unknown>();
  for (let page = 1; page <= mostPages; page += 1) {
    const members = listOf(await ask({ method: 'GET', url: `${url}&page=${page}`, headers }));
    const before = found.size;
    for (const each of members) found.set(textOf(each, 'id'), each);
    if (members.length < fullPage || found.size === before) break;
  }
  return [...found.values()];
}
