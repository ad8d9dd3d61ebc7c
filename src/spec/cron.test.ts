import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronOffence } from './cron.ts';

for (const schedule of [
  '* * * * *',
  '0 4 * * *',
  '*/15 0-6,12 1,15 JAN-mar sun',
  '59 23 31 12 7',
  '5/10 * * * mon-FRI',
  '  0   4 * * 1-5/2 ',
  '0 0 13 * 5',
  '0 0 1 January,Sept Monday-Thurs',
]) {
  test(`${schedule} is a schedule`, () => {
    assert.equal(cronOffence(schedule), undefined);
  });
}

for (const [schedule, offence] of [
  ['', /five fields.* has 0/],
  ['* * * *', /has 4/],
  ['0 0 4 * * *', /has 6/],
  ['@daily', /has 1/],
  ['60 * * * *', /minute must be \* or in 0-59, not "60"/],
  ['* 24 * * *', /hour must be/],
  ['* * 0 * *', /day must be/],
  ['* * 32 * *', /day must be/],
  ['* * * 13 *', /month must be/],
  ['* * * mon *', /month must be/],
  ['* * * ja *', /month must be/],
  ['* * * * mondays', /weekday must be/],
  ['* * * * 8', /weekday must be/],
  ['* 6-2 * * *', /hour must be/],
  ['*/0 * * * *', /minute must be/],
  ['1,,2 * * * *', /minute must be/],
  ['-1 * * * *', /minute must be/],
  ['1.5 * * * *', /minute must be/],
  ['* * ? * *', /day must be/],
] as const) {
  test(`${JSON.stringify(schedule)} is no schedule`, () => {
    assert.match(cronOffence(schedule) ?? 'sound', offence);
  });
}
