import { ServiceError } from '../../model/index.ts';

const maxBlocks = 50_000;

/** Reads the body of Put Block List; its shape is fixed, so anything else is refused. @throws ServiceError 400. */
export function parseBlockList(xml: string): string[] {
  const body = /^\uFEFF?\s*(?:<\?xml[^<>]*\?>\s*)?<BlockList>([^]*)<\/BlockList>\s*$/.exec(xml)?.[1];
  if (body === undefined && !/<BlockList\s*\/>\s*$/.test(xml)) throw invalid('it is no BlockList');
  const ids: string[] = [];
  const rest = (body ?? '').replace(
    /\s*<(Latest|Committed|Uncommitted)>([A-Za-z0-9+/=]{1,128})<\/\1>\s*/g,
    (_match, _kind: string, id: string) => {
      ids.push(id);
      return '';
    },
  );
  if (rest !== '') throw invalid('it holds something other than block ids');
  if (ids.length > maxBlocks) throw invalid(`it has more than ${maxBlocks} blocks`);
  return ids;
}

function invalid(reason: string): ServiceError {
  return new ServiceError(400, 'InvalidXmlDocument', `the block list is not valid: ${reason}`);
}
