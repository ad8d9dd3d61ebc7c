import { type Alias, type Document, isAlias, isNode, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Node, ParsedNode, Tags } from 'yaml';
import { messageOf, ServiceError } from '../model/index.ts';
import { refuse } from './refuse.ts';

/** Far more than any task needs; reading stays quick whatever the text is. */
const maximumCharacters = 1024 * 1024;
const maximumAliasUses = 1000;

/** One YAML document, with its lines and what its aliases stand for. */
export interface YamlDocument {
  readonly document: Document.Parsed;
  readonly root: ParsedNode | null;
  /** There were more documents, which nobody reads. */
  readonly isFirstOfMany: boolean;
  /** Counted from 1. */
  lineOf(node: Node): number;
  /** What a `*name` stands for; any other node is itself. */
  resolve(node: Node): Node;
}

/**
 * Reads YAML as the hosted service does: YAML 1.1 (`yes` is true, `0777` octal, `<<` merges) without its
 * times and base-60 numbers, so that `8080:80` is a text. A key that comes twice has its last value.
 * @param what names the text in errors, such as `the values file`.
 * @throws ServiceError 400 `InvalidTaskFile` with the line.
 */
export function parseYaml(text: string, what: string): YamlDocument {
  if (text.length > maximumCharacters)
    refuse(`${what} has ${text.length} characters; it may have ${maximumCharacters}`);
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      customTags: withoutTimes,
      uniqueKeys: false,
      intAsBigInt: true,
      prettyErrors: true,
      logLevel: 'silent',
      lineCounter: lines,
    });
    const document = Array.isArray(documents) ? documents[0] : undefined;
    if (document === undefined) {
      return { ...empty, lineOf: () => 1 };
    }
    const error = document.errors[0];
    if (error) refuse(describe(what, error.message));
    const targets = aliasTargets(document, what);
    return {
      document,
      root: document.contents,
      isFirstOfMany: documents.length > 1,
      lineOf: (node) => lines.linePos(node.range?.[0] ?? 0).line,
      resolve: (node) => (isAlias(node) ? (targets.get(node) ?? node) : node),
    };
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    return refuse(describe(what, messageOf(error)));
  }
}

function describe(what: string, message: string): string {
  return /call stack/.test(message)
    ? `${what} is nested too deeply`
    : `${what} is no YAML: ${message.split(/:?\n/)[0]}`;
}

const empty = {
  document: undefined as never,
  root: null,
  isFirstOfMany: false,
  resolve: (node: Node) => node,
};

function withoutTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')),
  );
}

/** An alias stands for the node that last had its anchor before it. */
function aliasTargets(document: Document.Parsed, what: string): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, (_key, node) => {
    if (!isNode(node)) return;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
      if (targets.size > maximumAliasUses)
        refuse(`${what} uses YAML aliases more than ${maximumAliasUses} times`);
    } else if ('anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node);
  });
  return targets;
}
