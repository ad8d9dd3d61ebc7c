import { ExpressionError } from './error.ts';
import { evaluateValue, type Scope } from './evaluate.ts';
import { escapeText } from './expression.ts';
import { isArray, isObject, memberName, objectOf, type Json, type JsonObject } from './json.ts';
import { isSecureType, parameterDefinition } from './parameters.ts';
import type { Template } from './template.ts';

export const deploymentType = 'microsoft.resources/deployments';

/**
 * The properties of a nested deployment. With the scope `inner` its template is left as it is; otherwise it is
 * evaluated here, with the parameters and variables of the template around.
 */
export function nestedProperties(
  properties: JsonObject,
  template: Template,
  scope: Scope,
  path: string,
): Json {
  const { template: nested, expressionEvaluationOptions: options, ...rest } = properties;
  const evaluated = evaluateValue(rest, scope, path) as JsonObject; // an object in, an object out
  if (nested === undefined) return evaluated;
  const isInner =
    isObject(options) && typeof options.scope === 'string' && options.scope.toLowerCase() === 'inner';
  if (isInner) return { ...evaluated, expressionEvaluationOptions: options, template: nested };
  const open: Scope = { ...scope, functions: withoutSecrets(scope, template) };
  return { ...evaluated, template: escaped(evaluateValue(nested, open, `${path}.template`)) };
}

/** Values that are put into a template would be read by whoever may read templates. */
function withoutSecrets({ functions }: Scope, template: Template): Scope['functions'] {
  const parameters = functions.get('parameters');
  return new Map(functions).set('parameters', (args, scope) => {
    const name = memberName(template.parameters, args.text(0));
    if (name !== undefined && isSecureType(parameterDefinition(template, name).type)) {
      throw new ExpressionError(
        `the secure parameter '${name}' cannot be used in a nested template of scope outer; ` +
          "set expressionEvaluationOptions.scope to 'inner' and pass it as a parameter",
      );
    }
    return parameters ? parameters(args, scope) : null;
  });
}

function escaped(value: Json): Json {
  if (typeof value === 'string') return escapeText(value);
  if (isArray(value)) return value.map(escaped);
  if (!isObject(value)) return value;
  return objectOf(Object.entries(value).map(([name, each]) => [name, escaped(each)]));
}
