import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { taskUpdate } from './task.ts';

describe('an update of a task', () => {
  testAccepted(taskUpdate, [
    ['gets no defaults', {}, {}],
    [
      'not even below',
      { properties: { step: { type: 'docker' }, agentConfiguration: {} } },
      { properties: { step: { type: 'Docker' }, agentConfiguration: {} } },
    ],
    [
      'keeps null where it removes',
      { tags: null, properties: { logTemplate: null, timeout: null } },
      { tags: null, properties: { logTemplate: null, timeout: null } },
    ],
    [
      'drops null where it cannot remove',
      { properties: { platform: { os: null } } },
      { properties: { platform: {} } },
    ],
    [
      'ignores what cannot be changed',
      { location: 5, properties: { isSystemTask: 5, provisioningState: 5 } },
      { properties: {} },
    ],
    [
      'sends part of a timer',
      { properties: { trigger: { timerTriggers: [{ name: 't1', status: 'disabled' }] } } },
      { properties: { trigger: { timerTriggers: [{ name: 't1', status: 'Disabled' }] } } },
    ],
    [
      'removes a registry',
      { properties: { credentials: { customRegistries: { 'r.io': null } } } },
      { properties: { credentials: { customRegistries: { 'r.io': null } } } },
    ],
    [
      'fills in whole arguments',
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a', value: 'b' }] } } },
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a', value: 'b', isSecret: false }] } } },
    ],
  ]);
  testRefused(taskUpdate, [
    [
      'without a name of a timer',
      { properties: { trigger: { timerTriggers: [{ status: 'Enabled' }] } } },
      ['MissingParameter', `properties.trigger.timerTriggers[0].name`, /required/],
    ],
    [
      'without the type of a step',
      { properties: { step: { dockerFilePath: 'x' } } },
      ['MissingParameter', 'properties.step.type', /required/],
    ],
    [
      'with half an argument',
      { properties: { step: { type: 'Docker', arguments: [{ name: 'a' }] } } },
      ['MissingParameter', 'properties.step.arguments[0].value', /required/],
    ],
    ['with a wrong value', { properties: { timeout: 1 } }, ['InvalidParameter', 'properties.timeout', /300/]],
    [
      'that empties what is required',
      { properties: { step: { type: 'Docker', dockerFilePath: '' } } },
      ['MissingParameter', 'properties.step.dockerFilePath', /empty/],
    ],
  ]);
});
