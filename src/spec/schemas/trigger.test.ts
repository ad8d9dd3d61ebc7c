import { describe } from 'node:test';
import { testAccepted, testRefused } from '../check-cases.ts';
import { trigger } from './trigger.ts';

const timer = (more: object) => ({ timerTriggers: [{ name: 't1', schedule: '0 4 * * *', ...more }] });
const source = {
  name: 'src',
  sourceRepository: { sourceControlType: 'Github', repositoryUrl: 'https://github.com/a/b' },
  sourceTriggerEvents: ['commit'],
};

describe('the triggers of a task', () => {
  testAccepted(trigger, [
    ['are not needed', {}, {}],
    [
      'with every trigger',
      {
        timerTriggers: [{ name: 't1', schedule: '0 4 * * *' }],
        sourceTriggers: [
          {
            ...source,
            status: 'disabled',
            sourceTriggerEvents: ['Commit', 'PULLREQUEST'],
            sourceRepository: {
              ...source.sourceRepository,
              sourceControlType: 'github',
              sourceControlAuthProperties: {
                tokenType: 'pat',
                token: 'hunter2',
                scope: 'repo',
                refreshToken: null,
              },
            },
          },
        ],
        baseImageTrigger: {
          name: 'base',
          baseImageTriggerType: 'runtime',
          updateTriggerPayloadType: 'default',
        },
      },
      {
        timerTriggers: [{ name: 't1', schedule: '0 4 * * *', status: 'Enabled' }],
        sourceTriggers: [
          {
            ...source,
            status: 'Disabled',
            sourceTriggerEvents: ['commit', 'pullrequest'],
            sourceRepository: {
              ...source.sourceRepository,
              sourceControlAuthProperties: { tokenType: 'PAT', token: 'secret:hunter2', scope: 'repo' },
            },
          },
        ],
        baseImageTrigger: {
          name: 'base',
          status: 'Enabled',
          baseImageTriggerType: 'Runtime',
          updateTriggerPayloadType: 'Default',
        },
      },
    ],
  ]);
  testRefused(trigger, [
    [
      'a timer without its name',
      timer({ name: undefined }),
      ['MissingParameter', 'timerTriggers[0].name', /required/],
    ],
    [
      'a timer without its schedule',
      timer({ schedule: null }),
      ['MissingParameter', 'timerTriggers[0].schedule', /required/],
    ],
    [
      'a schedule of six fields',
      timer({ schedule: '0 0 4 * * *' }),
      [
        'InvalidParameter',
        'timerTriggers[0].schedule',
        /the timer trigger "t1"; it must have five fields.* has 6/,
      ],
    ],
    [
      'a schedule',
      timer({ schedule: '61 4 * * *' }),
      ['InvalidParameter', 'timerTriggers[0].schedule', /"t1"; its minute must be \* or in 0-59, not "61"/],
    ],
    [
      'two timers of one name',
      { timerTriggers: [1, 2].map((hour) => ({ name: 't1', schedule: `0 ${hour} * * *` })) },
      ['InvalidParameter', 'timerTriggers[1].name', /another item/],
    ],
    [
      'two sources of one name',
      { sourceTriggers: [source, source] },
      ['InvalidParameter', 'sourceTriggers[1].name', /another item/],
    ],
    [
      'a source with nothing',
      { sourceTriggers: [{}] },
      ['MissingParameter', 'sourceTriggers[0].sourceRepository', /required/],
      ['MissingParameter', 'sourceTriggers[0].sourceTriggerEvents', /required/],
      ['MissingParameter', 'sourceTriggers[0].name', /required/],
    ],
    [
      'a source repository',
      {
        sourceTriggers: [
          { ...source, sourceRepository: { sourceControlType: 'Bitbucket' }, sourceTriggerEvents: ['push'] },
        ],
      },
      [
        'InvalidParameter',
        'sourceTriggers[0].sourceRepository.sourceControlType',
        /Github, VisualStudioTeamService/,
      ],
      ['MissingParameter', 'sourceTriggers[0].sourceRepository.repositoryUrl', /required/],
      ['InvalidParameter', 'sourceTriggers[0].sourceTriggerEvents[0]', /commit, pullrequest/],
    ],
    [
      'an authorisation',
      {
        sourceTriggers: [
          { ...source, sourceRepository: { ...source.sourceRepository, sourceControlAuthProperties: {} } },
        ],
      },
      [
        'MissingParameter',
        'sourceTriggers[0].sourceRepository.sourceControlAuthProperties.tokenType',
        /required/,
      ],
      [
        'MissingParameter',
        'sourceTriggers[0].sourceRepository.sourceControlAuthProperties.token',
        /required/,
      ],
    ],
    [
      'a base image trigger',
      { baseImageTrigger: { updateTriggerPayloadType: 'All' } },
      ['MissingParameter', 'baseImageTrigger.baseImageTriggerType', /required/],
      ['InvalidParameter', 'baseImageTrigger.updateTriggerPayloadType', /Default, Token/],
      ['MissingParameter', 'baseImageTrigger.name', /required/],
    ],
  ]);
});
